"""Predictions of the test rows, kept so that a metric that is added later needs no fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils.metaestimators import available_if

from skal.data import n_rows
from skal.study.prediction_bytes import read_arrays, storable_labels, write_arrays

__all__ = ["NotStored", "Predictions", "predictions_of", "predictions_or_reason"]

MAX_PIXELS = 1 << 22  # of label maps, of all test images together: more would be most of a study's folder


class NotStored(ValueError):
    """Predictions that are not kept, and why."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a fitted model says of the n test rows.

    Attributes
    ----------
    kind : str
        "classes" (one label per row), "numbers" (of a regression), "label_sets" (several labels per row, as an
        indicator) or "masks" (one label map per row).
    predicted : ndarray of n rows
        What ``predict`` gives, exactly.
    estimator_type : str or None
        What scikit-learn calls the model: "classifier", "regressor" or nothing.
    classes : ndarray of shape (C,), list of ndarray, or None
        ``classes_`` of the model; a list where it has one for each output.
    proba : list of ndarray of shape (n, C), or None
        ``predict_proba``: one array, or one for each output if `listed`.
    decisions : ndarray or None
        ``decision_function``, where the model has one: scorers of ranks read it rather than probabilities.
    listed : bool
        Whether ``predict_proba`` gives a list of arrays.
    """

    kind: str
    predicted: NDArray[Any] = field(repr=False)
    estimator_type: str | None = None
    classes: Any = field(default=None, repr=False)
    proba: list[NDArray[Any]] | None = field(default=None, repr=False)
    decisions: NDArray[Any] | None = field(default=None, repr=False)
    listed: bool = False

    def __len__(self) -> int:
        return len(self.predicted)

    @property
    def rows(self) -> RowNumbers:
        """The numbers of the test rows, shape (n, 1): `model` takes them, or a part of them, instead of the rows."""
        return np.arange(len(self)).reshape(-1, 1).view(RowNumbers)

    @property
    def constant(self) -> bool:
        """Whether the model says the same of all rows: one label, and one probability or decision value."""
        parts = [self.predicted, *(self.proba or [])]
        parts += [] if self.decisions is None else [self.decisions]
        return len(self) > 1 and all(bool((part[1:] == part[:1]).all()) for part in parts)

    def model(self) -> PredictionsModel:
        """Return these predictions as a fitted model, for scorers: ``scorer(kept.model(), X_test, y_test)``."""
        return PredictionsModel(self)

    def to_bytes(self) -> bytes:
        """Return all of it compressed: two bytes or less per probability, decision values as float32.

        Returns
        -------
        bytes
            The same for the same predictions; without pickles.

        Notes
        -----
        Probabilities are kept as float16 of their logarithm and add up to one again when they are read. The error of
        a logarithm is 0.05 % of it, so that probabilities near 0 and near 1 keep their order. If few values occur, as
        in votes of trees, they are kept exactly.
        """
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        return write_arrays(self.kind, self.estimator_type, self.predicted, self.classes, self._stored(), self.listed)

    def _stored(self) -> dict[str, list[NDArray[Any]]]:
        arrays = {}
        if self.proba is not None:
            arrays["proba"] = self.proba
        if self.decisions is not None:
            arrays["decisions"] = [self.decisions]
        return arrays

    @property
    def n_bytes(self) -> int:
        """Size of `to_bytes`."""
        return len(self._bytes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Predictions:
        """Read what `to_bytes` wrote.

        Raises
        ------
        ValueError
            If the bytes are damaged, or were written by a later version of skal.
        """
        found = cls(**read_arrays(data))
        found.__dict__["_bytes"] = data  # written again, they are the same: rounded once
        return found


class RowNumbers(np.ndarray):
    """Numbers of test rows, shape (k, 1): a type of its own, so that no table of integers is taken for them."""


def predictions_of(learner: Any, X_test: Any) -> Predictions | None:
    """Return the predictions of a fitted model for the test rows, or None if they are not kept.

    Parameters
    ----------
    learner : learner
        Fitted, with ``predict``; ``predict_proba`` and ``decision_function`` are read where it has them.
    X_test : container of n rows
        Test rows.

    Returns
    -------
    Predictions or None
        None for label maps of more than `MAX_PIXELS` pixels, and for labels that are neither numbers nor texts;
        `predictions_or_reason` says which.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.metrics import get_scorer
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(max_iter=500).fit(X, y)
    >>> kept = Predictions.from_bytes(predictions_of(model, X).to_bytes())
    >>> get_scorer("accuracy")(kept.model(), X, y) == get_scorer("accuracy")(model, X, y)
    True
    """
    found = predictions_or_reason(learner, X_test)
    return found if isinstance(found, Predictions) else None


def predictions_or_reason(learner: Any, X_test: Any) -> Predictions | str:
    """Return `predictions_of`, or the reason why the predictions are not kept, as a sentence."""
    try:
        return _read(learner, X_test)
    except NotStored as error:
        return str(error)


def _read(learner: Any, X_test: Any) -> Predictions:
    predicted = learner.predict(X_test)
    if isinstance(predicted, list) and len({np.shape(part) for part in predicted}) > 1:
        raise NotStored("Label maps of several sizes are not stored with a study.")
    predicted = predicted.toarray() if sparse.issparse(predicted) else np.asarray(predicted)
    classes = _as_arrays(getattr(learner, "classes_", None))
    kind = _kind(predicted, classes)
    estimator_type = _estimator_type(learner)
    if kind == "numbers":
        return Predictions(kind, predicted.astype(np.float64), estimator_type)
    labels = [predicted, *(classes if isinstance(classes, list) else [] if classes is None else [classes])]
    if strange := [str(part.dtype) for part in labels if not storable_labels(part)]:
        raise NotStored(f"Labels of type {strange[0]} are not stored with a study: numbers and texts are.")
    if kind == "masks":
        return Predictions(kind, predicted, estimator_type, classes)
    proba = _response(learner, "predict_proba", X_test)
    listed = isinstance(proba, list)
    decisions = _response(learner, "decision_function", X_test)
    if decisions is not None:
        decisions = np.asarray(decisions, dtype=np.float32)
    return Predictions(
        kind,
        predicted,
        estimator_type,
        classes,
        None if proba is None else [_numbers(part) for part in (proba if listed else [proba])],
        decisions,
        listed,
    )


def _kind(predicted: NDArray[Any], classes: Any) -> str:
    """Return the kind of predictions, or raise for one that is not kept."""
    if predicted.ndim >= 3:
        if predicted.size > MAX_PIXELS:
            raise NotStored(
                f"The label maps of the test images have {predicted.size} pixels, and at most {MAX_PIXELS} are "
                "stored with a round: a metric that is added later needs new fits."
            )
        return "masks"
    if predicted.dtype == object and any(np.ndim(part) for part in predicted.ravel()):
        raise NotStored("Label maps of several sizes are not stored with a study.")
    if predicted.ndim == 1:
        return "numbers" if classes is None and predicted.dtype.kind in "fiu" else "classes"
    is_indicator = predicted.dtype.kind in "biuf" and bool(np.isin(predicted, (0, 1)).all())
    if is_indicator and classes is not None:
        return "label_sets"
    if predicted.dtype.kind in "fiu" and classes is None:
        return "numbers"
    raise NotStored("Several outputs of several classes each are not stored with a study.")


def _estimator_type(learner: Any) -> str | None:
    try:
        return "classifier" if is_classifier(learner) else "regressor" if is_regressor(learner) else None
    except (AttributeError, TypeError):  # not an estimator of scikit-learn
        return None


def _as_arrays(classes: Any) -> Any:
    """Return classes as an array, or as a list of them if there are several outputs."""
    if isinstance(classes, (list, tuple)) and any(np.ndim(part) for part in classes):
        return [np.asarray(part) for part in classes]
    return None if classes is None else np.asarray(classes)


def _response(learner: Any, method: str, X: Any) -> Any:
    """Return what a method gives, None if the learner has none, even if it notices that late."""
    if not hasattr(learner, method):
        return None
    try:
        return getattr(learner, method)(X)
    except (AttributeError, NotImplementedError):
        return None


def _numbers(P: Any) -> NDArray[Any]:
    P = np.asarray(P)
    return P if P.dtype.kind == "f" else P.astype(np.float64)


class PredictionsModel(BaseEstimator):
    """Stored predictions in the form of a fitted estimator, so that scorers can read them.

    Parameters
    ----------
    predictions : Predictions
        Of the n test rows.

    Notes
    -----
    The methods take the n test rows themselves, which are not looked at beyond their number, or `Predictions.rows`,
    of which any part will do.
    """

    def __init__(self, predictions: Predictions) -> None:
        self.predictions = predictions

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = self.predictions.estimator_type
        if tags.estimator_type == "classifier":
            tags.classifier_tags = ClassifierTags()
        elif tags.estimator_type == "regressor":
            tags.regressor_tags = RegressorTags()
        return tags

    @property
    def _estimator_type(self) -> str | None:
        return self.predictions.estimator_type

    @property
    def classes_(self) -> Any:
        """Classes of the model.

        Raises
        ------
        AttributeError
            If it had none.
        """
        if self.predictions.classes is None:
            raise AttributeError("The model of these predictions has no classes_.")
        return self.predictions.classes

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the predictions of the test rows."""
        return self.predictions.predicted[self._rows(X)]

    @available_if(lambda self: self.predictions.proba is not None)
    def predict_proba(self, X: Any) -> Any:
        """Return the probabilities of the test rows, (n, C), or a list of them, one for each output."""
        rows = self._rows(X)
        found = [P[rows] for P in self.predictions.proba or ()]
        return found if self.predictions.listed else found[0]

    @available_if(lambda self: self.predictions.proba is not None)
    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithms of the probabilities."""
        found = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return [np.log(P) for P in found] if isinstance(found, list) else np.log(found)

    @available_if(lambda self: self.predictions.decisions is not None)
    def decision_function(self, X: Any) -> NDArray[Any]:
        """Return the decision values of the test rows, (n,) or (n, C)."""
        decisions: NDArray[Any] = self.predictions.decisions[self._rows(X)]  # type: ignore[index]
        return decisions

    def _rows(self, X: Any) -> Any:
        if isinstance(X, RowNumbers):
            return np.asarray(X)[:, 0]
        if n_rows(X) != len(self.predictions):
            raise ValueError(
                f"Stored predictions are of {len(self.predictions)} test rows, got {n_rows(X)} rows. Pass the test "
                "rows of the study in their order, or any part of Predictions.rows."
            )
        return slice(None)
