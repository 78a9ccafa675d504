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

from skal.data import n_rows, take
from skal.targets import kind_of, missing_entries

__all__ = [
    "LabeledKFold",
    "ScoresLabeledRows",
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


class ScoresLabeledRows:
    """A classifier whose ``score`` leaves out rows without a label; before ``ClassifierMixin`` in the bases.

    What marks a missing label is its parameter ``missing_label``.
    """

    missing_label: Any

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of labelled rows whose label is predicted.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        y : array-like of shape (n,)
            Labels; rows without one, as `fit` knows them, are left out.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        ValueError
            If no row has a label.
        """
        missing = unlabeled_mask(y, self.missing_label)
        if missing.any():
            rows, y = labeled_part(y, self.missing_label)
            X = take(X, rows)
            sample_weight = None if sample_weight is None else take(np.asarray(sample_weight), rows)
        return float(super().score(X, y, sample_weight))  # type: ignore[misc]


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
        return rows, kind_of(labels).fold_labels(labels), None if groups is None else np.asarray(groups)[rows]


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
