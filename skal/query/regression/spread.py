"""Rows of whose number a model, or a committee, is least sure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skal import scores
from skal.outputs import committee_predictions, predicted_std
from skal.query.door.decorators import score_strategy


@score_strategy(reads=("std",))
def max_std_sampling(learner: Any, X_pool: Any, *, std: Callable[[Any, Any], Any] | None = None) -> Any:
    """Pick the rows of the largest predictive standard deviation.

    Parameters
    ----------
    {common}
    std : callable, default=None
        Used instead of what the model says: ``std(model, X_block)`` of the fitted task model, one number a row.

    Returns
    -------
    {picks}

    Notes
    -----
    Read from ``predict(X, return_std=True)`` of the model (GaussianProcessRegressor, BayesianRidge), from its
    ``predict_std``, from the spread of the members of a committee, forest or bag, or from two quantiles, see
    `skal.outputs.predicted_std`. One pass of the model, or of every member, over the pool. A batch is of rows that
    are unsure one by one: a Gaussian process is unsure of neighbours at once, and then `bmdal` with
    ``selection="max_det"`` wastes fewer labels.

    References
    ----------
    .. [1] Seo, Wallat, Graepel & Obermayer, "Gaussian process regression: active data selection and test point
       rejection", IJCNN 2000, equation 7 (MacKay's criterion).
    """
    return predicted_std(learner, X_pool, std)


@score_strategy(reads=("committee_prediction",))
def committee_variance_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows on whose number the members of a committee differ most, in variance.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    Query by committee for numbers. The learner is a CommitteeRegressor, a list of fitted regressors, a forest, or a
    bag such as ``BaggingRegressor(Ridge())``, whose members differ by the rows that they were trained on. One pass of
    every member over the pool. In six studies of bags of linear models, 20 trials each
    (docs/results/regression.md), it was worse than random sampling in three and better in none.

    References
    ----------
    .. [1] RayChaudhuri & Hamey, "Minimisation of data collection by active learning", ICNN 1995.
    .. [2] Burbidge, Rowland & King, "Active learning for regression based on query by committee", IDEAL 2007.
    """
    return committee_predictions(learner, X_pool, then=scores.prediction_variance)
