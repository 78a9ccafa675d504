"""Containers: the one room that knows what kind of `X` it holds.

A pool may be an ndarray of any dimension, a memory map, a scipy sparse matrix or array, a pandas or
polars frame, a list, a dict of columns, a torch tensor, a torch Dataset, or a `RowView` of any of
these. Rows are always taken by position, never by label, and read in blocks, so that a pool on disk
costs the memory of one block.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

__all__ = ["RowView", "block_rows", "blocks", "concatenate", "n_rows", "row_keys", "take", "to_numpy"]

Rows = NDArray[np.intp]

_BLOCK_BYTES = 8 * 2**20
_BLOCK_STEP = 64  # rows; a block is a multiple of this, so that a net's batches fall on the same rows
_MAX_BLOCK_ROWS = 65536
_UNSIZED_BLOCK_ROWS = 1024  # lists and Datasets do not tell how large a row is
_READ_WHOLE_ABOVE = 0.9  # share of rows of a block that a RowView must hold to be read without a copy

_block_rows: ContextVar[int | None] = ContextVar("block_rows", default=None)


class RowView:
    """Some rows of a container, by position, without a copy.

    Reading it block by block touches the rows in place where most of a block is wanted, so that a loop
    over rounds never copies its pool.

    Parameters
    ----------
    X : container
        Whatever `take` accepts.
    rows : array-like of int
        Positions in `X`, in the order of the view.

    Examples
    --------
    >>> view = RowView(np.arange(12.0).reshape(6, 2), [4, 0])
    >>> view.shape
    (2, 2)
    >>> np.asarray(view)
    array([[8., 9.],
           [0., 1.]])
    """

    def __init__(self, X: Any, rows: ArrayLike) -> None:
        positions = np.asarray(rows)
        if positions.size == 0:
            positions = positions.astype(np.intp)
        if positions.ndim != 1 or positions.dtype.kind not in "iu":
            raise TypeError(
                f"RowView: rows must be a 1-D array of integer positions, got {positions.dtype} of shape "
                f"{positions.shape}; turn a mask into positions with numpy.flatnonzero."
            )
        n = n_rows(X)
        if positions.size and not (0 <= positions.min() and positions.max() < n):
            raise IndexError(f"RowView: rows must be in [0, {n - 1}], got {positions.min()}..{positions.max()}.")
        self.X = X
        self.rows: Rows = positions.astype(np.intp, copy=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the rows taken."""
        return (len(self), *getattr(self.X, "shape", (0,))[1:])

    def __getitem__(self, key: Any) -> Any:
        return take(self.X, self.rows[key])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(to_numpy(take(self.X, self.rows)), dtype=dtype)


def n_rows(X: Any) -> int:
    """Count the rows of a container.

    Parameters
    ----------
    X : container
        See the module's list.

    Returns
    -------
    int
        ``len`` where it means rows; scipy sparse raises on it and a dict would count its columns.

    Raises
    ------
    TypeError
        If `X` is a scalar, or an iterable without a length.
    """
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) > 0:
        return int(shape[0])
    if _is_columns(X) and X:
        return n_rows(next(iter(X.values())))
    try:
        return len(X) if hasattr(X, "__len__") else len(np.asarray(X))
    except TypeError:
        raise TypeError(
            f"X must be an array, a sparse matrix, a data frame, a list, a tensor or a map-style Dataset, got "
            f"{type(X).__name__}, which has no rows to count."
        ) from None


def take(X: Any, rows: ArrayLike | slice) -> Any:
    """Take rows by position; the kind of container is kept.

    Parameters
    ----------
    X : container
        See the module's list.
    rows : int, array-like of int, or slice
        Positions. A slice of an ndarray is a view.

    Returns
    -------
    container
        Of the kind of `X`; a Dataset gives an ndarray of its items (the first member of a tuple, so a
        label that follows it is not seen).
    """
    if isinstance(X, RowView):
        return take(X.X, X.rows[rows if isinstance(rows, slice) else np.asarray(rows)])
    if _is_columns(X):
        return {name: take(column, rows) for name, column in X.items()}
    index: Any = rows if isinstance(rows, slice) else np.asarray(rows)
    if not isinstance(index, slice) and index.size == 0:
        index = index.astype(np.intp)
    if _is_pandas(X):
        return X.iloc[index]
    if sparse.issparse(X):
        return (X if X.format == "csr" else X.tocsr())[index]
    if isinstance(X, np.ndarray):
        return X[index]
    if _is_tensor(X):
        return X[index if isinstance(index, slice) else sys.modules["torch"].as_tensor(index, device=X.device)]
    if _is_polars(X):
        return X[index if isinstance(index, slice) else index.tolist()]
    if isinstance(index, np.ndarray) and index.ndim == 0:
        return X[int(index)]
    positions = range(*index.indices(n_rows(X))) if isinstance(index, slice) else index.tolist()
    if isinstance(X, (list, tuple)):
        return [X[i] for i in positions]
    if hasattr(X, "__getitem__"):
        return _dataset_items(X, positions)
    return np.asarray(X)[index]


@contextmanager
def block_rows(rows: int) -> Iterator[None]:
    """Read pools in blocks of this many rows inside the ``with`` statement.

    Parameters
    ----------
    rows : int
        Rows a block. By default about 8 MiB a block.

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


def blocks(X: Any) -> Iterator[tuple[Any, Rows | None]]:
    """Read a container in order, block by block.

    Parameters
    ----------
    X : container
        See the module's list.

    Yields
    ------
    block : container
        Consecutive rows, of the kind of `X` (an ndarray for a Dataset).
    keep : ndarray of int or None
        Positions inside `block` that belong to `X`, in order; None: all of them. Only a `RowView` of an
        array with rising positions gives anything but None: a few unwanted rows are cheaper than a copy.
    """
    size = _block_rows.get() or _default_block_rows(X)
    X = X.tocsr() if sparse.issparse(X) else X  # once, not block by block
    in_place = isinstance(X, RowView) and (isinstance(X.X, np.ndarray) or _is_tensor(X.X))
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


def concatenate(A: Any, B: Any) -> Any:
    """Append the rows of `B` to `A`, in the container kind of `A`.

    Parameters
    ----------
    A, B : container
        Rows, or labels, of the same width; frames must have the same columns.

    Returns
    -------
    container
        Of the kind of `A`.

    Raises
    ------
    ValueError
        If the columns or the shape of a row differ.
    """
    if isinstance(A, RowView):
        A = take(A, slice(None))
    if isinstance(B, RowView):
        B = take(B, slice(None))
    if _is_columns(A):
        if not _is_columns(B) or set(A) != set(B):
            raise ValueError(f"concatenate: a dict with the keys {list(A)} is needed.")
        return {name: concatenate(column, B[name]) for name, column in A.items()}
    if _is_pandas(A):
        return _concatenate_pandas(A, B)
    if _is_polars(A):
        return sys.modules["polars"].concat([A, B if _is_polars(B) else type(A)(B)])
    if sparse.issparse(A):
        _check_same_row_shape(A, B)
        return sparse.vstack([A, B if sparse.issparse(B) else sparse.csr_matrix(np.asarray(B))], format=A.format)
    if _is_tensor(A):
        torch = sys.modules["torch"]
        B = torch.as_tensor(B, device=A.device)
        _check_same_row_shape(A, B)
        return torch.cat([A, B.to(torch.promote_types(A.dtype, B.dtype))])
    if isinstance(A, (list, tuple)):
        return [*A, *(to_numpy(B) if not isinstance(B, (list, tuple)) else B)]
    first, second = to_numpy(A), to_numpy(B)
    _check_same_row_shape(first, second)
    return np.concatenate([first, second])


def row_keys(X: Any) -> list[bytes]:
    """Return one short digest a row: equal rows have equal digests.

    Parameters
    ----------
    X : container
        Rows of numbers or strings.

    Returns
    -------
    list of bytes
        16 bytes a row. Cost: one read of `X`.
    """
    if sparse.issparse(X):
        csr = X.tocsr().copy()
        csr.sum_duplicates()
        csr.eliminate_zeros()
        parts = [slice(*csr.indptr[i : i + 2]) for i in range(csr.shape[0])]
        return [_digest(csr.indices[part].astype(np.int64).tobytes() + csr.data[part].tobytes()) for part in parts]
    if _is_columns(X):
        columns = [row_keys(column) for column in X.values()]
        return [_digest(b"".join(row)) for row in zip(*columns, strict=True)]
    try:
        array = to_numpy(X)
    except ValueError:  # rows of unequal length
        return [_digest(repr(row).encode()) for row in X]
    if array.dtype.kind == "O":
        return [_digest(repr(row.tolist() if isinstance(row, np.ndarray) else row).encode()) for row in array]
    if array.dtype.kind in "fiub":  # 1 and 1.0 are the same row, and so are 0.0 and -0.0
        return [_digest((np.asarray(row, dtype=np.float64) + 0.0).tobytes()) for row in array]
    return [_digest(np.ascontiguousarray(row).tobytes()) for row in array]


def to_numpy(X: Any) -> NDArray[Any]:
    """Return the rows as an ndarray (dense, on the host); an ndarray is returned as it is."""
    if isinstance(X, np.ndarray):
        return X
    if _is_tensor(X):
        array: NDArray[Any] = X.detach().cpu().numpy()
        return array
    if sparse.issparse(X):
        return np.asarray(X.toarray())
    if _is_pandas(X) or _is_polars(X):
        return np.asarray(X.to_numpy())
    if not isinstance(X, (list, tuple, RowView)) and hasattr(X, "__getitem__") and not hasattr(X, "__array__"):
        return _dataset_items(X, range(n_rows(X)))
    return np.asarray(X)


def _default_block_rows(X: Any) -> int:
    if isinstance(X, RowView):
        return _default_block_rows(X.X)
    itemsize = getattr(getattr(X, "dtype", None), "itemsize", None)
    shape = getattr(X, "shape", None)
    if shape is None or (itemsize is None and not _is_pandas(X)):
        return _UNSIZED_BLOCK_ROWS
    per_row = int(np.prod(shape[1:], dtype=np.int64)) * (itemsize or 8)
    if sparse.issparse(X):
        per_row = 12 * X.nnz // max(shape[0], 1)
    rows = _BLOCK_BYTES // max(per_row, 1) // _BLOCK_STEP * _BLOCK_STEP
    return int(min(max(rows, _BLOCK_STEP), _MAX_BLOCK_ROWS))


def _dataset_items(X: Any, positions: Any) -> NDArray[Any]:
    """Stack the inputs of a map-style Dataset; an item (x, y, ...) counts as x."""
    items = (X[i] for i in positions)
    inputs = [item[0] if isinstance(item, (tuple, list)) else item for item in items]
    if not inputs:
        first = X[0] if n_rows(X) else 0.0
        first = to_numpy(first[0] if isinstance(first, (tuple, list)) else first)
        return np.empty((0, *first.shape), dtype=first.dtype)
    return np.stack([to_numpy(item) for item in inputs])


def _concatenate_pandas(A: Any, B: Any) -> Any:
    pandas = sys.modules["pandas"]
    if hasattr(A, "columns"):
        if not hasattr(B, "columns") or list(A.columns) != list(B.columns):
            came = list(B.columns) if hasattr(B, "columns") else type(B).__name__
            raise ValueError(f"concatenate: a DataFrame with the columns {list(A.columns)} is needed, got {came}.")
        return pandas.concat([A, B])
    return pandas.concat([A, B if _is_pandas(B) else pandas.Series(to_numpy(B), name=A.name)])


def _check_same_row_shape(A: Any, B: Any) -> None:
    if tuple(A.shape[1:]) != tuple(B.shape[1:]):
        raise ValueError(f"concatenate: rows of shape {tuple(A.shape[1:])} are needed, got {tuple(B.shape[1:])}.")


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _is_columns(X: Any) -> bool:
    """A dict of columns; a dictionary-of-keys sparse matrix is a mapping too, of another kind."""
    return isinstance(X, Mapping) and not sparse.issparse(X)


def _is_pandas(X: Any) -> bool:
    return hasattr(X, "iloc")


def _is_polars(X: Any) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(X, (polars.DataFrame, polars.Series))


def _is_tensor(X: Any) -> bool:
    # No import: whoever holds a tensor has imported torch already.
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(X, torch.Tensor)
