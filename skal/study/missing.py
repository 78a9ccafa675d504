"""Rows without a label: a rehearsal leaves them out, since nobody could say whether the answer was right."""

from __future__ import annotations

from typing import Any

from skal.data import n_rows, take
from skal.labels import labeled_part, plain_labels, unlabeled_mask
from skal.warning import warn

__all__ = ["labeled_rows"]


def labeled_rows(
    X: Any, y: Any, test: tuple[Any, Any] | None, missing_label: Any, who: str
) -> tuple[Any, Any, tuple[Any, Any] | None, int]:
    """Return the rows that have a label, and how many have none.

    Parameters
    ----------
    X, y : container of n rows, array-like of shape (n,) or masks
        Rows and labels, some of them missing.
    test : tuple (X_test, y_test) or None
        Rows to test on, treated alike.
    missing_label : scalar
        As in `skal.labels.unlabeled_mask`.
    who : str
        What messages call the caller.

    Returns
    -------
    X, y, test
        As they were given where all rows have a label.
    n_left_out : int
        Of `X` and of the rows to test on.

    Raises
    ------
    ValueError
        If there are no rows, or none has a label.

    Warns
    -----
    UserWarning
        If rows are left out: how many.
    """
    X, y, n_missing = _labeled(X, y, missing_label, who)
    n_test = 0
    if test is not None:
        X_test, y_test, n_test = _labeled(*test, missing_label, f"{who}: test")
        test = (X_test, y_test)
    if n_missing or n_test:
        n = n_rows(y) + n_missing
        of_test = f" {n_test} rows to test on have none either." if n_test else ""
        warn(
            f"{who}: {n_missing} of {n} rows have no label and were left out: a rehearsal needs the answers.{of_test}"
        )
    return X, y, test, n_missing + n_test


def _labeled(X: Any, y: Any, missing_label: Any, who: str) -> tuple[Any, Any, int]:
    if n_rows(y) == 0:
        raise ValueError(
            f"{who}: X and y must have rows, one label each, got y without any. Look whether a filter left nothing."
        )
    missing = unlabeled_mask(y, missing_label)
    if not missing.any():
        # Text, categories and nullable numbers of pandas become what they hold; anything else stays as it is.
        of_pandas = type(getattr(y, "dtype", None)).__module__.startswith("pandas")
        return X, labeled_part(y, missing_label)[1] if of_pandas else plain_labels(y, who), 0
    if missing.all():
        raise ValueError(
            f"{who}: none of {len(missing)} rows has a label, and a comparison needs rows whose labels are known. To "
            "choose the rows that are to be labelled first, use a query strategy, or skal next."
        )
    rows, labels = labeled_part(y, missing_label)
    return take(X, rows), labels, int(missing.sum())
