"""The wealth of bets against a mean of a finite pool: large wealth is evidence that the mean is another.

For a weighted mean theta of values in [0, 1] over N rows, the sum of w (v - theta) over all rows is zero. Rows come
in random order without replacement, so what the next row is expected to bring is known from the rows before it, and a
bet on it at fair odds gains nothing on average. Each bet may rest on the rows before, never on those to come.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from skal.statistics._common import Floats

_HORIZONS = (40, 300)  # rows at which the two bets that are mixed would be narrowest
_CAUTION = 0.6  # share of the wealth that one row can cost
_TINY = 1e-12


@dataclass(frozen=True)
class Draws:
    """Rows in the order in which they were drawn.

    Attributes
    ----------
    values, weights : ndarray of shape (n,)
        In [0, 1].
    population : int
        Rows of the pool, at least n.
    proxy : ndarray of shape (n,) or None
        A guess of the values that is known for every row of the pool.
    proxy_range : (float, float)
        Least and largest guess of the pool.
    proxy_mean : float
        Of the pool.
    """

    values: Floats
    weights: Floats
    population: int
    proxy: Floats | None = None
    proxy_range: tuple[float, float] = (0.0, 0.0)
    proxy_mean: float = 0.0

    def mirrored(self) -> Draws:
        """Return the draws of one less the values: an upper bound is a lower bound of these."""
        low, high = self.proxy_range
        proxy = None if self.proxy is None else -self.proxy
        return Draws(1 - self.values, self.weights, self.population, proxy, (-high, -low), -self.proxy_mean)


def wealth(draws: Draws, thetas: Floats, alpha: float) -> Floats:
    """Wealth of bets that the mean is above each theta, after each row.

    Parameters
    ----------
    draws : Draws
        The rows.
    thetas : ndarray of shape (g,)
        Means to bet against.
    alpha : float
        Error rate for which the bets are tuned; the wealth is fair for any.

    Returns
    -------
    ndarray of shape (n, g)
        If theta is the mean, it starts at 1 and gains nothing on average. It falls in theta. Infinite where the rows
        so far leave no room for theta.

    References
    ----------
    .. [1] Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024:
       equations (28), (29) for draws without replacement, section 4.2 for the size of the bets.
    .. [2] Angelopoulos, Duchi and Zrnic, "PPI++: Efficient prediction-powered inference", 2023: the power, here
       tuned on earlier rows alone.
    """
    v, w = draws.values, draws.weights
    left = draws.population - np.arange(len(v))
    seen, weight = _before(w * v), _before(w)
    expected = -(seen[:, None] - weight[:, None] * thetas) / left[:, None]
    surprise = w[:, None] * (v[:, None] - thetas) - expected
    room = thetas + expected  # the most that a row can fall below what is expected
    impossible = room < -_TINY
    room = np.maximum(room, _TINY)
    deviations = w * (v - (0.5 + np.cumsum(w * v)) / (1 + np.cumsum(w)))
    parts = _mixed(surprise, room, deviations, alpha)
    if draws.proxy is not None:
        mean_left = (draws.population * draws.proxy_mean - _before(draws.proxy)) / left
        power = _power(deviations, draws.proxy - draws.proxy_mean)
        news = power * (draws.proxy - mean_left)
        more = power * np.maximum(draws.proxy_range[1] - mean_left, 0.0)
        steady = deviations - power * (draws.proxy - draws.proxy_mean)
        parts += _mixed(surprise - news[:, None], room + more[:, None], steady, alpha)
    total: Floats = sum(parts[1:], parts[0]) / len(parts)
    total[np.maximum.accumulate(impossible, axis=0)] = np.inf
    return total


def _mixed(surprise: Floats, room: Floats, deviations: Floats, alpha: float) -> list[Floats]:
    """Wealth of a bet for each horizon; its size rests on the variance of the rows before."""
    n = len(deviations)
    variance = (0.25 + _before(deviations**2)) / np.arange(1, n + 1)
    bets = (np.sqrt(2 * math.log(2 / alpha) / (variance * horizon)) for horizon in _HORIZONS)
    with np.errstate(over="ignore"):  # infinite wealth is still wealth: no later bet can lose all of it
        return [np.cumprod(1 + np.minimum(bet[:, None], _CAUTION / room) * surprise, axis=0) for bet in bets]


def _power(deviations: Floats, proxy: Floats) -> Floats:
    """How far guesses are trusted at each row: the slope over the rows before, drawn towards none, from 0 to 1."""
    together, alone = _before(deviations * proxy), _before(proxy**2)
    steadying = 5 * alone / np.maximum(np.arange(len(proxy)), 1)
    return np.clip(together / np.maximum(alone + steadying, _TINY), 0.0, 1.0)


def _before(values: Floats) -> Floats:
    """Sums of what came before each row."""
    sums: Floats = np.concatenate([[0.0], np.cumsum(values)[:-1]])
    return sums
