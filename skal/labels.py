"""Partly labelled targets: what a missing label is, and cross-validation that never tests on one.

``missing_label="auto"`` means NaN, None, pandas.NA, NaT and text that is empty or blank. Any other value (such as
-1) marks a missing label only where the caller names it, in addition: -1 is a class in many data sets, and guessing
would lose it without a word.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import get_scorer
from sklearn.model_selection import check_cv

from skal.data import n_rows, take, to_numpy
from skal.masks import is_masks, labeled_masks, unlabeled_images
from skal.warning import warn

__all__ = [
    "LabeledKFold",
    "labeled_part",
    "learns_from_unlabeled",
    "masked_scorer",
    "partly_labeled",
    "plain_labels",
    "unlabeled_mask",
]


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
    if is_masks(y):
        return unlabeled_images(y)
    values = _values(y)
    missing = _is_missing(values)
    if isinstance(missing_label, str) and missing_label == "auto":
        _warn_of_minus_one(values, missing)
    elif not _is_missing(np.array([missing_label], dtype=object))[0]:
        missing |= _equals(values, missing_label)
    if missing.ndim == 1:
        return missing
    partly = missing.any(axis=1) & ~missing.all(axis=1)
    if partly.any():
        raise ValueError(
            f"unlabeled_mask: a row of a two-dimensional y is labelled or not as a whole, got {partly.sum()} rows "
            f"labelled in part, first row {np.flatnonzero(partly)[0]}."
        )
    return np.asarray(missing.all(axis=1))


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
    masks = is_masks(y)
    values = y if masks else np.asarray(y)
    n = n_rows(values)
    out = np.empty(n + n_unlabeled, dtype=object)
    if masks:
        for row in range(n):  # one by one: each is an array itself
            out[row] = take(values, row)
    else:
        out[:n] = values
    return out


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
    if is_masks(y):
        return labeled_masks(y)
    missing = unlabeled_mask(y, missing_label)
    rows = np.flatnonzero(~missing)
    if len(rows) == 0:
        raise ValueError(f"labeled_part: at least one row must be labelled, got {len(missing)} missing labels.")
    labels = _natural_type(_values(y)[rows])
    if labels.dtype.kind == "O" and isinstance(y, (list, tuple)):  # nobody asked for objects
        labels = _as_array(labels)
    named = not (isinstance(missing_label, str) and missing_label == "auto")
    if (
        named
        and missing.any()
        and labels.ndim == 1
        and len(np.unique(labels)) == 1
        and not _is_missing(_values(y)).any()
    ):
        raise ValueError(
            f"labeled_part: with missing_label={missing_label!r} only the class {labels.tolist()[0]!r} is left. If "
            f'{missing_label!r} is a class, mark missing labels with NaN or None and pass missing_label="auto".'
        )
    return rows, labels


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
        _is_missing(y).any()
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


class LabeledKFold:
    """Cross-validation for a partly labelled `y`: tests on labelled rows, trains on all the others.

    Parameters
    ----------
    cv : int or splitter, default=5
        An int: stratified folds (plain ones for a continuous `y` and for masks), as scikit-learn does. A splitter
        splits the labelled rows; groups are passed on.
    missing_label : scalar, default="auto"
        As in `unlabeled_mask`.

    Notes
    -----
    Unlabelled rows are in every training side and in no test side, so a semi-supervised estimator may use
    them and the score is the one of the labelled part. Test rows are never among the training rows. Where
    `y` holds objects (ints beside None), pair it with `masked_scorer`, which restores the label type.

    Examples
    --------
    >>> y = [0, 1, None, 0, 1, None]
    >>> [(train.tolist(), test.tolist()) for train, test in LabeledKFold(2).split(y, y)]
    [([2, 3, 4, 5], [0, 1]), ([0, 1, 2, 5], [3, 4])]
    """

    def __init__(self, cv: Any = 5, missing_label: Any = "auto") -> None:
        self.cv = cv
        self.missing_label = missing_label

    def __repr__(self) -> str:
        return f"LabeledKFold(cv={self.cv!r}, missing_label={self.missing_label!r})"

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield the training and test positions of each fold.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Not read.
        y : array-like of shape (n,)
            Labels, some of them missing.
        groups : array-like of shape (n,), default=None
            Groups for a splitter that wants them.

        Yields
        ------
        train, test : ndarray of int
            Rising positions; `test` is labelled throughout.
        """
        if y is None:
            raise ValueError("LabeledKFold.split: y is needed to tell labelled rows from unlabelled ones, got None.")
        rows, labels, labeled_groups = self._labeled(y, groups)
        unlabeled = np.setdiff1d(np.arange(n_rows(y)), rows)
        splitter = check_cv(self.cv, labels, classifier=True)
        for train, test in splitter.split(np.zeros((len(rows), 1)), labels, labeled_groups):
            yield np.sort(np.concatenate([rows[train], unlabeled])), rows[test]

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        if y is None:
            return int(check_cv(self.cv).get_n_splits(X, y, groups))
        rows, labels, labeled_groups = self._labeled(y, groups)
        splitter = check_cv(self.cv, labels, classifier=True)
        return int(splitter.get_n_splits(np.zeros((len(rows), 1)), labels, labeled_groups))

    def _labeled(self, y: Any, groups: Any) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[Any] | None]:
        """Labelled rows, their labels and their groups."""
        rows, labels = labeled_part(y, self.missing_label)
        if is_masks(labels):  # nothing to stratify by
            labels = np.linspace(0.0, 1.0, len(rows))
        return rows, labels, None if groups is None else np.asarray(groups)[rows]


class _MaskedScorer:
    """A scorer that looks at labelled rows only; a class, so that it pickles to worker processes."""

    def __init__(self, scorer: Callable[..., Any], missing_label: Any) -> None:
        self.scorer = scorer
        self.missing_label = missing_label

    def __call__(self, estimator: Any, X: Any, y: Any, **kwargs: Any) -> Any:
        rows, labels = labeled_part(y, self.missing_label)
        per_row = {name: take(value, rows) if name == "sample_weight" else value for name, value in kwargs.items()}
        return self.scorer(estimator, take(X, rows), labels, **per_row)

    def __repr__(self) -> str:
        return f"masked_scorer({self.scorer!r}, missing_label={self.missing_label!r})"


def masked_scorer(scoring: str | Callable[..., Any] = "accuracy", missing_label: Any = "auto") -> Callable[..., Any]:
    """Make a scorer that leaves unlabelled rows out and restores the label type.

    Parameters
    ----------
    scoring : str or callable, default="accuracy"
        A scikit-learn scorer or its name.
    missing_label : scalar, default="auto"
        As in `unlabeled_mask`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y)``, for ``scoring=`` of scikit-learn's model selection.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> model = DummyClassifier(strategy="most_frequent").fit([[0], [0], [0]], [1, 1, 0])
    >>> float(masked_scorer()(model, [[0], [0], [0]], [1, None, 0]))
    0.5
    """
    return _MaskedScorer(get_scorer(scoring), missing_label)


def _values(y: Any) -> NDArray[Any]:
    """Labels as an ndarray; a list with None in it keeps its objects."""
    if isinstance(y, (list, tuple)) and any(_is_missing_object(value) for value in y):
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


def _is_missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype.kind in "fc":
        return np.asarray(np.isnan(values))
    if values.dtype.kind in "mM":
        return np.asarray(np.isnat(values))
    if values.dtype.kind == "U":
        return np.asarray(np.char.strip(values) == "")
    if values.dtype.kind != "O":
        return np.zeros(values.shape, dtype=bool)
    missing = [_is_missing_object(value) for value in values.ravel()]
    return np.array(missing, dtype=bool).reshape(values.shape)


def _is_missing_object(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, numbers.Real) and value != value


def _equals(values: NDArray[Any], missing_label: Any) -> NDArray[np.bool_]:
    """Compare element by element; a label of another type than the mark is not equal to it."""
    text = isinstance(missing_label, str)
    equal = [
        not _is_missing_object(value) and isinstance(value, str) == text and bool(value == missing_label)
        for value in values.astype(object).ravel()
    ]
    return np.array(equal, dtype=bool).reshape(values.shape)


def _as_array(labels: NDArray[Any]) -> NDArray[Any]:
    """Text as NumPy makes it of a list; mixed types stay objects."""
    text = all(isinstance(value, str) for value in labels.ravel())
    return np.array(labels.tolist()) if text else labels


def _natural_type(labels: NDArray[Any]) -> NDArray[Any]:
    """Whole floats to ints, objects to what they hold; text stays what it is."""
    if labels.dtype.kind == "O":
        kinds = {type(value) for value in labels.ravel()}
        if not any(issubclass(kind, str) for kind in kinds):
            labels = np.array(labels.tolist())
    if labels.dtype.kind == "f" and (labels == np.floor(labels)).all() and np.abs(labels).max() < 2**53:
        return labels.astype(np.int64)
    return labels


def _warn_of_minus_one(values: NDArray[Any], missing: NDArray[np.bool_]) -> None:
    if missing.any() or values.size == 0:
        return
    values = _natural_type(values)
    if values.dtype.kind not in "if" or not (values == -1).any():
        return
    others = values[values != -1]
    if others.size and (others >= 0).all() and (others == np.floor(others)).all() and len(np.unique(others)) > 1:
        warn("y holds -1, which is treated as a class; pass missing_label=-1 if it marks a missing label.")
