"""Numbers that a regressor predicts, those of every member of a committee, and how sure the model is of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils import get_tags

from skal.data import n_rows, to_numpy
from skal.outputs._members import is_ensemble, last_model, members_of
from skal.outputs._models import member_list, name_of, task_model
from skal.outputs._reading import (
    Array,
    InvalidOutput,
    MissingOutput,
    Then,
    UnfittedLearner,
    call,
    last_step,
    read_blocks,
)
from skal.outputs._watch import watched

# Quantiles between which a normal distribution has one standard deviation to either side of its mean.
_LOW, _HIGH = 0.15865525393145707, 0.8413447460685429


def predictions(learner: Any, X: Any) -> Array:
    """Read the numbers that a regressor predicts.

    Parameters
    ----------
    learner : learner
        With ``predict``; the prediction of a committee is the mean of its members'.
    X : container of n rows
        Read block by block.

    Returns
    -------
    ndarray of shape (n,)
        Finite, float64.

    Raises
    ------
    MissingOutput
        If the model is a classifier, or predicts several numbers a row.
    InvalidOutput, UnfittedLearner
        As for `proba`.
    """
    if member_list(learner) is not None:
        return committee_predictions(learner, X, then=lambda F: np.asarray(F.mean(axis=0)))
    model = task_model(learner)
    refuse_classifier(model)
    looking, done = watched(learner, X, lambda block: _one_a_row(call(model, "predict", block), model))
    found = read_blocks(X, looking, None, f"predict of {name_of(model)}")
    done()
    return found


def committee_predictions(learner: Any, X: Any, then: Then | None = None) -> Array:
    """Read the numbers that every member of a committee predicts.

    Parameters
    ----------
    learner : Committee, list of regressors, or an ensemble
        A random forest, extra trees, BaggingRegressor, VotingRegressor, or any estimator with a parameter
        ``n_members`` whose fitted members are in ``members_`` counts as a committee, also at the end of a Pipeline.
    X : container of n rows
        Read block by block.
    then : callable, default=None
        Applied to each block (T, rows); must return one row a row.

    Returns
    -------
    ndarray of shape (T, n)
        Or what `then` made of it, n rows.

    Raises
    ------
    MissingOutput
        If the learner is no committee, or its members are classifiers.
    InvalidOutput, UnfittedLearner
        As for `proba`.
    """
    if member_list(learner) is None:
        model = last_model(learner)
        refuse_classifier(model)
        if not is_ensemble(model):
            raise MissingOutput(
                f"needs a committee: {name_of(model)} is a single model. Use skal.CommitteeRegressor, a list of "
                "fitted regressors, or an ensemble such as RandomForestRegressor or BaggingRegressor."
            )
    members = members_of(learner)
    for member in members:
        refuse_classifier(member.model)

    def read(block: Any) -> Array:
        return np.stack(
            [_one_a_row(call(member.model, "predict", member.prepare(block)), member.model) for member in members]
        )

    name = f"predict of a member of {name_of(task_model(learner))}"
    looking, done = watched(learner, X, read, row_axis=1)
    found = read_blocks(X, looking, then, name, row_axis=1, numbers_per_row=len(members))
    done()
    return found


def predicted_std(learner: Any, X: Any, std: Callable[[Any, Any], Any] | None = None) -> Array:
    """Read how unsure a regressor is of what it predicts: the standard deviation of its predictive distribution.

    Parameters
    ----------
    learner : learner
        Whose model, also at the end of a Pipeline, has ``predict(X, return_std=True)`` (GaussianProcessRegressor,
        BayesianRidge, ARDRegression, a net with dropout), or ``predict_std(X)``; or a committee, a forest, a bag or a
        vote, whose standard deviation is that of its members' predictions; or a model with
        ``predict(X, quantiles=[...])``, half the gap of whose quantiles 0.159 and 0.841 is taken.
    X : container of n rows
        Read block by block.
    std : callable, default=None
        Used instead: ``std(model, X_block)`` of the fitted task model, one number a row.

    Returns
    -------
    ndarray of shape (n,)
        At least 0, in the units of the target.

    Raises
    ------
    MissingOutput
        If the model is a classifier, or says nothing of how sure it is.
    InvalidOutput
        If a standard deviation is not finite, or negative.
    UnfittedLearner
        If the model has not been fitted.
    """
    model = task_model(learner)
    if std is not None:
        name = "std"
        read: Callable[[Any], Any] = lambda block: _one_a_row(std(model, block), model, "std of")  # noqa: E731
    elif _is_of_members(learner):
        return committee_predictions(learner, X, then=lambda F: np.asarray(F.std(axis=0)))
    else:
        read, name = _std_reader(learner)
    looking, done = watched(learner, X, read)
    known = getattr(last_model(learner), "X_train_", ())  # a Gaussian process compares a block with all of them
    found = read_blocks(X, looking, None, name, numbers_per_row=max(n_rows(known), 1) if len(known) else 1)
    done()
    bad = np.flatnonzero(found < 0)
    if len(bad):
        raise InvalidOutput(f"{name} must be at least 0, got {found[bad[0]]:.4g} in row {bad[0]}.")
    return found


def offers_std(learner: Any) -> bool:
    """Tell whether `predicted_std` can be read from the learner once it is fitted.

    Parameters
    ----------
    learner : learner
        Fitted or not.

    Returns
    -------
    bool
        False for classifiers, too.
    """
    model = last_model(learner)
    if hasattr(model, "refit") and hasattr(model, "estimator"):  # a search: what it would fit
        return offers_std(model.estimator)
    return not is_classifier_like(model) and (_is_of_members(learner) or _way_of(model) is not None)


def is_classifier_like(model: Any) -> bool:
    """Tell whether a model predicts classes; what is no estimator of scikit-learn does not say so."""
    try:
        return bool(is_classifier(model))
    except (AttributeError, TypeError):
        return False


def refuse_classifier(model: Any) -> None:
    """Raise where numbers are asked of a classifier."""
    if is_classifier_like(last_model(model)):
        raise MissingOutput(
            f"needs predicted numbers: {name_of(model)} is a classifier and predicts classes. Take a strategy that "
            "reads class probabilities (margin_sampling, uncertainty_herding), or a regressor."
        )


def _is_of_members(learner: Any) -> bool:
    model = last_model(learner)
    return member_list(learner) is not None or (is_ensemble(model) and _way_of(model) is None)


def _way_of(model: Any) -> str | None:
    """How a single model tells how sure it is: the keyword of its ``predict``, or the method; None if it does not."""
    try:
        parameters = inspect.signature(model.predict).parameters
    except (AttributeError, TypeError, ValueError):
        parameters = {}  # type: ignore[assignment]
    if "return_std" in parameters:
        return "return_std"
    if hasattr(model, "predict_std"):
        return "predict_std"
    return "quantiles" if "quantiles" in parameters else None


def _std_reader(learner: Any) -> tuple[Callable[[Any], Array], str]:
    prepare, model = last_step(learner)
    refuse_classifier(model)
    name, way = name_of(model), _way_of(model)
    if way == "return_std":

        def read(block: Any) -> Array:
            found = call(model, "predict", _as_taken(prepare(block), model), return_std=True)
            if not (isinstance(found, tuple) and len(found) == 2):
                raise InvalidOutput(f"predict(return_std=True) of {name} must give means and standard deviations.")
            return _one_a_row(found[1], model, "predict(return_std=True) of")

        return read, f"the standard deviation of {name}"
    if way == "predict_std":
        return lambda block: _one_a_row(
            call(model, "predict_std", prepare(block)), model, "predict_std of"
        ), f"predict_std of {name}"
    if way == "quantiles":

        def read_gap(block: Any) -> Array:
            Q = to_numpy(call(model, "predict", prepare(block), quantiles=[_LOW, _HIGH])).astype(np.float64)
            if Q.ndim != 2 or Q.shape[1] != 2:
                raise InvalidOutput(f"predict(quantiles=) of {name} must have shape (n, 2), got {Q.shape}.")
            return np.asarray((Q[:, 1] - Q[:, 0]) / 2)

        return read_gap, f"the gap of quantiles of {name}"
    if offers_std(learner):  # what a search would fit
        raise UnfittedLearner(f"{name} is not fitted.")
    raise MissingOutput(
        f"needs a standard deviation of what is predicted: {name} gives none. Use GaussianProcessRegressor or "
        "BayesianRidge, an ensemble such as RandomForestRegressor or BaggingRegressor, or pass std=, a function "
        "std(model, X) of your own."
    )


def _as_taken(rows: Any, model: Any) -> Any:
    """Sparse rows as dense ones where the model takes no others: BayesianRidge would multiply them wrongly."""
    if hasattr(rows, "toarray") and hasattr(model, "__sklearn_tags__") and not get_tags(model).input_tags.sparse:
        return rows.toarray()
    return rows


def _one_a_row(values: Any, model: Any, what: str = "predict of") -> Array:
    """One float64 a row, or an error that says what came."""
    array = to_numpy(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2:
        raise MissingOutput(
            f"needs one number a row: {what} {name_of(model)} gives {array.shape[1]}. Teach one column of y."
        )
    if array.ndim != 1 or array.dtype.kind not in "fiu":
        raise InvalidOutput(
            f"{what} {name_of(model)} must give one number a row, got {array.dtype} of shape {array.shape}."
        )
    return array.astype(np.float64)
