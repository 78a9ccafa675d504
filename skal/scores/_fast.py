"""Compiled scores for large tables in memory, where numba is installed (``skal[fast]``)."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Importing numba and loading what it compiled costs about half a second, once a process, which is what tables of this
# size save in some dozen calls. The size alone decides, so that a call gives the same digits in every process.
MIN_ELEMENTS = 2**22


def fast(kernel: str, P: Any) -> NDArray[Any] | None:
    """Score P by a compiled kernel; None where there is none, P is no fit, or its numbers need another look."""
    if not isinstance(P, np.ndarray) or P.size < MIN_ELEMENTS or not _fits(P) or (kernels := compiled()) is None:
        return None
    scores: NDArray[Any] | None = getattr(kernels, kernel)(P)
    return scores


def _fits(P: NDArray[Any]) -> bool:
    return P.dtype in (np.float32, np.float64) and P.dtype.isnative and P.flags.c_contiguous and P.flags.aligned


@functools.cache
def compiled() -> ModuleType | None:
    """Return the module of kernels, or None without numba."""
    if importlib.util.find_spec("numba") is None:
        return None
    return importlib.import_module("skal.scores._numba")
