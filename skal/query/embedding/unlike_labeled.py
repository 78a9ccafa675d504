"""Rows unlike the labelled ones, told in a second: by a forest of the two sets, and by the nearest labelled row."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import NearestNeighbors

from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import score_strategy
from skal.query.ranges import whole


@score_strategy(reads=("embedding",), ranges={"n_estimators": whole(), "min_samples_leaf": whole()})
def two_sample_sampling(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    n_estimators: int = 100,
    min_samples_leaf: int = 5,
    embedding: Any = None,
    random_state: Any = None,
) -> Any:
    """Pick rows that a forest, which tells labelled rows from unlabelled ones, is surest to be unlabelled.

    Parameters
    ----------
    {common}
    n_estimators : int, default=100
        Trees.
    min_samples_leaf : int, default=5
        Rows in a leaf at least: fewer find smaller groups, and are surer of single rows by chance.
    embedding : callable or transformer, default=None
        Gives the vectors that are classified; None: the transform steps of a Pipeline, an estimator's ``transform``,
        or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    A row is judged by the trees that were not grown on it (out of bag), both sets have the same weight, and the task
    model is not trained. It asks what VAAL's and SRAAL's discriminators ask, without their nets: compare them with it
    before a query that takes minutes. Time O(n_estimators n log n sqrt(d)) for n rows of pool and labels together,
    memory O(n d); 2000 rows of 64 numbers take a second. With nothing labelled all rows score the same.

    References
    ----------
    .. [1] Breiman, "Random forests", Machine Learning 45, 2001, section 3.1: out-of-bag estimates.
    .. [2] Gissin & Shalev-Shwartz, "Discriminative active learning", 2019: the same question to a net.
    """
    Z, known = read_embedding(learner, X_pool, embedding), read_embedding(learner, X_labeled, embedding)
    if not len(known):
        return np.zeros(len(Z))
    forest = RandomForestClassifier(
        n_estimators,
        min_samples_leaf=min_samples_leaf,
        class_weight="balanced",
        oob_score=True,
        random_state=int(random_state.randint(2**31 - 1)),
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Some inputs do not have OOB scores")  # they are read below
        forest.fit(np.concatenate([known, Z]), np.repeat([0, 1], [len(known), len(Z)]))
    scores = forest.oob_decision_function_[len(known) :, 1]
    in_every_tree = np.flatnonzero(~np.isfinite(scores))
    if len(in_every_tree):
        scores[in_every_tree] = forest.predict_proba(Z[in_every_tree])[:, 1]
    return scores


@score_strategy(reads=("embedding",))
def nearest_labeled_sampling(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
) -> Any:
    """Pick rows that are farthest from their nearest labelled row.

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors between which distances are taken; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    The first pick is that of `core_set`; the next ones do not keep away from it, so a batch may hold rows that are
    alike. As a score of single rows it is the simplest rival of a strategy that looks for what is new. Time O(n m d)
    for m labelled rows, memory O(n d). With nothing labelled all rows score the same.

    References
    ----------
    .. [1] Sener & Savarese, "Active learning for convolutional neural networks: a core-set approach", ICLR 2018,
       algorithm 1, its first step.
    """
    Z, known = read_embedding(learner, X_pool, embedding), read_embedding(learner, X_labeled, embedding)
    if not len(known):
        return np.zeros(len(Z))
    return NearestNeighbors(n_neighbors=1).fit(known).kneighbors(Z)[0][:, 0]
