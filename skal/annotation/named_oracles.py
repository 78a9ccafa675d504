"""What makes an annotator, by name: as a text, as a dict, and as the callable that is meant.

An annotator answers for given rows and holds all labels, so that a study cannot be given one: it is given a maker,
which makes the annotator of each trial.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.annotation.groups import CIFAR100_SUPERCLASSES, listed_groups
from skal.annotation.noisy import NoisyOracle, check_noise
from skal.annotation.oracle import Oracle
from skal.spec import Catalogue, Entry, Spec, described, no_name, shown

__all__ = ["ORACLES", "OracleMaker", "describe_oracle", "read_oracle"]

# Makes the annotator of a trial; None: the labels are right.
OracleMaker = Callable[..., Callable[[NDArray[np.intp]], Any]] | None

_NOISY = "noisy"
_FILLED_IN = ("y", "candidates", "initial", "classes", "random_state")  # by the study, trial by trial
_GROUPS = {"cifar100": list(CIFAR100_SUPERCLASSES.values())}  # by the names of the classes
_OPTIONS = tuple(name for name in inspect.signature(NoisyOracle).parameters if name not in _FILLED_IN)


def _noisy(**options: Any) -> Callable[..., Any]:
    if isinstance(options.get("groups"), str):
        if options["groups"] not in _GROUPS:
            raise ValueError(no_name("group of classes", options["groups"], _GROUPS))
        options["groups"] = _GROUPS[options["groups"]]
    if options.get("groups") is not None:
        options["groups"] = listed_groups(options["groups"])
    check_noise(
        "NoisyOracle",
        options.get("rate"),
        options.get("groups"),
        options.get("confusion"),
        options.get("noisy_initial", True),
    )
    return functools.partial(NoisyOracle, **options)


ORACLES = Catalogue("oracle", {_NOISY: Entry(_noisy, _OPTIONS, "wrong labels at a known rate")})


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
        If there is no such annotator, no such option, or an option has a wrong value.
    TypeError
        If it is something else, or an annotator itself, whose noise all trials would share.
    """
    if oracle is None:
        return None
    if isinstance(oracle, Oracle):
        raise TypeError(
            "oracle must make an annotator for each trial, with noise of its own, and not be one: pass "
            "{'rate': 0.2}, 'noisy:rate=0.2' or functools.partial(NoisyOracle, rate=0.2)."
        )
    if isinstance(oracle, Mapping):
        oracle = {"oracle": _NOISY, **oracle}
    if isinstance(oracle, (str, Mapping)):
        made: OracleMaker = ORACLES.make(oracle)
        return made
    if not callable(oracle):
        raise TypeError(
            f"oracle must be None, a text such as 'noisy:rate=0.2', a dict such as {{'rate': 0.2}}, or callable, got "
            f"{shown(oracle)}."
        )
    maker: OracleMaker = oracle
    return maker


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
    given = {key: _plain(value) for key, value in options.items() if value is not None}
    return Spec(_NOISY, given).to_dict("oracle")


def _plain(value: Any) -> Any:
    """Lists and numbers of Python, as JSON and TOML have them."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
