"""Ranked batch mode: uncertainty against similarity to what is labelled, one pick at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import (
    Floats,
    Indices,
    RandomState,
    check_finite_rows,
    checked_centers,
    checked_matrix,
    checked_n,
    distances_to,
    generator,
    greedy,
    nearest_distances,
    tie_ranks,
)


def ranked_batch(
    Z: ArrayLike,
    n: int,
    uncertainty: ArrayLike,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Select n rows by a blend of dissimilarity to the labelled points and uncertainty.

    The score of a row is ``alpha (1 - s) + (1 - alpha) u`` with ``s = 1 / (1 + distance to the nearest
    chosen point)`` and ``alpha = U / (U + L)``, U rows still unlabelled and L points chosen; each pick
    joins the chosen ones before the next.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool].
    uncertainty : array-like of shape (n_pool,)
        Uncertainty in [0, 1], higher = less certain.
    centers : array-like of shape (m, d), default=None
        Labelled points. None or no rows: nothing is similar yet, so the first pick is the least certain row.
    random_state : int, RandomState or None, default=None
        Draws the order of ties; None: NumPy's global generator.
    random_tie_break : bool, default=True
        False: rows of equal score are taken in row order.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        The blend when picked, in [0, 1].

    Notes
    -----
    Time O(n_pool (m + n) d); memory beyond `Z` O(n_pool).

    References
    ----------
    .. [1] Cardoso et al., "Ranked batch-mode active learning", Information Sciences 379, 2017, equation 2.

    Examples
    --------
    >>> ranked_batch([[0.0], [1.0], [3.0]], 2, [0.5, 0.5, 0.0], centers=[[0.0]], random_state=0)[0]
    array([2, 1])
    """
    points = checked_matrix(Z, "Z", "ranked_batch")
    n = checked_n(n, len(points), "ranked_batch")
    u: Floats = np.asarray(uncertainty, dtype=np.float64)
    if u.shape != (len(points),):
        raise ValueError(f"ranked_batch: uncertainty must have shape ({len(points)},), got {u.shape}.")
    check_finite_rows(u, "uncertainty", "ranked_batch")
    ranks = tie_ranks(len(points), generator(random_state), random_tie_break)
    labeled = checked_centers(centers, points, "ranked_batch")
    nearest = nearest_distances(points, labeled)
    chosen = len(labeled)
    unlabeled = len(points)

    def score() -> Floats:
        alpha = unlabeled / (unlabeled + chosen)
        if chosen == 0:  # alpha is 1 and every dissimilarity is 1: only the uncertainty tells rows apart
            return u
        return np.asarray(alpha * (1.0 - 1.0 / (1.0 + nearest)) + (1.0 - alpha) * u)

    def update(row: int) -> None:
        nonlocal chosen, unlabeled
        np.minimum(nearest, distances_to(points, points[row]), out=nearest)
        chosen += 1
        unlabeled -= 1

    return greedy(n, score, update, ranks)
