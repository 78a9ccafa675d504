"""Greedy sampling: rows that are unlike all labelled ones, in features, in what is predicted of them, or in both."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import n_rows
from skal.outputs import embedding as read_embedding
from skal.outputs import predictions
from skal.query.door.decorators import query_strategy
from skal.query.regression.labeled_numbers import labeled_numbers
from skal.selection import greedy_product, k_center


@query_strategy(reads=("embedding",))
def gsx(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each the farthest in features from all labelled and picked rows (GSx).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors in which distances are taken; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features. The authors standardise columns: put a StandardScaler before the model.

    Returns
    -------
    {picks}

    Notes
    -----
    The picks are those of `core_set` but for the first row of all: where nothing is labelled that is the one nearest
    to the mean of the pool. The model is not asked. Time O(n (m + n_instances) d) for m labelled rows at most; memory
    O(n d). Scores are distances when picked.

    References
    ----------
    .. [1] Yu & Kim, "Passive sampling for regression", ICDM 2010.
    .. [2] Wu, Lin & Huang, "Active learning for regression using greedy sampling", Information Sciences 2019,
       algorithm 1.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding) if n_rows(X_labeled) else Z[:0]
    options = {"random_state": random_state, "random_tie_break": random_tie_break}
    if len(centers):
        return k_center(Z, n_instances, centers, **options)
    from_mean = np.linalg.norm(Z - Z.mean(axis=0), axis=1)
    nearest = np.flatnonzero(from_mean == from_mean.min())
    first = int(random_state.choice(nearest)) if random_tie_break else int(nearest[0])
    others = np.delete(np.arange(len(Z)), first)
    if n_instances == 1:
        return [first], [0.0]
    picks, distances = k_center(Z[others], n_instances - 1, Z[[first]], **options)
    return np.concatenate([[first], others[picks]]), np.concatenate([distances[:1], distances])


@query_strategy(reads=("prediction",))
def gsy(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    y_labeled: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each of the predicted number farthest from all that are known or picked (GSy).

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    The number of a row that was picked is taken to be the one predicted until its label is there. One pass of the
    model over the pool. Scores are distances when picked, in the units of the target. In twelve studies of 20
    trials (docs/results/regression.md) it was worse than random sampling in four and better in one.

    References
    ----------
    .. [1] Wu, Lin & Huang, "Active learning for regression using greedy sampling", Information Sciences 2019,
       algorithm 2.
    """
    known = labeled_numbers(y_labeled)
    predicted = predictions(learner, X_pool)
    return k_center(predicted[:, None], n_instances, known[:, None], random_state, random_tie_break=random_tie_break)


@query_strategy(reads=("prediction", "embedding"))
def igs(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each the farthest from all known rows in features times predicted number (iGS).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors in which distances are taken; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features. The authors standardise columns: put a StandardScaler before the model.

    Returns
    -------
    {picks}

    Notes
    -----
    The score of a row is the smallest, over the labelled and picked rows, of the distance in features times the
    distance of its predicted number from theirs, of picked rows the predicted one too. One pass of the model over the
    pool, and O(n (m + n_instances) d) for m labelled rows. In twelve studies of 20 trials
    (docs/results/regression.md) it was worse than random sampling in five and better in one.

    References
    ----------
    .. [1] Wu, Lin & Huang, "Active learning for regression using greedy sampling", Information Sciences 2019,
       algorithm 3.
    """
    known = labeled_numbers(y_labeled)
    predicted = predictions(learner, X_pool)
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    return greedy_product(Z, predicted, n_instances, centers, known, random_state, random_tie_break=random_tie_break)
