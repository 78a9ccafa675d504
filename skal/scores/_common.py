"""What every score shares: the check of its input, and the reduction of pixels to rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
Reduction = Literal["mean", "max"] | Callable[[Floats], Floats]


def checked_table(P: ArrayLike, who: str) -> Floats:
    """Return P of shape (n, L) as floats, or raise."""
    array = checked(P, 2, who)
    if array.ndim != 2:
        raise ValueError(f"{who}: P must have shape (n, L), got {array.shape}.")
    return array


def checked(P: ArrayLike, min_dims: int, who: str) -> Floats:
    """Return P as floats, or raise: too few axes, no class, or a value that is not finite."""
    array: Floats = np.asarray(P)
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    if array.ndim < min_dims or array.shape[min_dims - 1] == 0 or (min_dims == 3 and len(array) == 0):
        axes, what = ("(n, C, ...)", "class") if min_dims == 2 else ("(T, n, C, ...)", "member and one class")
        raise ValueError(f"{who}: P must have shape {axes} with at least one {what}, got {array.shape}.")
    finite = np.isfinite(array)
    if not finite.all():
        row_axis = min_dims - 2
        other_axes = tuple(axis for axis in range(array.ndim) if axis != row_axis)
        bad = np.flatnonzero(~finite.all(axis=other_axes))
        raise ValueError(
            f"{who}: P must be finite, got NaN or infinity in {len(bad)} of {array.shape[row_axis]} rows, "
            f"first row {bad[0]}."
        )
    return array


def per_row(score: Floats, reduction: Reduction) -> Floats:
    """Reduce (n, ...) to (n,)."""
    if score.ndim == 1:
        return score
    pixels = score.reshape(len(score), int(np.prod(score.shape[1:])))
    if callable(reduction):
        return reduction(pixels)
    if reduction == "mean":
        return np.asarray(pixels.mean(axis=1))
    if reduction == "max":
        return np.asarray(pixels.max(axis=1))
    raise ValueError(f"reduction must be 'mean', 'max' or a callable, got {reduction!r}.")
