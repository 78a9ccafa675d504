"""Greedy generalised coverage: rows by which as much of the pool as possible is alike one that is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from skal.selection._common import (
    Floats,
    Indices,
    Progress,
    RandomState,
    check_finite_rows,
    checked_centers,
    checked_matrix,
    checked_n,
    generator,
    tie_ranks,
    untold,
)
from skal.selection._neighbors import unit_rows

_BLOCK = 2**17  # similarities at a time: they stay in the cache from the product to the sum
_DIGITS = 12  # of gains: equal rows get equal gains, whatever block they are in


def herding(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    kernel: Literal["rbf", "cosine"] = "rbf",
    width: float = 1.0,
    candidates: ArrayLike | None = None,
    random_tie_break: bool = True,
    progress: Progress | None = None,
) -> tuple[Indices, Floats]:
    """Select n rows, each adding the most to how alike the rows of the pool are to their nearest chosen point.

    Maximises the weighted mean over all rows x of ``max k(x, s)`` over the chosen points s, greedily; what is gained
    is at least 1 - 1/e of the largest possible.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d), default=None
        Points already chosen.
    weights : array-like of shape (n_pool,), default=None
        At least 0: how much each row counts; None: ones.
    random_state : int, RandomState or None, default=None
        Draws the order of ties; None: NumPy's global generator.
    kernel : {"rbf", "cosine"}, default="rbf"
        ``exp(-(distance / width)**2)``, 0 without a chosen point; or the cosine, -1 without one.
    width : float, default=1.0
        Of the RBF, positive, in the units of `Z`.
    candidates : array-like of int, default=None
        Rows that may be selected, at least n; None: all. All rows count in the mean, candidates or not.
    random_tie_break : bool, default=True
        False: rows of equal gain are taken in row order.
    progress : callable, default=None
        ``progress(picked, n)`` after each pick, and with 0 while the first gains are taken. What it raises ends the
        selection.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Gain in the weighted mean when picked, never rising.

    Notes
    -----
    The first gains take time O(n_pool (n_pool + m) d), in blocks; of cosines without centers O(n_pool d). Gains only
    fall, so a gain is taken anew only where its last value is the largest (lazy evaluation), again in blocks.
    Everything is in float64, and gains are rounded to twelve digits of the largest weight, so the picks are those of
    the plain greedy. Memory O(n_pool d).

    References
    ----------
    .. [1] Bae, Noh & Sutherland, "Generalized coverage for more robust low-budget active learning", ECCV 2024,
       the generalised coverage C_k and its greedy.
    .. [2] Minoux, "Accelerated greedy algorithms for maximizing submodular set functions", 1978.

    Examples
    --------
    >>> herding([[0.0], [0.1], [0.2], [3.0], [3.2], [9.0]], 3, random_state=0)[0][0]
    np.int64(1)
    """
    points = checked_matrix(Z, "Z", "herding")
    n = checked_n(n, len(points), "herding")
    if kernel not in ("rbf", "cosine"):
        raise ValueError(f"herding: kernel must be 'rbf' or 'cosine', got {kernel!r}.")
    if not 0 < width < np.inf:
        raise ValueError(f"herding: width must be positive and finite, got {width!r}.")
    allowed = checked_candidates(candidates, n, len(points), "herding")
    w, heaviest = _checked_weights(weights, len(points))
    chosen = checked_centers(centers, points, "herding")
    ranks = tie_ranks(len(points), generator(random_state), random_tie_break)
    # Products of blocks this small are slower with several threads, many times so beside other work.
    with threadpool_limits(1, "blas"):
        return _greedy(points, chosen, w, heaviest, ranks, kernel, width, n, allowed, progress or untold)


def _greedy(
    points: Floats,
    chosen: Floats,
    w: Floats,
    heaviest: float,
    ranks: Indices,
    kernel: str,
    width: float,
    n: int,
    allowed: Indices,
    told: Progress,
) -> tuple[Indices, Floats]:
    """Rows and their gains, one by one; gains of earlier picks are bounds."""
    coverage = _Coverage(points, chosen, w, kernel, width)

    gains = np.full(len(points), -np.inf)
    coverage.after_block = lambda: told(0, n)
    gains[allowed] = coverage.first_gains(allowed)
    coverage.after_block = _nothing
    known_at = np.zeros(len(points), dtype=np.intp)  # picks when a gain was taken; it is a bound from then on
    picks = np.empty(n, dtype=np.intp)
    scores = np.empty(n)
    for position in range(n):
        n_anew = 8
        while True:
            ties = np.flatnonzero(gains == gains.max())
            row = int(ties[np.argmin(ranks[ties])])
            if known_at[row] == position:
                break
            n_anew = min(2 * n_anew, 256, len(gains))
            top = np.argpartition(-gains, n_anew - 1)[:n_anew]
            stale = np.union1d(top[(known_at[top] < position) & np.isfinite(gains[top])], row)
            gains[stale] = coverage.gains(stale)
            known_at[stale] = position
        picks[position], scores[position] = row, gains[row] * heaviest
        gains[row] = -np.inf
        coverage.add(row)
        told(position + 1, n)
    return picks, scores


class _Coverage:
    """How alike each row is to its nearest chosen point, and by how much a row would raise that."""

    def __init__(self, Z: Floats, centers: Floats, weights: Floats, kernel: str, width: float) -> None:
        self.after_block: Callable[[], object] = _nothing  # what is done after a block of gains
        self._rbf = kernel == "rbf"
        if self._rbf:  # -|x - y|^2 / width^2 = 2 x.y - |x|^2 - |y|^2 of the scaled rows
            origin = Z.mean(axis=0, dtype=np.float64)
            self._x = (Z - origin) / width
            centers = (centers - origin) / width
        else:
            self._x = unit_rows(Z.astype(np.float64))
            centers = unit_rows(centers.astype(np.float64))
        self._half = _half_squares(self._x)
        self._slack = 8.0 * np.finfo(np.float64).eps * self._half.max()  # what products lose of equal rows
        self._weights = weights
        self._none_chosen = len(centers) == 0
        self._best = np.full(len(Z), 0.0 if self._rbf else -1.0)
        step = max(1, _BLOCK // max(len(centers), 1))
        for start in range(0, len(Z) if len(centers) else 0, step):
            rows = slice(start, start + step)
            alike = self._alike(centers, _half_squares(centers), rows)
            np.maximum(self._best[rows], alike.max(axis=0), out=self._best[rows])

    def first_gains(self, rows: Indices) -> Floats:
        """Gains before anything is picked: of cosines above -1, by the mean vector, without a single pair."""
        if self._rbf or not self._none_chosen:
            return self.gains(rows)
        out = self._weights.sum() + self._x[rows] @ (self._weights @ self._x)
        return np.asarray(np.round(np.maximum(out, 0.0) / len(self._x), _DIGITS))

    def gains(self, rows: Indices) -> Floats:
        """Weighted mean over the pool of how much more alike to a chosen point it is with each of `rows`."""
        out = np.zeros(len(rows))
        counted = np.flatnonzero(self._weights)
        step = max(1, min(len(rows), 256))
        columns = max(1, _BLOCK // step)
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            candidates, half = self._x[some], self._half[some]
            for first in range(0, len(counted), columns):
                block = counted[first : first + columns]
                whole = len(counted) == len(self._x)
                more = self._alike(candidates, half, slice(block[0], block[-1] + 1) if whole else block)
                more -= self._best[block]
                np.maximum(more, 0.0, out=more)
                out[start : start + step] += more @ self._weights[block]
            self.after_block()
        return np.asarray(np.round(out / len(self._x), _DIGITS))

    def add(self, row: int) -> None:
        """Choose a row."""
        alike = self._alike(self._x[row : row + 1], self._half[row : row + 1], slice(None))[0]
        np.maximum(self._best, alike, out=self._best)

    def _alike(self, points: Floats, half: Floats, rows: slice | Indices) -> Floats:
        """Similarities of shape (points, rows)."""
        similar = points @ self._x[rows].T
        if not self._rbf:
            return np.asarray(np.clip(similar, -1.0, 1.0, out=similar))
        similar -= half[:, None] - self._slack
        similar -= self._half[rows]
        np.minimum(similar, 0.0, out=similar)
        similar *= 2.0
        return np.asarray(np.exp(similar, out=similar))


def _nothing() -> None:
    pass


def _half_squares(x: Floats) -> Floats:
    return np.asarray(0.5 * np.einsum("nd,nd->n", x, x))


def _checked_weights(weights: ArrayLike | None, n_pool: int) -> tuple[Floats, float]:
    """Weights of which the largest is one, and the largest."""
    if weights is None:
        return np.ones(n_pool), 1.0
    w: Floats = np.asarray(weights, dtype=np.float64)
    if w.shape != (n_pool,):
        raise ValueError(f"herding: weights must have shape ({n_pool},), got {w.shape}.")
    check_finite_rows(w, "weights", "herding")
    if w.min() < 0:
        raise ValueError(f"herding: weights must be at least 0, got {w.min()} in row {int(w.argmin())}.")
    heaviest = float(w.max())
    return (w / heaviest, heaviest) if heaviest > 0 else (w, 1.0)


def checked_candidates(candidates: ArrayLike | None, n: int, n_pool: int, who: str) -> Indices:
    """Return the distinct rows that may be selected, in row order, or raise."""
    if candidates is None:
        return np.arange(n_pool)
    rows = np.unique(np.asarray(candidates))
    if rows.dtype.kind not in "iu" or (len(rows) and not (rows[0] >= 0 and rows[-1] < n_pool)):
        raise ValueError(f"{who}: candidates must be positions in [0, {n_pool - 1}], got {candidates!r}.")
    if len(rows) < n:
        raise ValueError(f"{who}: n must be at most the number of candidates, {len(rows)}, got {n}.")
    return rows.astype(np.intp)


def nearest_pair(Z: ArrayLike) -> float | None:
    """Return the smallest distance above 0 between two rows, without a matrix of pairs; None where there is none."""
    points = checked_matrix(Z, "Z", "nearest_pair").astype(np.float64)
    distinct = np.unique(points, axis=0) if len(points) else points
    if len(distinct) < 2:
        return None
    nearest = NearestNeighbors(n_neighbors=1).fit(distinct).kneighbors(return_distance=False)[:, 0]
    differences = distinct - distinct[nearest]  # products would lose the digits of the smallest distances
    smallest = float(np.sqrt(np.einsum("nd,nd->n", differences, differences).min()))
    return smallest if smallest > 0 else None
