"""Numbers to predict as they are taught: one a row, some of them missing, none infinite."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import DataConversionWarning

from skal.data import to_numpy
from skal.labels.missing import labeled_part
from skal.targets import finite_numbers
from skal.warning import warn

__all__ = ["labeled_numbers", "one_number_a_row"]


def one_number_a_row(y: Any, who: str, instead: str = "Take one column of them, or a learner for each.") -> Any:
    """Return numbers to predict as (n,): a single column is taken with scikit-learn's warning, more are refused.

    Parameters
    ----------
    y : container of n rows, or None
        Of shape (n,) or (n, 1).
    who : str
        For the messages.
    instead : str
        What to do with several columns.

    Returns
    -------
    container of shape (n,)
        As it came, unless it was a column.

    Raises
    ------
    ValueError
        If there are several numbers a row.
    """
    shape = () if y is None else y.shape if hasattr(y, "shape") else np.asarray(y).shape
    if len(shape) < 2:
        return y
    if len(shape) > 2 or shape[1] != 1:
        raise ValueError(f"{who}: y must hold one number a row, (n,), got shape {tuple(shape)}. {instead}")
    warn(
        f"A column-vector y was passed when a 1d array was expected: {who} takes {tuple(shape)} as ({shape[0]},). "
        "Pass y.ravel().",
        DataConversionWarning,
    )
    return to_numpy(y).reshape(-1)


def labeled_numbers(
    y: Any, missing_label: Any, who: str, of_classes: str, instead: str
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the rows that have a number, and the numbers.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, 1)
        Numbers, some of them missing.
    missing_label : scalar
        As in `unlabeled_mask`.
    who : str
        For the messages.
    of_classes : str
        What learns classes, where `who` learns numbers.
    instead : str
        What to do with several columns.

    Returns
    -------
    rows : ndarray of intp of shape (m,)
        Rising.
    numbers : ndarray of float64 of shape (m,)
        Finite.

    Raises
    ------
    ValueError
        If there is no number at all, one is infinite, something else is among them, or there are several a row.
    """
    rows, labels = labeled_part(np.asarray(one_number_a_row(y, who, instead)), missing_label)
    return rows, finite_numbers(labels, who, of_classes, rows)
