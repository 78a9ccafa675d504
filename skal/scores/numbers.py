"""Scores of predicted numbers, (T, n) of T members: no classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.scores._common import Floats

__all__ = ["expected_change", "prediction_variance"]


def prediction_variance(F: ArrayLike) -> Floats:
    """Variance of the members' predictions, in squared units of the target.

    Parameters
    ----------
    F : array-like of shape (T, n)
        Numbers that each of T members predicts.

    Returns
    -------
    ndarray of shape (n,)
        At least 0: the mean squared distance from the mean of the members.

    References
    ----------
    .. [1] RayChaudhuri & Hamey, "Minimisation of data collection by active learning", ICNN 1995.

    Examples
    --------
    >>> prediction_variance([[1.0, 2.0], [3.0, 2.0]]).tolist()
    [1.0, 0.0]
    """
    return np.asarray(_checked(F, "prediction_variance").var(axis=0))


def expected_change(f: ArrayLike, F: ArrayLike, Z: ArrayLike) -> Floats:
    """Length of the gradient of the squared loss that a row is expected to give a linear last layer.

    Parameters
    ----------
    f : array-like of shape (n,)
        What the model predicts.
    F : array-like of shape (T, n)
        What each of T members predicts: the labels that a row may have.
    Z : array-like of shape (n, d)
        Input of the last layer, without the one of its bias, which is added.

    Returns
    -------
    ndarray of shape (n,)
        ``mean_t |f - F_t| * sqrt(|z|**2 + 1)``, at least 0.

    References
    ----------
    .. [1] Cai, Zhang & Zhou, "Maximizing expected model change for active learning in regression", ICDM 2013,
       equation 8.

    Examples
    --------
    >>> expected_change([1.0, 1.0], [[2.0, 1.0], [4.0, 1.0]], [[0.0], [5.0]]).tolist()
    [2.0, 0.0]
    """
    members, vectors, own = _checked(F, "expected_change"), np.asarray(Z, np.float64), np.asarray(f, np.float64)
    n = members.shape[1]
    if vectors.ndim != 2 or len(vectors) != n or own.shape != (n,):
        raise ValueError(
            f"expected_change: f must have shape ({n},) and Z ({n}, d), as F has {n} columns, got {own.shape} and "
            f"{vectors.shape}."
        )
    for name, values in (("f", own), ("Z", vectors)):
        if not np.isfinite(values).all():
            raise ValueError(f"expected_change: {name} must be finite, got NaN or infinity.")
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors) + 1.0)
    return np.asarray(np.abs(members - own).mean(axis=0) * lengths)


def _checked(F: ArrayLike, who: str) -> Floats:
    array: Floats = np.asarray(F, dtype=np.float64)
    if array.ndim != 2 or len(array) == 0:
        raise ValueError(f"{who}: F must have shape (T, n) with at least one member, got {array.shape}.")
    if not np.isfinite(array).all():
        bad = np.flatnonzero(~np.isfinite(array).all(axis=0))
        raise ValueError(
            f"{who}: F must be finite, got NaN or infinity in {len(bad)} of {array.shape[1]} rows, first row "
            f"{bad[0]}."
        )
    return array
