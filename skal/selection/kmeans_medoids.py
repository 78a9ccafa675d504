"""One row from each k-means cluster."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from skal.selection._common import Floats, Indices, RandomState, checked_matrix, checked_n, generator, tie_ranks
from skal.selection.k_center import k_center


def kmeans_medoids(
    Z: ArrayLike, n: int, random_state: RandomState = None, *, random_tie_break: bool = True
) -> tuple[Indices, Floats]:
    """Select the row nearest to each of n k-means centroids, the largest cluster first.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool], the number of clusters.
    random_state : int, RandomState or None, default=None
        Seeds k-means and the order of ties; None: NumPy's global generator.
    random_tie_break : bool, default=True
        False: rows equally near a centroid are taken in row order.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows.
    scores : ndarray of shape (n,)
        Share of the pool in the cluster of the row, falling. With fewer distinct points than clusters the
        rest is filled by `k_center`, at score 0.

    Notes
    -----
    Time O(n_pool n d) an iteration; memory O(n_pool + n d) beyond `Z`.

    References
    ----------
    .. [1] Xu et al., "Representative sampling for text classification using support vector machines",
       ECIR 2003.

    Examples
    --------
    >>> kmeans_medoids([[0.0], [0.1], [0.2], [9.0]], 2, random_state=0)
    (array([1, 3]), array([0.75, 0.25]))
    """
    points = checked_matrix(Z, "Z", "kmeans_medoids")
    n = checked_n(n, len(points), "kmeans_medoids")
    rng = generator(random_state)
    ranks = tie_ranks(len(points), rng, random_tie_break)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points than clusters: filled below
        kmeans = KMeans(n_clusters=n, n_init=1, random_state=rng).fit(points)
    clusters = kmeans.labels_
    distance = np.linalg.norm(points - kmeans.cluster_centers_[clusters], axis=1)
    by_cluster = np.lexsort((ranks, distance, clusters))
    present, starts, sizes = np.unique(clusters[by_cluster], return_index=True, return_counts=True)
    medoids = by_cluster[starts]
    order = np.lexsort((ranks[medoids], -sizes))
    picks, scores = medoids[order], sizes[order] / len(points)
    if len(present) < n:
        left = np.setdiff1d(np.arange(len(points)), picks)
        filled, _ = k_center(
            points[left], n - len(picks), centers=points[picks], random_state=rng, random_tie_break=random_tie_break
        )
        picks = np.concatenate([picks, left[filled]])
        scores = np.concatenate([scores, np.zeros(len(filled))])
    return picks, scores
