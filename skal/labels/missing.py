"""Which rows have a label, and what the labels are.

``missing_label="auto"`` means NaN, None, pandas.NA, NaT and text that is empty or blank. Any other value (such as
-1) marks a missing label only where the caller names it, in addition: -1 is a class in many data sets, and guessing
would lose it without a word.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.targets import kind_of, missing_entries


def unlabeled_mask(y: Any, missing_label: Any = "auto") -> NDArray[np.bool_]:
    """Tell which rows have no label.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, L), or masks of n images
        Labels of any type: ndarray, list, pandas Series (nullable and categorical dtypes too). A row of
        a two-dimensional `y` is unlabelled when all its entries are missing. Masks are an array (n, H, W) or a
        sequence of masks and None, see `skal.masks`; void pixels are not missing ones, and `missing_label` is not
        looked for in them.
    missing_label : scalar, default="auto"
        "auto": NaN, None, pandas.NA, NaT and text that is empty or blank. Any other value is a missing label too,
        besides those.

    Returns
    -------
    ndarray of bool of shape (n,)
        True where the label is missing.

    Raises
    ------
    ValueError
        If a row of a two-dimensional `y` is labelled in part.

    Warns
    -----
    UserWarning
        Under "auto", if `y` holds -1 beside two or more non-negative whole numbers and nothing else:
        scikit-learn's mark of a missing label, here a class.

    Examples
    --------
    >>> unlabeled_mask([0, None, 2]).tolist()
    [False, True, False]
    >>> unlabeled_mask([0, -1, 2], missing_label=-1).tolist()
    [False, True, False]
    """
    return kind_of(y).missing(y, missing_label)


def learns_from_unlabeled(estimator: Any) -> bool:
    """Tell whether an estimator's ``fit`` learns from rows without a label too.

    Parameters
    ----------
    estimator : estimator
        Says so by an attribute ``learns_from_unlabeled``. A Pipeline is asked for its last step, an estimator around
        another one (a search, an `ActiveLearner`) for that.

    Returns
    -------
    bool
        False for whatever does not say.
    """
    while not hasattr(estimator, "learns_from_unlabeled"):
        inner = estimator.steps[-1][1] if hasattr(estimator, "steps") else getattr(estimator, "estimator", None)
        if inner is None:
            return False
        estimator = inner
    return bool(estimator.learns_from_unlabeled)


def partly_labeled(y: Any, n_unlabeled: int) -> NDArray[Any]:
    """Return labels, or masks, followed by so many missing ones (None), whatever their type.

    Examples
    --------
    >>> partly_labeled(["a", "b"], 1).tolist()
    ['a', 'b', None]
    """
    return kind_of(y).with_missing(y, n_unlabeled)


def labeled_part(y: Any, missing_label: Any = "auto") -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return the labelled rows and their labels, as the type they were meant to be.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, L), or masks of n images
        Labels, some of them missing.
    missing_label : scalar, default="auto"
        As in `unlabeled_mask`.

    Returns
    -------
    rows : ndarray of int of shape (n_labeled,)
        Positions of the labelled rows, rising.
    labels : ndarray of shape (n_labeled,) or (n_labeled, L)
        Whole numbers that were stored as floats or objects to make room for a missing mark come back as
        ints, strings as strings, so that ``classes_`` equals what the user labelled with; text that an array holds as
        objects stays so. Masks stay as they are: those of an array as an array, of anything else as an object array.

    Raises
    ------
    ValueError
        If no row is labelled, or if taking `missing_label` out of a two-class `y` leaves a single class:
        then the mark was a class.

    Examples
    --------
    >>> rows, labels = labeled_part([1.0, float("nan"), 3.0])
    >>> rows.tolist(), labels.tolist()
    ([0, 2], [1, 3])
    """
    return kind_of(y).labeled(y, missing_label)


def plain_labels(y: Any, who: str) -> Any:
    """Return labels in a type that scikit-learn takes: objects that hold numbers become numbers.

    Parameters
    ----------
    y : array-like of shape (n,), or anything else
        Labels, none of them missing. What is not one-dimensional, or holds no objects or bytes, comes back as it is.
    who : str
        What messages call the caller.

    Returns
    -------
    array-like
        Text and numbers as they are; an object array of numbers or truth values as an array of their type.

    Raises
    ------
    ValueError
        If labels are bytes, or text beside numbers.

    Examples
    --------
    >>> plain_labels(np.array([1, 0, 1], dtype=object), "fit").dtype.kind
    'i'
    """
    if not isinstance(y, np.ndarray) or y.ndim != 1 or len(y) == 0 or y.dtype.kind not in "OS":
        return y
    kinds = {type(label) for label in y}
    if y.dtype.kind == "S" or any(issubclass(kind, bytes) for kind in kinds):
        raise ValueError(
            f"{who}: labels must be text or numbers, got bytes such as {y[0]!r}. Pass y.astype(str), or of an HDF5 "
            "file dataset.asstr()[:]."
        )
    texts = [issubclass(kind, str) for kind in kinds]
    if (
        missing_entries(y).any()
        or all(texts)
        or not all(issubclass(kind, (str, numbers.Number, np.bool_)) for kind in kinds)
    ):
        return y
    if any(texts):
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise ValueError(
            f"{who}: labels must be all text or all numbers, got {names}. Pass [str(label) for label in y]."
        )
    return np.array(y.tolist())
