"""What is measured on test data, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer, get_scorer_names
from sklearn.utils.metaestimators import available_if

from skal.outputs import proba

Metric = Callable[[Any, Any, Any], float]


def make_metrics(names: Sequence[str]) -> dict[str, Metric]:
    """Return metrics by name, each ``metric(learner, X, y)``.

    Parameters
    ----------
    names : sequence of str
        scikit-learn's scorers ("accuracy", "f1_macro", "balanced_accuracy", "neg_log_loss", ...), higher =
        better, and "ece", the expected calibration error of the predicted probabilities, lower = better.

    Returns
    -------
    dict of str to callable
        In the same order.

    Raises
    ------
    ValueError
        If a name is unknown, repeated, or if "ece" comes first, where verdicts need higher = better.
    """
    if not names:
        raise ValueError("At least one metric is needed, got none.")
    if len(set(names)) < len(names):
        raise ValueError(f"Each metric once, got {', '.join(names)}.")
    if names[0] == "ece":
        raise ValueError("Verdicts are about the first metric, higher = better; measure 'ece' beside another.")
    known = get_scorer_names()
    unknown = [name for name in names if name != "ece" and name not in known]
    if unknown:
        raise ValueError(f"There is no metric {', '.join(unknown)}: scikit-learn's scorers and 'ece' are known.")
    return {name: expected_calibration_error if name == "ece" else get_scorer(name) for name in names}


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

    @available_if(lambda self: hasattr(self.model, "predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return probabilities (n, C), in the order of all classes."""
        P = np.asarray(self.model.predict_proba(X))
        full = np.zeros((len(P), len(self.classes)), dtype=P.dtype)
        full[:, np.searchsorted(self.classes, self.model.classes_)] = P
        return full


def expected_calibration_error(learner: Any, X: Any, y: Any) -> float:
    """Measure how far confidence is from accuracy: ECE over 15 bins of the largest probability.

    Parameters
    ----------
    learner : learner
        With ``predict_proba`` and ``classes_``.
    X : container of n rows
        Test rows.
    y : array-like of shape (n,)
        Their labels; a class the learner has never seen counts as missed.

    Returns
    -------
    float
        In [0, 1], lower = better.

    References
    ----------
    .. [1] Guo et al., "On calibration of modern neural networks", ICML 2017, equation 3.
    """
    from skal.study.statistics import expected_calibration_error as of_probabilities

    P = proba(learner, X)
    classes = np.asarray(learner.classes_)
    labels = np.asarray(y)
    places = np.searchsorted(classes, labels).clip(0, len(classes) - 1)
    return float(of_probabilities(P, np.where(classes[places] == labels, places, -1)))
