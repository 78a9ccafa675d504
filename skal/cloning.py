"""Fresh, seeded copies of estimators."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state

__all__ = ["fresh", "seeded"]

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
