"""Intervals for a mean over a pool that hold however often, and whenever, one looks (confidence sequences)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._betting import Draws, wealth
from skal.statistics._common import Floats, checked_level
from skal.statistics.pool_interval import PoolInterval, checked_population, draws_of, in_unit

_POINTS = 33  # of a grid, each of which is laid into a cell of the one before
_GRIDS = 3
_CELLS = 200  # of the grid for means of several ratios
_TUNED_FOR = 0.05  # error rate for which the bets of e-values are sized
_LARGEST = 1e11  # wealth beyond which it is no longer told apart


def anytime_interval(
    values: ArrayLike,
    population: int,
    *,
    weights: ArrayLike | None = None,
    proxy: ArrayLike | None = None,
    pool_proxy: ArrayLike | None = None,
    level: float = 0.95,
) -> PoolInterval:
    """Interval for a mean over a finite pool that is valid at any number of rows.

    The rows are the first of a random permutation of the pool. Look after each row, and stop when you like: the
    intervals of all looks hold together with the probability `level`.

    Parameters
    ----------
    values : array-like of shape (n,)
        Numbers in [0, 1] of the rows in the order in which they were drawn, such as 1 where a model is right.
    population : int
        Rows of the pool, those that were drawn among them.
    weights : array-like of shape (n,), default=None
        Numbers in [0, 1] known with the values; the mean is then ``sum(w v) / sum(w)`` over the pool. With 1 for the
        rows of a class it is the recall of that class; 0 is for a row that counts for nothing. None: 1 for all.
    proxy : array-like of shape (n,), default=None
        Guesses in [0, 1] of the values, such as the probability of the predicted class. They may be wrong: they
        narrow the interval where they are right, and cost little where they are not.
    pool_proxy : array-like of shape (population,), default=None
        The same for all rows of the pool.
    level : float, default=0.95
        Coverage.

    Returns
    -------
    PoolInterval
        Between 0 and 1; all of it where nothing was drawn. It is exact, not asymptotic, and of width zero once
        every row was drawn.

    Raises
    ------
    ValueError
        If numbers are outside of [0, 1], not finite, or do not fit each other.

    Notes
    -----
    Two bets for each side, tuned for 40 and for 300 rows, and the same with guesses; the interval holds the means
    against which the bets together have never earned ``2 / (1 - level)`` times their stake. The power of the guesses
    is tuned on earlier rows alone, and half of the stake is bet without them. 20 ms for 600 rows, 50 with guesses.

    References
    ----------
    .. [1] Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024,
       section 5: hedged capital without replacement.
    .. [2] Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, "Prediction-powered inference", Science 382, 2023.

    Examples
    --------
    A model was right in 90 of 100 rows of a pool of 2000. Without a correction for looking often, the exact interval
    would be 0.83 to 0.95:

    >>> import numpy as np
    >>> from skal.statistics import anytime_interval
    >>> right = np.tile([1, 1, 1, 1, 1, 1, 1, 1, 1, 0], 10)
    >>> found = anytime_interval(right, population=2000)
    >>> print(f"{found.estimate:.2f} [{found.low:.2f}, {found.high:.2f}]")
    0.90 [0.81, 0.96]
    """
    who = "anytime_interval"
    alpha = 1 - checked_level(level, who)
    draws = draws_of(values, population, weights, proxy, pool_proxy, who)
    n = len(draws.values)
    if n == 0:
        return PoolInterval(math.nan, 0.0, 1.0, 0, draws.population, level)

    def never_so_rich(side: Draws) -> Callable[[Floats], Floats]:
        return lambda thetas: wealth(side, thetas, alpha).max(axis=0) < 2 / alpha

    low = _first_true(never_so_rich(draws))
    high = 1 - _first_true(never_so_rich(draws.mirrored()))
    known_low, known_high = _bounds_if_the_rest_were_known(draws)
    low, high = max(low, known_low), min(high, known_high)
    low, high = min(low, high), max(low, high)
    return PoolInterval(_estimate(draws, low, high), low, high, n, draws.population, level)


def anytime_macro_interval(
    values: ArrayLike, weights: ArrayLike, population: int, *, level: float = 0.95
) -> PoolInterval:
    """Interval, valid at any number of rows, for the mean of several weighted means over one pool.

    Macro F1 is such a mean: of class c the weight of a row is 1 where it is predicted and true, 1/2 where it is one
    of the two, else 0, and the value is 1 where it is both; ``sum(w v) / sum(w)`` is then F1 of the class.

    Parameters
    ----------
    values, weights : array-like of shape (n, k)
        Numbers in [0, 1] of the rows in the order in which they were drawn, for k weighted means.
    population : int
        Rows of the pool, those that were drawn among them.
    level : float, default=0.95
        Coverage.

    Returns
    -------
    PoolInterval
        Its estimate leaves out the means of which no row was seen. The interval has them at anything between 0 and 1.

    Raises
    ------
    ValueError
        If numbers are outside of [0, 1], not finite, or do not fit each other.

    Notes
    -----
    The mean wealth of bets against k means is fair as well, so all k together are rejected where it is large. The
    bounds are the least and the largest mean of all that is not rejected, by Lagrange's dual on a grid, rounded
    outwards by 1/200 at most. Means of k intervals at ``1 - (1 - level) / k`` would be valid as well, and are wider.

    References
    ----------
    .. [1] Vovk and Wang, "E-values: calibration, combination and applications", Annals of Statistics 49, 2021,
       section 3: the mean of e-values is one, whatever their dependence.
    """
    who = "anytime_macro_interval"
    alpha = 1 - checked_level(level, who)
    v, w = in_unit(values, "values", who, 2), in_unit(weights, "weights", who, 2)
    if v.shape != w.shape or v.shape[1] == 0:
        raise ValueError(
            f"{who}: values and weights must have one shape (n, k) with k >= 1, got {v.shape}, {w.shape}."
        )
    size = checked_population(population, len(v), who)
    if len(v) == 0:
        return PoolInterval(math.nan, 0.0, 1.0, 0, size, level)
    each = [Draws(v[:, k], w[:, k], size) for k in range(v.shape[1])]
    low = _least_mean(each, alpha)
    high = 1 - _least_mean([draws.mirrored() for draws in each], alpha)
    known = np.mean([_bounds_if_the_rest_were_known(draws) for draws in each], axis=0)
    low, high = max(low, float(known[0])), min(high, float(known[1]))
    shown = [draws for draws in each if draws.weights.sum() > 0]
    means = [float(draws.weights @ draws.values / draws.weights.sum()) for draws in shown]
    estimate = float(np.mean(means)) if means else math.nan
    return PoolInterval(estimate, low, high, len(v), size, level)


def anytime_evidence(
    values: ArrayLike,
    population: int,
    threshold: float,
    *,
    weights: ArrayLike | None = None,
    proxy: ArrayLike | None = None,
    pool_proxy: ArrayLike | None = None,
) -> float:
    """Evidence that a mean over a finite pool is above a threshold: an e-value, for a look after each row.

    Parameters
    ----------
    values : array-like of shape (n,)
        Numbers in [0, 1] of the rows in the order in which they were drawn.
    population : int
        Rows of the pool, those that were drawn among them.
    threshold : float
        In [0, 1].
    weights, proxy, pool_proxy : array-like, default=None
        As in `anytime_interval`.

    Returns
    -------
    float
        1 says nothing, 20 is what a test at 5 % asks for: where the mean is the threshold or less, it ever reaches e
        with probability 1 / e at most. Infinite where the rows leave no doubt.

    Raises
    ------
    ValueError
        If numbers are outside of [0, 1], not finite, or do not fit each other.

    References
    ----------
    .. [1] Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid inference",
       Statistical Science 38, 2023.

    Examples
    --------
    >>> from skal.statistics import anytime_evidence
    >>> print(f"{anytime_evidence([1] * 20, population=500, threshold=0.7):.0f}")
    82
    """
    who = "anytime_evidence"
    draws = draws_of(values, population, weights, proxy, pool_proxy, who)
    (least,) = in_unit([threshold], "threshold", who)
    if not len(draws.values):
        return 1.0
    return float(wealth(draws, np.array([least]), _TUNED_FOR)[-1, 0])


def _bounds_if_the_rest_were_known(draws: Draws) -> tuple[float, float]:
    """What the mean would be if all rows that were not drawn counted fully, and were 0 or 1."""
    rest = draws.population - len(draws.values)
    total, weight = float(draws.weights @ draws.values), float(draws.weights.sum()) + rest
    return (total / weight, (total + rest) / weight) if weight else (0.0, 1.0)


def _first_true(holds: Callable[[Floats], Floats]) -> float:
    """The smallest number in [0, 1] for which something holds, rounded down by a 30 000th at most."""
    low, high = 0.0, 1.0
    for _ in range(_GRIDS):
        grid = np.linspace(low, high, _POINTS)
        first = int(np.argmax(held)) if (held := holds(grid)).any() else _POINTS - 1
        if first == 0:
            return low
        low, high = float(grid[first - 1]), float(grid[first])
    return low


def _least_mean(each: list[Draws], alpha: float) -> float:
    """The least mean of all that bets do not reject: of a cell its lower end, and the wealth of its upper end."""
    grid = np.linspace(0.0, 1.0, _CELLS + 1)
    last = np.stack([wealth(draws, grid[1:], alpha)[-1] for draws in each])  # (k, cells)
    prices = np.geomspace(1e-8, 10.0, 120)
    cost = grid[:-1] + prices[:, None, None] * np.minimum(last, _LARGEST)
    return float(max(0.0, (cost.min(axis=2).mean(axis=1) - prices * 2 / alpha).max()))


def _estimate(draws: Draws, low: float, high: float) -> float:
    if not (total := draws.weights.sum()):
        return math.nan
    return float(np.clip(draws.weights @ draws.values / total, low, high))
