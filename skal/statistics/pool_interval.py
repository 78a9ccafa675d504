"""An interval for a mean over a finite pool, and the checks that its ways share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._betting import Draws
from skal.statistics._common import Floats, finite


@dataclass(frozen=True)
class PoolInterval:
    """An interval for a mean over a pool of known size, from rows drawn without replacement.

    Attributes
    ----------
    estimate : float
        The mean of the rows that were drawn, corrected by guesses where there are some; NaN where no row counts.
    low, high : float
        The interval, within [0, 1].
    n, population : int
        Rows drawn, and rows of the pool.
    level : float
        Coverage.
    """

    estimate: float
    low: float
    high: float
    n: int
    population: int
    level: float

    @property
    def width(self) -> float:
        """Width of the interval."""
        return self.high - self.low


def checked_population(population: int, n: int, who: str) -> int:
    """Return the size of the pool, or raise."""
    if isinstance(population, bool) or not isinstance(population, (int, np.integer)) or population < max(n, 1):
        raise ValueError(
            f"{who}: population counts all rows of the pool, those that were drawn among them: a whole number >= "
            f"{max(n, 1)}, got {population!r}."
        )
    return int(population)


def in_unit(values: ArrayLike, name: str, who: str, ndim: int = 1) -> Floats:
    """Return values in [0, 1], or raise."""
    array = finite(values, name, who)
    if array.ndim != ndim:
        raise ValueError(f"{who}: {name} must have {ndim} dimension{'s' if ndim > 1 else ''}, got {array.shape}.")
    if len(bad := array[(array < 0) | (array > 1)]):
        raise ValueError(
            f"{who}: {name} must be in [0, 1], got {bad[0]:g}. Divide by the largest possible value, and multiply "
            "the interval by it."
        )
    return array


def draws_of(
    values: ArrayLike,
    population: int,
    weights: ArrayLike | None,
    proxy: ArrayLike | None,
    pool_proxy: ArrayLike | None,
    who: str,
) -> Draws:
    """Return checked draws, or raise."""
    v = in_unit(values, "values", who)
    size = checked_population(population, len(v), who)
    w = np.ones(len(v)) if weights is None else in_unit(weights, "weights", who)
    if len(w) != len(v):
        raise ValueError(f"{who}: weights must have one number per value, got {len(w)} and {len(v)}.")
    if (proxy is None) != (pool_proxy is None):
        raise ValueError(f"{who}: proxy and pool_proxy come together: guesses for the rows drawn, and for all rows.")
    if proxy is None or pool_proxy is None:
        return Draws(v, w, size)
    f, pool = in_unit(proxy, "proxy", who), in_unit(pool_proxy, "pool_proxy", who)
    if len(f) != len(v) or len(pool) != size:
        raise ValueError(
            f"{who}: proxy must have {len(v)} numbers (rows drawn) and pool_proxy {size} (population), got {len(f)} "
            f"and {len(pool)}."
        )
    if len(f) and (f.min() < pool.min() or f.max() > pool.max()):
        raise ValueError(f"{who}: proxy has numbers outside of pool_proxy, which holds the rows drawn as well.")
    return Draws(v, w, size, f, (float(pool.min()), float(pool.max())), float(pool.mean()))
