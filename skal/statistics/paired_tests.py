"""Paired tests: whether a difference over trials is more than chance.

All are two-sided, and take one number a trial, or many columns of them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from skal.statistics._common import Floats, differences
from skal.statistics.effects import standardised

Test = Literal["t", "sign_flip", "wilcoxon"]

MOST_EXACT = 16  # trials up to which all 2**n flips are counted
_BLOCK = 2**22  # numbers held at once


@dataclass(frozen=True)
class PairedTest:
    """Result of a paired test.

    Attributes
    ----------
    statistic : ndarray of shape (...)
        Positive where the values are above the baseline.
    p_value : ndarray of shape (...)
        Two-sided.
    smallest : float
        The smallest p-value that this test can give with as many trials.
    """

    statistic: Floats
    p_value: Floats
    smallest: float


def paired_t_test(values: ArrayLike, baseline: ArrayLike = 0.0) -> PairedTest:
    """Paired t test: whether the mean difference is more than its spread allows by chance.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One number a trial, or columns of them.
    baseline : array-like of shape (trials, ...), default=0
        Of the same trials; 0: `values` are differences.

    Returns
    -------
    PairedTest
        The statistic is t, with ``trials - 1`` degrees of freedom.

    Notes
    -----
    Exact for normal differences. Defined everywhere: differences all zero give p = 1, and so does one trial.
    Equal nonzero differences have no spread to measure, so that only their signs are left: p is that of
    `sign_flip_test`, ``2**(1 - trials)``, not 0. On a small test set equal differences are no miracle.

    References
    ----------
    .. [1] Student, "The probable error of a mean", Biometrika 1908.

    Examples
    --------
    >>> float(paired_t_test([0.90, 0.92, 0.91], [0.80, 0.83, 0.80]).p_value.round(4))
    0.0033
    >>> float(paired_t_test([0.90, 0.90], [0.80, 0.80]).p_value)
    0.5
    """
    d = differences(values, baseline, "paired_t_test")
    n = len(d)
    if n == 1:
        return PairedTest(np.full(d.shape[1:], np.nan), np.ones(d.shape[1:]), 1.0)
    t = standardised(d) * np.sqrt(n)
    p = np.where(np.isinf(t), 2.0 ** (1 - n), 2 * stats.t.sf(np.abs(t), n - 1))
    return PairedTest(np.asarray(t), np.asarray(p), smallest_p_value("t", n))


def sign_flip_test(
    values: ArrayLike,
    baseline: ArrayLike = 0.0,
    *,
    n_resamples: int = 9999,
    random_state: int = 0,
) -> PairedTest:
    """Permutation test that flips signs: without an effect, each difference could as well be its negative.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One number a trial, or columns of them.
    baseline : array-like of shape (trials, ...), default=0
        Of the same trials; 0: `values` are differences.
    n_resamples : int, default=9999
        Flips drawn where there are more than 16 trials; the observed one is counted with them.
    random_state : int, default=0
        Draws the flips; the same input gives the same p.

    Returns
    -------
    PairedTest
        The statistic is the mean difference; p is the share of flips whose mean is at least as far from zero.

    Notes
    -----
    With up to 16 trials all ``2**trials`` flips are counted, and the p-value is exact whatever the
    distribution; beyond, p is ``(1 + as far) / (1 + n_resamples)`` [2]_. Memory is bounded; time
    O(2**min(trials, 16) trials) a column. The order of the trials does not matter. Differences all zero give
    p = 1; all of one sign give the smallest p, ``2**(1 - trials)``.

    References
    ----------
    .. [1] Fisher, "The design of experiments", 1935, section 21.
    .. [2] Phipson & Smyth, "Permutation p-values should never be zero", 2010, doi:10.2202/1544-6115.1585.

    Examples
    --------
    Five trials cannot reach 0.05, however clear they are.

    >>> float(sign_flip_test([0.9, 0.8, 0.9, 0.8, 0.9], [0.1, 0.2, 0.1, 0.2, 0.1]).p_value)
    0.0625
    """
    d = differences(values, baseline, "sign_flip_test")
    p = _share_of_flips(d, n_resamples, random_state)
    return PairedTest(np.asarray(d.mean(axis=0)), p, smallest_p_value("sign_flip", len(d), n_resamples))


def wilcoxon_test(
    values: ArrayLike,
    baseline: ArrayLike = 0.0,
    *,
    n_resamples: int = 9999,
    random_state: int = 0,
) -> PairedTest:
    """Wilcoxon signed-rank test: as the sign flips, on the ranks of the differences.

    Parameters
    ----------
    values : array-like of shape (trials, ...)
        One number a trial, or columns of them.
    baseline : array-like of shape (trials, ...), default=0
        Of the same trials; 0: `values` are differences.
    n_resamples : int, default=9999
        Flips drawn for columns with ties or zeros where there are more than 16 trials.
    random_state : int, default=0
        Draws the flips.

    Returns
    -------
    PairedTest
        The statistic is the sum of the signed ranks.

    Notes
    -----
    Zero differences are left out, ties share their mean rank. Without ties and zeros p is
    `scipy.stats.wilcoxon`'s: exact up to 50 trials, the normal approximation beyond. With them its tables do
    not hold: then the signed ranks are flipped, exactly with up to 16 trials. Differences all zero give p = 1.

    References
    ----------
    .. [1] Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1945, doi:10.2307/3001968.

    Examples
    --------
    >>> float(wilcoxon_test([1.0, 2.0, 3.0, 4.0, 5.0]).p_value)
    0.0625
    """
    d = differences(values, baseline, "wilcoxon_test")
    flat = d.reshape(len(d), -1)  # (trials, columns)
    heights = np.sort(np.abs(flat), axis=0)
    plain = (heights[0] > 0) & (np.diff(heights, axis=0) > 0).all(axis=0)  # no zeros, no ties
    ranks = np.sign(flat) * (stats.rankdata(np.abs(flat), axis=0) - (flat == 0).sum(axis=0))
    p = np.ones(flat.shape[1])
    if plain.any():
        p[plain] = stats.wilcoxon(flat[:, plain], axis=0).pvalue
    if not plain.all():
        p[~plain] = _share_of_flips(ranks[:, ~plain], n_resamples, random_state)
    statistic = ranks.sum(axis=0).reshape(d.shape[1:])
    return PairedTest(statistic, p.reshape(d.shape[1:]), smallest_p_value("wilcoxon", len(d)))


TESTS: dict[Test, Callable[[ArrayLike], PairedTest]] = {
    "t": paired_t_test,
    "sign_flip": sign_flip_test,
    "wilcoxon": wilcoxon_test,
}


def smallest_p_value(test: Test, n_trials: int, n_resamples: int = 9999) -> float:
    """Smallest p-value that a test can give, however clear the difference.

    Parameters
    ----------
    test : {"t", "sign_flip", "wilcoxon"}
        Which.
    n_trials : int
        At least 1.
    n_resamples : int, default=9999
        Flips that `sign_flip_test` draws with more than 16 trials.

    Returns
    -------
    float
        For t: 0 from two trials on, as a limit. For the others ``2**(1 - n_trials)``, or one of the drawn flips.

    Examples
    --------
    >>> [smallest_p_value("sign_flip", n) for n in (1, 3, 5, 6)]
    [1.0, 0.25, 0.0625, 0.03125]
    """
    checked_test(test, "smallest_p_value")
    if n_trials < 1:
        raise ValueError(f"smallest_p_value: n_trials must be at least 1, got {n_trials}.")
    if test == "t":
        return 1.0 if n_trials == 1 else 0.0
    if test == "sign_flip" and n_trials > MOST_EXACT:
        return 1 / (1 + n_resamples)
    return 2.0 ** (1 - n_trials)


def checked_test(test: Test, who: str) -> Test:
    """Return test, or raise if there is none of that name."""
    if test not in TESTS:
        raise ValueError(f"{who}: test must be one of {', '.join(map(repr, TESTS))}, got {test!r}.")
    return test


def _share_of_flips(d: Floats, n_resamples: int, random_state: int) -> Floats:
    """Share of the sign flips of (trials, ...) whose sum is at least as far from zero as the observed one."""
    n = len(d)
    flat = d.reshape(n, -1)
    observed = np.abs(flat.sum(axis=0))
    sizes = np.sort(np.abs(flat), axis=0)  # neither the order of the trials nor the observed signs matter
    if n <= MOST_EXACT:
        # The first half of all flips; the other half are their negatives.
        signs = 1.0 - 2.0 * ((np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1)
        extra = 0
    else:
        if n_resamples < 1:
            raise ValueError(f"n_resamples must be at least 1, got {n_resamples}.")
        signs = 1.0 - 2.0 * np.random.default_rng(random_state).integers(0, 2, size=(n_resamples, n))
        extra = 1
    step = max(1, _BLOCK // len(signs))
    as_far = [
        (np.abs(signs @ sizes[:, start : start + step]) >= observed[start : start + step]).sum(axis=0)
        for start in range(0, flat.shape[1], step)
    ]
    counts = np.concatenate([np.zeros(0), *as_far]).reshape(d.shape[1:])
    return np.asarray((counts + extra) / (len(signs) + extra))
