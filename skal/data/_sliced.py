"""Arrays on disk: rows by slices and by rising positions, in few reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DENSE = 0.25  # share of the rows of a stretch that must be wanted for the whole of it to be read


def read_slice(X: Any, rows: slice) -> NDArray[Any]:
    """Read a stretch of rows at once; steps and falling slices are taken of the stretch."""
    start, stop, step = rows.indices(int(X.shape[0]))
    if step == 1:
        return np.asarray(X[start : max(stop, start)])
    positions = np.arange(start, stop, step)
    return read_rows(X, positions)


def read_rows(X: Any, rows: NDArray[np.intp]) -> NDArray[Any]:
    """Read rows by position, in the order asked for and as often as asked for.

    Files want rising positions without repetition (h5py), or slices. Where the rows fill a good part of the stretch
    that they lie in, the stretch is read; else the rising positions are asked for, and where an array does not take
    such, one slice for each run of neighbours.
    """
    n = int(X.shape[0])
    if rows.size == 0:
        return np.asarray(X[0:0])
    if rows.min() < -n or rows.max() >= n:
        raise IndexError(f"take: rows must be in [0, {n - 1}], got {rows.min()}..{rows.max()}.")
    wanted, place = np.unique(np.where(rows < 0, rows + n, rows), return_inverse=True)
    first, last = int(wanted[0]), int(wanted[-1])
    if len(wanted) >= _DENSE * (last + 1 - first):
        found = np.asarray(X[first : last + 1])[wanted - first]
    else:
        found = _scattered(X, wanted)
    return np.asarray(found[place.reshape(rows.shape)])


def _scattered(X: Any, wanted: NDArray[np.intp]) -> NDArray[Any]:
    try:
        found = np.asarray(X[wanted])
    except (TypeError, IndexError, NotImplementedError, ValueError):
        found = np.empty(0)
    if found.shape[:1] == wanted.shape and found.ndim == len(X.shape):
        return found
    runs = np.split(wanted, np.flatnonzero(np.diff(wanted) > 1) + 1)
    return np.concatenate([np.asarray(X[int(run[0]) : int(run[-1]) + 1]) for run in runs])
