"""Vectors as dense floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import to_numpy
from skal.outputs._reading import Array, InvalidOutput, MissingOutput

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
    return Z if Z.dtype.kind == "f" else Z.astype(np.float32 if Z.dtype.itemsize < 4 else np.float64)
