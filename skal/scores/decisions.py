"""How undecided a classifier is, from its decision values: numbers of no fixed scale, one for each class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def least_decided(D: ArrayLike) -> NDArray[Any]:
    """Score rows by minus the largest decision value.

    Parameters
    ----------
    D : array-like of shape (n, C)
        Finite decision values, larger = more of that class.

    Returns
    -------
    ndarray of shape (n,)
        Higher = less decided.

    Examples
    --------
    >>> least_decided([[2.0, -1.0], [0.5, 0.25]]).tolist()
    [-2.0, -0.5]
    """
    return np.asarray(-np.asarray(D, dtype=np.float64).max(axis=1))


def decision_margin(D: ArrayLike) -> NDArray[Any]:
    """Score rows by minus the gap between the two largest decision values.

    Parameters
    ----------
    D : array-like of shape (n, C)
        Finite decision values, larger = more of that class; a single class leaves no gap.

    Returns
    -------
    ndarray of shape (n,)
        At most 0, higher = less decided.

    Examples
    --------
    >>> decision_margin([[2.0, -1.0, 0.0], [0.5, 0.25, -3.0]]).tolist()
    [-2.0, -0.25]
    """
    values = np.asarray(D, dtype=np.float64)
    if values.shape[1] < 2:
        return np.zeros(len(values))
    top = np.partition(values, values.shape[1] - 2, axis=1)
    return np.asarray(top[:, -2] - top[:, -1])
