"""Appending rows to rows, once or again and again."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skal.data._kinds import is_columns, is_pandas, is_polars, is_tensor
from skal.data._pandas import concatenate_frames, united_levels
from skal.data._pixels import pixel_kind
from skal.data._rows import RowView, take, to_numpy

_TO_255 = ("bytes as floats", "bright")
_IN_WORDS = {
    "bytes": "bytes of 0 to 255",
    "bytes as floats": "whole numbers of 0 to 255",
    "shares": "floats of 0 to 1",
    "either": "zeros and ones",
    "bright": "floats of 0 to 255",
    "floats": "numbers of another range",
}


def concatenate(A: Any, B: Any) -> Any:
    """Append the rows of `B` to `A`, in the container kind of `A`.

    Parameters
    ----------
    A, B : container
        Rows, or labels, of the same width; frames must have the same columns.

    Returns
    -------
    container
        Of the kind of `A`. Columns of categories keep the levels of both.

    Raises
    ------
    ValueError
        If the columns or the shape of a row differ.
    """
    if isinstance(A, RowView):
        A = take(A, slice(None))
    if isinstance(B, RowView):
        B = take(B, slice(None))
    if is_columns(A):
        if not is_columns(B) or set(A) != set(B):
            raise ValueError(f"concatenate: a dict with the keys {list(A)} is needed.")
        return {name: concatenate(column, B[name]) for name, column in A.items()}
    if is_pandas(A):
        return _concatenate_pandas(A, B)
    if is_polars(A):
        return _concatenate_polars(A, B)
    if sparse.issparse(A):
        B = B if sparse.issparse(B) else to_numpy(B)
        _check_same_row_shape(A, B)
        return sparse.vstack([A, B if sparse.issparse(B) else type(A)(B)], format=A.format)
    if is_tensor(A):
        torch = sys.modules["torch"]
        B = torch.as_tensor(B, device=A.device)
        _check_same_row_shape(A, B)
        return torch.cat([A, B.to(torch.promote_types(A.dtype, B.dtype))])
    if isinstance(A, (list, tuple)):
        return [*A, *(to_numpy(B) if not isinstance(B, (list, tuple)) else B)]
    first, second = to_numpy(A), to_numpy(B)
    _check_same_row_shape(first, second)
    return np.concatenate([first, _in_numbers_of(first, second)])


class RowBuffer:
    """Appends to an array again and again without copying what is there each time.

    Rows that were handed out are never written to again: an array other than the last one handed out is
    copied.

    Examples
    --------
    >>> buffer = RowBuffer()
    >>> first = buffer.extend(np.zeros((2, 1)), np.ones((1, 1)))
    >>> second = buffer.extend(first, np.ones((1, 1)))
    >>> len(first), len(second), np.shares_memory(first, second)
    (3, 4, True)
    """

    def __init__(self) -> None:
        self._store: NDArray[Any] = np.empty(0)
        self._given: NDArray[Any] | None = None  # a part of the store: all that is filled

    def extend(self, A: Any, B: Any) -> Any:
        """Return what ``concatenate(A, B)`` returns; for arrays it may be a view of the buffer."""
        plain = isinstance(A, np.ndarray) and isinstance(B, np.ndarray) and A.dtype == B.dtype
        if not plain or A.shape[1:] != B.shape[1:] or A.dtype.hasobject:
            return concatenate(A, B)
        n = len(A) + len(B)
        if A is not self._given or n > len(self._store):  # not by its base: a reversed view has the same
            self._store = np.empty((2 * n, *A.shape[1:]), dtype=A.dtype)
            self._store[: len(A)] = A
        self._store[len(A) : n] = B
        self._given = self._store[:n]
        return self._given


def _concatenate_pandas(A: Any, B: Any) -> Any:
    pandas = sys.modules["pandas"]
    if hasattr(A, "columns"):
        if not hasattr(B, "columns") or list(A.columns) != list(B.columns):
            came = list(B.columns) if hasattr(B, "columns") else type(B).__name__
            raise ValueError(f"concatenate: a DataFrame with the columns {list(A.columns)} is needed, got {came}.")
        return concatenate_frames(A, B)
    B = B if is_pandas(B) else pandas.Series(to_numpy(B), name=A.name)
    return pandas.concat(united_levels(A, B, A.name))


def _concatenate_polars(A: Any, B: Any) -> Any:
    polars = sys.modules["polars"]
    B = B if is_polars(B) else type(A)(B)
    if isinstance(A, polars.Series):
        together = _concatenate_polars(A.alias("y").to_frame(), B.alias("y").to_frame())
        return together["y"].alias(A.name)
    if A.columns != B.columns:
        raise ValueError(f"concatenate: a frame with the columns {A.columns} is needed, got {B.columns}.")
    for name, kind in A.schema.items():
        other = B.schema[name]
        if kind != other and isinstance(kind, polars.Enum) and isinstance(other, polars.Enum):
            levels = polars.Enum(list(dict.fromkeys([*kind.categories, *other.categories])))
            A, B = A.with_columns(A[name].cast(levels)), B.with_columns(B[name].cast(levels))
    return polars.concat([A, B], how="vertical_relaxed")


def _in_numbers_of(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """Return images in the numbers of those before: bytes beside floats would be 255 times as bright, or as dark."""
    if (
        first.ndim != 4
        or not len(first)
        or not len(second)
        or (first.dtype == np.uint8) == (second.dtype == np.uint8)
    ):
        return second
    before, now = pixel_kind(first), pixel_kind(second)
    plain = now == "either" and (second.dtype.kind in "biu" or not second.any())
    if before == "bytes" and (now in _TO_255 or plain):
        return second.round().clip(0, 255).astype(np.uint8)
    if now == "bytes" and before in _TO_255:
        return second.astype(first.dtype)
    remedy = "Multiply by 255 and take .astype(numpy.uint8)" if before == "bytes" else "Divide them by 255"
    raise ValueError(
        f"concatenate: images must be in the numbers of those before, {_IN_WORDS[before]}, got {_IN_WORDS[now]}. "
        f"{remedy}."
    )


def _check_same_row_shape(A: Any, B: Any) -> None:
    if tuple(A.shape[1:]) != tuple(B.shape[1:]):
        raise ValueError(f"concatenate: rows of shape {tuple(A.shape[1:])} are needed, got {tuple(B.shape[1:])}.")
