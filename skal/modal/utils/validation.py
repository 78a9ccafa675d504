"""Classes that several classifiers know, as `modAL.utils.validation`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError

from skal.modal._forms import Array

__all__ = ["check_class_labels", "check_class_proba"]


def check_class_labels(*args: Any) -> bool:
    """Tell whether classifiers know the same classes in the same order.

    Parameters
    ----------
    *args : estimator
        Fitted.

    Returns
    -------
    bool
        Whether all have equal ``classes_``.

    Raises
    ------
    NotFittedError
        If one has none.
    """
    missing = [type(estimator).__name__ for estimator in args if getattr(estimator, "classes_", None) is None]
    if missing:
        raise NotFittedError(
            f"check_class_labels: every estimator must know its classes, {missing[0]} is not fitted."
        )
    return all(np.array_equal(args[0].classes_, estimator.classes_) for estimator in args[1:])


def check_class_proba(proba: Array, known_labels: Sequence[Any], all_labels: Sequence[Any]) -> Array:
    """Spread probabilities over all classes; those that a classifier does not know get 0.

    Parameters
    ----------
    proba : ndarray of shape (n, len(known_labels))
        Of one classifier.
    known_labels : sequence
        Classes of its columns.
    all_labels : sequence
        Classes of the columns that are wanted.

    Returns
    -------
    ndarray of shape (n, len(all_labels))
        Columns in the order of `all_labels`.

    Raises
    ------
    ValueError
        If a known class is not among all, or there is no column for each.
    """
    P, wanted = np.asarray(proba), list(all_labels)
    places = [wanted.index(label) for label in known_labels if label in wanted]
    if len(places) != len(known_labels) or P.shape[1:] != (len(places),):
        raise ValueError(
            f"check_class_proba: known_labels must be among all_labels and name the columns of proba, got "
            f"{list(known_labels)} of {wanted} for shape {P.shape}."
        )
    found = np.zeros((len(P), len(wanted)), dtype=P.dtype)
    found[:, places] = P
    return found
