"""Diversity: batches that cover the pool."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal import scores
from skal.data import n_rows
from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.ranges import whole
from skal.selection import k_center, kmeans_medoids, max_mean_distance, top_k


@query_strategy(reads=("embedding",))
def core_set(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    metric: str = "euclidean",
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each the farthest from all labelled and picked rows (greedy k-center).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors in which distances are taken; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.
    metric : {"euclidean", "sqeuclidean", "cosine"}, default="euclidean"
        Distance between embeddings; the paper's is the first. The cosine distance looks at directions alone, as where
        embeddings are normalised.

    Returns
    -------
    {picks}

    Notes
    -----
    Time O(n (m + n_instances) d) for m labelled rows at most, in matrix products; memory O(n d) for the embeddings.
    With nothing labelled the first row is random. Scores are distances when picked.

    References
    ----------
    .. [1] Sener & Savarese, "Active learning for convolutional neural networks: a core-set approach",
       ICLR 2018, algorithm 1.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    return k_center(Z, n_instances, centers, random_state, metric=metric, random_tie_break=random_tie_break)


@query_strategy(reads=("embedding",))
def kmeans_sampling(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick the row nearest to each of n_instances k-means centroids of the pool.

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors that are clustered; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    Time O(n n_instances d) an iteration; memory O(n d). Labelled rows are not looked at. Scores are shares
    of the pool; a batch of another size is another clustering, not a longer or shorter prefix.

    References
    ----------
    .. [1] Xu et al., "Representative sampling for text classification using support vector machines",
       ECIR 2003, section 3.
    """
    Z = read_embedding(learner, X_pool, embedding)
    return kmeans_medoids(Z, n_instances, random_state, random_tie_break=random_tie_break)


@query_strategy(reads=("embedding",), ranges={"prefilter": whole()})
def medal(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    prefilter: int | None = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each with the largest mean distance to all labelled and picked rows.

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors in which distances are taken; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.
    prefilter : int, default=None
        Only this many rows of the largest predictive entropy are candidates, as in the paper; None: all,
        and probabilities are not read.

    Returns
    -------
    {picks}

    Notes
    -----
    Time O(n (m + n_instances) d) for m labelled rows; memory O(n d). Outliers draw this rule strongly.

    References
    ----------
    .. [1] Smailagic et al., "MedAL: accurate and robust deep active learning for medical image analysis",
       ICMLA 2018, equation 1 and section III.
    """
    if prefilter is not None and not n_instances <= prefilter:
        raise ValueError(f"medal: prefilter must be at least n_instances={n_instances}, got {prefilter}.")
    candidates = np.arange(n_rows(X_pool))
    if prefilter is not None and prefilter < len(candidates):
        uncertainty = proba(learner, X_pool, then=scores.entropy)
        candidates = np.sort(top_k(uncertainty, prefilter, random_state, random_tie_break=random_tie_break)[0])
    Z = read_embedding(learner, X_pool, embedding)[candidates]
    centers = read_embedding(learner, X_labeled, embedding)
    picks, distances = max_mean_distance(Z, n_instances, centers, random_state, random_tie_break=random_tie_break)
    return candidates[picks], distances
