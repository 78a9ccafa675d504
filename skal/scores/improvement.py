"""Scores of predicted numbers that look for the largest one: Bayesian optimisation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from skal.scores._common import Floats

__all__ = ["expected_improvement", "probability_of_improvement", "upper_confidence_bound"]


def expected_improvement(mean: ArrayLike, std: ArrayLike, best: float, *, tradeoff: float = 0.0) -> Floats:
    """Mean of what a normally distributed value has above the best one known.

    Parameters
    ----------
    mean, std : array-like of one shape
        Of the predicted values; `std` at least 0.
    best : float
        The largest value known.
    tradeoff : float, default=0.0
        By how much a value must be larger to count, in the units of the values; more explores more.

    Returns
    -------
    ndarray
        At least 0, of the shape of `mean`: ``g * Phi(g / std) + std * phi(g / std)`` with the gain
        ``g = mean - best - tradeoff``; ``max(g, 0)`` where `std` is 0.

    References
    ----------
    .. [1] Jones, Schonlau & Welch, "Efficient global optimization of expensive black-box functions", Journal of
       Global Optimization 13, 1998, equation 15.

    Examples
    --------
    >>> expected_improvement([0.0, 2.0, 2.0], [1.0, 1.0, 0.0], best=1.0).round(4).tolist()
    [0.0833, 1.0833, 1.0]
    """
    gain, sigma = _gain(mean, std, best, tradeoff, "expected_improvement")
    z = gain / np.where(sigma > 0, sigma, 1.0)
    density = np.exp(-0.5 * np.square(z)) / math.sqrt(2.0 * math.pi)
    return np.asarray(np.where(sigma > 0, np.maximum(gain * ndtr(z) + sigma * density, 0.0), np.maximum(gain, 0.0)))


def probability_of_improvement(mean: ArrayLike, std: ArrayLike, best: float, *, tradeoff: float = 0.0) -> Floats:
    """Probability that a normally distributed value is above the best one known.

    Parameters
    ----------
    mean, std : array-like of one shape
        Of the predicted values; `std` at least 0.
    best : float
        The largest value known.
    tradeoff : float, default=0.0
        By how much a value must be larger to count, in the units of the values; at 0 rows beside the best one are
        asked for first.

    Returns
    -------
    ndarray
        In [0, 1], of the shape of `mean`; where `std` is 0, whether the mean is larger.

    References
    ----------
    .. [1] Kushner, "A new method of locating the maximum point of an arbitrary multipeak curve in the presence of
       noise", Journal of Basic Engineering 86, 1964.

    Examples
    --------
    >>> probability_of_improvement([1.0, 2.0, 2.0], [1.0, 1.0, 0.0], best=1.0).round(4).tolist()
    [0.5, 0.8413, 1.0]
    """
    gain, sigma = _gain(mean, std, best, tradeoff, "probability_of_improvement")
    return np.asarray(np.where(sigma > 0, ndtr(gain / np.where(sigma > 0, sigma, 1.0)), gain > 0))


def upper_confidence_bound(mean: ArrayLike, std: ArrayLike, *, beta: float = 1.0) -> Floats:
    """Mean of a predicted value, and some standard deviations.

    Parameters
    ----------
    mean, std : array-like of one shape
        Of the predicted values; `std` at least 0.
    beta : float, default=1.0
        How many standard deviations; more explores more.

    Returns
    -------
    ndarray
        ``mean + beta * std``, of the shape of `mean`.

    References
    ----------
    .. [1] Srinivas, Krause, Kakade & Seeger, "Gaussian process optimization in the bandit setting", ICML 2010,
       equation 6 (there the square root of beta).

    Examples
    --------
    >>> upper_confidence_bound([0.0, 1.0], [2.0, 0.5], beta=2.0).tolist()
    [4.0, 2.0]
    """
    mu, sigma = _checked(mean, std, "upper_confidence_bound")
    _check_number("beta", beta, "upper_confidence_bound")
    return np.asarray(mu + beta * sigma)


def _gain(mean: ArrayLike, std: ArrayLike, best: float, tradeoff: float, who: str) -> tuple[Floats, Floats]:
    mu, sigma = _checked(mean, std, who)
    _check_number("best", best, who)
    _check_number("tradeoff", tradeoff, who)
    return mu - best - tradeoff, sigma


def _checked(mean: ArrayLike, std: ArrayLike, who: str) -> tuple[Floats, Floats]:
    mu: Floats = np.asarray(mean, dtype=np.float64)
    sigma: Floats = np.asarray(std, dtype=np.float64)
    if mu.shape != sigma.shape:
        raise ValueError(f"{who}: mean and std must have one shape, got {mu.shape} and {sigma.shape}.")
    for name, values in (("mean", mu), ("std", sigma)):
        if not np.isfinite(values).all():
            raise ValueError(f"{who}: {name} must be finite, got NaN or infinity.")
    if (sigma < 0).any():
        raise ValueError(f"{who}: std must be at least 0, got {sigma.min():.4g}.")
    return mu, sigma


def _check_number(name: str, value: float, who: str) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{who}: {name} must be a finite number, got {value!r}.")
