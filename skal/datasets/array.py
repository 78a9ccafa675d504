"""Rows in one ``.npy`` file, labels in another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from skal.datasets._dataset import Dataset
from skal.datasets._label_sets import sets_of_columns
from skal.datasets._labels import encoded
from skal.tables import ARRAYS, read_array


def load_array(
    path: str | Path,
    target: str | Path | None = None,
    *,
    missing_label: Any = "auto",
    numbers: bool | None = None,
) -> Dataset:
    """Load rows from an ``.npy`` file, and their labels from another one.

    Parameters
    ----------
    path : str or Path
        Rows, an array of shape (n, ...).
    target : str or Path
        Labels, an array of shape (n,) of any type, or (n, L) of 0 and 1, several labels a row; a relative path is
        looked for beside the rows first.
    missing_label : scalar, default="auto"
        "auto": NaN, None and blank text are missing labels. Any other value, such as -1, is one too.
    numbers : bool, default=None
        Whether labels are numbers to predict; None: if one of them is a fraction.

    Returns
    -------
    Dataset
        `X` is a memory map where all rows have a label; else their copy, with the others in `X_unlabeled`. `y` holds
        positions in `classes`, the sorted labels; or numbers to predict, and `classes` is empty; or, of several
        labels a row, 0 and 1 for each of `classes`, which are called "label 0", "label 1", ...

    Raises
    ------
    ValueError
        If a file is damaged or holds objects, the two differ in length, or no row has a label.
    FileNotFoundError
        If there is no such file.
    """
    path = Path(path)
    X = read_array(path)
    if X.ndim < 2:
        raise ValueError(f"{path.name} must have shape (n, ...), at least two axes, got {X.shape}.")
    if target is None:
        raise ValueError(f"{path.name} needs target=, the {ARRAYS[0]} file of its labels, such as target=y.npy.")
    beside = path.parent / target
    y = np.asarray(read_array(beside if beside.exists() else target))
    several = y.ndim == 2 and y.shape[1] > 1 and len(y) == len(X) and not numbers
    if y.shape != (len(X),) and not several:
        raise ValueError(f"{Path(target).name} must hold one label for each of {len(X)} rows, got shape {y.shape}.")
    name = Path(target).name
    labels = sets_of_columns(y, name, missing_label) if several else encoded(y, name, missing_label, numbers)
    unlabeled = None if labels.labeled.all() else X[~labels.labeled]
    X = X if unlabeled is None else X[labels.labeled]
    return Dataset(path.stem, X, labels.y, classes=labels.classes, notes=labels.notes, X_unlabeled=unlabeled)
