"""Cover as much of the pool as possible by balls of one radius."""

from __future__ import annotations

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
    greedy,
    nearest_distances,
    tie_ranks,
    untold,
)
from skal.selection._neighbors import RadiusGraph, centered, nearest_of_another_cluster
from skal.selection.k_center import k_center

_ROWS = 1024  # whose neighbours are found between two words of progress


def prob_cover(
    Z: ArrayLike,
    n: int,
    radius: float,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    max_edges: int = 10**8,
    random_tie_break: bool = True,
    progress: Progress | None = None,
) -> tuple[Indices, Floats]:
    """Select n rows, each with the most rows within the radius that are not yet within it of a chosen point.

    The share of the pool that is covered is at least 1 - 1/e of the largest possible.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool].
    radius : float
        Positive; `purity_radius` finds one.
    centers : array-like of shape (m, d), default=None
        Points already chosen; what is within the radius of one is covered, and may still be picked.
    random_state : int, RandomState or None, default=None
        Draws the order of ties; None: NumPy's global generator.
    max_edges : int, default=10**8
        Pairs of rows within the radius that are kept, at four bytes each. Those of a wide radius that do not fit are
        looked up a second time when they are covered: the picks are the same, the time at most doubles.
    random_tie_break : bool, default=True
        False: rows that cover equally many are taken in row order.
    progress : callable, default=None
        ``progress(picked, n)`` after each pick, and with 0 while neighbours are found. What it raises ends the
        selection.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks. When all is covered the farthest rows follow, by `k_center`.
    scores : ndarray of shape (n,)
        Share of the pool that the pick covers anew, never rising; 0 where all was covered.

    Notes
    -----
    Every row is covered once, and takes one from the count of each row about it: time O(n_pool^2 d) at most for the
    neighbours, less in few dimensions (trees), and O(pairs within the radius) for all picks together. Memory O(n_pool
    d) and `max_edges`. The authors' code leaves the last rows of a pool without neighbours where its size is no
    multiple of 500, and picks row 0 again and again when all is covered.

    References
    ----------
    .. [1] Yehuda et al., "Active learning through a covering lens", NeurIPS 2022, algorithm 1.

    Examples
    --------
    >>> prob_cover([[0.0], [1.0], [2.0], [7.0], [8.0], [20.0]], 3, 1.0, random_state=0, random_tie_break=False)
    (array([1, 3, 5]), array([0.5 , 0.33333333, 0.16666667]))
    """
    points = checked_matrix(Z, "Z", "prob_cover")
    n = checked_n(n, len(points), "prob_cover")
    if not 0 < radius < np.inf:
        raise ValueError(f"prob_cover: radius must be positive and finite, got {radius!r}.")
    chosen = checked_centers(centers, points, "prob_cover")
    rng = generator(random_state)
    ranks = tie_ranks(len(points), rng, random_tie_break)
    graph = RadiusGraph(points, radius, max_edges)
    uncovered = nearest_distances(points, chosen) > graph.reach
    told = progress or untold
    counts = np.zeros(len(points), dtype=np.intp)
    for start in range(0, len(points), _ROWS):
        counts += graph.counts(start + np.flatnonzero(uncovered[start : start + _ROWS]))
        told(0, n)
    picked = 0

    def update(row: int) -> None:
        nonlocal picked
        near = graph.within(row)
        fresh = near[uncovered[near]]
        uncovered[fresh] = False
        counts[:] -= graph.counts(fresh)
        if len(fresh):  # else all is covered, and the pick is replaced below
            picked += 1
            told(picked, n)

    picks, covered = greedy(n, lambda: counts / len(points), update, ranks)
    useful = int((covered > 0).sum())
    if useful < n:  # all is covered: spread the rest
        rest = np.setdiff1d(np.arange(len(points)), picks[:useful])
        known = np.concatenate([chosen, points[picks[:useful]]])
        far, _ = k_center(
            points[rest],
            n - useful,
            known,
            rng,
            random_tie_break=random_tie_break,
            progress=lambda picked, _: told(useful + picked, n),
        )
        picks[useful:] = rest[far]
    return picks, covered


def purity_radius(
    Z: ArrayLike,
    n_clusters: int,
    random_state: RandomState = None,
    *,
    purity: float = 0.95,
    max_rows: int = 5000,
) -> float:
    """Find the largest radius at which most balls about a row hold rows of one k-means cluster only.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n_clusters : int
        At least 1: the number of classes, as a rule.
    random_state : int, RandomState or None, default=None
        Seeds k-means and draws the rows; None: NumPy's global generator.
    purity : float, default=0.95
        Share of the balls that are pure, in [0, 1].
    max_rows : int, default=5000
        Of a larger pool the balls about this many rows, drawn at random, are looked at.

    Returns
    -------
    float
        Positive. With a single cluster, as wide as the pool.

    Notes
    -----
    The ball about a row is pure as long as it does not reach the nearest row of another cluster, so the radius is
    a quantile of the distances to those rows, and no search is needed. Time O(max_rows n_pool d) and a k-means;
    memory O(n_pool d).

    References
    ----------
    .. [1] Yehuda et al., "Active learning through a covering lens", NeurIPS 2022, the purity of balls.

    Examples
    --------
    >>> line = [[0.0], [1.0], [2.0], [7.0], [8.0], [9.0]]
    >>> round(purity_radius(line, 2, random_state=0, purity=1.0), 6)
    5.0
    """
    points = checked_matrix(Z, "Z", "purity_radius")
    if not 0.0 <= purity <= 1.0:
        raise ValueError(f"purity_radius: purity must be in [0, 1], got {purity!r}.")
    if not n_clusters >= 1:
        raise ValueError(f"purity_radius: n_clusters must be at least 1, got {n_clusters!r}.")
    rng = generator(random_state)
    clusters = kmeans_labels(points, min(n_clusters, len(points)), rng)
    rows = np.arange(len(points))
    if len(rows) > max_rows:
        rows = np.sort(rng.choice(rows, max_rows, replace=False))
    reaches = np.sort(nearest_of_another_cluster(points, clusters, rows))
    impure = min(int((1.0 - purity) * len(rows) + 1e-9), len(rows) - 1)  # so many balls need not be pure
    if np.isinf(reaches[impure]):
        return 2.0 * centered(points)[1] or 1.0
    return float(reaches[impure]) * (1.0 - 1e-9)  # just below: a ball has its border
