"""Labels as arrays, and which of their entries are missing."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import to_numpy

__all__ = [
    "as_meant",
    "equals",
    "first_present",
    "is_missing",
    "label_values",
    "missing_entries",
    "natural_type",
    "present_labels",
]


def label_values(y: Any) -> NDArray[Any]:
    """Return labels as an ndarray; a list with None in it keeps its objects, a column (n, 1) becomes a vector.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, L)
        Labels of any type: ndarray, list, pandas Series (nullable and categorical dtypes too).

    Returns
    -------
    ndarray of shape (n,) or (n, L)
        The labels.

    Raises
    ------
    ValueError
        If `y` is a scalar.
    """
    if isinstance(y, (list, tuple)) and any(is_missing(value) for value in y):
        values = np.empty(len(y), dtype=object)
        values[:] = y
        return values
    if hasattr(y, "dtype") and hasattr(y, "astype") and hasattr(y.dtype, "na_value"):
        return np.asarray(y.astype(object))  # pandas' nullable, string and Arrow dtypes, of a Series or an array
    if hasattr(y, "dtype") and hasattr(y, "iloc") and not isinstance(y.dtype, np.dtype):
        return np.asarray(y.astype(object))  # categories
    values = to_numpy(y)
    if values.ndim == 0:
        raise ValueError(f"y must be a one- or two-dimensional array of labels, got the scalar {y!r}.")
    return values.ravel() if values.size == len(values) else values


def missing_entries(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which entries of an array of labels are missing: NaN, None, pandas.NA, NaT, and text that is blank."""
    if values.dtype.kind in "fc":
        return np.asarray(np.isnan(values))
    if values.dtype.kind in "mM":
        return np.asarray(np.isnat(values))
    if values.dtype.kind == "U":
        return np.asarray(np.char.strip(values) == "")
    if values.dtype.kind != "O":
        return np.zeros(values.shape, dtype=bool)
    missing = [is_missing(value) for value in values.ravel()]
    return np.array(missing, dtype=bool).reshape(values.shape)


def is_missing(value: Any) -> bool:
    """Tell whether one value stands for a label that is not there."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, numbers.Real) and value != value


def first_present(values: Any) -> Any:
    """Return the first label that is not missing; None if all are."""
    return next((value for value in values if not is_missing(value)), None)


def equals(values: NDArray[Any], missing_label: Any) -> NDArray[np.bool_]:
    """Compare element by element; a label of another type than the mark is not equal to it."""
    text = isinstance(missing_label, str)
    equal = [
        not is_missing(value) and isinstance(value, str) == text and bool(value == missing_label)
        for value in values.astype(object).ravel()
    ]
    return np.array(equal, dtype=bool).reshape(values.shape)


def as_meant(labels: NDArray[Any], y: Any) -> NDArray[Any]:
    """Return labels that were taken from `y` as the type they were meant to be.

    Parameters
    ----------
    labels : ndarray
        Rows of `y` that are labelled.
    y : array-like
        Where they come from: of a list nobody asked for objects.

    Returns
    -------
    ndarray
        Whole floats as ints, objects as what they hold; text in an array of objects stays so.
    """
    labels = natural_type(labels)
    if labels.dtype.kind == "O" and isinstance(y, (list, tuple)) and all(isinstance(v, str) for v in labels.ravel()):
        return np.array(labels.tolist())
    return labels


def natural_type(labels: NDArray[Any]) -> NDArray[Any]:
    """Return whole floats as ints, objects as what they hold; text stays what it is."""
    if labels.dtype.kind == "O":
        kinds = {type(value) for value in labels.ravel()}
        if not any(issubclass(kind, str) for kind in kinds):
            labels = np.array(labels.tolist())
    if labels.dtype.kind == "f" and (labels == np.floor(labels)).all() and np.abs(labels).max() < 2**53:
        return labels.astype(np.int64)
    return labels


def present_labels(y: Any) -> list[Any] | None:
    """Return the different labels of rows that have one; None where `y` does not hold one label a row.

    A kind of targets may ask this to recognise its own.

    Parameters
    ----------
    y : anything
        Targets of any kind, some of them missing.

    Returns
    -------
    list or None
        Each label once, in no order.

    Examples
    --------
    >>> sorted(present_labels(["low", None, "high", "low"])), present_labels([[0, 1], [1, 1]])
    (['high', 'low'], None)
    """
    shape = getattr(y, "shape", None)
    if y is None or isinstance(y, (str, bytes, dict)) or (shape is not None and len(shape) > 2):
        return None
    try:
        if isinstance(y, (list, tuple)) and np.ndim(first_present(y)) > 0:
            return None
        values = label_values(y)
        if values.ndim != 1:
            return None
        return list(dict.fromkeys(values[~missing_entries(values)].tolist()))
    except (TypeError, ValueError):  # ragged lists, labels that cannot be hashed
        return None
