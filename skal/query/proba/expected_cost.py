"""Uncertainty where errors cost unlike amounts: the expected cost of answers takes the place of probabilities."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal import scores
from skal.error_costs import ErrorCosts
from skal.outputs import InvalidOutput, proba, task_model
from skal.query.door.decorators import score_strategy
from skal.query.door.docs import Reduction


@score_strategy(reads=("proba",))
def expected_cost_sampling(
    learner: Any, X_pool: Any, *, costs: Any = None, reduction: Reduction = "mean"
) -> NDArray[Any]:
    """Pick the rows whose cheapest answer is expected to cost most.

    Parameters
    ----------
    {common}
    costs : ErrorCosts, or what `skal.error_costs.ErrorCosts.read` takes, default=None
        A row for each true class, a column for each answer; a path of a CSV file too. None: each error costs 1, and
        this is `uncertainty_sampling`. In a comparison with costs they are those of the comparison.
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    `skal.scores.least_expected_cost`. One pass of the model over the pool; memory of one block of it. Probabilities
    must mean what they say: compare their calibration (``ece``). With logistic regression on five tables and 20 to 80
    labels it was better than random, by cost, on none, and worse on one.

    References
    ----------
    .. [1] Elkan, "The foundations of cost-sensitive learning", IJCAI 2001, equation 1.
    .. [2] Margineantu, "Active cost-sensitive learning", IJCAI 2005.
    """
    return _scored(learner, X_pool, scores.least_expected_cost, costs, reduction)


@score_strategy(reads=("proba",))
def cost_margin_sampling(
    learner: Any, X_pool: Any, *, costs: Any = None, reduction: Reduction = "mean"
) -> NDArray[Any]:
    """Pick the rows whose two cheapest answers are nearest to each other in expected cost.

    Parameters
    ----------
    {common}
    costs : ErrorCosts, or what `skal.error_costs.ErrorCosts.read` takes, default=None
        A row for each true class, a column for each answer; a path of a CSV file too. None: each error costs 1, and
        this is `margin_sampling`. In a comparison with costs they are those of the comparison.
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    `skal.scores.cost_margin`: rows at the boundary of decisions, which costs have moved. One pass of the model over
    the pool; memory of one block of it.

    References
    ----------
    .. [1] Chen & Lin, "Active learning for multiclass cost-sensitive classification using probabilistic models",
       TAAI 2013, cost-weighted minimum margin.
    """
    return _scored(learner, X_pool, scores.cost_margin, costs, reduction)


def costs_of(costs: Any, classes: Any) -> NDArray[np.float64]:
    """Return costs of classes in their order; 1 for each error where nothing is said of costs.

    Parameters
    ----------
    costs : object or None
        As `ErrorCosts.read` takes it.
    classes : sequence
        Labels.

    Raises
    ------
    InvalidOutput
        If a class of the model has no costs.
    """
    if costs is None:
        return 1.0 - np.eye(len(classes))
    try:
        return ErrorCosts.read(costs).of(classes)
    except ValueError as error:
        raise InvalidOutput(str(error)) from error


def _scored(learner: Any, X_pool: Any, score: Any, costs: Any, reduction: Reduction) -> NDArray[Any]:
    def by_costs(P: Any) -> Any:
        classes = getattr(task_model(learner), "classes_", None)
        classes = np.arange(P.shape[1]) if classes is None else classes
        return functools.partial(score, reduction=reduction)(P, costs_of(costs, classes))

    found: NDArray[Any] = proba(learner, X_pool, then=by_costs)
    return found
