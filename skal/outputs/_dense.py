"""Vectors as dense floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import to_numpy
from skal.outputs._reading import Array, InvalidOutput, MissingOutput

_LARGEST_32, _LARGEST_64 = 1e12, 1e140
_DENSE_LIMIT = 2 * 2**30  # bytes a sparse embedding may take when made dense


def dense(Z: Any, n: int, name: str) -> Array:
    """Return a block as an ndarray, or raise where all n rows of such a sparse one would not fit."""
    if hasattr(Z, "toarray"):
        if n * Z.shape[1] * Z.dtype.itemsize > _DENSE_LIMIT:
            raise MissingOutput(
                f"needs dense embeddings: {name} gives {n} sparse rows of {Z.shape[1]} columns, more than "
                f"{_DENSE_LIMIT // 2**30} GiB when dense. Put a TruncatedSVD in the Pipeline or pass embedding=."
            )
        Z = Z.toarray()
    return to_numpy(Z)


def floats(Z: Array, name: str) -> Array:
    """Return a block of vectors as floats, or raise where it holds none."""
    if Z.ndim != 2 or Z.dtype.kind not in "fiub":
        raise InvalidOutput(f"{name} must give (n, d) numbers, got {Z.dtype} of shape {Z.shape}.")
    # Small whole numbers (pixels) are exact in float32, at half the memory.
    vectors = Z if Z.dtype.kind == "f" else Z.astype(np.float32 if Z.dtype.itemsize < 4 else np.float64)
    return _with_room_to_square(vectors, name)


def _with_room_to_square(Z: Array, name: str) -> Array:
    """Vectors in a precision in which squared distances neither overflow nor vanish; float64 of others is refused."""
    if Z.size == 0 or not np.isfinite(extremes := (float(Z.min()), float(Z.max()))).all():
        return Z  # rows that are not finite are counted elsewhere
    largest = max(-extremes[0], extremes[1])
    if largest >= _LARGEST_64:
        raise InvalidOutput(
            f"{name} must give numbers below {_LARGEST_64:g}, so that distances can be squared, got {largest:.4g}. "
            "Rescale the rows, such as by a StandardScaler in a Pipeline."
        )
    if Z.dtype.itemsize < 8 and not (largest == 0.0 or 1 / _LARGEST_32 < largest < _LARGEST_32):
        return Z.astype(np.float64)
    return Z if Z.dtype.itemsize >= 4 else Z.astype(np.float32)
