"""The classes that labelled rows have, as columns: checked once for strategies that learn from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import to_numpy
from skal.outputs import InvalidOutput, UnfittedLearner, task_model


def labeled_classes(learner: Any, y_labeled: Any) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return the class of each labelled row as a position, and the classes: those of the model and of the labels.

    Parameters
    ----------
    learner : learner
        Whose model may know classes that no row has yet.
    y_labeled : array-like of shape (m,)
        One class a row.

    Returns
    -------
    positions : ndarray of intp of shape (m,)
        In `classes`.
    classes : ndarray
        Sorted.

    Raises
    ------
    UnfittedLearner
        If nothing is labelled.
    InvalidOutput
        If there is not one class a row.
    """
    y = to_numpy(y_labeled)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise InvalidOutput(f"y_labeled must hold one class a row, (m,), got shape {y.shape}.")
    if len(y) == 0:
        raise UnfittedLearner("nothing is labelled yet.")
    if y.dtype.kind == "f" and (y != np.floor(y)).any():
        raise InvalidOutput(
            f"y_labeled must hold classes, got numbers such as {y[y != np.floor(y)][0]:.4g}. Take a strategy for "
            "numbers to predict, such as igs."
        )
    known = getattr(task_model(learner), "classes_", None)
    of_model = np.asarray([] if known is None or isinstance(known, list) else known)
    classes = np.unique(y) if of_model.ndim != 1 or not len(of_model) else np.unique(np.concatenate([of_model, y]))
    return np.searchsorted(classes, y).astype(np.intp), classes
