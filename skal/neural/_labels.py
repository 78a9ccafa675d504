"""Partly labelled targets as a net is trained on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets

from skal.labels import labeled_part
from skal.warning import warn

__all__ = ["labeled_targets"]


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
    shape = np.asarray(y).shape
    if len(shape) == 2 and shape[1] == 1:
        warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
            "(n_samples,), for example using ravel().",
            DataConversionWarning,
        )
    rows, labels = labeled_part(y, missing_label)
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError("Input y contains infinity.")
    if labels.ndim != 1:
        raise ValueError(f"{who}: y must have shape (n,), got {shape}.")
    # Twice the labels: scikit-learn warns where more than half of them are distinct, which few labels often are.
    check_classification_targets(np.tile(labels, 2))
    known = np.unique(labels if classes is None else np.asarray(classes))
    if classes is not None:
        unknown = [label for label in np.unique(labels).tolist() if label not in set(known.tolist())]
        if unknown:
            raise ValueError(f"{who}: labels must be among classes={known.tolist()}, got {unknown}.")
    return rows, np.searchsorted(known, labels).astype(np.int64), known
