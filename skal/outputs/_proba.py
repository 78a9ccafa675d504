"""Class probabilities and label probabilities of a single model."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier

from skal.data import to_numpy
from skal.outputs._models import is_fitted, name_of, task_model
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
from skal.outputs._watch import watched


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
            raise MissingOutput(f"needs one distribution over classes a row: {_several_outputs(P, model)}")
        return checked_proba(P, model)

    prepare, last = last_step(learner)
    per_row = numbers_per_row(last, prepare, X)
    looking, done = watched(learner, X, read)
    found = read_blocks(X, looking, then, f"predict_proba of {name_of(model)}", numbers_per_row=per_row)
    done()
    return found


def has_decisions_alone(learner: Any) -> bool:
    """Tell whether a learner is a classifier with ``decision_function`` and without ``predict_proba``.

    Parameters
    ----------
    learner : learner
        Whatever `skal.outputs` names.

    Returns
    -------
    bool
        True for LinearSVC, RidgeClassifier, SGDClassifier with the hinge loss and the like.
    """
    model = task_model(learner)
    try:
        classifier = is_classifier(model)
    except (AttributeError, TypeError):  # no estimator of scikit-learn
        return False
    return classifier and hasattr(model, "decision_function") and not hasattr(model, "predict_proba")


def decision_values(learner: Any, X: Any, then: Then | None = None) -> Array:
    """Read the decision function of a classifier as one value a class.

    Parameters
    ----------
    learner : learner
        With ``decision_function``.
    X : container of n rows
        Read block by block.
    then : callable, default=None
        Applied to each block.

    Returns
    -------
    ndarray of shape (n, C)
        The larger, the more the row is of that class; of two classes ``-f / 2`` and ``f / 2`` of the value f, so that
        their gap is its absolute value. Or what `then` made of it, n rows.

    Raises
    ------
    MissingOutput
        If the model has no ``decision_function``, or one of another width than its classes.
    InvalidOutput, UnfittedLearner
        As for `proba`.
    """
    model = task_model(learner)

    def read(block: Any) -> Array:
        D = to_numpy(call(model, "decision_function", block)).astype(np.float64)
        if D.ndim == 1 or D.shape[1] == 1:
            D = D.reshape(-1, 1) * np.array([-0.5, 0.5])
        classes = getattr(model, "classes_", None)
        if D.ndim != 2 or (classes is not None and np.shape(classes) != D.shape[1:]):
            raise MissingOutput(
                f"needs one decision value a class: decision_function of {name_of(model)} has shape {D.shape} for "
                "the classes of classes_. Of an SVC take decision_function_shape='ovr'; else wrap it in "
                "CalibratedClassifierCV."
            )
        return D

    looking, done = watched(learner, X, read)
    found = read_blocks(X, looking, then, f"decision_function of {name_of(model)}")
    done()
    return found


def _several_outputs(P: list[Any], model: Any) -> str:
    """What is wrong with a model of several outputs, and what helps."""
    widths = [np.shape(p)[1] for p in P]
    if max(widths) > 2:
        return (
            f"{name_of(model)} was taught {len(P)} columns of labels, with {widths} classes, and the multilabel "
            "strategies take labels that apply or not. Train one model for each column, or make one label of each "
            "combination."
        )
    return (
        f"{name_of(model)} is a multilabel model, taught {len(P)} columns of labels. If one of them applies to each "
        "row (one-hot), teach y.argmax(axis=1); if several may, use the multilabel strategies (max_loss, "
        "min_confidence, ...)."
    )


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
            if max(np.shape(p)[1] for p in P) > 2:
                raise MissingOutput(f"needs the probability that each label applies: {_several_outputs(P, model)}")
            P = np.column_stack([_positive(p, k, model) for k, p in enumerate(P)])
        P = np.asarray(P)
        if P.ndim != 2 or (np.isfinite(P).all() and ((P < 0) | (P > 1)).any()):
            raise InvalidOutput(
                f"predict_proba of {name_of(model)} must give (n, L) numbers in [0, 1], got {P.shape}."
            )
        return P

    return read_blocks(X, read, then, f"predict_proba of {name_of(model)}")


def multilabel_decisions(learner: Any, X: Any, then: Then | None = None) -> Array:
    """Read the decision function of each label of a multilabel model.

    Parameters
    ----------
    learner : learner
        Whose ``decision_function`` gives (n, L), as that of OneVsRestClassifier around an SVM does.
    X : container of n rows
        Read block by block.
    then : callable, default=None
        Applied to each block.

    Returns
    -------
    ndarray of shape (n, L)
        Above 0 where a label applies. Or what `then` made of it, n rows.

    Raises
    ------
    MissingOutput
        If the model has no ``decision_function``, or has one that is not of several labels.
    InvalidOutput, UnfittedLearner
        As for `proba`.
    """
    model = task_model(learner)

    def read(block: Any) -> Array:
        if not hasattr(model, "decision_function") and is_fitted(model):
            raise MissingOutput(
                f"needs a decision function for each label: {name_of(model)} has none. Use OneVsRestClassifier "
                "around a model that has one, such as LinearSVC."
            )
        D = to_numpy(call(model, "decision_function", block)).astype(np.float64)
        if D.ndim != 2:
            raise MissingOutput(
                f"needs one decision value a label, (n, L): decision_function of {name_of(model)} gives {D.shape}. "
                "Teach several labels a row, (n, L) of 0 and 1."
            )
        return D

    return read_blocks(X, read, then, f"decision_function of {name_of(model)}")


def _positive(p: Array, label: int, model: Any) -> Array:
    """Column of "applies" of one label's (n, 2); a label seen with one value only has one column."""
    p = np.asarray(p)
    if p.shape[1] == 2:
        return p[:, 1]
    classes = getattr(model, "classes_", None)
    if p.shape[1] == 1 and classes is not None:
        return np.full(len(p), float(classes[label][0]))
    raise InvalidOutput(f"predict_proba of {name_of(model)} must give two columns a label, got {p.shape[1]}.")
