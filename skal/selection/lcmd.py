"""The farthest row of the largest cluster, again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import pairwise_distances_argmin

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

__all__ = ["lcmd"]


def lcmd(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Pick n rows one by one, each the farthest from its centre in the cluster of the largest sum of squares (LCMD).

    Every row belongs to the nearest of all centres and picked rows. The cluster whose rows are, in sum, at the
    largest squared distance is the one that is served worst; its farthest row becomes the next centre. Compared with
    `k_center` a single far row counts for little.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points; distances between features are those of the kernel ``Z @ Z.T``.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d), default=None
        Points already chosen.
    random_state : int, RandomState or None, default=None
        Orders ties; None: NumPy's global generator.
    random_tie_break : bool, default=True
        Order equals by one permutation drawn; False: by row.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Squared distance to the nearest centre when picked; not sorted. Without centres the first row is the longest,
        as in the authors' code.

    Raises
    ------
    TypeError
        If n is no int.
    ValueError
        If n is out of range, a shape is wrong, or a value is not finite.

    Notes
    -----
    Time O(n_pool (m + n) d); memory O(n_pool) and a block.

    References
    ----------
    .. [1] Holzmueller, Zaverkin, Kaestner & Steinwart, "A framework and benchmark for deep batch active learning for
       regression", JMLR 2023, section 4.3 and algorithm 8.

    Examples
    --------
    >>> lcmd([[0.2], [0.1], [-4.0], [6.0], [6.5]], 2, centers=[[0.0], [5.0]], random_state=0)
    (array([2, 4]), array([16.  ,  2.25]))
    """
    points = checked_matrix(Z, "Z", "lcmd")
    n = checked_n(n, len(points), "lcmd")
    known = checked_centers(centers, points, "lcmd")
    ranks = tie_ranks(len(points), generator(random_state), random_tie_break)
    clusters = _Clusters(points, known, n)
    first = None
    if len(known) == 0:
        lengths = np.einsum("nd,nd->n", points, points, dtype=np.float64)
        longest = np.flatnonzero(lengths == lengths.max())
        first = int(longest[np.argmin(ranks[longest])])
    return greedy(n, clusters.scores, clusters.add, ranks, first)


class _Clusters:
    """Rows by their nearest centre, and the squared distance to it."""

    def __init__(self, points: Floats, centers: Floats, n: int) -> None:
        self._points = points
        self._squared = np.full(len(points), np.inf)
        self._nearest = np.zeros(len(points), dtype=np.intp)
        self._n_clusters = len(centers)
        if len(centers):
            self._nearest = pairwise_distances_argmin(points, centers)
            for cluster in np.unique(self._nearest):  # by differences: rows equal to a centre are at exactly 0
                own = np.flatnonzero(self._nearest == cluster)
                self._squared[own] = distances_to(points[own], centers[cluster]) ** 2

    def scores(self) -> Floats:
        """Squared distances in the largest cluster; minus infinity in all others."""
        sums = np.bincount(self._nearest, weights=self._squared, minlength=self._n_clusters)
        return np.asarray(np.where(sums[self._nearest] == sums.max(), self._squared, -np.inf))

    def add(self, row: int) -> None:
        """Make a row a centre, to which those rows go over that are nearer to it than to their own."""
        squared = distances_to(self._points, self._points[row]) ** 2
        nearer = squared < self._squared
        self._squared[nearer] = squared[nearer]
        self._nearest[nearer] = self._n_clusters
        self._n_clusters += 1
