"""Effect sizes: how large a paired difference is, in words other than p."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from skal.statistics._common import Floats, differences


def cohen_dz(values: ArrayLike, baseline: ArrayLike = 0.0) -> Floats:
    """Mean difference in standard deviations of the differences.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One number a trial, or columns of them.
    baseline : array-like of shape (trials, ...), default=0
        Of the same trials; 0: `values` are differences.

    Returns
    -------
    ndarray of shape (...)
        NaN with one trial; differences all zero: 0; equal nonzero differences: infinite.

    References
    ----------
    .. [1] Cohen, "Statistical power analysis for the behavioral sciences", 1988, section 2.3.5.

    Examples
    --------
    >>> float(cohen_dz([1.0, 2.0, 3.0]))
    2.0
    """
    return standardised(differences(values, baseline, "cohen_dz"))


def hedges_gz(values: ArrayLike, baseline: ArrayLike = 0.0) -> Floats:
    """`cohen_dz` without its bias: with few trials that is too large (by a quarter with five).

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One number a trial, or columns of them.
    baseline : array-like of shape (trials, ...), default=0
        Of the same trials; 0: `values` are differences.

    Returns
    -------
    ndarray of shape (...)
        NaN with fewer than three trials, where no correction exists.

    References
    ----------
    .. [1] Hedges, "Distribution theory for Glass's estimator of effect size and related estimators", 1981,
       equation 6e, doi:10.3102/10769986006002107.

    Examples
    --------
    >>> float(hedges_gz([1.0, 2.0, 3.0]).round(4))
    1.1284
    """
    d = differences(values, baseline, "hedges_gz")
    df = len(d) - 1
    if df < 2:
        return np.full(d.shape[1:], np.nan)
    factor = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2)
    return np.asarray(factor * standardised(d))


def probability_of_superiority(values: ArrayLike, baseline: ArrayLike = 0.0) -> Floats:
    """Share of the trials that are won; a tie is half a win.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One number a trial, or columns of them.
    baseline : array-like of shape (trials, ...), default=0
        Of the same trials; 0: `values` are differences.

    Returns
    -------
    ndarray of shape (...)
        In [0, 1]; 0.5 is no superiority.

    References
    ----------
    .. [1] Grissom & Kim, "Effect sizes for research", 2012, chapter 5.

    Examples
    --------
    >>> float(probability_of_superiority([0.9, 0.8, 0.7, 0.6], [0.8, 0.8, 0.6, 0.7]))
    0.625
    """
    d = differences(values, baseline, "probability_of_superiority")
    return np.asarray((1 + np.sign(d).mean(axis=0)) / 2)


def standardised(d: Floats) -> Floats:
    """Mean over standard deviation of (trials, ...); equal differences: 0 if zero, else infinite."""
    if len(d) < 2:
        return np.full(d.shape[1:], np.nan)
    mean = d.mean(axis=0)
    spread = d.std(axis=0, ddof=1)  # exactly 0 for equal differences: see `differences`
    flat = np.where(mean == 0, 0.0, np.copysign(np.inf, mean))
    return np.asarray(np.divide(mean, spread, out=flat, where=spread > 0))
