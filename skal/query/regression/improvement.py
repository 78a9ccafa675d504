"""Rows that may have the largest value of all: Bayesian optimisation over a pool."""

from __future__ import annotations

from typing import Any

from skal import scores
from skal.data import to_numpy
from skal.outputs import predicted_std, predictions
from skal.query.door.decorators import score_strategy
from skal.query.ranges import FINITE, at_least
from skal.query.regression.labeled_numbers import labeled_numbers


@score_strategy(reads=("prediction", "std"), ranges={"tradeoff": FINITE})
def max_EI(learner: Any, X_pool: Any, *, tradeoff: float = 0.0, y_labeled: Any = None) -> Any:
    """Pick the rows of the largest expected improvement over the best known value.

    Parameters
    ----------
    {common}
    tradeoff : float, default=0.0
        By how much a value must be larger to count, in the units of the target; more explores more.

    Returns
    -------
    {picks}

    Notes
    -----
    It looks for the largest value, not for a good model: `skal.scores.expected_improvement` of the predicted mean and
    standard deviation (`skal.outputs.predicted_std`) over the largest labelled value. Two passes of the model over
    the pool. The rows of a batch are picked one by one, so they may lie side by side.

    References
    ----------
    .. [1] Jones, Schonlau & Welch, "Efficient global optimization of expensive black-box functions", Journal of
       Global Optimization 13, 1998, equation 15.
    """
    mean, std = _read(learner, X_pool)
    return scores.expected_improvement(mean, std, _best(y_labeled), tradeoff=tradeoff)


@score_strategy(reads=("prediction", "std"), ranges={"tradeoff": FINITE})
def max_PI(learner: Any, X_pool: Any, *, tradeoff: float = 0.0, y_labeled: Any = None) -> Any:
    """Pick the rows that are most probably better than the best known value.

    Parameters
    ----------
    {common}
    tradeoff : float, default=0.0
        By how much a value must be larger to count, in the units of the target; at 0 rows beside the best one are
        asked for first.

    Returns
    -------
    {picks}

    Notes
    -----
    As `max_EI`, by `skal.scores.probability_of_improvement`.

    References
    ----------
    .. [1] Kushner, "A new method of locating the maximum point of an arbitrary multipeak curve in the presence of
       noise", Journal of Basic Engineering 86, 1964.
    """
    mean, std = _read(learner, X_pool)
    return scores.probability_of_improvement(mean, std, _best(y_labeled), tradeoff=tradeoff)


@score_strategy(reads=("prediction", "std"), ranges={"beta": at_least(0)})
def max_UCB(learner: Any, X_pool: Any, *, beta: float = 1.0) -> Any:
    """Pick the rows of the largest upper confidence bound: the predicted mean and some standard deviations.

    Parameters
    ----------
    {common}
    beta : float, default=1.0
        How many standard deviations; more explores more.

    Returns
    -------
    {picks}

    Notes
    -----
    As `max_EI`, by `skal.scores.upper_confidence_bound`; no labelled value is needed.

    References
    ----------
    .. [1] Srinivas, Krause, Kakade & Seeger, "Gaussian process optimization in the bandit setting", ICML 2010,
       equation 6 (there the square root of beta).
    """
    mean, std = _read(learner, X_pool)
    return scores.upper_confidence_bound(mean, std, beta=beta)


def _read(learner: Any, X_pool: Any) -> tuple[Any, Any]:
    std = predicted_std(learner, X_pool)  # first: it knows best what is missing
    return predictions(learner, X_pool), std


def _best(y_labeled: Any) -> float:
    """The largest labelled number; modAL's users have them in one column, too."""
    y = to_numpy(y_labeled)
    return float(labeled_numbers(y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y).max())
