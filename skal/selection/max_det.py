"""Rows whose labels together tell a linear model most: the largest determinant of the kernel of a batch."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky, solve_triangular

from skal.selection._common import (
    Floats,
    Indices,
    RandomState,
    checked_centers,
    checked_matrix,
    checked_n,
    generator,
    greedy,
    tie_ranks,
)
from skal.selection.top_k import top_k

__all__ = ["max_det", "max_diag"]

_DIGITS = 12


def max_det(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    noise: float = 1e-3,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Pick n rows one by one, each of the largest variance of Bayesian linear regression on all rows before it.

    It is the greedy for the largest determinant of the kernel ``Z @ Z.T + noise**2 * I`` of known and picked rows.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Features, weighed by a prior of variance 1 each.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d), default=None
        Features of rows whose label is known.
    random_state : int, RandomState or None, default=None
        Orders ties; None: NumPy's global generator.
    noise : float, default=1e-3
        Standard deviation of the labels, above 0, in units in which a feature of 1 has the prior's.
    random_tie_break : bool, default=True
        Order equals by one permutation drawn; False: by row.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Variances when picked, without the noise; they do not rise.

    Raises
    ------
    TypeError
        If n is no int.
    ValueError
        If n is out of range, a shape is wrong, a value is not finite, or noise is not above 0.

    Notes
    -----
    In the space of features: time O(m d**2 + n_pool n d), memory O(n_pool d). A determinant that is 0 without noise
    is no obstacle.

    References
    ----------
    .. [1] Holzmueller, Zaverkin, Kaestner & Steinwart, "A framework and benchmark for deep batch active learning for
       regression", JMLR 2023, section 4.3, MaxDet, and algorithm 4.

    Examples
    --------
    >>> max_det([[2.0, 0.0], [1.9, 0.0], [0.0, 1.0]], 2, noise=0.1, random_state=0)[0]
    array([0, 2])
    """
    points = _posterior(Z, centers, noise, "max_det")
    n = checked_n(n, len(points), "max_det")
    ranks = tie_ranks(len(points), generator(random_state), random_tie_break)
    variance = _squared_lengths(points)
    unit = float(variance.max()) or 1.0

    def present() -> Floats:
        return np.asarray(np.round(variance / unit, _DIGITS))  # equal rows stay equal, whatever products lose

    def add(row: int) -> None:
        one = points[row].copy()
        whole = math.sqrt(float(one @ one) + noise**2)
        products = np.einsum("nd,d->n", points, one)
        points[:] -= np.outer(products / (whole * (whole + noise)), one)
        variance[:] = _squared_lengths(points)

    picks, shares = greedy(n, present, add, ranks)
    return picks, shares * unit


def max_diag(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    noise: float = 1e-3,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Pick the n rows of the largest variance of Bayesian linear regression on the known rows, each by itself.

    Parameters
    ----------
    Z, n, centers, random_state, noise, random_tie_break
        As of `max_det`, which looks at the rows of a batch together.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, best first.
    scores : ndarray of shape (n,)
        Their variances, without the noise.

    Raises
    ------
    TypeError, ValueError
        As of `max_det`.

    References
    ----------
    .. [1] Holzmueller, Zaverkin, Kaestner & Steinwart, "A framework and benchmark for deep batch active learning for
       regression", JMLR 2023, section 4.3, MaxDiag.

    Examples
    --------
    >>> max_diag([[2.0, 0.0], [1.9, 0.0], [0.0, 1.0]], 2, noise=0.1, random_state=0)[0]
    array([0, 1])
    """
    variance = _squared_lengths(_posterior(Z, centers, noise, "max_diag"))
    unit = float(variance.max(initial=0.0)) or 1.0
    shares = np.round(variance / unit, _DIGITS)
    picks, picked = top_k(
        shares, checked_n(n, len(shares), "max_diag"), random_state, random_tie_break=random_tie_break
    )
    return picks, picked * unit


def _squared_lengths(points: Floats) -> Floats:
    return np.asarray(np.einsum("nd,nd->n", points, points))


def _posterior(Z: ArrayLike, centers: ArrayLike | None, noise: Any, who: str) -> Floats:
    """Features whose products are the covariances of Bayesian linear regression on some known rows.

    ``noise**2 z @ inv(C.T @ C + noise**2 I) @ z`` for known rows C: what is left of the kernel ``z @ z``.
    """
    points = checked_matrix(Z, "Z", who).astype(np.float64)
    known = checked_centers(centers, points, who).astype(np.float64)
    if isinstance(noise, bool) or not isinstance(noise, numbers.Real) or not 0 < float(noise) < math.inf:
        raise ValueError(f"{who}: noise must be a finite number above 0, got {noise!r}.")
    if len(known) == 0:
        return points
    precision = known.T @ known + float(noise) ** 2 * np.eye(known.shape[1])
    root = cholesky(precision, lower=True)
    return np.asarray(noise * solve_triangular(root, points.T, lower=True).T)
