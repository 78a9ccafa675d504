"""Many questions at once: p-values adjusted so that the level holds for all of them together."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from skal.statistics._common import Floats

Correction = Literal["holm", "bh"]


def holm(p_values: ArrayLike) -> Floats:
    """Holm's adjusted p-values: one false alarm or more in the family with probability at most the level.

    Parameters
    ----------
    p_values : array-like of shape (..., m)
        The family along the last axis: strategies, or label counts. They may depend on each other.

    Returns
    -------
    ndarray of shape (..., m)
        At least the p-values, at most 1, in the same order of size.

    References
    ----------
    .. [1] Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p = _checked(p_values, "holm")
    m = p.shape[-1]
    order = p.argsort(axis=-1, kind="stable")
    steps = np.take_along_axis(p, order, -1) * np.arange(m, 0, -1)  # smallest times m, next times m - 1, ...
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(np.maximum.accumulate(steps, axis=-1), 1.0), -1)
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjusted p-values of Benjamini and Hochberg: of what is found, a share of at most the level is false.

    Parameters
    ----------
    p_values : array-like of shape (..., m)
        The family along the last axis, independent or positively dependent, as strategies that are compared
        with one baseline usually are.

    Returns
    -------
    ndarray of shape (..., m)
        At least the p-values, at most 1, never above Holm's.

    References
    ----------
    .. [1] Benjamini & Hochberg, "Controlling the false discovery rate: a practical and powerful approach to
       multiple testing", JRSS B 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    array([0.03, 0.04, 0.04])
    """
    p = _checked(p_values, "benjamini_hochberg")
    return np.asarray(stats.false_discovery_control(p, axis=-1, method="bh")) if p.size else p


def adjusted(p_values: ArrayLike, correction: Correction | None, who: str) -> Floats:
    """Adjust p-values of shape (..., m) by a correction given by name; None leaves them."""
    if correction == "holm":
        return holm(p_values)
    if correction == "bh":
        return benjamini_hochberg(p_values)
    if correction is None:
        return _checked(p_values, who)
    raise ValueError(f"{who}: correction must be 'holm', 'bh' or None, got {correction!r}.")


def _checked(p_values: ArrayLike, who: str) -> Floats:
    p: Floats = np.asarray(p_values, dtype=np.float64)
    if p.ndim == 0:
        raise ValueError(f"{who}: p_values must have shape (..., m), got a single number.")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"{who}: p_values must be in [0, 1] without NaN, got {p.tolist()}.")
    return p
