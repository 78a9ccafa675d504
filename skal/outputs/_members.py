"""Members of a committee or an ensemble: how each is asked, whatever they predict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.pipeline import Pipeline

from skal.data import to_numpy
from skal.outputs._models import is_fitted, member_list, name_of, task_model
from skal.outputs._reading import UnfittedLearner, pipeline_head

# A forest, a bag or a vote: members of equal standing. Boosting and stacking are sums, not committees.
ENSEMBLES = (RandomForestClassifier, ExtraTreesClassifier, BaggingClassifier, VotingClassifier)
ENSEMBLES_OF_NUMBERS = (RandomForestRegressor, ExtraTreesRegressor, BaggingRegressor, VotingRegressor)


@dataclass
class Member:
    """One model of a committee: how a block is prepared for it, and the classes of its columns (None: not told)."""

    model: Any
    prepare: Callable[[Any], Any]
    classes: Any


def last_model(learner: Any) -> Any:
    """Return the task model, of a Pipeline its last step."""
    model = task_model(learner)
    return model.steps[-1][1] if isinstance(model, Pipeline) else model


def is_ensemble(model: Any) -> bool:
    """Tell whether a model has members of equal standing, which `members_of` can find once it is fitted."""
    return isinstance(model, ENSEMBLES + ENSEMBLES_OF_NUMBERS) or hasattr(model, "n_members")


def is_committee(learner: Any) -> bool:
    """Tell whether members can be read from the learner once it is fitted: classes of them, or numbers."""
    return member_list(learner) is not None or is_ensemble(last_model(learner))


def members_of(learner: Any) -> list[Member]:
    """Return the members of a learner of which `is_committee` is true.

    Raises
    ------
    UnfittedLearner
        If there are none yet.
    """
    models = member_list(learner)
    if models is None:
        return _ensemble_members(task_model(learner))
    if not models:
        raise UnfittedLearner("the committee has no members.")
    models = [task_model(model) for model in models]
    return [Member(model, lambda block: block, getattr(model, "classes_", None)) for model in models]


def _ensemble_members(model: Any) -> list[Member]:
    """Members of an ensemble. Those of scikit-learn were fitted on positions in its ``classes_``, not on labels."""
    head = pipeline_head(model) if isinstance(model, Pipeline) else None
    ensemble = last_model(model)
    if not is_fitted(ensemble):
        raise UnfittedLearner(f"{name_of(ensemble)} is not fitted.")
    if hasattr(ensemble, "members_"):
        as_given = head or (lambda block: block)
        return [Member(member, as_given, getattr(member, "classes_", None)) for member in ensemble.members_]

    def prepare_for(features: Any) -> Callable[[Any], Any]:
        def prepare(block: Any) -> Any:
            rows = block if head is None else head(block)
            if not hasattr(rows, "toarray"):
                rows = to_numpy(rows)  # members were fitted without the names of the columns
            return rows if features is None else rows[:, features]

        return prepare

    columns = getattr(ensemble, "estimators_features_", [None] * len(ensemble.estimators_))
    return [
        Member(member, prepare_for(features), _classes_of(member, ensemble))
        for member, features in zip(ensemble.estimators_, columns, strict=True)
    ]


def _classes_of(member: Any, ensemble: Any) -> Any:
    if not hasattr(ensemble, "classes_"):
        return None
    return ensemble.classes_[np.asarray(member.classes_, dtype=int)]
