"""Intervals for a mean over a pool from a number of rows that was fixed before the first was looked at."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from skal.statistics._betting import Draws
from skal.statistics._common import checked_level
from skal.statistics.pool_interval import PoolInterval, checked_population, draws_of

_FEWEST = 10  # rows from which guesses are trusted
_LEAST_LEFT = 0.01  # no guesses are believed to leave less of the variance


def hypergeometric_interval(n_hits: int, n: int, population: int, *, level: float = 0.95) -> PoolInterval:
    """Exact interval for the share of hits in a finite pool, from a sample of fixed size without replacement.

    Parameters
    ----------
    n_hits, n : int
        Hits among the rows that were drawn, and how many were drawn.
    population : int
        Rows of the pool, those that were drawn among them.
    level : float, default=0.95
        Coverage, at least.

    Returns
    -------
    PoolInterval
        Shares that the two one-sided tests at ``(1 - level) / 2`` do not reject.

    Notes
    -----
    For a large pool it is Clopper and Pearson's interval.

    References
    ----------
    .. [1] Buonaccorsi, "A note on confidence intervals for proportions in finite populations", The American
       Statistician 41, 1987.

    Examples
    --------
    >>> from skal.statistics import hypergeometric_interval
    >>> found = hypergeometric_interval(90, 100, population=2000)
    >>> print(f"{found.estimate:.2f} [{found.low:.3f}, {found.high:.3f}]")
    0.90 [0.826, 0.950]
    """
    who = "hypergeometric_interval"
    tail = (1 - checked_level(level, who)) / 2
    if not 0 <= n_hits <= n:
        raise ValueError(f"{who}: n_hits must be from 0 to n, got {n_hits} of {n}.")
    size = checked_population(population, n, who)
    if n == 0:
        return PoolInterval(math.nan, 0.0, 1.0, 0, size, level)
    low = _first_count(lambda hits: stats.hypergeom.sf(n_hits - 1, size, hits, n) > tail, n_hits, size - (n - n_hits))
    high = size - _first_count(
        lambda misses: stats.hypergeom.sf(n - n_hits - 1, size, misses, n) > tail, n - n_hits, size - n_hits
    )
    return PoolInterval(n_hits / n, low / size, high / size, n, size, level)


def fixed_interval(
    values: ArrayLike,
    population: int,
    *,
    proxy: ArrayLike | None = None,
    pool_proxy: ArrayLike | None = None,
    level: float = 0.95,
) -> PoolInterval:
    """Interval for a mean over a finite pool, from a number of rows that was fixed before the first was looked at.

    It is narrower than `skal.statistics.anytime_interval`, and wrong more often than it says if one looks while rows
    come in, and stops when one likes what one sees.

    Parameters
    ----------
    values : array-like of shape (n,)
        Numbers in [0, 1] of the rows drawn.
    population : int
        Rows of the pool, those that were drawn among them.
    proxy, pool_proxy : array-like of shape (n,) and (population,), default=None
        Guesses of the values for the rows drawn and for all rows; see `skal.statistics.anytime_interval`. Used from
        10 rows on.
    level : float, default=0.95
        Coverage: at least that of hits and misses without guesses, about that of others.

    Returns
    -------
    PoolInterval
        Of hits and misses `skal.statistics.hypergeometric_interval`; with guesses Wilson's interval of as many rows
        as would give the variance that guesses leave; of other numbers Student's t.

    Raises
    ------
    ValueError
        If numbers are outside of [0, 1], not finite, or do not fit each other.

    References
    ----------
    .. [1] Angelopoulos, Duchi and Zrnic, "PPI++: Efficient prediction-powered inference", 2023, section 6: the power.
    .. [2] Cochran, "Sampling techniques", 1977, section 7.3: the regression estimator, the same for a finite pool.
    """
    who = "fixed_interval"
    checked_level(level, who)
    draws = draws_of(values, population, None, proxy, pool_proxy, who)
    v, n, size = draws.values, len(draws.values), draws.population
    is_binary = bool(np.isin(v, (0.0, 1.0)).all())
    if is_binary and (draws.proxy is None or n < _FEWEST):
        return hypergeometric_interval(int(v.sum()), n, size, level=level)
    if n < 2:
        return PoolInterval(float(v.mean()), 0.0, 1.0, n, size, level)
    mean, share_left = _corrected(draws) if draws.proxy is not None and n >= _FEWEST else (float(v.mean()), 1.0)
    unseen = 1 - n / size
    if unseen == 0:
        return PoolInterval(float(v.mean()), float(v.mean()), float(v.mean()), n, size, level)
    if is_binary:
        low, high = _wilson(mean, n / (share_left * unseen), level)
    else:
        half = stats.t.ppf((1 + level) / 2, n - 1) * math.sqrt(v.var(ddof=1) * share_left * unseen / n)
        low, high = max(mean - half, 0.0), min(mean + half, 1.0)
    return PoolInterval(mean, low, high, n, size, level)


def _corrected(draws: Draws) -> tuple[float, float]:
    """The mean corrected by guesses, and the share of the variance that they leave."""
    v, f = draws.values, np.asarray(draws.proxy)
    mean = float(v.mean())
    together = float(((v - mean) * (f - f.mean())).sum())
    alone = float(((f - f.mean()) ** 2).sum())
    power = min(max(together / alone, 0.0), 1.0) if alone > 0 else 0.0
    rest = v - mean - power * (f - f.mean())
    spread = float(((v - mean) ** 2).sum())
    left = 1.0 if spread == 0 else float((rest**2).sum()) / spread * (len(v) - 1) / (len(v) - 2)
    corrected = mean - power * (float(f.mean()) - draws.proxy_mean)
    return min(max(corrected, 0.0), 1.0), min(max(left, _LEAST_LEFT), 1.0)


def _wilson(share: float, n: float, level: float) -> tuple[float, float]:
    z = float(stats.norm.ppf((1 + level) / 2))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _first_count(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest count from low to high for which something holds, that holds from there on."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
