"""The annotator of a comparison: asked for by a text, a dict or a partial, and written down as plain data."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.annotation import CIFAR100_SUPERCLASSES, NoisyOracle, Oracle
from skal.annotation.groups import listed_groups
from skal.spec import described, parse_options

# Makes the annotator of a trial; None: the labels are right.
OracleMaker = Callable[..., Callable[[NDArray[np.intp]], Any]] | None

_NAME = "noisy"
_FILLED_IN = ("y", "candidates", "initial", "classes", "random_state")  # by the study, trial by trial
_GROUPS = {"cifar100": list(CIFAR100_SUPERCLASSES.values())}  # by the names of the classes
_OPTIONS = tuple(name for name in inspect.signature(NoisyOracle).parameters if name not in _FILLED_IN)


def read_oracle(oracle: Any) -> OracleMaker:
    """Return what makes the annotator of a trial.

    Parameters
    ----------
    oracle : None, str, dict or callable
        None: labels are right. ``"noisy:rate=0.2"``, or ``{"rate": 0.2}``: options of
        `skal.annotation.NoisyOracle`; groups may be "cifar100", its superclasses by the names of the classes. A
        callable is taken as it is.

    Returns
    -------
    callable or None
        Called as ``make(y, candidates=, initial=, classes=, random_state=)``.

    Raises
    ------
    ValueError
        If there is no such annotator, or no such option.
    TypeError
        If it is something else, or an annotator itself, whose noise all trials would share.
    """
    if oracle is None:
        return None
    if isinstance(oracle, str):
        name, _, text = oracle.partition(":")
        oracle = {"oracle": name.strip(), **parse_options(text, oracle)}
    if isinstance(oracle, Mapping):
        return _noisy(**{"oracle": _NAME, **oracle})
    if isinstance(oracle, Oracle):
        raise TypeError(
            "oracle must make an annotator for each trial, with noise of its own, and not be one: pass "
            "{'rate': 0.2}, 'noisy:rate=0.2' or functools.partial(NoisyOracle, rate=0.2)."
        )
    if not callable(oracle):
        raise TypeError(
            f"oracle must be None, a text such as 'noisy:rate=0.2', a dict such as {{'rate': 0.2}}, or callable, got "
            f"{oracle!r}."
        )
    maker: OracleMaker = oracle
    return maker


def _noisy(oracle: str, **options: Any) -> OracleMaker:
    if oracle != _NAME:
        raise ValueError(f"There is no oracle {oracle!r}; there is {_NAME}, as in '{_NAME}:rate=0.2'.")
    if unknown := [name for name in options if name not in _OPTIONS]:
        raise ValueError(f"The oracle {_NAME} has no option {', '.join(unknown)}; it has {', '.join(_OPTIONS)}.")
    if isinstance(options.get("groups"), str):
        if options["groups"] not in _GROUPS:
            raise ValueError(f"There are no groups {options['groups']!r} by name; there are {', '.join(_GROUPS)}.")
        options["groups"] = _GROUPS[options["groups"]]
    return functools.partial(NoisyOracle, **options)


def describe_oracle(make: OracleMaker) -> dict[str, Any] | None:
    """Return what makes an annotator as plain data, which `read_oracle` takes if it is skal's own."""
    if make is None:
        return None
    options: dict[str, Any] = {}
    maker: Any = make
    while isinstance(maker, functools.partial):
        options = {**maker.keywords, **options}
        maker = maker.func
    if maker is not NoisyOracle:
        return described(make, "oracle")
    if options.get("groups") is not None:
        options["groups"] = listed_groups(options["groups"])
    return {"oracle": _NAME, **{key: _plain(value) for key, value in options.items() if value is not None}}


def oracle_of_trial(
    make: OracleMaker,
    y: NDArray[Any],
    pool: NDArray[np.intp],
    initial: NDArray[np.intp],
    classes: NDArray[Any],
    seed: int,
) -> Callable[[NDArray[np.intp]], Any]:
    """Return the annotator of a trial: the same for every strategy, and in every process that makes it."""
    if make is None:
        return Oracle(y)
    return make(y, candidates=pool, initial=initial, classes=classes, random_state=seed)


def _plain(value: Any) -> Any:
    """Lists and numbers of Python, as JSON and TOML have them."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
