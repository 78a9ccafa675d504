"""Models that have seen a part of the classes, and models asked about one class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if

from skal.outputs import class_columns

__all__ = ["OneAgainstRest", "WithAllClasses"]


class WithAllClasses(ClassifierMixin, BaseEstimator):
    """A fitted model, measured on classes of which it has seen a part: the others have probability 0.

    Parameters
    ----------
    model : estimator
        Fitted.
    classes : ndarray of shape (C,)
        All classes, sorted.
    """

    def __init__(self, model: Any, classes: NDArray[Any]) -> None:
        self.model = model
        self.classes = classes

    @classmethod
    def where_needed(cls, model: Any, classes: NDArray[Any]) -> Any:
        """Return the model itself if it has seen all classes."""
        return model if len(getattr(model, "classes_", classes)) == len(classes) else cls(model, classes)

    @property
    def classes_(self) -> NDArray[Any]:
        """All classes."""
        return self.classes

    def predict(self, X: Any) -> Any:
        """Return the model's predictions."""
        return self.model.predict(X)

    @available_if(lambda self: hasattr(self.model, "decision_function"))
    def decision_function(self, X: Any) -> NDArray[Any]:
        """Return decision values (n, C), in the order of all classes; those never seen are below all others."""
        D = np.asarray(self.model.decision_function(X), dtype=np.float64)
        D = np.column_stack([-D, D]) if D.ndim == 1 else D
        return self._in_all_columns(D, "decision_function", D.min(initial=0.0) - 1.0)

    @available_if(lambda self: hasattr(self.model, "predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return probabilities (n, C), in the order of all classes."""
        return self._in_all_columns(np.asarray(self.model.predict_proba(X)), "predict_proba", 0.0)

    def _in_all_columns(self, values: NDArray[Any], method: str, absent: float) -> NDArray[Any]:
        """Numbers of the classes that the model knows, in the columns of all classes."""
        full = np.full((len(values), len(self.classes)), absent, dtype=values.dtype)
        full[:, class_columns(values.shape[1], self.model.classes_, self.classes, self.model, method)] = values
        return full


class OneAgainstRest(ClassifierMixin, BaseEstimator):
    """A fitted model, asked whether rows are of one class: 1, or 0 for all others together.

    Parameters
    ----------
    model : estimator
        Fitted, of any number of classes.
    positive : scalar
        The class.
    """

    def __init__(self, model: Any, positive: Any) -> None:
        self.model = model
        self.positive = positive

    @property
    def classes_(self) -> NDArray[Any]:
        """0 and 1."""
        return np.array([0, 1])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return 1 where the model predicts the class."""
        return (np.asarray(self.model.predict(X)) == self.positive).astype(np.int64)

    @available_if(lambda self: hasattr(self.model, "decision_function"))
    def decision_function(self, X: Any) -> NDArray[Any]:
        """Return decision values (n,) for the class."""
        D = np.asarray(self.model.decision_function(X), dtype=np.float64)
        if D.ndim == 2:
            return D[:, self._column()]
        return D if self._column() == 1 else -D

    @available_if(lambda self: hasattr(self.model, "predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return probabilities (n, 2) of all others and of the class."""
        p = np.asarray(self.model.predict_proba(X))[:, self._column()]
        return np.column_stack([1 - p, p])

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def _column(self) -> int:
        return int(np.flatnonzero(np.asarray(self.model.classes_) == self.positive)[0])
