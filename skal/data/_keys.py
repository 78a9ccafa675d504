"""Digests of rows, to tell whether a row was seen before."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skal.data._kinds import is_columns
from skal.data._rows import RowView, take, to_numpy


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
    if isinstance(X, RowView):
        X = take(X, slice(None))
    if sparse.issparse(X):
        csr = X.tocsr().copy()
        csr.sum_duplicates()
        csr.eliminate_zeros()
        values = _same_bytes(csr.data)
        parts = [slice(*csr.indptr[i : i + 2]) for i in range(csr.shape[0])]
        return [_digest(csr.indices[part].astype(np.int64).tobytes() + values[part].tobytes()) for part in parts]
    if not isinstance(X, np.ndarray) and is_columns(X):
        columns = [row_keys(column) for column in X.values()]
        return [_digest(b"".join(row)) for row in zip(*columns, strict=True)]
    try:
        array = to_numpy(X)
    except ValueError:  # rows of unequal length, such as images of several sizes
        return [_key_of_one(row) for row in X]
    if array.dtype.kind in "OUS":
        return [_digest(repr(row.tolist() if isinstance(row, np.ndarray) else row).encode()) for row in array]
    array = _same_bytes(array)
    return [_digest(np.ascontiguousarray(row).tobytes()) for row in array]


def _key_of_one(row: Any) -> bytes:
    """Digest of a row by itself, the same as among rows of its shape; text would leave out most of a large array."""
    if not hasattr(row, "shape") or (array := to_numpy(row)).dtype.kind not in "fiub":
        return _digest(repr(row).encode())
    return _digest(np.ascontiguousarray(_same_bytes(array)).tobytes())


def _same_bytes(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers that are equal get equal bytes: 1 and 1.0, 0.0 and -0.0. Ints too large for a float stay ints."""
    if array.dtype.kind not in "fiub":
        return array
    floats = array.astype(np.float64) + 0.0
    exact = array.dtype.kind in "fb" or array.size == 0 or np.abs(floats).max() < 2**53
    return floats if exact else array


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
