"""Rows unlike the labelled ones: in what is predicted for their neighbours, or to a classifier of the two sets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from skal.outputs import InvalidOutput, proba
from skal.outputs import embedding as read_embedding
from skal.query._contract import query_strategy, score_strategy
from skal.query._distributions import one_a_row
from skal.query._ranges import above, whole
from skal.selection import top_k
from skal.warning import warn

_NEIGHBORS = 10  # of the paper; where nobody says how many, fewer if few rows are labelled
_TINY = 1e-12  # a class of probability 0 next to one that is likely: a divergence of 27, not infinite


@score_strategy(reads=("proba", "embedding"), ranges={"n_neighbors": whole()})
def contrastive_active_learning(
    learner: Any, X_pool: Any, *, X_labeled: Any = None, n_neighbors: int | None = None, embedding: Any = None
) -> Any:
    """Pick rows predicted unlike the labelled rows that lie nearest to them (CAL).

    Parameters
    ----------
    {common}
    n_neighbors : int or None, default=None
        Labelled rows that a row is compared with; all of them, with a warning, where fewer are labelled. None: 10,
        but at most half as many as there are a class on average, so that few labels do not make neighbours of what
        is far apart.
    embedding : callable or transformer, default=None
        Gives the vectors in which neighbours are found; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    The score is the mean over neighbours of the Kullback-Leibler divergence of their probabilities from the row's.
    One pass of the model over pool and labelled rows, and exact neighbours: time O(n m d) for m labelled rows, memory
    O(n d).

    References
    ----------
    .. [1] Margatina et al., "Active learning by acquiring contrastive examples", EMNLP 2021, equations 1 to 3
       and algorithm 1.
    """
    Z = read_embedding(learner, X_pool, embedding)
    P = _distributions(learner, X_pool)
    Z_labeled, Q = read_embedding(learner, X_labeled, embedding), _distributions(learner, X_labeled)
    if len(Z_labeled) == 0:
        raise InvalidOutput("needs labelled rows to compare with, got none.")
    if n_neighbors is None:
        k = max(1, min(_NEIGHBORS, len(Q) // (2 * Q.shape[1])))
    else:
        k = min(int(n_neighbors), len(Q))
        if k < n_neighbors:
            warn(
                f"contrastive_active_learning: n_neighbors={n_neighbors} is more than the {k} labelled rows, all of "
                "which are taken. Label more rows, or leave n_neighbors out."
            )
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(Z_labeled)
    near = search.kneighbors(Z, return_distance=False)  # (n, k)
    negative_entropy = xlogy(Q, Q).sum(axis=1)[near].mean(axis=1)
    mean = np.zeros_like(P)  # of the neighbours' probabilities
    for neighbor in near.T:
        mean += Q[neighbor] / len(near.T)
    return negative_entropy - (mean * np.log(np.maximum(P, _TINY))).sum(axis=1)


def _distributions(learner: Any, X: Any) -> NDArray[Any]:
    return proba(learner, X, then=one_a_row).astype(np.float64)


@query_strategy(reads=("embedding",), ranges={"n_batches": whole(), "unlabeled_per_labeled": whole(), "C": above(0)})
def discriminative_active_learning(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    n_batches: int = 10,
    unlabeled_per_labeled: int = 10,
    C: float = 1.0,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows that a classifier of labelled and unlabelled rows is surest to be unlabelled (DAL).

    Parameters
    ----------
    {common}
    n_batches : int, default=10
        Parts in which the batch is picked; before each, the classifier is trained anew with the picks so far among
        the labelled. The paper takes 10 to 20.
    unlabeled_per_labeled : int, default=10
        The classifier learns from at most this many random unlabelled rows for each labelled one.
    C : float, default=1.0
        Inverse strength of its penalty.
    embedding : callable or transformer, default=None
        Gives the vectors that are classified, scaled to unit variance; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    The classifier is a logistic regression with balanced classes; the paper's is a multilayer perceptron
    on the embedding of the model. The task model itself is not trained. Cost: `n_batches` fits, and as many
    passes over the embedding; memory O(n d). With nothing labelled the first part is random. Scores are probabilities
    to be unlabelled, falling within each part.

    References
    ----------
    .. [1] Gissin & Shalev-Shwartz, "Discriminative active learning", 2019, section 3 and algorithm 1.
    """
    Z = read_embedding(learner, X_pool, embedding)
    known = read_embedding(learner, X_labeled, embedding)
    scaler = StandardScaler().fit(Z)
    Z, known = scaler.transform(Z), scaler.transform(known) if len(known) else np.empty((0, Z.shape[1]))
    left, picks, scores = np.arange(len(Z)), np.empty(0, dtype=np.intp), np.empty(0)
    for size in _part_sizes(n_instances, n_batches):
        labeled = np.concatenate([known, Z[picks]])
        unlabeled = Z[random_state.permutation(left)[: unlabeled_per_labeled * max(len(labeled), 1)]]
        chance = _chance_of_unlabeled(labeled, unlabeled, Z[left], C)
        part, part_scores = top_k(chance, size, random_state, random_tie_break=random_tie_break)
        picks, scores = np.concatenate([picks, left[part]]), np.concatenate([scores, part_scores])
        left = np.delete(left, part)
    return picks, scores


def _part_sizes(n: int, n_parts: int) -> list[int]:
    """At most n_parts parts that add up to n, the larger first."""
    return [len(part) for part in np.array_split(np.arange(n), min(n, n_parts))]


def _chance_of_unlabeled(labeled: NDArray[Any], unlabeled: NDArray[Any], Z: NDArray[Any], C: float) -> NDArray[Any]:
    if len(labeled) == 0:
        return np.ones(len(Z))
    X = np.concatenate([labeled, unlabeled])
    y = np.repeat([0, 1], [len(labeled), len(unlabeled)])
    model = LogisticRegression(C=C, class_weight="balanced", max_iter=1000).fit(X, y)
    return np.asarray(model.predict_proba(Z)[:, 1])
