"""Greedy k-center: cover the pool with balls of the smallest radius."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import (
    Floats,
    Indices,
    RandomState,
    checked_centers,
    checked_matrix,
    checked_n,
    distances_to,
    generator,
    greedy,
    nearest_distances,
    tie_ranks,
)


def k_center(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Select n rows, each the farthest from all centres so far.

    The radius is at most twice the smallest possible one.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d), default=None
        Points already chosen. None or no rows: the first row is drawn at random.
    random_state : int, RandomState or None, default=None
        Draws the order of ties and a first row; None: NumPy's global generator.
    random_tie_break : bool, default=True
        False: rows at equal distance are taken in row order.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Distance to the nearest centre when picked, never rising, in the units of `Z`.

    Notes
    -----
    Time O(n_pool (m + n) d); memory beyond `Z` O(n_pool).

    References
    ----------
    .. [1] Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985.
    .. [2] Sener & Savarese, "Active learning for convolutional neural networks: a core-set approach",
       ICLR 2018, algorithm 1.

    Examples
    --------
    >>> k_center([[0.0], [1.0], [5.0], [9.0]], 2, centers=[[0.0]], random_state=0)
    (array([3, 2]), array([9., 4.]))
    """
    points = checked_matrix(Z, "Z", "k_center")
    n = checked_n(n, len(points), "k_center")
    rng = generator(random_state)
    ranks = tie_ranks(len(points), rng, random_tie_break)
    chosen = checked_centers(centers, points, "k_center")
    nearest = nearest_distances(points, chosen)
    first = None if len(chosen) else int(rng.randint(len(points)))

    def update(row: int) -> None:
        np.minimum(nearest, distances_to(points, points[row]), out=nearest)

    return greedy(n, lambda: nearest, update, ranks, first)
