"""Fresh, seeded copies of estimators."""

from __future__ import annotations

import contextlib
import copy
import sys
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state

from skal.warning import warn

__all__ = ["fresh", "seeded", "seeded_fit"]

_MAX_SEED = np.iinfo(np.int32).max


def fresh(estimator: Any, random_state: int | np.random.RandomState | None = None) -> Any:
    """Return an unfitted copy of an estimator, seeded where it has no seed of its own.

    Parameters
    ----------
    estimator : estimator
        With ``get_params``; anything else is deep-copied. A frozen one (`sklearn.frozen.FrozenEstimator`) stays as it
        is, and so does what a part with ``prefit=True`` or ``cv="prefit"`` was given.
    random_state : int, RandomState or None, default=None
        Draws a seed for every ``random_state`` parameter, nested ones too, that is None, so that fitting
        the copy draws nothing from a global generator. None: such parameters stay None.

    Returns
    -------
    estimator
        A copy; the original is left as it was.

    Raises
    ------
    TypeError
        If scikit-learn cannot clone the estimator; the message names the parameter.
    """
    if not hasattr(estimator, "get_params"):
        return copy.deepcopy(estimator)
    try:
        copied = clone(estimator)
    except (RuntimeError, TypeError, AttributeError, ValueError) as error:
        raise TypeError(
            f"{type(estimator).__name__} cannot be copied for a fresh fit: {' '.join(str(error).split())} Its "
            "__init__ must store every parameter under its own name, as it is given (self.p = p), and convert it in "
            "fit. A fitted model that is not to be trained again can be passed as FrozenEstimator(model)."
        ) from error
    return seeded(_with_fitted_parts(copied, estimator), random_state)


def seeded(estimator: Any, random_state: int | np.random.RandomState | None) -> Any:
    """Give a seed to every ``random_state`` parameter of the estimator that is None, in place.

    Parameters
    ----------
    estimator : estimator
        With ``get_params``; anything else is left alone.
    random_state : int, RandomState or None
        Draws the seeds; None: nothing is changed.

    Returns
    -------
    estimator
        The same.
    """
    if random_state is None or not hasattr(estimator, "get_params"):
        return estimator
    rng = check_random_state(random_state)
    unseeded = [
        name
        for name, value in sorted(estimator.get_params(deep=True).items())
        if value is None and (name == "random_state" or name.endswith("__random_state"))
    ]
    if unseeded:  # a frozen estimator has no parameters to set
        estimator.set_params(**{name: int(rng.randint(_MAX_SEED)) for name in unseeded})
    return estimator


def seeded_fit(estimator: Any, random_state: int | np.random.RandomState | None) -> Any:
    """Return a context for a fit: inside, what has no ``random_state`` to be set draws from a seed too.

    Parameters
    ----------
    estimator : estimator
        About to be fitted in this thread. Only nets of skorch, alone or inside others, change anything: their
        weights, shuffling and dropout come from torch's generators.
    random_state : int, RandomState or None
        Draws the seed, and is drawn from for such nets alone; None: torch's global generators are used, as they are.

    Returns
    -------
    context manager
        For one ``with``.

    Warns
    -----
    UserWarning
        If the nets are fitted by several workers (``n_jobs``), which the seed does not reach.
    """
    if random_state is None or (skorch := sys.modules.get("skorch")) is None:
        return contextlib.nullcontext()
    params: dict[str, Any] = {}
    if not isinstance(estimator, skorch.NeuralNet):
        params = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {}
        if not any(isinstance(value, skorch.NeuralNet) for value in params.values()):
            return contextlib.nullcontext()
    jobs = {name: n for name, n in params.items() if name.split("__")[-1] == "n_jobs" and n not in (None, 1)}
    if jobs:
        told = ", ".join(f"{name}={n}" for name, n in jobs.items())
        warn(
            f"{type(estimator).__name__}: {told} fits nets of skorch in workers of their own, which random_state "
            "does not reach: weights differ from run to run. Set it to None, or take skal.neural.NeuralClassifier, "
            "which has a random_state."
        )
    from skal.training import SeededDraws  # torch is loaded: skorch is

    return SeededDraws(int(check_random_state(random_state).randint(_MAX_SEED)))


def _with_fitted_parts(copied: Any, original: Any) -> Any:
    """Give a copy the fitted models of parts that are prefit: clone unfits them, and their fit would fail."""
    params = original.get_params(deep=True)
    for name, value in params.items():
        stem, _, last = name.rpartition("__")
        prefix = f"{stem}__" if stem else ""
        if not (
            (last == "prefit" and value is True) or (last == "cv" and isinstance(value, str) and value == "prefit")
        ):
            continue
        if (model := params.get(f"{prefix}estimator")) is not None:
            copied.set_params(**{f"{prefix}estimator": FrozenEstimator(model)})
        elif (models := params.get(f"{prefix}estimators")) is not None:
            frozen = [(key, model if isinstance(model, str) else FrozenEstimator(model)) for key, model in models]
            copied.set_params(**{f"{prefix}estimators": frozen})
    return copied
