"""Statistics of a comparison: curves, areas, paired differences, and what may be said of them.

Plain mathematics on arrays of shape (trials, rounds); imports nothing of skal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import integrate, stats

__all__ = ["Difference", "area_under_curve", "mean_interval", "paired_difference"]

Floats = NDArray[np.floating[Any]]
Verdict = Literal[
    "better than random", "worse than random", "not distinguishable from random", "too few trials to tell"
]


@dataclass(frozen=True)
class Difference:
    """A paired difference from the baseline.

    Attributes
    ----------
    mean : float
        Mean of the differences over trials.
    low, high : float
        Ends of the interval of that mean; NaN with fewer than two trials.
    verdict : str
        In words.
    """

    mean: float
    low: float
    high: float
    verdict: Verdict


def area_under_curve(n_labels: ArrayLike, values: ArrayLike) -> Floats:
    """Mean height of a learning curve: the area under it over its width.

    Parameters
    ----------
    n_labels : array-like of shape (rounds,)
        Label counts, rising.
    values : array-like of shape (..., rounds)
        Accuracy, or another metric, at each count.

    Returns
    -------
    ndarray of shape (...)
        In the units of the metric, by the trapezoidal rule; a single round gives its value.

    Examples
    --------
    >>> float(area_under_curve([10, 20, 40], [0.0, 1.0, 1.0]).round(4))
    0.8333
    """
    counts = np.asarray(n_labels, dtype=np.float64)
    heights = np.asarray(values, dtype=np.float64)
    if heights.shape[-1] != len(counts):
        raise ValueError(f"area_under_curve: values must have {len(counts)} rounds, got {heights.shape[-1]}.")
    if len(counts) == 1:
        return np.asarray(heights[..., 0])
    if (np.diff(counts) <= 0).any():
        raise ValueError(f"area_under_curve: n_labels must rise, got {counts.tolist()}.")
    return np.asarray(integrate.trapezoid(heights, counts, axis=-1) / (counts[-1] - counts[0]))


def mean_interval(values: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Mean over trials with a t interval.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One row a trial.
    level : float, default=0.95
        Coverage of the interval.

    Returns
    -------
    mean, low, high : ndarray of shape (...)
        The interval is NaN with fewer than two trials.

    References
    ----------
    .. [1] Student, "The probable error of a mean", Biometrika 1908.
    """
    array = np.asarray(values, dtype=np.float64)
    n = len(array)
    mean = np.asarray(array.mean(axis=0))
    if n < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    half = stats.t.ppf(0.5 + level / 2, n - 1) * array.std(axis=0, ddof=1) / np.sqrt(n)
    return mean, mean - half, mean + half


def paired_difference(values: ArrayLike, baseline: ArrayLike, level: float = 0.95) -> Difference:
    """Difference from the baseline, trial by trial, and whether it can be told from none.

    Parameters
    ----------
    values, baseline : array-like of shape (trials,)
        One number a trial, of the same trials.
    level : float, default=0.95
        Coverage of the t interval of the mean difference; the verdict is whether it leaves out zero.

    Returns
    -------
    Difference
        Its verdict has a false alarm with probability ``1 - level`` for each strategy compared.

    Examples
    --------
    >>> paired_difference([0.9, 0.92, 0.91], [0.8, 0.83, 0.8]).verdict
    'better than random'
    """
    first, second = np.asarray(values, dtype=np.float64), np.asarray(baseline, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"paired_difference: one number a trial is needed, got {first.shape} and {second.shape}.")
    mean, low, high = (float(number) for number in mean_interval(first - second, level))
    verdict: Verdict = "not distinguishable from random"
    if len(first) < 2:
        verdict = "too few trials to tell"
    elif low > 0:
        verdict = "better than random"
    elif high < 0:
        verdict = "worse than random"
    return Difference(mean, low, high, verdict)
