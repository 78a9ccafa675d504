"""Estimators that take no labels but 0 to k - 1: labels are encoded for their fit and decoded after it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from skal.labels import plain_labels

__all__ = ["EncodedClassifier", "fit_labels"]

_ABOUT_LABELS = re.compile(r"class|label|target", re.IGNORECASE)


def _inner_has(method: str) -> Any:
    return available_if(lambda self: hasattr(self.estimator, method))


class EncodedClassifier(ClassifierMixin, BaseEstimator):
    """A classifier whose labels are 0 to k - 1 for its own fit, and what the user gave for everybody else.

    It has the parameters and the fitted attributes of the classifier inside, which is its attribute ``estimator``. It
    is made by `fit_labels`, where a classifier refuses labels as they are.

    Parameters
    ----------
    estimator : classifier
        Which needs such labels, as XGBoost's does.

    Attributes
    ----------
    classes_ : ndarray of shape (k,)
        The labels, sorted, and in the order of the columns of ``predict_proba``.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = EncodedClassifier(LogisticRegression()).fit([[0.0], [1.0], [2.0]], ["a", "c", "c"])
    >>> model.predict([[2.0]]).tolist(), model.estimator.classes_.tolist()
    (['c'], [0, 1])
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any, **fit_kwargs: Any) -> EncodedClassifier:
        """Fit the classifier to encoded labels; those of an ``eval_set`` are encoded too."""
        classes, codes = np.unique(np.asarray(y), return_inverse=True)
        if fit_kwargs.get("eval_set") is not None:
            fit_kwargs["eval_set"] = [(rows, _codes(labels, classes)) for rows, labels in fit_kwargs["eval_set"]]
        self.estimator.fit(X, codes.reshape(-1), **fit_kwargs)
        self.classes_ = classes
        return self

    def predict(self, X: Any, **kwargs: Any) -> Any:
        """Predict labels."""
        check_is_fitted(self)
        codes = np.asarray(self.estimator.predict(X, **kwargs)).astype(np.intp).reshape(-1)
        return self.classes_[codes]

    @_inner_has("predict_proba")
    def predict_proba(self, X: Any, **kwargs: Any) -> Any:
        """Return class probabilities, in the order of ``classes_``."""
        return self.estimator.predict_proba(X, **kwargs)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters of the classifier inside."""
        return self.estimator.get_params(deep=deep)

    def set_params(self, **params: Any) -> EncodedClassifier:
        """Set parameters of the classifier inside."""
        self.estimator.set_params(**params)
        return self

    def __sklearn_clone__(self) -> EncodedClassifier:
        return EncodedClassifier(clone(self.estimator))

    def __sklearn_is_fitted__(self) -> bool:
        return "classes_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.estimator)

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return repr(self.estimator)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "estimator" or "estimator" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")
        return getattr(self.estimator, name)


def fit_labels(model: Any, X: Any, y: Any, **fit_kwargs: Any) -> Any:
    """Fit a model, and return it; where it refuses the labels as they are, return one that was fitted to 0 to k - 1.

    Parameters
    ----------
    model : estimator
        Unfitted; it is fitted in place, if it takes the labels.
    X : container of n rows
        Rows.
    y : array-like of shape (n,)
        Labels.
    **fit_kwargs
        Passed to ``fit``.

    Returns
    -------
    estimator
        `model`, or a copy in which the classifier (of a Pipeline the last step, of a search or another estimator with
        a parameter ``estimator`` that one) is an `EncodedClassifier`.

    Notes
    -----
    No library is asked for by name: the classifier is tried first, so one that takes any label costs nothing. The
    second fit is made only after an error that speaks of classes or labels, for labels that are not 0 to k - 1
    already; if it fails too, the first error stands.
    """
    y = plain_labels(y, f"{type(model).__name__}.fit")
    try:
        model.fit(X, y, **fit_kwargs)
    except ValueError as error:
        if not _ABOUT_LABELS.search(str(error)) or not _can_be_encoded(y):
            raise
        encoded = _encoding(model)
        if encoded is None:
            raise
        try:
            encoded.fit(X, y, **fit_kwargs)
        except (ValueError, TypeError):
            raise error from None
        return encoded
    return model


def _can_be_encoded(y: Any) -> bool:
    """Whether labels are one class a row, and not 0 to k - 1 already."""
    labels = np.asarray(y)
    if labels.ndim != 1 or type_of_target(labels) not in ("binary", "multiclass"):
        return False
    classes = np.unique(labels)
    return labels.dtype.kind not in "iu" or not np.array_equal(classes, np.arange(len(classes)))


def _encoding(model: Any) -> Any:
    """Return an unfitted copy with labels encoded where they reach the classifier; None if it is encoded already."""
    if isinstance(model, EncodedClassifier) or not hasattr(model, "get_params"):
        return None
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner = _encoding(last)
        return None if inner is None else clone(model).set_params(**{name: inner})
    inner = model.get_params(deep=False).get("estimator")
    if hasattr(inner, "fit"):
        encoded = _encoding(inner)
        return None if encoded is None else clone(model).set_params(estimator=encoded)
    return EncodedClassifier(clone(model))


def _codes(labels: Any, classes: Any) -> Any:
    """Positions of labels among the classes."""
    values = np.asarray(labels)
    places = np.searchsorted(classes, values).clip(0, len(classes) - 1)
    if not (classes[places] == values).all():
        new = np.setdiff1d(values, classes).tolist()
        raise ValueError(f"eval_set: its labels must be among those that are trained on, got {new} besides.")
    return places
