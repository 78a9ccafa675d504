"""What a learner is made of: its task model, its members, whether it is fitted, what it was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skal.data import concatenate, row_keys, take


def task_model(learner: Any) -> Any:
    """Return the estimator behind an ActiveLearner, a search or a FrozenEstimator; anything else as it is."""
    if isinstance(learner, FrozenEstimator):
        return task_model(learner.estimator)
    if hasattr(learner, "query") and hasattr(learner, "teach") and hasattr(learner, "estimator"):
        return task_model(learner.estimator)
    if hasattr(learner, "best_estimator_"):
        return task_model(learner.best_estimator_)
    return learner


def member_list(learner: Any) -> list[Any] | None:
    """Members of a Committee (skal's or modAL's) or a plain list; None for a single model."""
    if isinstance(learner, (list, tuple)):
        return list(learner)
    members = getattr(learner, "learner_list", None)
    return None if members is None else list(members)


def is_fitted(learner: Any) -> bool:
    """Tell whether every model behind the learner has been fitted.

    Parameters
    ----------
    learner : learner
        Whatever `skal.outputs` names.

    Returns
    -------
    bool
        An object that is no scikit-learn estimator counts as fitted.
    """
    if (members := member_list(learner)) is not None:
        return len(members) > 0 and all(is_fitted(member) for member in members)
    model = task_model(learner)
    if hasattr(model, "initialized_"):  # skorch sets it, False before `initialize`
        return bool(model.initialized_)
    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    except (TypeError, AttributeError):  # no scikit-learn estimator
        return not hasattr(model, "__sklearn_is_fitted__") or bool(model.__sklearn_is_fitted__())
    return True


def labeled_data(learner: Any) -> tuple[Any, Any]:
    """Return the rows and labels that a learner was trained on, or (None, None) where it does not tell.

    Parameters
    ----------
    learner : learner
        ``X_training`` and ``y_training`` of an ActiveLearner, ``labeled_data_`` of an estimator, or those of the
        members of a committee (all rows that any of them knows).

    Returns
    -------
    X_labeled, y_labeled : container or None
        As the learner holds them.
    """
    known = [(X, y) for X, y in _known_labeled_data(learner) if X is not None]
    if not known:
        return None, None
    X, y = known[0]
    seen = set(row_keys(X)) if len(known) > 1 else set()
    for X_other, y_other in known[1:]:
        if X_other is known[0][0]:
            continue
        keys = row_keys(X_other)
        new = [row for row, key in enumerate(keys) if key not in seen]
        if new:
            X, y = concatenate(X, take(X_other, new)), concatenate(y, take(y_other, new))
            seen.update(keys)
    return X, y


def _known_labeled_data(learner: Any) -> Iterator[tuple[Any, Any]]:
    if (members := member_list(learner)) is not None:
        for member in members:
            yield from _known_labeled_data(member)
    elif getattr(learner, "X_training", None) is not None:
        yield learner.X_training, learner.y_training
    else:
        yield getattr(task_model(learner), "labeled_data_", (None, None))


def name_of(model: Any) -> str:
    if model is None:
        return "no model"
    if isinstance(model, Pipeline):
        return f"Pipeline({name_of(model.steps[-1][1])})"
    return type(model).__name__
