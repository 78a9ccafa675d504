"""ALCE: rows that lie far from every class in a space in which distances are costs of errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from skal import scores
from skal.cloning import fresh
from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import score_strategy
from skal.query.embedding.kernel_ridge import KernelRidge, spread_gamma
from skal.query.embedding.labeled_classes import labeled_classes
from skal.query.proba.expected_cost import costs_of
from skal.query.ranges import whole


@score_strategy(reads=("embedding",), ranges={"n_components": whole()})
def cost_embedding_sampling(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    costs: Any = None,
    regressor: Any = None,
    n_components: int | None = None,
    metric: bool = False,
    embedding: Any = None,
    random_state: Any = None,
) -> Any:
    """Pick rows whose place among the classes, in a space of costs, is the farthest from any answer (ALCE).

    Parameters
    ----------
    {common}
    costs : ErrorCosts, or what `skal.error_costs.ErrorCosts.read` takes, default=None
        A row for each true class, a column for each answer; a path of a CSV file too. None: each error costs 1. In a
        comparison with costs they are those of the comparison.
    regressor : estimator, default=None
        Learns a coordinate of the space from the labelled rows, a copy of it each, as scikit-learn's ``SVR()`` in the
        authors' code; None: kernel ridge regression with a Gaussian kernel, whose gamma is one over the sum of the
        columns' variances, and ridge 1.
    n_components : int, default=None
        Dimensions of the space; None: as many as classes.
    metric : bool, default=False
        Whether distances in the space are to be the costs; else they are ordered as the costs are.
    embedding : callable or transformer, default=None
        Gives the vectors that the regressors read; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    `skal.scores.cost_embedding` places each class as a truth and as an answer. Regressors learn the place of its
    truth from a row; the answer nearest to the place predicted is the cheapest one, and the distance to it is the
    score. The task model is not asked. Time: the embedding (once), `n_components` fits to the labelled rows, and
    their predictions for the pool; memory O(n d).

    References
    ----------
    .. [1] Huang & Lin, "A novel uncertainty sampling algorithm for cost-sensitive multiclass active learning",
       ICDM 2016, algorithm 1.
    """
    columns, classes = labeled_classes(learner, y_labeled)
    truths, answers = scores.cost_embedding(costs_of(costs, classes), n_components=n_components, metric=metric)
    Z = read_embedding(learner, X_pool, embedding).astype(np.float64)
    known = read_embedding(learner, X_labeled, embedding).astype(np.float64)
    if regressor is None:
        predicted = KernelRidge(known, truths[columns], spread_gamma(Z, known), 1.0).predict(Z)
    else:
        seed = int(random_state.randint(2**31 - 1))
        of_each = [fresh(regressor, seed).fit(known, column) for column in truths[columns].T]
        predicted = np.column_stack([one.predict(Z) for one in of_each])
    return cdist(predicted, answers).min(axis=1)
