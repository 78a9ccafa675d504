"""k-means++ seeding as a selection: far rows are likely, not certain."""

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
    nearest_distances,
)


def kmeans_plusplus(
    Z: ArrayLike, n: int, centers: ArrayLike | None = None, random_state: RandomState = None
) -> tuple[Indices, Floats]:
    """Draw n distinct rows, each with probability proportional to its squared distance to the centres so far.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d), default=None
        Points already chosen, on which the draws are conditioned. None or no rows: the first row is
        drawn uniformly.
    random_state : int, RandomState or None, default=None
        Draws the rows; None: NumPy's global generator.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the draws.
    scores : ndarray of shape (n,)
        Squared distance to the nearest centre when drawn; a first row without centres gets the largest
        squared distance to it. Not sorted: the draws are random.

    Notes
    -----
    Time O(n_pool (m + n) d); memory beyond `Z` O(n_pool). Where all rows left coincide with a centre, the
    draw is uniform among them.

    References
    ----------
    .. [1] Arthur & Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007, section 2.2.

    Examples
    --------
    >>> indices, scores = kmeans_plusplus([[0.0], [0.0], [9.0]], 2, centers=[[0.0]], random_state=0)
    >>> indices[0], scores.tolist()
    (np.int64(2), [81.0, 0.0])
    """
    points = checked_matrix(Z, "Z", "kmeans_plusplus")
    n = checked_n(n, len(points), "kmeans_plusplus")
    rng = generator(random_state)
    potential = nearest_distances(points, checked_centers(centers, points, "kmeans_plusplus")) ** 2
    taken = np.zeros(len(points), dtype=bool)
    picks = np.empty(n, dtype=np.intp)
    scores = np.empty(n)
    for position in range(n):
        row = _draw(potential, taken, rng)
        picks[position], scores[position] = row, potential[row]
        taken[row] = True
        np.minimum(potential, distances_to(points, points[row]) ** 2, out=potential)
        if position == 0 and np.isinf(scores[0]):
            scores[0] = potential.max()
    return picks, scores


def _draw(potential: Floats, taken: np.ndarray[tuple[int], np.dtype[np.bool_]], rng: np.random.RandomState) -> int:
    """One row, by potential; uniform among the rows left where no potential tells them apart."""
    weights = np.where(taken, 0.0, potential)
    total = weights.sum()
    if not np.isfinite(total) or total == 0.0:
        left = np.flatnonzero(~taken)
        return int(left[rng.randint(len(left))])
    cumulative = np.cumsum(weights)
    row = int(np.searchsorted(cumulative, rng.random_sample() * cumulative[-1], side="right"))
    return row if row < len(weights) and weights[row] > 0 else int(np.flatnonzero(weights)[-1])
