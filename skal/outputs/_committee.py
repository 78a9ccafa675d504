"""Class probabilities of every member of a committee, over the union of their classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier, VotingClassifier
from sklearn.pipeline import Pipeline

from skal.data import to_numpy
from skal.outputs._models import is_fitted, member_list, name_of, task_model
from skal.outputs._reading import (
    Array,
    MissingOutput,
    Then,
    UnfittedLearner,
    call,
    checked_proba,
    is_regressor_like,
    no_classes,
    numbers_per_row,
    pipeline_head,
    read_blocks,
)
from skal.outputs._watch import watched

# A forest, a bag or a vote: members of equal standing. Boosting and stacking are sums, not committees.
ENSEMBLES = (RandomForestClassifier, ExtraTreesClassifier, BaggingClassifier, VotingClassifier)


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


def is_committee(learner: Any) -> bool:
    """Tell whether `committee_proba` can be read from the learner once it is fitted."""
    model = task_model(learner)
    if isinstance(model, Pipeline):
        model = model.steps[-1][1]
    return member_list(learner) is not None or _is_ensemble(model)


def _is_ensemble(model: Any) -> bool:
    return isinstance(model, ENSEMBLES) or hasattr(model, "n_members")


@dataclass
class _Member:
    """One model of a committee: how a block is prepared for it, and the classes of its columns (None: not told)."""

    model: Any
    prepare: Callable[[Any], Any]
    classes: Any


def _members(learner: Any) -> list[_Member]:
    models = member_list(learner)
    if models is None:
        return _ensemble_members(task_model(learner))
    if not models:
        raise UnfittedLearner("the committee has no members.")
    models = [task_model(model) for model in models]
    return [_Member(model, lambda block: block, getattr(model, "classes_", None)) for model in models]


def _ensemble_members(model: Any) -> list[_Member]:
    """Members of an ensemble. Those of scikit-learn were fitted on positions in its ``classes_``, not on labels."""
    head: Callable[[Any], Any] | None = None
    ensemble = model
    if isinstance(model, Pipeline):
        head, ensemble = pipeline_head(model), model.steps[-1][1]
    if not _is_ensemble(ensemble):
        if is_regressor_like(ensemble):
            raise MissingOutput(f"needs a committee whose members vote for classes: {no_classes(ensemble)}")
        raise MissingOutput(
            f"needs a committee: {name_of(ensemble)} is a single model. Use skal.Committee, a list of fitted "
            "estimators, or an ensemble such as RandomForestClassifier or BaggingClassifier."
        )
    if not is_fitted(ensemble):
        raise UnfittedLearner(f"{name_of(ensemble)} is not fitted.")
    if hasattr(ensemble, "members_"):
        as_given = head or (lambda block: block)
        return [_Member(member, as_given, getattr(member, "classes_", None)) for member in ensemble.members_]

    def prepare_for(features: Any) -> Callable[[Any], Any]:
        def prepare(block: Any) -> Any:
            rows = block if head is None else head(block)
            if not hasattr(rows, "toarray"):
                rows = to_numpy(rows)  # members were fitted without the names of the columns
            return rows if features is None else rows[:, features]

        return prepare

    columns = getattr(ensemble, "estimators_features_", [None] * len(ensemble.estimators_))
    return [
        _Member(member, prepare_for(features), ensemble.classes_[np.asarray(member.classes_, dtype=int)])
        for member, features in zip(ensemble.estimators_, columns, strict=True)
    ]


def _union_of_classes(members: list[_Member]) -> Any:
    """Classes of the committee, sorted; None where a member does not tell: then all must be equally wide."""
    if any(member.classes is None for member in members):
        return None
    return np.unique(np.concatenate([np.asarray(member.classes) for member in members]))


def _aligned_proba(member: _Member, block: Any, classes: Any) -> Array:
    """Probabilities of one member over the classes of the whole committee; a class it never saw gets 0."""
    P = checked_proba(call(member.model, "predict_proba", member.prepare(block)), member.model)
    if classes is None or P.shape[1] == len(classes):
        return P
    out = np.zeros((P.shape[0], len(classes), *P.shape[2:]), dtype=P.dtype)
    out[:, np.searchsorted(classes, member.classes)] = P
    return out
