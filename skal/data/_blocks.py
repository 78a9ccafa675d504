"""Reading a container in order, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from scipy import sparse

from skal.data._kinds import is_pandas, is_sliced, is_tensor
from skal.data._rows import Rows, RowView, n_rows, take

_BLOCK_BYTES = 16 * 2**20
_BLOCK_STEP = 64  # rows; a block is a multiple of this, so that a net's batches fall on the same rows
_MAX_BLOCK_ROWS = 65536
_UNSIZED_BLOCK_ROWS = 1024  # lists and Datasets do not tell how large a row is
_READ_WHOLE_ABOVE = 0.9  # share of rows of a block that a RowView must hold to be read without a copy

_block_rows: ContextVar[int | None] = ContextVar("block_rows", default=None)


@contextmanager
def block_rows(rows: int) -> Iterator[None]:
    """Read pools in blocks of this many rows inside the ``with`` statement.

    Parameters
    ----------
    rows : int
        Rows a block. By default about 16 MiB a block.

    Examples
    --------
    >>> with block_rows(2):
    ...     [len(block) for block, _ in blocks(np.zeros((5, 3)))]
    [2, 2, 1]
    """
    if not isinstance(rows, (int, np.integer)) or rows < 1:
        raise ValueError(f"block_rows: rows must be an int >= 1, got {rows!r}.")
    token = _block_rows.set(int(rows))
    try:
        yield
    finally:
        _block_rows.reset(token)


def blocks(X: Any, rows_at_most: int | None = None) -> Iterator[tuple[Any, Rows | None]]:
    """Read a container in order, block by block.

    Parameters
    ----------
    X : container
        Whatever `skal.data` names.
    rows_at_most : int or None, default=None
        Rows a block where the default would be more: for readers to whom a row is more than what it holds.

    Yields
    ------
    block : container
        Consecutive rows, of the kind of `X` (an ndarray for a Dataset).
    keep : ndarray of int or None
        Positions inside `block` that belong to `X`, in order; None: all of them. Only a `RowView` of an
        array with rising positions gives anything but None: a few unwanted rows are cheaper than a copy.
    """
    size = _block_rows.get() or min(_default_block_rows(X), rows_at_most or _MAX_BLOCK_ROWS)
    X = X.tocsr() if sparse.issparse(X) else X  # once, not block by block
    in_place = isinstance(X, RowView) and (isinstance(X.X, np.ndarray) or is_tensor(X.X) or is_sliced(X.X))
    if in_place and len(X) and (np.diff(X.rows) > 0).all():
        yield from _blocks_in_place(X, size)
        return
    for start in range(0, n_rows(X), size):
        yield take(X, slice(start, start + size)), None


def _blocks_in_place(view: RowView, size: int) -> Iterator[tuple[Any, Rows | None]]:
    """Blocks of the container below the view, each with the positions that are wanted."""
    n = n_rows(view.X)
    edges = np.searchsorted(view.rows, np.arange(0, n + size, size))
    for number, start in enumerate(range(0, n, size)):
        rows = view.rows[edges[number] : edges[number + 1]]
        height = min(size, n - start)
        if len(rows) == height:
            yield take(view.X, slice(start, start + size)), None
        elif len(rows) >= _READ_WHOLE_ABOVE * height:
            yield take(view.X, slice(start, start + size)), rows - start
        elif len(rows):
            yield take(view.X, rows), None


def _default_block_rows(X: Any) -> int:
    if isinstance(X, RowView):
        return _default_block_rows(X.X)
    itemsize = getattr(getattr(X, "dtype", None), "itemsize", None)
    shape = getattr(X, "shape", None)
    if shape is None or (itemsize is None and not is_pandas(X)):
        return _UNSIZED_BLOCK_ROWS
    per_row = int(np.prod(shape[1:], dtype=np.int64)) * (itemsize or 8)
    if sparse.issparse(X):
        per_row = 12 * X.nnz // max(shape[0], 1)
    rows = _BLOCK_BYTES // max(per_row, 1) // _BLOCK_STEP * _BLOCK_STEP
    return int(min(max(rows, _BLOCK_STEP), _MAX_BLOCK_ROWS))
