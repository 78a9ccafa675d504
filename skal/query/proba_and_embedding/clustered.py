"""Uncertain rows from as many clusters as possible."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, softmax
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import NearestNeighbors

from skal import scores
from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import above, at_least, whole
from skal.selection import top_k


@query_strategy(
    reads=("proba", "embedding"),
    ranges={
        "candidates_per_pick": at_least(1),
        "n_clusters": whole(),
        "distance_threshold": at_least(0),
        "max_clustered": whole(),
    },
)
def cluster_margin(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    candidates_per_pick: float = 10.0,
    n_clusters: int | None = None,
    distance_threshold: float | None = None,
    max_clustered: int = 2000,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows of small margin in turn from clusters, the smallest clusters first (Cluster-Margin).

    Parameters
    ----------
    {common}
    candidates_per_pick : float, default=10.0
        This many rows a pick, at least 1, those of the smallest margins, are candidates. The paper takes 1.25
        (CIFAR-10) to 10 (Open Images).
    n_clusters : int, default=None
        Clusters of the pool; None: `n_instances`, but no more than half of the rows that are clustered.
    distance_threshold : float, default=None
        Merge clusters up to this mean distance instead, as in the paper; its own thresholds belong to its data.
    max_clustered : int, default=2000
        Of a larger pool this many random rows are clustered; any other row joins the cluster of the nearest of them.
    embedding : callable or transformer, default=None
        Gives the vectors that are clustered; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    Clusters are those of average linkage, made anew at each query (the paper makes them once, from
    its first model); the picks within a cluster are random. Time O(max_clustered**2 d), and as much a candidate as
    max_clustered distances; memory O(n d + max_clustered**2). Picks are in the order of their margins.

    References
    ----------
    .. [1] Citovsky et al., "Batch active learning at scale", NeurIPS 2021, algorithms 1 and 2.
    """
    Z = read_embedding(learner, X_pool, embedding)
    margins = proba(learner, X_pool, then=scores.margin)
    n_candidates = min(int(np.ceil(candidates_per_pick * n_instances)), len(Z))
    candidates, _ = top_k(margins, n_candidates, random_state, random_tie_break=random_tie_break)
    sample = np.sort(random_state.permutation(len(Z))[:max_clustered])
    clusters = _linked(Z[sample], n_clusters or min(n_instances, len(sample) // 2), distance_threshold)
    own = _of_nearest(Z[candidates], Z[sample], clusters)
    picks = candidates[_in_turn(own, random_state)[:n_instances]]
    order = np.argsort(-margins[picks], kind="stable")
    return picks[order], margins[picks][order]


def _linked(Z: NDArray[Any], n_clusters: int, distance_threshold: float | None) -> NDArray[np.intp]:
    """Cluster of each row, by average linkage."""
    if len(Z) < 2 or (distance_threshold is None and n_clusters < 2):
        return np.zeros(len(Z), dtype=np.intp)
    model = AgglomerativeClustering(
        n_clusters=n_clusters if distance_threshold is None else None,
        distance_threshold=distance_threshold,
        linkage="average",
    )
    return np.asarray(model.fit_predict(Z))


def _of_nearest(Z: NDArray[Any], known: NDArray[Any], clusters: NDArray[np.intp]) -> NDArray[np.intp]:
    """Cluster of the nearest known row; a known row is nearest to itself."""
    near = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(known).kneighbors(Z, return_distance=False)
    return clusters[near[:, 0]]


def _in_turn(clusters: NDArray[np.intp], rng: np.random.RandomState) -> NDArray[np.intp]:
    """All rows in the order in which clusters, by rising size, give one random row after another."""
    shuffled = rng.permutation(len(clusters))
    _, inverse, sizes = np.unique(clusters[shuffled], return_inverse=True, return_counts=True)
    by_cluster = np.argsort(inverse, kind="stable")
    turn = np.empty(len(clusters), dtype=np.intp)  # the how-manieth of its cluster a row is
    turn[by_cluster] = np.arange(len(clusters)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return shuffled[np.lexsort((inverse, sizes[inverse], turn))]


@query_strategy(reads=("proba", "embedding"), ranges={"temperature": above(0)})
def clue(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    temperature: float = 1.0,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick the row nearest to each centroid of k-means in which uncertain rows weigh more (CLUE).

    Parameters
    ----------
    {common}
    temperature : float, default=1.0
        The weight is the entropy of the probabilities to the power ``1 / temperature``, normalised: below 1
        uncertainty counts more, above 1 diversity.
    embedding : callable or transformer, default=None
        Gives the vectors that are clustered; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool, then time O(n n_instances d) an iteration of k-means; memory O(n d).
    Scores are the cluster's share of all entropy. Where there are fewer distinct rows than picks, the rest
    is taken by its entropy, at score 0.

    References
    ----------
    .. [1] Prabhu et al., "Active domain adaptation via clustering uncertainty-weighted embeddings", ICCV 2021,
       the uncertainty-weighted clustering and its trade-off by a temperature.
    """
    Z = read_embedding(learner, X_pool, embedding)
    weights = _tempered_entropies(proba(learner, X_pool, then=one_a_row), float(temperature))
    ranks = random_state.permutation(len(Z)) if random_tie_break else np.arange(len(Z))
    picks, shares = _weighted_medoids(Z, weights, n_instances, ranks, random_state)
    if len(picks) < n_instances:
        left = np.setdiff1d(np.arange(len(Z)), picks)
        more = left[np.lexsort((ranks[left], -weights[left]))][: n_instances - len(picks)]
        picks, shares = np.concatenate([picks, more]), np.concatenate([shares, np.zeros(len(more))])
    return picks, shares


def _tempered_entropies(P: NDArray[Any], temperature: float) -> NDArray[Any]:
    logits = np.log(np.maximum(P.astype(np.float64), np.finfo(np.float64).tiny)) / temperature
    return np.asarray(entr(softmax(logits, axis=1)).sum(axis=1))


def _weighted_medoids(
    Z: NDArray[Any], weights: NDArray[Any], n: int, ranks: NDArray[np.intp], rng: np.random.RandomState
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """The row nearest to the centroid of each cluster, the heaviest first; fewer than n where some are empty."""
    largest = weights.max()  # where nothing is uncertain, all rows weigh the same
    weights = np.maximum(weights, 1e-9 * largest) if largest > 1e-12 else np.ones(len(Z))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points than clusters
        kmeans = KMeans(n, n_init=1, random_state=rng).fit(Z, sample_weight=weights)
    clusters = kmeans.labels_
    distance = np.linalg.norm(Z - kmeans.cluster_centers_[clusters], axis=1)
    by_cluster = np.lexsort((ranks, distance, clusters))
    present, starts = np.unique(clusters[by_cluster], return_index=True)
    medoids = by_cluster[starts]
    shares = np.bincount(clusters, weights)[present] / weights.sum()
    order = np.lexsort((ranks[medoids], -shares))
    return medoids[order], shares[order]
