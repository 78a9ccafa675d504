"""What every score shares: the check of its input, the walk over blocks of rows, the reduction of pixels to rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.scores._arrays import Array, Table, all_finite, as_floats, contiguous, is_tensor, module_of, on_a_device
from skal.scores._fast import fast
from skal.scores._reductions import Reduction, by_row, per_row, reduction_of

Floats = NDArray[np.floating[Any]]
Scores = Any  # an ndarray of shape (n,), or a tensor of it on the device of P

_BLOCK_ELEMENTS = 2**16  # of P at a time: a block and what is made of it stay in the cache of one core
_DEVICE_BLOCK_ELEMENTS = 2**25  # an accelerator wants long operations
_FEW_CLASSES = 48  # up to here a block is laid out class by class, since reductions of short rows are slow,
_MANY_ROWS = 512  # where there are so many


def score_rows(
    P: Table,
    who: str,
    score: Callable[[Array], Array],
    reduction: Reduction,
    *,
    members: bool = False,
    kernel: str | None = None,
    classwise: bool = True,
) -> Scores:
    """Score P block by block, in one pass, and refuse what is not finite.

    `score` takes (b, C, s) to (b, s), or (T, b, C, s) with `members`; without the axis of pixels where there is none.
    `kernel` names a compiled version for whole tables in memory; without `classwise` the score reduces the members
    first, and gains nothing from another layout.
    """
    reduction = reduction_of(reduction)
    row_axis = int(members)
    A: Array = checked_shape(P, row_axis + 2, who)
    if kernel is not None and A.ndim == row_axis + 2 and (scores := fast(kernel, A)) is not None:
        return scores
    n, a_pixel = A.shape[row_axis], A.shape[row_axis + 1] * (len(A) if members else 1)  # numbers that make one score
    budget = _DEVICE_BLOCK_ELEMENTS if on_a_device(A) else _BLOCK_ELEMENTS
    step = max(1, budget // max(a_pixel * math.prod(A.shape[row_axis + 2 :]), 1))
    parts, totals = [], []
    with np.errstate(all="ignore"):  # numbers that are not finite are refused below, by name
        for start in range(0, max(n, 1), step):
            block = as_floats(A[:, start : start + step] if members else A[start : start + step])
            totals.append(block.sum())
            if block.ndim > row_axis + 2:
                part = _pixels(block, score, row_axis + 1, max(1, budget // a_pixel))
                parts.append(per_row(part, reduction) if by_row(reduction) else part)
            else:
                parts.append(_rows(block, score, row_axis) if classwise else score(block))
    if not all_finite(totals):  # or a sum is too large for its type
        refuse_not_finite(A, row_axis, who, step)
    scores = parts[0] if len(parts) == 1 else module_of(A).concatenate(parts)
    return per_row(scores, reduction)


def _pixels(block: Array, score: Callable[[Array], Array], class_axis: int, step: int) -> Array:
    """Scores (b, s) of a block of rows with pixels, some pixels at a time where a single row is large."""
    block = block.reshape((*block.shape[: class_axis + 1], math.prod(block.shape[class_axis + 1 :])))
    n_pixels = block.shape[-1]
    if block.shape[class_axis - 1] > 1 or n_pixels <= step:
        return score(block)
    parts = [score(block[..., start : start + step]) for start in range(0, n_pixels, step)]
    return module_of(block).concatenate(parts, axis=-1)


def _rows(block: Array, score: Callable[[Array], Array], row_axis: int) -> Array:
    """Scores (b,) of a block of rows without pixels. With few classes the rows are scored as if they were pixels."""
    n, C = block.shape[row_axis:]
    if n < _MANY_ROWS or C > _FEW_CLASSES:
        return score(block)
    xp = module_of(block)
    laid_out = contiguous(xp.swapaxes(block, row_axis, row_axis + 1))
    return score(laid_out[:, None] if row_axis else laid_out[None])[0]


def checked_shape(P: Table, min_dims: int, who: str) -> Array:
    """Return P as an array or a tensor, or raise: too few axes, no class, no member."""
    array: Any = P if is_tensor(P) else np.asarray(P)
    shape = tuple(array.shape)
    if len(shape) < min_dims or shape[min_dims - 1] == 0 or (min_dims == 3 and len(array) == 0):
        axes, what = ("(n, C, ...)", "class") if min_dims == 2 else ("(T, n, C, ...)", "member and one class")
        raise ValueError(f"{who}: P must have shape {axes} with at least one {what}, got {shape}.")
    if not is_tensor(array) and array.dtype.kind not in "fiub":
        array = array.astype(np.float64)
    return array


def refuse_not_finite(P: Array, row_axis: int, who: str, step: int) -> None:
    """Raise with the count and the first row if a value is NaN or infinite."""
    xp, n_bad, first = module_of(P), 0, -1
    n = P.shape[row_axis]
    for start in range(0, n, step):
        block = P[:, start : start + step] if row_axis else P[start : start + step]
        finite = xp.moveaxis(xp.isfinite(block), row_axis, 0)
        bad = ~finite.reshape((len(finite), math.prod(finite.shape[1:]))).all(axis=1)
        if bad.any():
            first = first if n_bad else start + int(xp.argmax(bad * 1))
            n_bad += int(bad.sum())
    if n_bad:
        raise ValueError(f"{who}: P must be finite, got NaN or infinity in {n_bad} of {n} rows, first row {first}.")


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
    array = checked_shape(array, min_dims, who)
    if not np.isfinite(array).all():
        refuse_not_finite(array, min_dims - 2, who, max(len(array), 1))
    return array
