"""Fresh, seeded copies of estimators."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

__all__ = ["fresh", "seeded"]

_MAX_SEED = np.iinfo(np.int32).max


def fresh(estimator: Any, random_state: int | np.random.RandomState | None = None) -> Any:
    """Return an unfitted copy of an estimator, seeded where it has no seed of its own.

    Parameters
    ----------
    estimator : estimator
        With ``get_params``; anything else is deep-copied.
    random_state : int, RandomState or None, default=None
        Draws a seed for every ``random_state`` parameter, nested ones too, that is None, so that fitting
        the copy draws nothing from a global generator. None: such parameters stay None.

    Returns
    -------
    estimator
        A copy; the original is left as it was.
    """
    if not hasattr(estimator, "get_params"):
        return copy.deepcopy(estimator)
    return seeded(clone(estimator), random_state)


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
    return estimator.set_params(**{name: int(rng.randint(_MAX_SEED)) for name in unseeded})
