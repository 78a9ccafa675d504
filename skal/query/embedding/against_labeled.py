"""Rows unlike the labelled ones to a classifier of the two sets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import query_strategy
from skal.query.ranges import above, whole
from skal.selection import top_k


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
