"""Where the columns that a model gives stand among those of more classes than it was taught."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.outputs._models import name_of
from skal.outputs._reading import InvalidOutput

__all__ = ["class_columns"]


def class_columns(width: int, known: Any, classes: Any, model: Any, method: str) -> NDArray[np.intp]:
    """Return the place among all classes of each column that a model gives.

    Parameters
    ----------
    width : int
        Columns that the model gives.
    known : array-like of shape (c,)
        Its ``classes_``.
    classes : array-like of shape (C,)
        All classes, sorted.
    model : estimator
        For the message.
    method : str
        Which gave the columns.

    Returns
    -------
    ndarray of intp of shape (width,)
        Of a model that gives a column for each number of a class, taught or not, as nets of torch do: 0 to C - 1,
        where these are the classes.

    Raises
    ------
    InvalidOutput
        If there are more or fewer columns than classes, and which is whose cannot be told.
    """
    if width == len(known):
        return np.searchsorted(classes, known)
    if len(classes) == width and np.array_equal(classes, np.arange(width)):
        return np.arange(width)
    raise InvalidOutput(
        f"{method} of {name_of(model)} has {width} columns, and its classes_ are the {len(known)} labels that it "
        f"was trained on, {np.asarray(known).tolist()}: which column is whose cannot be told. Name the labels of all "
        "columns (classes= of a net of skorch), or take skal.neural.NeuralClassifier, which makes as many as there "
        "are."
    )
