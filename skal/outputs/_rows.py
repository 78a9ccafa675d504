"""Rows as the model itself sees them, for another model that is to learn from the same."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from skal.data import n_rows, take, to_numpy
from skal.outputs._dense import dense
from skal.outputs._models import name_of, task_model
from skal.outputs._reading import Array, MissingOutput, last_step, read_blocks


def model_input(learner: Any, X: Any) -> tuple[Any, Any]:
    """Return the rows as the last step of the learner's Pipeline sees them, and that step.

    Parameters
    ----------
    learner : learner or None
        A Pipeline's transform steps are applied, unless the learner has ``on_transformed=False``; for any other
        estimator, a committee and None, rows stay as they are.
    X : container of n rows
        Read block by block.

    Returns
    -------
    rows : container
        A table comes as an ndarray (n, d) of floats; images and other rows of more than one axis come as they
        are where there is no Pipeline, so that nothing large is copied, else as an ndarray.
    model : estimator
        What reads such rows: the last step of the Pipeline, or the whole model.

    Raises
    ------
    MissingOutput
        If the rows are no numbers, or a sparse result is too large to be dense.
    InvalidOutput
        If a row is not finite.
    UnfittedLearner
        If a step of the Pipeline has not been fitted.
    """
    prepare, model = last_step(learner, on_transformed=getattr(learner, "on_transformed", None))
    is_whole = model is task_model(learner)
    if is_whole and n_rows(X) and _n_axes(X) > 2:
        return X, model
    name = "raw features" if is_whole else f"transform of {name_of(task_model(learner))}"

    def read(block: Any) -> Array:
        Z = dense(prepare(block), n_rows(X), name)
        if Z.dtype.kind == "O":
            with contextlib.suppress(TypeError, ValueError):  # refused below
                Z = Z.astype(np.float64)
        if Z.ndim < 2 or Z.dtype.kind not in "fiub":
            raise MissingOutput(
                f"needs rows of numbers: {name} are {Z.dtype} of shape {Z.shape}. Use a Pipeline whose transform "
                "steps make numbers of them."
            )
        return Z if Z.ndim > 2 or Z.dtype.kind == "f" else Z.astype(np.float64)

    return read_blocks(X, read, None, name), model


def _n_axes(X: Any) -> int:
    """Axes of the container, the rows' own included; a list or a Dataset is asked for its first row."""
    shape = getattr(X, "shape", None)
    return len(shape) if shape is not None else to_numpy(take(X, [0])).ndim
