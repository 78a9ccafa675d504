"""Training a copy of an estimator, so that a failed or interrupted fit leaves the learner as it was."""

from __future__ import annotations

import copy
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline

from skal.cloning import fresh, seeded, seeded_fit
from skal.data import n_rows, non_finite_rows, take
from skal.encoding import fit_labels
from skal.outputs import is_fitted, name_of
from skal.targets import kind_of

Retrain = Literal["scratch", "warm"]
_GROWS_ONLY = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)  # by max_iter
How = Literal["fresh", "warm_start", "partial_fit"]


def how_to_train(estimator: Any, retrain: Retrain, only_new: bool) -> How:
    """Tell how to train: on a fresh copy, or on from the fitted state by ``warm_start`` or ``partial_fit``.

    ``partial_fit`` adds to what was learnt, so it must be given each row once: the new rows alone.
    ``warm_start`` begins where the weights are, and is given all rows, unless only the new ones are wanted
    and ``partial_fit`` is there, which does not mind a batch that lacks a class.
    """
    if retrain == "scratch" or not is_fitted(estimator):
        return "fresh"
    if _warm_start_name(estimator) is None or (only_new and hasattr(estimator, "partial_fit")):
        return "partial_fit"
    return "warm_start"


def trained(
    estimator: Any, X: Any, y: Any, how: How, rng: np.random.RandomState | None, fit_kwargs: dict[str, Any], who: str
) -> Any:
    """Return a fitted copy of an estimator, which itself is left as it is.

    Parameters
    ----------
    estimator : estimator
        Copied.
    X, y : container
        Rows and labels.
    how : {"fresh", "warm_start", "partial_fit"}
        See `how_to_train`.
    rng : RandomState or None
        Seeds what has no seed of its own.
    fit_kwargs : dict
        Passed to ``fit``.
    who : str
        For the messages.

    Returns
    -------
    estimator
        Fitted.
    """
    try:
        return _trained(estimator, X, y, how, rng, fit_kwargs)
    except ValueError as error:
        if (remedy := _remedy(error, estimator, X, y)) is None:
            raise
        raise ValueError(f"{who}: {remedy}") from error


def _trained(
    estimator: Any, X: Any, y: Any, how: How, rng: np.random.RandomState | None, fit_kwargs: dict[str, Any]
) -> Any:
    model = fresh(estimator, rng) if how == "fresh" else seeded(copy.deepcopy(estimator), rng)
    with seeded_fit(model, rng):
        if how == "fresh":
            return fit_labels(model, X, y, **fit_kwargs)
        if how == "partial_fit":
            model.partial_fit(X, y, **fit_kwargs)
            return model
        name = str(_warm_start_name(model))
        before = model.get_params()[name]
        model.set_params(**{name: True}).fit(X, y, **fit_kwargs)
        return model.set_params(**{name: before})


def _remedy(error: ValueError, estimator: Any, X: Any, y: Any) -> str | None:
    """Say what helps where a fit was refused for a reason that is seen in the data; None: its own words stand."""
    name = name_of(estimator)
    one = kind_of(y, estimator).only_class(y)
    if one is not None:
        return (
            f"{name} cannot be trained on the labels of a single class: all {n_rows(y)} are {one[0]!r} "
            f"({_first_sentence(error)}). Label rows until there is a second class; an untaught learner can be asked "
            "for rows at random."
        )
    if "1d array" in str(error) and (columns := np.shape(y)[1:]) and columns[0] > 1:
        sets = "multilabel" in kind_of(y, estimator).reads
        return (
            f"{name} takes one label a row, and y holds {columns[0]} columns, "
            + ("a set of labels a row (0 or 1 each)" if sets else "a class of its own in each")
            + f" ({_first_sentence(error)}). Wrap the model, as "
            + ("OneVsRestClassifier" if sets else "MultiOutputClassifier")
            + "(model), or pass one column."
        )
    if (why := kind_of(y, estimator).why_not_learned(y)) is not None:
        return f"{name} cannot be trained: {why} ({_first_sentence(error)})."
    if "nan" in str(error).lower() and len(bad := non_finite_rows(X)):
        return (
            f"{name} refuses NaN or infinity, which {len(bad)} of {n_rows(X)} rows hold, first row {bad[0]} "
            f"({_first_sentence(error)}). Put an imputer, such as SimpleImputer, before the step that refuses."
        )
    return None


def _first_sentence(error: ValueError) -> str:
    return " ".join(str(error).split()).partition(". ")[0].rstrip(".")


def unseen_classes(estimator: Any, y: Any) -> list[Any]:
    """Labels that a fitted classifier does not know; none where it names no classes, and none of masks."""
    return kind_of(y, estimator).unseen(getattr(estimator, "classes_", None), y)


def check_can_go_on(estimator: Any, who: str) -> None:
    """Raise unless ``retrain="warm"`` means something for the estimator."""
    final = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    if hasattr(final, "n_estimators") or isinstance(final, _GROWS_ONLY):
        raise TypeError(
            f"{who}: retrain='warm' would add no tree to {type(final).__name__}: its warm start only grows "
            "their number. Use retrain='scratch'."
        )
    if _warm_start_name(estimator) is None and not hasattr(estimator, "partial_fit"):
        raise TypeError(
            f"{who}: retrain='warm' needs an estimator with warm_start or partial_fit, "
            f"{type(estimator).__name__} has neither. Use retrain='scratch'."
        )


def bootstrap_rows(y: Any, rng: np.random.RandomState) -> NDArray[np.intp]:
    """Draw as many rows as there are, with replacement, and at least two classes where there are two.

    Masks are drawn as they come: one holds several classes as a rule.
    """
    n, kind = n_rows(y), kind_of(y)
    rows = rng.randint(n, size=n)
    two_classes = n > 1 and _several(kind.distinct(y))
    while two_classes and not _several(kind.distinct(take(y, rows))):
        rows = rng.randint(n, size=n)
    return np.asarray(rows, dtype=np.intp)


def _warm_start_name(estimator: Any) -> str | None:
    """Name of the ``warm_start`` parameter of the estimator, or of the last step of a Pipeline."""
    name = f"{estimator.steps[-1][0]}__warm_start" if isinstance(estimator, Pipeline) else "warm_start"
    return name if hasattr(estimator, "get_params") and name in estimator.get_params() else None


def _several(labels: NDArray[Any] | None) -> bool:
    return labels is not None and len(labels) > 1
