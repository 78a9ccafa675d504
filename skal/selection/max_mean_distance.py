"""Greedy average distance: far, on the mean, from everything chosen."""

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
    tie_ranks,
)


def max_mean_distance(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Select n rows, each with the largest mean distance to all points chosen so far.

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
        Mean distance to the chosen points when picked, in the units of `Z`.

    Notes
    -----
    Time O(n_pool (m + n) d) with a running sum; memory beyond `Z` O(n_pool). Outliers draw this rule
    strongly, and the mean moves slowly, so picks in a row lie close together: `k_center` spreads wider.

    References
    ----------
    .. [1] Smailagic et al., "MedAL: accurate and robust deep active learning for medical image analysis",
       ICMLA 2018, equation 1.

    Examples
    --------
    >>> max_mean_distance([[0.0], [2.0], [7.0]], 2, centers=[[1.0], [3.0]], random_state=0)
    (array([2, 0]), array([5.        , 3.66666667]))
    """
    points = checked_matrix(Z, "Z", "max_mean_distance")
    n = checked_n(n, len(points), "max_mean_distance")
    rng = generator(random_state)
    ranks = tie_ranks(len(points), rng, random_tie_break)
    chosen = checked_centers(centers, points, "max_mean_distance")
    first = None if len(chosen) else int(rng.randint(len(points)))
    count = len(chosen)
    total = np.zeros(len(points))
    for center in chosen:
        total += distances_to(points, center)

    def update(row: int) -> None:
        nonlocal count
        total[:] += distances_to(points, points[row])
        count += 1

    return greedy(n, lambda: total / count, update, ranks, first)
