"""Class probabilities and label probabilities of a single model."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.outputs._models import name_of, task_model
from skal.outputs._reading import (
    Array,
    InvalidOutput,
    MissingOutput,
    Then,
    call,
    checked_proba,
    last_step,
    numbers_per_row,
    read_blocks,
)


def proba(learner: Any, X: Any, then: Then | None = None) -> Array:
    """Read class probabilities.

    Parameters
    ----------
    learner : learner
        With ``predict_proba``.
    X : container of n rows
        Read block by block.
    then : callable, default=None
        Applied to each block of probabilities, so that only its result is held: a score, as a rule.

    Returns
    -------
    ndarray of shape (n, C, ...)
        Or what `then` made of it, n rows.

    Raises
    ------
    MissingOutput
        If the model has no ``predict_proba``, or is a multilabel model.
    InvalidOutput
        If a row is not finite, not in [0, 1], or does not add up to one.
    UnfittedLearner
        If the model has not been fitted.
    """
    model = task_model(learner)

    def read(block: Any) -> Array:
        P = call(model, "predict_proba", block)
        if isinstance(P, list):
            raise MissingOutput(
                f"needs one distribution over classes a row: {name_of(model)} is a multilabel model. Use the "
                "multilabel strategies (max_loss, min_confidence, ...)."
            )
        return checked_proba(P, model)

    prepare, last = last_step(learner)
    per_row = numbers_per_row(last, prepare, X)
    return read_blocks(X, read, then, f"predict_proba of {name_of(model)}", numbers_per_row=per_row)


def multilabel_proba(learner: Any, X: Any, then: Then | None = None) -> Array:
    """Read the probability that each label applies.

    Parameters
    ----------
    learner : learner
        Whose ``predict_proba`` gives (n, L), or a list of L arrays (n, 2) as scikit-learn's MultiOutputClassifier
        and forests do.
    X : container of n rows
        Read block by block.
    then : callable, default=None
        Applied to each block.

    Returns
    -------
    ndarray of shape (n, L)
        Or what `then` made of it, n rows.

    Raises
    ------
    MissingOutput, InvalidOutput, UnfittedLearner
        As for `proba`; rows need not add up to one.
    """
    model = task_model(learner)

    def read(block: Any) -> Array:
        P = call(model, "predict_proba", block)
        if isinstance(P, list):
            P = np.column_stack([_positive(p, k, model) for k, p in enumerate(P)])
        P = np.asarray(P)
        if P.ndim != 2 or (np.isfinite(P).all() and ((P < 0) | (P > 1)).any()):
            raise InvalidOutput(
                f"predict_proba of {name_of(model)} must give (n, L) numbers in [0, 1], got {P.shape}."
            )
        return P

    return read_blocks(X, read, then, f"predict_proba of {name_of(model)}")


def _positive(p: Array, label: int, model: Any) -> Array:
    """Column of "applies" of one label's (n, 2); a label seen with one value only has one column."""
    p = np.asarray(p)
    if p.shape[1] == 2:
        return p[:, 1]
    classes = getattr(model, "classes_", None)
    if p.shape[1] == 1 and classes is not None:
        return np.full(len(p), float(classes[label][0]))
    raise InvalidOutput(f"predict_proba of {name_of(model)} must give two columns a label, got {p.shape[1]}.")
