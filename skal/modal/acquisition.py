"""Bayesian optimisation, as `modAL.acquisition`."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError

from skal import query, scores
from skal.data import n_rows
from skal.modal._forms import Array, in_modals_form

__all__ = ["EI", "PI", "UCB", "max_EI", "max_PI", "max_UCB", "optimizer_EI", "optimizer_PI", "optimizer_UCB"]

max_EI = in_modals_form(query.max_EI, __name__)
max_PI = in_modals_form(query.max_PI, __name__)
max_UCB = in_modals_form(query.max_UCB, __name__)


def PI(mean: Any, std: Any, max_val: float, tradeoff: float) -> Array:
    """Probability of improvement: `skal.scores.probability_of_improvement`."""
    return scores.probability_of_improvement(mean, std, max_val, tradeoff=tradeoff)


def EI(mean: Any, std: Any, max_val: float, tradeoff: float) -> Array:
    """Expected improvement: `skal.scores.expected_improvement`."""
    return scores.expected_improvement(mean, std, max_val, tradeoff=tradeoff)


def UCB(mean: Any, std: Any, beta: float) -> Array:
    """Upper confidence bound: `skal.scores.upper_confidence_bound`."""
    return scores.upper_confidence_bound(mean, std, beta=beta)


def optimizer_PI(optimizer: Any, X: Any, tradeoff: float = 0) -> Array:
    """Probability that rows improve on the optimizer's best value.

    Parameters
    ----------
    optimizer : BayesianOptimizer
        With ``predict(X, return_std=True)`` and ``y_max``.
    X : container of n rows
        Read at once.
    tradeoff : float, default=0
        By how much a value must be larger to count.

    Returns
    -------
    ndarray of shape (n,)
        Of an optimizer that is not fitted modAL's answer: that of mean 0 and standard deviation 1, in one column.
    """
    return PI(*_mean_and_std(optimizer, X), optimizer.y_max, tradeoff)


def optimizer_EI(optimizer: Any, X: Any, tradeoff: float = 0) -> Array:
    """By how much rows are expected to improve on the optimizer's best value; parameters as of `optimizer_PI`."""
    return EI(*_mean_and_std(optimizer, X), optimizer.y_max, tradeoff)


def optimizer_UCB(optimizer: Any, X: Any, beta: float = 1) -> Array:
    """Upper confidence bounds of rows: the mean and `beta` deviations; other parameters as of `optimizer_PI`."""
    return UCB(*_mean_and_std(optimizer, X), beta)


def _mean_and_std(optimizer: Any, X: Any) -> tuple[Array, Array]:
    try:
        mean, std = optimizer.predict(X, return_std=True)
    except NotFittedError:
        return np.zeros((n_rows(X), 1)), np.ones((n_rows(X), 1))
    return np.reshape(mean, -1), np.reshape(std, -1)
