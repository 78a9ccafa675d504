"""Training a copy of an estimator, so that a failed or interrupted fit leaves the learner as it was."""

from __future__ import annotations

import copy
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from skal.cloning import fresh
from skal.data import n_rows, take
from skal.outputs import is_fitted

Retrain = Literal["scratch", "warm"]


def trained(
    estimator: Any, X: Any, y: Any, retrain: Retrain, rng: np.random.RandomState | None, fit_kwargs: dict[str, Any]
) -> Any:
    """Return a fitted copy of an estimator.

    Parameters
    ----------
    estimator : estimator
        Left as it is.
    X, y : container
        Rows and labels.
    retrain : {"scratch", "warm"}
        "warm" goes on from the fitted state, by the estimator's ``warm_start`` or ``partial_fit``.
    rng : RandomState or None
        Seeds what has no seed of its own.
    fit_kwargs : dict
        Passed to ``fit``.

    Returns
    -------
    estimator
        Fitted.
    """
    if retrain == "scratch" or not is_fitted(estimator):
        return _fitted(fresh(estimator, rng), X, y, fit_kwargs)
    model = copy.deepcopy(estimator)
    name = _warm_start_name(model)
    if name is None:
        model.partial_fit(X, y, **fit_kwargs)
        return model
    before = model.get_params()[name]
    _fitted(model.set_params(**{name: True}), X, y, fit_kwargs)
    return model.set_params(**{name: before})


def check_can_go_on(estimator: Any, who: str) -> None:
    """Raise unless ``retrain="warm"`` means something for the estimator."""
    final = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    if hasattr(final, "n_estimators"):
        raise TypeError(
            f"{who}: retrain='warm' would add no tree to {type(final).__name__}: its warm start only grows "
            "n_estimators. Use retrain='scratch'."
        )
    if _warm_start_name(estimator) is None and not hasattr(estimator, "partial_fit"):
        raise TypeError(
            f"{who}: retrain='warm' needs an estimator with warm_start or partial_fit, "
            f"{type(estimator).__name__} has neither. Use retrain='scratch'."
        )


def bootstrap_rows(y: Any, rng: np.random.RandomState) -> NDArray[np.intp]:
    """Draw as many rows as there are, with replacement, and at least two classes where there are two."""
    n = n_rows(y)
    rows = rng.randint(n, size=n)
    two_classes = n > 1 and len(_distinct(y)) > 1
    while two_classes and len(_distinct(take(y, rows))) < 2:
        rows = rng.randint(n, size=n)
    return np.asarray(rows, dtype=np.intp)


def _fitted(model: Any, X: Any, y: Any, fit_kwargs: dict[str, Any]) -> Any:
    model.fit(X, y, **fit_kwargs)
    return model


def _warm_start_name(estimator: Any) -> str | None:
    """Name of the ``warm_start`` parameter of the estimator, or of the last step of a Pipeline."""
    name = f"{estimator.steps[-1][0]}__warm_start" if isinstance(estimator, Pipeline) else "warm_start"
    return name if hasattr(estimator, "get_params") and name in estimator.get_params() else None


def _distinct(y: Any) -> NDArray[Any]:
    return np.unique(np.asarray(y), axis=0)
