"""Greedy k-center: cover the pool with balls of the smallest radius."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.selection._common import Floats, Indices, Progress, RandomState, checked_n, generator, tie_ranks, untold
from skal.selection._k_center_arithmetic import as_array, beside, n_rows
from skal.selection._k_center_nearest import Nearest, Shortlist
from skal.selection._k_center_rows import Points, checked_table, distinct, prepare

if TYPE_CHECKING:
    import torch

Place = tuple[float, int]  # score and minus the rank among equals: the larger, the earlier a row is picked

_METRICS = ("euclidean", "sqeuclidean", "cosine")
_BLOCK = 512  # rows brought up to date together
_MOST = 8192  # where such a block has no row to pick, the next is larger, up to this


def k_center(
    Z: ArrayLike | torch.Tensor,
    n: int,
    centers: ArrayLike | torch.Tensor | None = None,
    random_state: RandomState = None,
    *,
    metric: str = "euclidean",
    weights: ArrayLike | torch.Tensor | None = None,
    random_tie_break: bool = True,
    progress: Progress | None = None,
) -> tuple[Indices, Floats]:
    """Select n rows, each the farthest from all centres so far.

    The radius is at most twice the smallest possible one.

    Parameters
    ----------
    Z : array-like or torch.Tensor of shape (n_pool, d)
        Points. A memory map is read block by block. A tensor stays on its device, and distances are taken there.
    n : int
        In [1, n_pool].
    centers : array-like or torch.Tensor of shape (m, d), default=None
        Points already chosen, brought to the device of `Z`. None or no rows: the first row is drawn at random.
    random_state : int, RandomState or None, default=None
        Draws the order of ties and a first row; None: NumPy's global generator.
    metric : {"euclidean", "sqeuclidean", "cosine"}, default="euclidean"
        The squared distance selects the same rows and scores them by it, unless there are weights. The cosine
        distance is ``1 - cos``, in [0, 2]; a row of zeros is at 1 from all others but rows of zeros.
    weights : array-like or torch.Tensor of shape (n_pool,), default=None
        Not negative. Multiply the distances, so that heavy rows are covered more closely; None: ones.
    random_tie_break : bool, default=True
        False: rows at equal distance are taken in row order.
    progress : callable, default=None
        ``progress(picked, n)`` after each batch of picks. What it raises ends the selection.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Distance to the nearest centre when picked, times the weight: never rising, in the units of `Z`.

    Raises
    ------
    TypeError
        If n is no int, or a tensor is sparse or complex.
    ValueError
        If n or a weight is out of range, a shape is wrong, a value is not finite, there is no such metric, or a
        tensor is on a device without float64.

    Notes
    -----
    The order is that of the greedy with float64 distances, taken by differences; equal rows are at distance 0.
    Distances only fall, so a bound above is kept for each row and few rows are brought up to date, a block at a time.
    Matrix products in float32 leave, by their margin of error [3]_, few pairs of rows for which the float64 distance
    is taken. They are float64 where rows are closer together than float32 can tell (clusters 10000 times farther
    from each other than they are wide).

    Time O(n_pool (m + n) d) at most, mostly a small part of it; memory beyond `Z` and `centers` O(n_pool) and a block
    (integers are read in float64 block by block; other types than numbers are copied).

    Of a tensor the host sees a few numbers a row and never the rows; n_pool bounds, and the results, are NumPy
    arrays. What torch's settings let a product in float32 lose, as TF32 does, widens the margin: the order does not
    depend on them, the time may. Autocast is not heeded. Where two distances differ by the rounding of float64 alone,
    a tensor may decide otherwise than an array.

    References
    ----------
    .. [1] Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985.
    .. [2] Sener & Savarese, "Active learning for convolutional neural networks: a core-set approach",
       ICLR 2018, algorithm 1.
    .. [3] Higham, "Accuracy and stability of numerical algorithms", 2002, equation 3.5.

    Examples
    --------
    >>> k_center([[0.0], [1.0], [5.0], [9.0]], 2, centers=[[0.0]], random_state=0)
    (array([3, 2]), array([9., 4.]))
    """
    if metric not in _METRICS:
        raise ValueError(f"k_center: metric must be one of {', '.join(_METRICS)}, got {metric!r}.")
    table = checked_table(Z, "Z", "k_center")
    n = checked_n(n, len(table), "k_center")
    heavy = _checked_weights(weights, len(table))
    known = _checked_centers(centers, table)
    rng = generator(random_state)
    ranks = tie_ranks(len(table), rng, random_tie_break)
    points, given = (Points(rows, unit=metric == "cosine") for rows in (table, distinct(known)))
    prepare(points, given)
    race = _Race(Nearest(points, given), metric, heavy, ranks)
    told = progress or untold
    if len(given):
        race.nearest.bound()
        race.score()
        picks, scores = race.run(n, told)
    else:
        first = int(rng.randint(len(table)))
        race.start(first)
        others, distances = race.run(
            min(max(n - 1, 1), len(table) - 1), lambda picked, _: told(min(picked + 1, n), n)
        )
        # The first had nothing to be far from: as good as what came next.
        picks = np.concatenate([[first], others])[:n]
        scores = np.concatenate([distances[:1] if len(distances) else [0.0], distances])[:n]
    scores /= points.scale
    return picks, scores if metric == "euclidean" else scores / points.scale


class _Race:
    """Rows in the order of their distance times weight, of which the farthest is picked, again and again."""

    def __init__(self, nearest: Nearest, metric: str, weights: Floats | None, ranks: Indices) -> None:
        self.nearest = nearest
        self.metric = metric
        self.weights = weights
        self.ranks = ranks
        # Bounds, as those of the distances; minus infinity where a row has been picked.
        self.scores: Floats = np.full(len(ranks), np.inf)

    def score(self) -> None:
        """Turn the bounds of all squared distances into those of scores."""
        self.scores = self.scored(slice(None), self.nearest.squared)

    def scored(self, rows: Indices | slice, squared: Floats) -> Floats:
        """Scores of rows at squared distances; rising in these, also as rounded."""
        scores = np.sqrt(squared) if self.metric == "euclidean" else squared.copy()
        if self.metric == "cosine":
            scores *= 0.5
        if self.weights is not None:
            scores *= self.weights[rows]
        return scores

    def start(self, row: int) -> None:
        """Pick a row, and take the distances of all others to it."""
        self.nearest.add(row)
        self.nearest.update(np.arange(len(self.ranks)))
        self.score()
        self.scores[row] = -np.inf

    def run(self, n: int, progress: Progress) -> tuple[Indices, Floats]:
        """Pick n rows; `progress` is told how many there are."""
        picks = np.empty(n, dtype=np.intp)
        scores = np.empty(n)
        count, size = 0, _BLOCK
        while count < n:
            rows, weakest = _highest(self.scores, self.ranks, min(size, self.n_left))
            self.nearest.update(rows)
            self.scores[rows] = self.scored(rows, self.nearest.squared[rows])
            rows = rows[_ahead(self.scores[rows], self.ranks[rows], weakest)]
            size = _BLOCK if len(rows) else min(2 * size, _MOST)
            if len(rows) == 0:
                continue
            best, weakest = _highest(self.scores[rows], self.ranks[rows], min(_BLOCK, len(rows)))
            for row, score in self._picks_among(rows[best], weakest, n - count):
                picks[count], scores[count] = row, score
                count += 1
            if scores[count - 1] == 0.0:  # so is the distance of all that are left
                rest = np.flatnonzero(self.scores > -np.inf)
                picks[count:] = rest[np.argsort(self.ranks[rest])][: n - count]
                scores[count:] = 0.0
                count = n
            progress(count, n)
        return picks, scores

    @property
    def n_left(self) -> int:
        """Rows that have not been picked."""
        return len(self.ranks) - (self.nearest.n_centers - len(self.nearest.given))

    def _picks_among(self, rows: Indices, weakest: Place, most: int) -> list[tuple[int, float]]:
        """Pick among rows whose distances are exact, while the farthest of them is ahead of all rows outside."""
        picked: list[tuple[int, float]] = []
        shortlist = Shortlist(self.nearest, rows)
        scores, ranks = self.scores[rows], self.ranks[rows]
        while len(picked) < most:
            best = float(scores.max())
            ties = np.flatnonzero(scores == best)
            position = int(ties[np.argmin(ranks[ties])])
            if best == -np.inf or (best, -int(ranks[position])) < weakest:
                break
            picked.append((int(rows[position]), best))
            scores[position] = -np.inf
            closer = shortlist.pick(position)
            closer = closer[scores[closer] > -np.inf]
            scores[closer] = self.scored(rows[closer], shortlist.squared[closer])
        shortlist.close()
        self.scores[rows] = scores
        return picked


def _highest(scores: Floats, ranks: Indices, size: int) -> tuple[Indices, Place]:
    """Positions of the highest scores, of equal ones the lowest ranks; and the place of the weakest of them."""
    least = np.partition(scores, len(scores) - size)[len(scores) - size]
    above, equal = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    some = size - len(above)
    if len(equal) > some:
        equal = equal[np.argpartition(ranks[equal], some - 1)[:some]]
    return np.concatenate([above, equal]), (float(least), -int(ranks[equal].max()))


def _ahead(scores: Floats, ranks: Indices, weakest: Place) -> NDArray[np.bool_]:
    """Which scores are at least at that place."""
    return np.asarray((scores > weakest[0]) | ((scores == weakest[0]) & (-ranks >= weakest[1])))


def _checked_centers(centers: Any, table: Any) -> Any:
    if centers is None or n_rows(centers) == 0:
        return table[:0]
    return checked_table(beside(centers, table), "centers", "k_center", table.shape[1])


def _checked_weights(weights: ArrayLike | torch.Tensor | None, n_pool: int) -> Floats | None:
    if weights is None:
        return None
    array: Floats = np.asarray(as_array(weights), dtype=np.float64)
    if array.shape != (n_pool,):
        raise ValueError(f"k_center: weights must have shape ({n_pool},), got {array.shape}.")
    bad = np.flatnonzero(~(np.isfinite(array) & (array >= 0)))
    if len(bad):
        raise ValueError(
            f"k_center: weights must be finite and not negative, got {array[bad[0]]} in row {bad[0]} and {len(bad)} "
            "such rows."
        )
    return array
