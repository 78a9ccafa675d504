"""Columns of pandas as ndarrays, and columns of categories under one another."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pandas_to_numpy(X: Any) -> NDArray[Any]:
    """Return a frame, a column or an extension array as an ndarray: numbers as numbers, NaN where one is missing.

    Without this, one missing value in a column of whole numbers makes objects of the whole table.
    """
    if hasattr(X, "columns"):
        array: NDArray[Any] = np.asarray(X.to_numpy())
        if array.dtype.kind == "O" and X.shape[1] and all(_is_nullable_number(dtype) for dtype in X.dtypes):
            array = np.asarray(X.to_numpy(dtype=np.float64, na_value=np.nan))
        return array
    if not isinstance(X.dtype, np.dtype) and _is_nullable_number(X.dtype):
        if bool(X.isna().any()):
            return np.asarray(X.to_numpy(dtype=np.float64, na_value=np.nan))
        return np.asarray(X.to_numpy(dtype=_plain(X.dtype)))
    return np.asarray(X.to_numpy() if hasattr(X, "to_numpy") else X)


def concatenate_frames(A: Any, B: Any) -> Any:
    """Append frames of the same columns; where both have categories, those of both are known afterwards."""
    pandas = sys.modules["pandas"]
    A, B = A.copy(deep=False), B.copy(deep=False)
    for name in dict.fromkeys(A.columns):
        if isinstance(A[name], pandas.Series):  # not one of several columns of a name
            A[name], B[name] = united_levels(A[name], B[name], name)
    return pandas.concat([A, B])


def united_levels(a: Any, b: Any, name: Any) -> tuple[Any, Any]:
    """Return two columns with the categories of both, so that together they stay one column of categories.

    Raises
    ------
    ValueError
        If both are ordered and neither order holds the other: no order of all levels follows from them.
    """
    pandas = sys.modules["pandas"]
    kinds = [isinstance(column.dtype, pandas.CategoricalDtype) for column in (a, b)]
    if not any(kinds):
        return a, b
    if not kinds[0]:
        return a, b  # the first is no column of categories, and its kind is kept
    if not kinds[1]:
        b = b.astype("category")
    if a.dtype == b.dtype and list(a.cat.categories) == list(b.cat.categories):
        return a, b
    first, second = list(a.cat.categories), list(b.cat.categories)
    new = [level for level in second if level not in set(first)]
    if a.cat.ordered:
        larger, smaller = (first, second) if len(first) >= len(second) else (second, first)
        in_order = b.cat.ordered or not new
        if not in_order or ([level for level in larger if level in set(smaller)] != smaller and b.cat.ordered):
            raise ValueError(
                f"concatenate: the ordered levels of column {name!r} must agree, got {first} and {second}. Give both "
                "the same levels with .cat.set_categories(levels, ordered=True)."
            )
        levels = larger if b.cat.ordered else first
    else:
        levels = [*first, *new]
    dtype = pandas.CategoricalDtype(levels, ordered=a.cat.ordered)
    return a.astype(dtype), b.astype(dtype)


def _is_nullable_number(dtype: Any) -> bool:
    """A dtype of numbers, of NumPy or of an array that may have pandas.NA in it."""
    numeric: bool = sys.modules["pandas"].api.types.is_numeric_dtype(dtype)
    return numeric and getattr(dtype, "kind", "O") in "fiub"


def _plain(dtype: Any) -> Any:
    return getattr(dtype, "numpy_dtype", None) or np.float64
