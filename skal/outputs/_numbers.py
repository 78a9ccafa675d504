"""One number a row that only some models offer: a predicted loss, a distance to the boundary, a judge's score."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import to_numpy
from skal.outputs._models import name_of
from skal.outputs._reading import Array, InvalidOutput, call, last_step, read_blocks


def predicted_loss(learner: Any, X: Any) -> Array:
    """Read the loss that a model predicts for itself.

    Parameters
    ----------
    learner : learner
        Whose model has ``predict_loss(X)``, also at the end of a Pipeline.
    X : container of n rows
        Read block by block.

    Returns
    -------
    ndarray of shape (n,)
        Any finite numbers, higher = larger loss.

    Raises
    ------
    MissingOutput
        If the model has no ``predict_loss``.
    InvalidOutput, UnfittedLearner
        As for `proba`.

    References
    ----------
    .. [1] Yoo & Kweon, "Learning loss for active learning", CVPR 2019, section 3.
    """
    return _read(learner, X, "predict_loss")


def discriminator_score(learner: Any, X: Any) -> Array:
    """Read how much a row and its prediction look like a labelled row and its label to a model's own discriminator.

    Parameters
    ----------
    learner : learner
        Whose model has ``discriminator_score(X)``, also at the end of a Pipeline.
    X : container of n rows
        Read block by block.

    Returns
    -------
    ndarray of shape (n,)
        Any finite numbers, as a rule in [0, 1], higher = more like a label.

    Raises
    ------
    MissingOutput
        If the model has no ``discriminator_score``.
    InvalidOutput, UnfittedLearner
        As for `proba`.

    References
    ----------
    .. [1] Mittal, Tatarchenko & Brox, "Semi-supervised semantic segmentation with high- and low-level consistency",
       PAMI 2019.
    """
    return _read(learner, X, "discriminator_score")


def boundary_distance(learner: Any, X: Any, **options: Any) -> Array:
    """Read how far each row is from a row of another predicted class.

    Parameters
    ----------
    learner : learner
        Whose model has ``boundary_distance(X, ...)``, also at the end of a Pipeline.
    X : container of n rows
        Read block by block.
    **options
        Passed on.

    Returns
    -------
    ndarray of shape (n,)
        At least 0; infinite where no other class was reached.

    Raises
    ------
    MissingOutput
        If the model has no ``boundary_distance``.
    InvalidOutput
        If a distance is NaN or negative.
    UnfittedLearner
        If the model has not been fitted.
    """
    distances = _read(learner, X, "boundary_distance", allow_inf=True, **options)
    bad = np.flatnonzero(distances < 0)
    if len(bad):
        raise InvalidOutput(f"boundary_distance must be at least 0, got {distances[bad[0]]:.4g} in row {bad[0]}.")
    return distances


def _read(learner: Any, X: Any, method: str, allow_inf: bool = False, **options: Any) -> Array:
    prepare, model = last_step(learner)
    name = f"{method} of {name_of(model)}"

    def read(block: Any) -> Array:
        values = to_numpy(call(model, method, prepare(block), **options))
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim != 1 or values.dtype.kind not in "fiu":
            raise InvalidOutput(f"{name} must give one number a row, got {values.dtype} of shape {values.shape}.")
        return values.astype(np.float64)

    return read_blocks(X, read, None, name, allow_inf=allow_inf)
