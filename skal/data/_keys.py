"""Digests of rows, to tell whether a row was seen before."""

from __future__ import annotations

import hashlib
import numbers
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skal.data._kinds import is_columns, is_pandas, is_polars
from skal.data._rows import RowView, take, to_numpy

_EXACT = 2**53  # whole numbers below are floats without rounding


def row_keys(X: Any) -> list[bytes]:
    """Return one short digest a row: equal rows have equal digests, in whatever company, and others do not.

    Parameters
    ----------
    X : container
        Rows of numbers or strings.

    Returns
    -------
    list of bytes
        16 bytes a row. Cost: one read of `X`.

    Notes
    -----
    Numbers are equal whatever their type: 1, 1.0 and True, 0.0 and -0.0. One NaN is as another. Whole numbers that a
    float cannot hold are told apart. A row that is an array is known by its shape too. Numbers wider than a float are
    rounded to one, and a date in days is not the same date in nanoseconds: give rows that are compared one type.
    """
    if isinstance(X, RowView):
        X = take(X, slice(None))
    if sparse.issparse(X):
        return _of_sparse(X)
    if not isinstance(X, np.ndarray) and is_columns(X):
        columns = [row_keys(column) for column in X.values()]
        return [_digest(b"".join(row)) for row in zip(*columns, strict=True)]
    try:
        array = _exact_array(X)
    except ValueError:  # rows of unequal length, such as images of several sizes
        return [_of_one(row) for row in X]
    return _of_array(array)


def _of_array(array: NDArray[Any]) -> list[bytes]:
    """Digests of the rows of an array, which is a row's first axis."""
    if array.dtype.kind == "O" and array.ndim == 1:
        return [_of_one(row) if _holds_values(row) else _digest(_bytes_of_values([row])) for row in array]
    if array.dtype.kind in "OUS":
        parts = [_bytes_of_values(row.ravel().tolist() if isinstance(row, np.ndarray) else [row]) for row in array]
    else:
        parts = _bytes_of_numbers(array)
    shape = f"{array.shape[1:]}".encode() if array.ndim > 2 else b""
    return [_digest(shape + part) for part in parts]


def _of_one(row: Any) -> bytes:
    """Digest of a row by itself, the same as among rows of its shape."""
    try:
        array = _exact_array(row)
    except ValueError:  # a list of rows of unequal length
        return _digest(repr(row).encode())
    return _of_array(array[None])[0]


def _of_sparse(X: Any) -> list[bytes]:
    csr = X.tocsr().copy()
    csr.sum_duplicates()
    csr.eliminate_zeros()
    parts = [slice(*csr.indptr[i : i + 2]) for i in range(csr.shape[0])]
    if csr.data.dtype.kind in "iu" and csr.data.dtype.itemsize > 4:
        values = [_bytes_of_values(csr.data[part].tolist()) for part in parts]
    else:
        floats = _floats(csr.data)
        values = [floats[part].tobytes() for part in parts]
    columns = csr.indices.astype(np.int64)
    return [_digest(columns[part].tobytes() + row) for part, row in zip(parts, values, strict=True)]


def _exact_array(X: Any) -> NDArray[Any]:
    """Rows as an array; as objects where one type for all would change values: 1 beside "a", 2**60 + 1 beside 0.5."""
    array = to_numpy(X)
    if isinstance(X, (list, tuple)) and array.dtype.kind in "US":
        return np.array(X, dtype=object).reshape(array.shape)
    mixes = isinstance(X, (list, tuple)) or is_pandas(X) or is_polars(X)
    if not mixes or array.dtype.kind != "f" or not (np.abs(array) >= _EXACT).any():
        return array
    if is_pandas(X):
        return np.asarray(X.astype(object).where(X.notna(), np.nan))
    if is_polars(X):
        frame = X if hasattr(X, "columns") else X.to_frame()
        rows = [[np.nan if value is None else value for value in row] for row in frame.rows()]
        return np.array(rows, dtype=object).reshape(array.shape)
    return np.array(X, dtype=object)


def _bytes_of_numbers(array: NDArray[Any]) -> list[bytes]:
    """Rows of numbers as bytes; one with a whole number that a float cannot hold as `_bytes_of_values` has it."""
    floats = _floats(array)
    parts = [np.ascontiguousarray(row).tobytes() for row in floats]
    if array.dtype.kind in "iu" and array.dtype.itemsize > 4 and array.size:
        for row in np.flatnonzero((np.abs(floats) >= _EXACT).reshape(len(array), -1).any(axis=1)):
            parts[row] = _bytes_of_values(array[row].ravel().tolist())
    return parts


def _bytes_of_values(values: list[Any]) -> bytes:
    """Values of any kind as bytes: numbers alone as floats where these hold them, and all else as text."""
    plain = [_plain(value) for value in values]
    if all(isinstance(value, float) for value in plain):
        return _floats(np.array(plain, dtype=np.float64)).tobytes()
    return repr([value + 0.0 if isinstance(value, float) else value for value in plain]).encode()


def _plain(value: Any) -> Any:
    """A number as a float that equals it, or else as an int; text as str; anything else as it is."""
    if isinstance(value, (str, bytes)):
        return str(value) if isinstance(value, str) else bytes(value)
    if isinstance(value, (numbers.Integral, np.bool_)):
        whole = int(value)
        return float(whole) if abs(whole) < _EXACT or _fits_a_float(whole) else whole
    return float(value) if isinstance(value, (float, np.floating)) else value


def _fits_a_float(whole: int) -> bool:
    return abs(whole) <= sys.float_info.max and int(float(whole)) == whole


def _holds_values(value: Any) -> bool:
    """A row that is an array or a list, and not one value."""
    return isinstance(value, (list, tuple)) or len(getattr(value, "shape", ())) > 0


def _floats(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers that are equal get equal bytes: 1 and 1.0, 0.0 and -0.0, and NaN whatever its sign."""
    if array.dtype.kind not in "fiub":
        return array
    floats = array.astype(np.float64) + 0.0
    if array.dtype.kind == "f":
        floats[np.isnan(floats)] = np.nan
    return floats


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
