"""Labels as positions in a tuple of class names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def positions(y: Any, classes: Sequence[str], n_rows: int, source: str) -> NDArray[np.int64]:
    """Check labels that are positions already, and return them as int64."""
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError(f"{source} must be whole numbers of shape (n,), got {y.dtype} of shape {y.shape}.")
    if len(y) != n_rows:
        raise ValueError(f"{source} must have one label for each of {n_rows} rows, got {len(y)}.")
    wrong = np.flatnonzero((y < 0) | (y >= len(classes)))
    if len(wrong):
        raise ValueError(
            f"{source} must hold positions in {len(classes)} classes, got {y[wrong[0]]} in row {wrong[0]} "
            f"({len(wrong)} rows are wrong)."
        )
    return y.astype(np.int64)


def encoded(column: Any, source: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Turn a column of labels of any kind (a Series) into positions and sorted class names."""
    missing = np.flatnonzero(column.isna().to_numpy())
    if len(missing):
        raise ValueError(
            f"{source} has no label in {len(missing)} of {len(column)} rows, first row {missing[0]}. Leave such rows "
            "out, or, if a word such as NA is a label, pass keep_default_na=False."
        )
    labels = column.astype(object).to_numpy()
    if column.dtype.kind == "f":
        if (labels != np.round(labels.astype(float))).any():
            raise ValueError(f"{source} holds fractions: these are classifiers, whose labels are classes.")
        labels = labels.astype(np.int64).astype(object)
    try:
        found = sorted(set(labels))
    except TypeError:  # labels of several types have an order only as text
        labels = np.array([str(label) for label in labels], dtype=object)
        found = sorted(set(labels))
    place = {label: position for position, label in enumerate(found)}
    y = np.array([place[label] for label in labels], dtype=np.int64)
    return y, tuple(str(label) for label in found)
