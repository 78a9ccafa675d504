"""Partly labelled targets as a net is trained on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets

from skal.labels import labeled_part
from skal.targets import kind_of
from skal.warning import warn

__all__ = ["label_facts", "labeled_targets", "loaded_labels"]


def label_facts(classes: NDArray[Any]) -> dict[str, Any]:
    """What a file of weights says of the labels."""
    return {"classes": classes.tolist(), "classes_dtype": "O" if classes.dtype == object else classes.dtype.str}


def loaded_labels(facts: dict[str, Any]) -> NDArray[Any]:
    """Labels as they were when they were saved; files that were written before say nothing of their type."""
    dtype = facts.get("classes_dtype")
    return np.array(facts["classes"], dtype=None if dtype is None else np.dtype(dtype))


def _of_type(classes: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """All labels there are in the type of those that are found, where that holds them all."""
    named = np.asarray(classes)
    return named.astype(dtype) if dtype.kind in "Of" and named.dtype.kind in "OUTiuf" else named


def labeled_targets(
    X: Any, y: Any, missing_label: Any, classes: Any, who: str
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[Any]]:
    """Find the labelled rows and encode their labels.

    Parameters
    ----------
    X : container of n rows
        Only counted.
    y : array-like of shape (n,)
        Labels, some of them missing.
    missing_label : scalar
        As in `skal.labels.unlabeled_mask`.
    classes : array-like or None
        All labels there are; None: those that are found.
    who : str
        For messages.

    Returns
    -------
    rows : ndarray of intp of shape (m,)
        Labelled rows, rising.
    targets : ndarray of int64 of shape (m,)
        Positions of their labels in the third.
    classes : ndarray of shape (C,)
        Sorted labels.
    """
    if y is None:
        raise ValueError(f"This {who} estimator requires y to be passed, but the target y is None.")
    check_consistent_length(X, y)
    given = np.asarray(y)
    shape = given.shape
    if len(shape) == 2 and shape[1] == 1:
        warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
            "(n_samples,), for example using ravel().",
            DataConversionWarning,
        )
    rows, labels = labeled_part(y, missing_label)
    if given.dtype.kind == "f" and given.size == labels.size:
        labels = given.reshape(labels.shape)  # whole numbers that no missing mark has made floats
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError("Input y contains infinity.")
    if labels.ndim != 1:
        several = kind_of(y).reading == "multilabel"
        remedy = " Several labels a row are learned by NeuralClassifier." if several else ""
        raise ValueError(f"{who}: y must hold one class a row, (n,), got shape {shape}.{remedy}")
    # Twice the labels: scikit-learn warns where more than half of them are distinct, which few labels often are.
    check_classification_targets(np.tile(labels, 2))
    known = np.unique(labels if classes is None else _of_type(classes, labels.dtype))
    if classes is not None:
        unknown = [label for label in np.unique(labels).tolist() if label not in set(known.tolist())]
        if unknown:
            raise ValueError(f"{who}: labels must be among classes={known.tolist()}, got {unknown}.")
    return rows, np.searchsorted(known, labels).astype(np.int64), known
