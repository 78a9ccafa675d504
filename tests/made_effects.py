"""Settings and what is seen of them: every public estimator, two values of each setting, and all that may differ."""

import contextlib
import importlib
import inspect
import io
import pkgutil
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import joblib

import skal


@dataclass(frozen=True)
class Other:
    """Another value of a setting, where more than the value must be said.

    Attributes
    ----------
    value : object
        Not that of the case.
    beside : mapping
        Settings without which this one does nothing; they hold for both values.
    without : tuple of str
        Settings of the case that do not go with this one; they are left out for both values.
    how : mapping
        Of the case's `seen`: other data, a second fit.
    is_refused : bool
        The value is an error, or is not where the case's is one.
    """

    value: Any
    beside: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    how: Mapping[str, Any] = field(default_factory=dict)
    is_refused: bool = False


@dataclass(frozen=True)
class NoEffect:
    """A setting that changes nothing which can be seen here, and why."""

    reason: str


@dataclass(frozen=True)
class Case:
    """One estimator: settings under which it is fitted in a moment, and another value of each of its settings.

    Attributes
    ----------
    make : class
        The estimator.
    settings : mapping
        Small nets, few steps.
    others : mapping
        Another value, an `Other` or a `NoEffect` for each setting of the signature, and one for each open part.
    seen : callable
        ``seen(estimator, **how)`` fits and returns all that a user can see.
    made_by : callable or None
        Makes the estimator of the settings; None: the class.
    """

    make: Any
    settings: Mapping[str, Any]
    others: Mapping[str, Any]
    seen: Callable[..., Any]
    made_by: Callable[..., Any] | None = None

    def without_effect(self):
        """Return the settings whose other value changes nothing."""
        silent, first = [], self._seen(self.settings, Other(None))
        assert self._seen(self.settings, Other(None)) == first, "seen twice it differs: every setting would count"
        for name, other in self.others.items():
            if isinstance(other, NoEffect):
                continue
            other = other if isinstance(other, Other) else Other(other)
            settings = {
                key: value for key, value in {**self.settings, **other.beside}.items() if key not in other.without
            }
            is_apart = other.beside or other.without or other.how
            reference = self._seen(settings, other) if is_apart else first
            if self._seen({**settings, name: other.value}, other) == reference:
                silent.append(name)
        return silent

    def _seen(self, settings, other):
        """Digest of everything that is seen under some settings."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                found = self.seen((self.made_by or self.make)(**settings), **other.how)
            except (ValueError, TypeError, RuntimeError) as error:
                if not other.is_refused:
                    raise
                found = repr(error)
        told = sorted({f"{one.category.__name__}: {one.message}" for one in caught})
        return joblib.hash([found, bool(printed.getvalue()), told])


def public_estimators():
    """Return all public classes with `get_params`, found by a walk over the modules that are public."""
    found = set()
    for module in pkgutil.walk_packages(skal.__path__, "skal."):
        if "._" in module.name or module.name.endswith("__main__"):
            continue
        room = importlib.import_module(module.name)
        for name in getattr(room, "__all__", [name for name in vars(room) if not name.startswith("_")]):
            thing = getattr(room, name)
            if inspect.isclass(thing) and hasattr(thing, "get_params") and thing.__module__.startswith("skal."):
                found.add(thing)
    # What a public module only imports, from a private one, is nobody's to set; what a room offers is.
    offered = {id(getattr(skal_room, name)) for skal_room in _rooms() for name in skal_room.__all__}
    return {one for one in found if "._" not in one.__module__ or id(one) in offered}


def _rooms():
    return [
        importlib.import_module(f"skal.{room.name}") for room in pkgutil.iter_modules(skal.__path__) if room.ispkg
    ]


def settings_of(make):
    """Return the settings of an estimator: the names in its signature, and each open part as ``part__``."""
    parameters = inspect.signature(make).parameters.values()
    named = {one.name for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD}
    return named | {f"{part}__" for part in getattr(make, "open_parts", ())}


def weights_of(module):
    """Return kinds of layers, weights, where they lie and in which order; joblib cannot digest tensors."""
    layers = [type(layer).__name__ for layer in module.modules()]
    state = {name: value.detach().cpu().numpy() for name, value in module.state_dict().items()}
    places = [(str(value.device), value.stride()) for value in module.parameters()]
    return layers, state, places
