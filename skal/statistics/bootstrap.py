"""Bootstrap: an interval of the mean difference without a normal distribution."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from skal.statistics._common import Floats, checked_level, differences


def bootstrap_interval(
    values: ArrayLike,
    baseline: ArrayLike = 0.0,
    level: float = 0.95,
    *,
    method: Literal["percentile", "BCa"] = "BCa",
    n_resamples: int = 9999,
    random_state: int = 0,
) -> tuple[Floats, Floats, Floats]:
    """Mean difference with a paired bootstrap interval: whole trials are drawn again.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One number a trial, or columns of them.
    baseline : array-like of shape (trials, ...), default=0
        Of the same trials; 0: the interval is of the mean of `values`.
    level : float, default=0.95
        Coverage it aims at.
    method : {"BCa", "percentile"}, default="BCa"
        BCa corrects for bias and skew.
    n_resamples : int, default=9999
        Draws.
    random_state : int, default=0
        Draws the trials; the same input gives the same interval, in whatever order the trials come.

    Returns
    -------
    mean, low, high : ndarray of shape (...)
        The interval is NaN with one trial, and without width for equal differences.

    Notes
    -----
    With few trials it is too narrow: of five normal differences, 95 % percentile intervals cover about 83 %.
    Below some fifteen trials `mean_interval` of the differences is the safer one.

    References
    ----------
    .. [1] Efron, "Better bootstrap confidence intervals", JASA 1987, doi:10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> mean, low, high = bootstrap_interval([0.9, 0.8, 0.9, 0.7], [0.5, 0.5, 0.6, 0.5])
    >>> bool(0.2 < low < mean < high < 0.4), float(mean.round(3))
    (True, 0.3)
    """
    d = differences(values, baseline, "bootstrap_interval")
    if method not in ("percentile", "BCa"):
        raise ValueError(f"bootstrap_interval: method must be 'BCa' or 'percentile', got {method!r}.")
    level = checked_level(level, "bootstrap_interval")
    mean = np.asarray(d.mean(axis=0))
    if len(d) < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    flat = np.sort(d.reshape(len(d), -1), axis=0)  # the mean does not mind, and the order no longer matters
    low = mean.reshape(-1).copy()
    high = low.copy()
    varied = flat[0] < flat[-1]
    if varied.any():
        found = stats.bootstrap(
            (flat[:, varied],),
            np.mean,
            axis=0,
            vectorized=True,
            confidence_level=level,
            method=method,
            n_resamples=n_resamples,
            random_state=np.random.default_rng(random_state),
        ).confidence_interval
        low[varied], high[varied] = found.low, found.high
    return mean, low.reshape(mean.shape), high.reshape(mean.shape)
