"""A linear support vector machine with probabilities, for classes of any size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted

from skal.data import take

_FOLDS = 3


class CalibratedLinearSVC(ClassifierMixin, BaseEstimator):
    """A linear support vector machine whose distances are turned into probabilities.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty.
    class_weight : dict, "balanced" or None, default=None
        As of `sklearn.svm.LinearSVC`.
    random_state : int, RandomState or None, default=None
        Seeds the solver where that draws: with fewer rows than columns.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    svm_ : LinearSVC
        Fitted to all rows.
    scale_ : float
        Factor by which distances are multiplied before the softmax.

    Notes
    -----
    `sklearn.calibration.CalibratedClassifierCV` refuses classes with fewer rows than folds, and fits a curve for each
    class, for which a few labels are not enough. Here one number is fitted for all classes (temperature scaling), on
    rows that were held out in turn. Rows whose class has no other row are never held out; if no class has two rows,
    the factor is 1.

    References
    ----------
    .. [1] Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [2.0], [9.0]])
    >>> model = CalibratedLinearSVC(random_state=0).fit(X, ["low", "low", "low", "high"])
    >>> model.predict_proba(X).shape, model.predict([[8.0]]).tolist()
    ((4, 2), ['high'])
    """

    def __init__(self, C: float = 1.0, *, class_weight: Any = None, random_state: Any = None) -> None:
        self.C = C
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> CalibratedLinearSVC:
        """Fit the machine and the scale of its distances.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n, d)
            Numbers.
        y : array-like of shape (n,)
            Labels, of at least two classes.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows.

        Returns
        -------
        CalibratedLinearSVC
            Itself.
        """
        y = np.asarray(y)
        weights = None if sample_weight is None else np.asarray(sample_weight)
        self.svm_ = self._machine().fit(X, y, sample_weight=weights)
        self.classes_ = self.svm_.classes_
        self.n_features_in_ = self.svm_.n_features_in_
        self.scale_ = self._scale(X, np.searchsorted(self.classes_, y), weights)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return distances to the planes that separate the classes, (n,) for two classes, else (n, C)."""
        check_is_fitted(self)
        return np.asarray(self.svm_.decision_function(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each row."""
        check_is_fitted(self)
        return np.asarray(self.svm_.predict(X))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return class probabilities, in the order of ``classes_``."""
        return np.asarray(softmax(self.scale_ * _columns(self.decision_function(X)), axis=1))

    def _machine(self) -> Any:
        return LinearSVC(C=self.C, class_weight=self.class_weight, random_state=self.random_state)

    def _scale(self, X: Any, codes: NDArray[np.intp], weights: Any) -> float:
        repeated = np.flatnonzero(np.bincount(codes)[codes] > 1)
        if len(repeated) == 0:
            return 1.0
        folds = _folds(codes[repeated])
        distances, labels = [], []
        for fold in np.unique(folds):
            out = repeated[folds == fold]
            rest = np.setdiff1d(np.arange(len(codes)), out)
            machine = self._machine()
            machine.fit(take(X, rest), codes[rest], sample_weight=None if weights is None else weights[rest])
            distances.append(_columns(machine.decision_function(take(X, out))))
            labels.append(codes[out])
        D, known = np.concatenate(distances), np.concatenate(labels)

        def loss(log_scale: float) -> float:
            # The weak pull to 1 decides where the held-out rows do not: all of them right, or hardly any.
            likelihood = log_softmax(np.exp(log_scale) * D, axis=1)[np.arange(len(known)), known].sum()
            return float(-likelihood + 0.5 * log_scale**2)

        return float(np.exp(minimize_scalar(loss, bounds=(-5.0, 5.0), method="bounded").x))


def _folds(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """The rows of each class in turn: two rows of a class are in two folds, so each training part has all classes."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], codes[order])
    folds = np.empty(len(codes), dtype=np.intp)
    folds[order] = (np.arange(len(codes)) - starts + codes[order]) % _FOLDS
    return folds


def _columns(distances: NDArray[Any]) -> NDArray[Any]:
    """One column for each class; the distance of two classes is that between them."""
    return distances if distances.ndim == 2 else np.column_stack([-distances, distances])
