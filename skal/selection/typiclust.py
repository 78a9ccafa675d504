"""Typical rows of the clusters in which the fewest labels are."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._clusters import kmeans_labels
from skal.selection._common import (
    Floats,
    Indices,
    Progress,
    RandomState,
    checked_centers,
    checked_matrix,
    checked_n,
    generator,
    tie_ranks,
    untold,
)
from skal.selection._neighbors import mean_neighbor_distances


def typiclust(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    max_clusters: int = 500,
    n_neighbors: int = 20,
    min_cluster_size: int = 6,
    random_tie_break: bool = True,
    progress: Progress | None = None,
) -> tuple[Indices, Floats]:
    """Select n rows, each the most typical one of the largest cluster among those with the fewest labels.

    Rows and labelled points are clustered together, into as many clusters as there will be labels. A row picked is
    a label of its cluster from then on.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d), default=None
        Points already labelled.
    random_state : int, RandomState or None, default=None
        Seeds k-means and the order of ties; None: NumPy's global generator.
    max_clusters : int, default=500
        There are ``min(m + n, max_clusters)`` clusters, and never more than points.
    n_neighbors : int, default=20
        A row is typical if its mean distance to this many nearest others of its cluster is small; half of the
        cluster where that is fewer.
    min_cluster_size : int, default=6
        Of clusters with fewer points, outliers as a rule, is picked only when all others are used up.
    random_tie_break : bool, default=True
        False: equally typical rows, and clusters of equal size, are taken in row order.
    progress : callable, default=None
        ``progress(picked, n)`` after each pick, and with 0 once the clusters are found. What it raises ends the
        selection.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Share of the points in the cluster of the row, in (0, 1], minus the labels in it when picked; a cluster that
        is too small counts as if all labels were in it. Falling.

    Notes
    -----
    Distances are plain. The authors' code has squared ones, since faiss gives them, which can order rows otherwise;
    and it takes labelled and picked rows out of their cluster before typicality is computed, which only counts
    where a cluster is picked from twice. It also goes round the clusters in the order that they had at first: with
    labels in some of them, this selection evens them out.

    Time O(n_pool K d) for K clusters, ten iterations, and O(s^2 d) for the neighbours in each cluster of s points
    that is picked from; memory O(n_pool d).

    References
    ----------
    .. [1] Hacohen, Dekel & Weinshall, "Active learning on a budget: opposite strategies suit high and low budgets",
       ICML 2022, algorithm 1 and the definition of typicality.

    Examples
    --------
    >>> line = [[0.0], [0.1], [0.2], [0.3], [0.4], [0.5], [8.0], [8.1], [8.2], [8.3], [8.4], [8.5], [8.6]]
    >>> typiclust(line, 1, centers=[[8.3]], random_state=0)[0] < 6
    array([ True])
    """
    points = checked_matrix(Z, "Z", "typiclust")
    n = checked_n(n, len(points), "typiclust")
    for name, value in (("max_clusters", max_clusters), ("n_neighbors", n_neighbors)):
        if not value >= 1:
            raise ValueError(f"typiclust: {name} must be at least 1, got {value!r}.")
    chosen = checked_centers(centers, points, "typiclust")
    rng = generator(random_state)
    ranks = tie_ranks(len(points), rng, random_tie_break)
    everything = np.concatenate([points, chosen]) if len(chosen) else points
    n_clusters = min(len(chosen) + n, max_clusters, len(everything))
    clusters = kmeans_labels(everything, n_clusters, rng)
    told = progress or untold
    told(0, n)
    members = np.split(np.argsort(clusters, kind="stable"), np.bincount(clusters, minlength=n_clusters).cumsum()[:-1])

    # Clusters from which can be picked: labels, then size, largest first, then the rank of a member.
    heap: list[tuple[int, int, int, int]] = []
    for cluster, rows in enumerate(members):
        in_pool = rows[rows < len(points)]
        if len(in_pool):
            penalty = (len(chosen) + n) * (len(rows) < min_cluster_size)
            labels = len(rows) - len(in_pool) + penalty
            heap.append((labels, -len(rows), int(ranks[in_pool].min()), cluster))
    heapq.heapify(heap)

    queues: dict[int, list[int]] = {}  # rows of a cluster that are left, the most typical last
    picks = np.empty(n, dtype=np.intp)
    scores = np.empty(n)
    for position in range(n):
        labels, size, rank, cluster = heap[0]
        if cluster not in queues:
            queues[cluster] = _least_typical_first(everything, members[cluster], n_neighbors, ranks)
        picks[position] = queues[cluster].pop()
        scores[position] = -size / len(everything) - labels
        if queues[cluster]:
            heapq.heapreplace(heap, (labels + 1, size, rank, cluster))
        else:
            heapq.heappop(heap)
        told(position + 1, n)
    return picks, scores


def _least_typical_first(everything: Floats, rows: Indices, n_neighbors: int, ranks: Indices) -> list[int]:
    distances = mean_neighbor_distances(everything[rows], min(n_neighbors, max(1, len(rows) // 2)))
    in_pool = rows < len(ranks)
    order = np.lexsort((ranks[rows[in_pool]], distances[in_pool]))[::-1]
    return [int(row) for row in rows[in_pool][order]]
