"""Learning curves: their mean over trials, and the area under them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, stats

from skal.statistics._common import Floats, rising


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
    heights = np.asarray(values, dtype=np.float64)
    counts = rising(n_labels, heights, "area_under_curve")
    if len(counts) == 1:
        return np.asarray(heights[..., 0])
    return np.asarray(integrate.trapezoid(heights, counts, axis=-1) / (counts[-1] - counts[0]))


def mean_interval(values: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Mean over trials with a t interval.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One row a trial.
    level : float, default=0.95
        Coverage of the interval, at each point of a curve by itself.

    Returns
    -------
    mean, low, high : ndarray of shape (...)
        The interval is NaN with fewer than two trials.

    References
    ----------
    .. [1] Student, "The probable error of a mean", Biometrika 1908.

    Examples
    --------
    The interval knows only the spread it sees: equal values give no width, not certainty.

    >>> [float(number) for number in mean_interval([0.5, 0.5])]
    [0.5, 0.5, 0.5]
    """
    array = np.asarray(values, dtype=np.float64)
    n = len(array)
    mean = np.asarray(array.mean(axis=0))
    if n < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    half = stats.t.ppf(0.5 + level / 2, n - 1) * array.std(axis=0, ddof=1) / np.sqrt(n)
    return mean, mean - half, mean + half
