"""What is checked of new rows and labels before anything is changed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from skal.data import n_rows, row_keys
from skal.outputs import is_regressor_like, refuse_nan
from skal.targets import finite_numbers, kind_of, label_values
from skal.warning import warn


def check_batch(
    X: Any,
    y: Any,
    X_known: Any,
    y_known: Any,
    classes: Any,
    force_all_finite: bool | None,
    estimator: Any,
    who: str,
    ignore_label: int = 255,
) -> None:
    """Raise if rows and labels cannot be taught; nothing is changed.

    Parameters
    ----------
    X, y : container
        New rows and their labels.
    X_known, y_known : container or None
        What is known already.
    classes : array-like or None
        All labels there are; None: any.
    force_all_finite : bool or None
        Whether NaN and infinity in `X` are refused; None: the estimator decides.
    estimator : estimator
        Which is to be taught.
    who : str
        For the messages.
    ignore_label : int, default=255
        Label of void pixels, where labels are masks.
    """
    if X is None or y is None:
        missing = "no rows" if X is None else "no labels: it requires y to be passed, but the target y is None"
        raise ValueError(f"{who}: rows and labels are both needed, got {missing}.")
    if np.isscalar(y):  # text too
        raise ValueError(f"{who}: y must hold one label for each row, got the bare label {y!r}; pass [{y!r}].")
    if n_rows(X) == 0:
        raise ValueError(f"{who}: at least one row is needed, got none.")
    _check_shapes(X, y, X_known, who)
    refuse_nan(X, estimator, who, force_all_finite)
    if y_known is not None:
        kind_of(y_known, estimator).check_beside(y, who)
    kind = kind_of(y, estimator)
    if kind.reading == "proba" and is_regressor_like(estimator):
        finite_numbers(label_values(y), who, "a classifier")  # refuses names
    kind.check_batch(X, y, y_known, classes, ignore_label, who)


def _check_shapes(X: Any, y: Any, X_known: Any, who: str) -> None:
    shape, known = getattr(X, "shape", None), getattr(X_known, "shape", None)
    if shape is not None and known is not None and len(shape) == 1 and len(known) == 2:
        raise ValueError(f"{who}: X must have shape (n, {known[1]}), got {shape}; a single row is X.reshape(1, -1).")
    if n_rows(X) != n_rows(y):
        raise ValueError(f"{who}: X and y must have as many rows, got {n_rows(X)} and {n_rows(y)}.")
    if shape is not None and known is not None and tuple(shape[1:]) != tuple(known[1:]):
        raise ValueError(
            f"{who}: rows of shape {tuple(known[1:])} are needed, as taught so far, got {tuple(shape[1:])}."
        )


def check_duplicates(X: Any, known: set[bytes], handed_out: Counter[bytes], who: str) -> list[bytes]:
    """Return the digests of new rows, or raise if one of them is known or stands twice among them.

    Rows that a query handed out are never refused: data may hold equal rows, and the pool is the caller's. Those of
    them that were taught before are warned of.
    """
    keys = row_keys(X)
    left = handed_out.copy()
    seen: set[bytes] = set()
    repeated, within, again = [], 0, 0
    for row, key in enumerate(keys):
        if left[key] > 0:
            left[key] -= 1
            again += key in known
        elif key in known:
            repeated.append(row)
        elif key in seen:
            within += 1
        seen.add(key)
    if repeated or within:
        what = (
            f"{len(repeated)} of {len(keys)} rows were taught before, first row {repeated[0]}"
            if repeated
            else f"{within} of {len(keys)} rows are repeated within the batch"
        )
        raise ValueError(
            f"{who}: {what}. Take rows out of the pool once they are labelled; if the data hold equal rows, pass "
            "duplicates='allow' to the learner."
        )
    if again:
        warn(
            f"{who}: {again} of {len(keys)} rows that query handed out equal rows taught before. If they are the "
            "same rows, take them out of the pool once they are labelled; if the data hold equal rows, "
            "duplicates='allow' says so."
        )
    return keys
