"""What every selection shares: the checks of its input, the order of ties, distances, and the greedy loop."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_random_state

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]
RandomState = int | np.random.RandomState | None
# Told how many are picked so far and how many there will be; what it raises ends the selection.
Progress = Callable[[int, int], object]

_SQUARED_IN_32, _SQUARED_IN_64 = 1e12, 1e140  # squared, added up, and multiplied by a weight, these still fit
_BLOCK_ELEMENTS = 2**21  # of the pool, or of a matrix of distances, in float64 at a time


def checked_n(n: int, n_pool: int, who: str) -> int:
    """Return n as an int in [1, n_pool], or raise."""
    if isinstance(n, (bool, np.bool_)) or not isinstance(n, numbers.Integral):
        raise TypeError(f"{who}: n must be an int, got {n!r}.")
    if not 1 <= n <= n_pool:
        raise ValueError(f"{who}: n must be in [1, {n_pool}] (the pool size), got {n}.")
    return int(n)


def checked_matrix(Z: ArrayLike, name: str, who: str, width: int | None = None) -> Floats:
    """Return Z as a finite float array of shape (n, width), or raise."""
    array: Floats = np.asarray(Z)
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    if array.ndim != 2 or (width is not None and array.shape[1] != width):
        wanted = "(n, d)" if width is None else f"(n, {width})"
        raise ValueError(f"{who}: {name} must have shape {wanted}, got {array.shape}.")
    check_finite_rows(array, name, who)
    return with_room_to_square(array, name, who)


def with_room_to_square(array: Floats, name: str, who: str) -> Floats:
    """Return a matrix in a precision in which squared distances neither overflow nor vanish, or raise.

    Half precision becomes float32, and float32 of extreme magnitude float64; what even float64 cannot square is
    refused.
    """
    largest = max(float(array.max()), -float(array.min())) if array.size else 0.0
    if not (largest == 0.0 or 1 / _SQUARED_IN_64 < largest < _SQUARED_IN_64):
        raise ValueError(
            f"{who}: the largest absolute value in {name} must be between {1 / _SQUARED_IN_64:g} and "
            f"{_SQUARED_IN_64:g}, so that distances can be squared, got {largest:.4g}. Rescale the rows."
        )
    if array.dtype.itemsize < 8 and not (largest == 0.0 or 1 / _SQUARED_IN_32 < largest < _SQUARED_IN_32):
        return array.astype(np.float64)
    return array if array.dtype.itemsize >= 4 else array.astype(np.float32)


def check_finite_rows(array: Floats, name: str, who: str) -> None:
    """Raise with the count and the first row if a value is NaN or infinite."""
    finite = np.isfinite(array)
    if not finite.all():
        bad = np.flatnonzero(~finite.reshape(len(array), -1).all(axis=1))
        raise ValueError(
            f"{who}: {name} must be finite, got NaN or infinity in {len(bad)} of {len(array)} rows, "
            f"first row {bad[0]}."
        )


def tie_ranks(n_pool: int, rng: np.random.RandomState, random_tie_break: bool) -> Indices:
    """Order in which equals are taken: one permutation of the pool, or the row order."""
    return np.asarray(rng.permutation(n_pool)) if random_tie_break else np.arange(n_pool)


def untold(picked: int, n: int) -> None:
    """Take the place of a progress that nobody asked for."""


def generator(random_state: RandomState) -> np.random.RandomState:
    """Turn an int, a RandomState or None (NumPy's global one) into a RandomState."""
    rng: np.random.RandomState = check_random_state(random_state)
    return rng


def distances_to(Z: Floats, z: Floats) -> Floats:
    """Euclidean distances of all rows of Z to one point, in float64; equal rows are at exactly 0."""
    out = np.empty(len(Z))
    step = max(1, _BLOCK_ELEMENTS // max(Z.shape[1], 1))
    point = z.astype(np.float64)
    for start in range(0, len(Z), step):
        difference = Z[start : start + step] - point
        np.sqrt(np.einsum("nd,nd->n", difference, difference), out=out[start : start + step])
    return out


def checked_centers(centers: ArrayLike | None, Z: Floats, who: str) -> Floats:
    """Return the centres as an array of shape (m, d), m = 0 where there are none, or raise."""
    if centers is None or len(np.asarray(centers)) == 0:
        return np.empty((0, Z.shape[1]))
    return checked_matrix(centers, "centers", who, Z.shape[1])


def nearest_distances(Z: Floats, centers: Floats) -> Floats:
    """Euclidean distance of each row of Z to the nearest centre (infinite without one); memory of one block.

    Matrix products find the nearest centre; the distance to it is then taken by differences, as `distances_to`
    does, so that a row that equals a centre is at exactly 0. Moving the centres to the origin first keeps the
    digits of data that lie far from it.
    """
    if len(centers) == 0:
        return np.full(len(Z), np.inf)
    out = np.empty(len(Z))
    origin = centers.mean(axis=0, dtype=np.float64)
    shifted = centers - origin
    step = max(1, _BLOCK_ELEMENTS // max(len(centers), Z.shape[1], 1))
    for start in range(0, len(Z), step):
        block = Z[start : start + step]
        near = euclidean_distances(block - origin, shifted, squared=True).argmin(axis=1)
        difference = block - centers[near].astype(np.float64)
        np.sqrt(np.einsum("nd,nd->n", difference, difference), out=out[start : start + step])
    return out


def greedy(
    n: int, score: Callable[[], Floats], update: Callable[[int], None], ranks: Indices, first: int | None = None
) -> tuple[Indices, Floats]:
    """Repeat n times: take the row of the highest score, then let the score know.

    `score()` returns the present score of every row, `update(row)` makes the row part of what is already
    chosen. Rows taken are never taken again; `ranks` orders equals. With `first` given, the score begins
    after that row.
    """
    taken = np.zeros(len(ranks), dtype=bool)
    picks = np.empty(n, dtype=np.intp)
    scores = np.empty(n)
    for position in range(n):
        if position == 0 and first is not None:
            row = first
        else:
            present = np.where(taken, -np.inf, score())
            ties = np.flatnonzero(present == present.max())
            row = int(ties[np.argmin(ranks[ties])])
            scores[position] = present[row]
        picks[position] = row
        taken[row] = True
        update(row)
    if first is not None:  # it had nothing to be far from: as good as what came next
        scores[0] = scores[1] if n > 1 else score().max()
    return picks, scores
