"""Fresh, seeded copies of estimators."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

__all__ = ["fresh"]

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
    copied = clone(estimator)
    if random_state is None:
        return copied
    rng = check_random_state(random_state)
    unseeded = [
        name
        for name, value in sorted(copied.get_params(deep=True).items())
        if value is None and (name == "random_state" or name.endswith("__random_state"))
    ]
    return copied.set_params(**{name: int(rng.randint(_MAX_SEED)) for name in unseeded})
