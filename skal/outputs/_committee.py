"""Class probabilities of every member of a committee, over the union of their classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.outputs._class_columns import class_columns
from skal.outputs._members import Member, is_ensemble, last_model, members_of
from skal.outputs._models import member_list, name_of, task_model
from skal.outputs._reading import (
    Array,
    MissingOutput,
    Then,
    call,
    checked_proba,
    is_regressor_like,
    no_classes,
    numbers_per_row,
    read_blocks,
)
from skal.outputs._watch import watched


def committee_proba(learner: Any, X: Any, then: Then | None = None) -> Array:
    """Read the class probabilities of every member of a committee, over the union of their classes.

    Parameters
    ----------
    learner : Committee, list of estimators, or an ensemble
        A random forest, extra trees, BaggingClassifier, VotingClassifier, or any estimator with a parameter
        ``n_members`` whose fitted members are in ``members_`` counts as a committee, also at the end of a Pipeline.
    X : container of n rows
        Read block by block.
    then : callable, default=None
        Applied to each block (T, rows, C, ...); must return one row a row.

    Returns
    -------
    ndarray of shape (T, n, C, ...)
        Or what `then` made of it, n rows. Memory: T times that of `proba` unless `then` is given.

    Raises
    ------
    MissingOutput
        If the learner is no committee.
    InvalidOutput, UnfittedLearner
        As for `proba`.
    """
    members = _members(learner)
    classes = _union_of_classes(members)

    def read(block: Any) -> Array:
        return np.stack([_aligned_proba(member, block, classes) for member in members])

    per_row = sum(numbers_per_row(member.model, member.prepare, X) for member in members)
    name = f"predict_proba of a member of {name_of(task_model(learner))}"
    looking, done = watched(learner, X, read, row_axis=1)
    found = read_blocks(X, looking, then, name, row_axis=1, numbers_per_row=per_row)
    done()
    return found


def _members(learner: Any) -> list[Member]:
    """Members that vote for classes, or an error that says what the learner is instead."""
    if member_list(learner) is None:
        model = last_model(learner)
        if is_regressor_like(model):
            raise MissingOutput(f"needs a committee whose members vote for classes: {no_classes(model)}")
        if not is_ensemble(model):
            raise MissingOutput(
                f"needs a committee: {name_of(model)} is a single model. Use skal.Committee, a list of fitted "
                "estimators, or an ensemble such as RandomForestClassifier or BaggingClassifier."
            )
    return members_of(learner)


def _union_of_classes(members: list[Member]) -> Any:
    """Classes of the committee, sorted; None where a member does not tell: then all must be equally wide."""
    if any(member.classes is None for member in members):
        return None
    return np.unique(np.concatenate([np.asarray(member.classes) for member in members]))


def _aligned_proba(member: Member, block: Any, classes: Any) -> Array:
    """Probabilities of one member over the classes of the whole committee; a class it never saw gets 0."""
    P = checked_proba(call(member.model, "predict_proba", member.prepare(block)), member.model)
    if classes is None or P.shape[1] == len(classes):
        return P
    out = np.zeros((P.shape[0], len(classes), *P.shape[2:]), dtype=P.dtype)
    out[:, class_columns(P.shape[1], member.classes, classes, member.model, "predict_proba")] = P
    return out
