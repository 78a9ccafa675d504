"""Rows by position: how many, some of them, a view of them, and all of them as an ndarray."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from skal.data._kinds import (
    is_columns,
    is_extension,
    is_pandas,
    is_polars,
    is_sliced,
    is_tensor,
    refuse_loader,
    refuse_masked,
)
from skal.data._pandas import pandas_to_numpy
from skal.data._sliced import read_rows, read_slice

Rows = NDArray[np.intp]


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
        Whatever `skal.data` names.

    Returns
    -------
    int
        ``len`` where it means rows; scipy sparse raises on it and a dict would count its columns.

    Raises
    ------
    TypeError
        If `X` is a scalar, an iterable without a length, or a masked array.
    """
    if type(X) is np.ndarray and X.ndim:
        return len(X)  # the usual container is asked nothing further
    refuse_masked(X)  # here, since whatever takes rows counts them
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) > 0:
        return int(shape[0])
    if is_columns(X) and X:
        return n_rows(next(iter(X.values())))
    refuse_loader(X)
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
        Whatever `skal.data` names.
    rows : int, array-like of int, or slice
        Positions. A slice of an ndarray is a view.

    Returns
    -------
    container
        Of the kind of `X`; a Dataset gives an ndarray of its items (the first member of a tuple, so a
        label that follows it is not seen), a list where their shapes differ. An array on disk (h5py, zarr, dask)
        gives an ndarray, read by slices or by rising positions.
    """
    if isinstance(X, RowView):
        if isinstance(rows, slice):
            return take(X.X, X.rows[rows])
        wanted = np.asarray(rows)
        return take(X.X, X.rows[wanted if wanted.size else wanted.astype(np.intp)])
    if not isinstance(X, np.ndarray) and is_columns(X):
        return {name: take(column, rows) for name, column in X.items()}
    index: Any = rows if isinstance(rows, slice) else np.asarray(rows)
    if not isinstance(index, slice) and index.size == 0:
        index = index.astype(np.intp)
    if not isinstance(index, slice) and index.dtype.kind not in "iu":
        raise TypeError(
            f"take: rows must be integer positions, got {index.dtype}; turn a mask into positions with "
            "numpy.flatnonzero."
        )
    if isinstance(X, np.ndarray):
        return X[index]
    if is_pandas(X):
        return X.iloc[index]
    if sparse.issparse(X):
        return (X if X.format == "csr" else X.tocsr())[index]
    if is_extension(X):
        return X[index if isinstance(index, slice) or index.ndim else int(index)]
    if is_sliced(X):
        return read_slice(X, index) if isinstance(index, slice) else read_rows(X, index)
    if is_tensor(X):
        return X[_index_of_tensor(index, X)]
    if is_polars(X):
        return X[index if isinstance(index, slice) else index.tolist()]
    if isinstance(index, np.ndarray) and index.ndim == 0:
        return X[int(index)] if isinstance(X, (list, tuple)) else _dataset_items(X, [int(index)])[0]
    positions = range(*index.indices(n_rows(X))) if isinstance(index, slice) else index.tolist()
    if isinstance(X, (list, tuple)):
        return [X[i] for i in positions]
    if hasattr(X, "__getitem__"):
        return _dataset_items(X, positions)
    return np.asarray(X)[index]


def to_numpy(X: Any) -> NDArray[Any]:
    """Return the rows as an ndarray (dense, on the host); an ndarray is returned as it is.

    Whole columns of numbers in which some are missing (pandas' Int64 and the like) become floats with NaN.

    Raises
    ------
    TypeError
        If the array is masked.
    """
    if type(X) is np.ndarray:
        return X
    refuse_masked(X)
    if isinstance(X, np.ndarray):
        return X
    if is_columns(X):
        return np.column_stack([to_numpy(column) for column in X.values()])
    if is_tensor(X):
        array: NDArray[Any] = X.detach().cpu().numpy()
        return array
    if sparse.issparse(X):
        return np.asarray(X.toarray())
    if is_pandas(X) or is_extension(X):
        return pandas_to_numpy(X)
    if is_polars(X):
        return np.asarray(X.to_numpy())
    if is_sliced(X):
        return read_slice(X, slice(None))
    if not isinstance(X, (list, tuple, RowView)) and hasattr(X, "__getitem__") and not hasattr(X, "__array__"):
        return np.asarray(_dataset_items(X, range(n_rows(X))))
    return np.asarray(X)


def in_memory(X: Any) -> Any:
    """Return an array on disk, or an extension array of pandas, as an ndarray; anything else as it is.

    For what is kept and trained on: scikit-learn reads ndarrays, frames and sparse matrices.
    """
    refuse_masked(X)
    return to_numpy(X) if is_extension(X) or is_sliced(X) else X


def _index_of_tensor(index: Any, X: Any) -> Any:
    """Positions in a form that torch takes: neither slices nor arrays that run backwards."""
    if isinstance(index, slice):
        if index.step is None or index.step > 0:
            return index
        index = np.arange(*index.indices(n_rows(X)))
    return sys.modules["torch"].as_tensor(index.copy(order="C"), device=X.device)


def _dataset_items(X: Any, positions: Any) -> Any:
    """Stack the inputs of a map-style Dataset, if they have one shape; an item (x, y, ...) counts as x."""
    items = (X[i] for i in positions)
    inputs = [item[0] if isinstance(item, (tuple, list)) else item for item in items]
    if not inputs:
        first = X[0] if n_rows(X) else 0.0
        first = to_numpy(first[0] if isinstance(first, (tuple, list)) else first)
        return np.empty((0, *first.shape), dtype=first.dtype)
    arrays = [to_numpy(item) for item in inputs]
    return np.stack(arrays) if len({array.shape for array in arrays}) == 1 else arrays
