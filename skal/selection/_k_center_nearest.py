"""The distance of every row to its nearest centre, known from above, and exactly where it is asked for.

Centres come one by one, and few rows decide which is next. So a bound is kept for every row, and only the rows of
the largest bounds are brought up to date: by matrix products in float32 that tell, with their margin of error, which
centres can be the nearest, and then by the float64 distance to those.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from skal.selection._common import Floats, Indices
from skal.selection._k_center_arithmetic import WorkType
from skal.selection._k_center_rows import Rows, Work, blocks, lower_bounds, upper_bounds

_CENTERS = 1024  # centres in a matrix product
_FIRST = 512  # of the given centres, for the first bounds
_WIDTH = 2**16  # numbers a row: for more the margin of float32 is of no use
_PAIRS = 8  # a row: centres that float32 cannot tell apart; beyond that float64 takes over


class Nearest:
    """Squared distances of rows to the nearest centre.

    Parameters
    ----------
    pool : Rows
        Rows whose distances are wanted, and that may become centres.
    given : Rows
        Centres from the start, of the same kind.

    Attributes
    ----------
    squared : ndarray of shape (n,)
        Squared distances, or bounds above them; infinite to begin with.
    """

    def __init__(self, pool: Rows, given: Rows) -> None:
        self.pool = pool
        self.given = given
        self.squared: Floats = np.full(len(pool), np.inf)
        self.n_centers = len(given)
        self.dtype: WorkType = np.float32 if pool.width <= _WIDTH else np.float64
        self._shares: dict[WorkType, float] = {}
        self._picks = np.empty(len(pool), dtype=np.intp)
        self._seen = np.zeros(len(pool), dtype=np.intp)  # exact against so many of the centres

    @property
    def share(self) -> float:
        """Error of the bounds, as a share of the squared norms."""
        if self.dtype not in self._shares:
            self._shares[self.dtype] = self.pool.margin(self.dtype)
        return self._shares[self.dtype]

    def bound(self) -> None:
        """Bound all distances, by some of the given centres."""
        host = self.pool.on.host
        some = np.arange(0, len(self.given), max(1, len(self.given) // _FIRST))
        for near in blocks(len(some), self.given.width):
            centers = self.given.work(some[near], self.dtype)
            for part in blocks(len(self.pool), max(self.pool.width, len(some))):
                rows = self.pool.work(part, self.dtype)
                best, lowest = self.pool.on.lowest(lower_bounds(rows, centers, self.share))
                high = upper_bounds(lowest, host(rows.norms), host(centers.norms)[best], self.share)
                np.minimum(self.squared[part], high, out=self.squared[part])

    def add(self, row: int) -> None:
        """Make a row of the pool a centre."""
        self._picks[self.n_centers - len(self.given)] = row
        self.n_centers += 1

    def settle(self, rows: Indices, squared: Floats) -> None:
        """Take what is known from elsewhere: distances of rows to all centres there are."""
        self.squared[rows] = squared
        self._seen[rows] = self.n_centers

    def update(self, rows: Indices) -> None:
        """Make the distances of some rows exact: equal to the least of the float64 distances by differences."""
        for part in blocks(len(rows), max(self.pool.width, _CENTERS)):
            some = rows[part]
            self._update(some[np.argsort(self._seen[some], kind="stable")])

    def _update(self, rows: Indices) -> None:
        seen = self._seen[rows]
        work = self.pool.work(rows, self.dtype)
        for source, centers, stop in self._centers_from(int(seen[0])):
            n = int(np.searchsorted(seen, stop))  # rows before that have not seen all of these centres
            if not self._compare(rows[:n], _head(work, n), source, centers):
                self.dtype = np.float64
                work = self.pool.work(rows, self.dtype)
                self._compare(rows[:n], _head(work, n), source, centers)
        self._seen[rows] = self.n_centers

    def _centers_from(self, start: int) -> Iterator[tuple[Rows, Indices, int]]:
        """Centres from `start` on, some at a time: whose rows they are, which, and how many there are up to them."""
        n_given = len(self.given)
        for first in range(start, n_given, _CENTERS):
            stop = min(first + _CENTERS, n_given)
            yield self.given, np.arange(first, stop), stop
        for first in range(max(start, n_given), self.n_centers, _CENTERS):
            stop = min(first + _CENTERS, self.n_centers)
            yield self.pool, self._picks[first - n_given : stop - n_given], stop

    def _compare(self, rows: Indices, work: Work, source: Rows, centers: Indices) -> bool:
        """Compare rows with centres; False where float32 leaves too many of these possible."""
        low = lower_bounds(work, source.work(centers, self.dtype), self.share)
        best, lowest = self.pool.on.lowest(low)
        closer = np.flatnonzero(np.maximum(lowest, 0.0) < self.squared[rows])
        self._take(rows[closer], source, centers[best[closer]])
        reach = self.squared[rows]
        most = np.where(reach > 0, np.nextafter(reach.astype(self.dtype), np.inf, dtype=self.dtype), -np.inf)
        pairs = self.pool.on.below(low, best, most.astype(self.dtype, copy=False), self._most_pairs(len(rows)))
        if pairs is None:
            return False
        i, j = pairs
        if len(i):
            self._take(rows[i], source, centers[j])
        return True

    def _most_pairs(self, n_rows: int) -> int:
        """Pairs that are looked at; float64 tells apart what can be told apart."""
        return _PAIRS * n_rows if self.dtype is np.float32 else sys.maxsize

    def _take(self, rows: Indices, source: Rows, centers: Indices) -> None:
        """Take the float64 distances of pairs."""
        np.minimum.at(self.squared, rows, self.pool.squared(rows, source, centers))


class Shortlist:
    """Rows whose distances are exact, and stay so when rows among them become centres.

    Parameters
    ----------
    nearest : Nearest
        Brought up to date for these rows.
    rows : ndarray of int
        Distinct.
    """

    def __init__(self, nearest: Nearest, rows: Indices) -> None:
        self._nearest = nearest
        self.rows = rows
        self.squared = nearest.squared[rows]
        work = nearest.pool.work(rows, nearest.dtype)
        self._low = np.maximum(nearest.pool.on.host(lower_bounds(work, work, nearest.share)), 0.0)
        self._exact = nearest.pool.exact(rows)  # read once: each pick is compared with many of them

    def pick(self, position: int) -> Indices:
        """Make the row at a position a centre, and return the positions of rows that are nearer to it."""
        row = self.rows[position]
        self._nearest.add(int(row))
        near = np.flatnonzero(self._low[position] < self.squared)
        pool = self._nearest.pool
        one, some = (tuple(pool.on.take(part, of) for part in self._exact) for of in (np.array([position]), near))
        exact = pool.between(some, one)
        closer = exact < self.squared[near]
        self.squared[near[closer]] = exact[closer]
        return near[closer]

    def close(self) -> None:
        """Hand back what is known now."""
        self._nearest.settle(self.rows, self.squared)


def _head(work: Work, n: int) -> Work:
    return Work(tuple(part[:n] for part in work.parts), work.norms[:n], work.on)
