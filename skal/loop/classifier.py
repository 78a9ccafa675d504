"""The whole loop as one classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skal.around import model_has
from skal.data import n_rows
from skal.labels import labeled_part
from skal.loop._estimator import LoopEstimator
from skal.outputs import is_regressor_like
from skal.targets import TargetKind, kind_of


class ActiveLearningClassifier(LoopEstimator, ClassifierMixin, BaseEstimator):
    """A classifier that may look at only so many labels, and chooses which.

    ``fit(X, y)`` plays the loop: `y` answers for the annotator, one batch a round, and the model is trained
    on what was asked for alone. So ``cross_val_score`` of it measures a query strategy, and
    ``GridSearchCV`` tunes one.

    Parameters
    ----------
    estimator : estimator, default=None
        The task model; a fresh copy is fitted every round, but steps that learn from rows without labels are fitted
        once (`skal.loop.fitted_to_pool`). None: logistic regression, one of each label where `y` holds several a row.
    query_strategy : callable or estimator, default=uncertainty_sampling
        Any query strategy, or an estimator with ``fit`` and ``query`` such as VAAL. For several labels a row one that
        reads a probability for each, such as `skal.query.max_margin_uncertainty`, or features.
    n_initial : int, default=10
        Labels before the first query.
    n_instances : int, default=10
        Labels a round.
    budget : int, default=100
        Labels in all, the initial ones counted, and never more; all labels there are, if there are fewer.
    initial : {"random", "k_center", "vae_k_center", "stratified", "class_balanced"}, default="random"
        How the first rows are chosen; see `skal.loop.initial_pool`. Rows are added until two classes are seen, of
        several labels a row until each is seen both ways; if the budget does not go so far, `fit` raises ValueError.
    oracle : callable, default=None
        Makes the annotator of a fit out of its `y`, such as ``partial(NoisyOracle, rate=0.2)``: it is called as
        ``oracle(y, candidates=, initial=, classes=, random_state=)``, the parameters of
        `skal.annotation.NoisyOracle`, and returns what answers dataset indices with labels. None: `y` answers.
    stop : str or Criterion, default=None
        When to stop before the budget is spent: a criterion of `skal.stopping` or its name, such as "kappa" or
        "gain:gain=0.01"; `skal.loop.rounds` says what it sees. None: the budget is spent.
    n_audit : int, default=0
        Rows drawn at random whose labels are bought first, measure every model, and are not learned from, for
        criteria that read a score. They count in the budget. 0, or at least 2.
    missing_label : scalar, default="auto"
        Rows of `y` without a label are never asked for; see `skal.labels.unlabeled_mask`.
    random_state : int, RandomState or None, default=None
        Seeds the initial rows, the queries, and the task model where it has no seed.

    Attributes
    ----------
    estimator_ : estimator
        Fitted to the labels that were asked for.
    labeled_indices_ : ndarray of intp
        Rows of `X` that were labelled, in the order in which they were asked for.
    history_ : list of dict
        One a round: ``round``, ``n_labels``, ``picked`` (rows of `X`), ``fit_seconds``, ``query_seconds``; with
        `stop` also ``verdict``, a sentence, and with `n_audit` ``audit_score``.
    audit_indices_ : ndarray of intp
        Rows of `X` that were audited.
    verdict_ : Verdict or None
        What the criterion said after the last round: whether it stopped, and why.
    classes_ : ndarray
        Classes among the labels that were asked for; of several labels a row what the task model has there.

    Notes
    -----
    ``budget / n_instances`` fits of the task model, and the cost of as many queries. Several labels a row, `y` of 0
    and 1 with shape (n, L), are bought row by row, and ``score`` is the share of rows whose labels are all right.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = load_iris(return_X_y=True)
    >>> model = ActiveLearningClassifier(n_initial=5, n_instances=5, budget=30, random_state=0)
    >>> bool(cross_val_score(model, X, y).mean() > 0.9)
    True
    """

    def predict(self, X: Any) -> Any:
        """Predict by the task model."""
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @model_has("predict_proba")
    def predict_proba(self, X: Any) -> Any:
        """Class probabilities of the task model, (n, C); of several labels a row in its own form, mostly (n, L)."""
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @model_has("predict_log_proba")
    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of the task model's class probabilities, of shape (n, C)."""
        check_is_fitted(self)
        return self.estimator_.predict_log_proba(X)

    @model_has("decision_function")
    def decision_function(self, X: Any) -> Any:
        """Decision function of the task model."""
        check_is_fitted(self)
        return self.estimator_.decision_function(X)

    @property
    def classes_(self) -> NDArray[Any]:
        """Classes among the labels that were asked for."""
        check_is_fitted(self)
        found: NDArray[Any] = self.estimator_.classes_
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inside = get_tags(self._model())
        of_classes = inside.classifier_tags
        # scikit-learn's models of each label have the other tag alone, as they take several classes a row too.
        several = inside.target_tags.multi_output or (of_classes is not None and of_classes.multi_label)
        tags.classifier_tags.multi_label = bool(several)
        return tags

    def _model(self) -> Any:
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator

    def _check_model(self) -> None:
        if is_regressor_like(self._model()):
            raise ValueError(
                f"ActiveLearningClassifier: estimator must be a classifier, got {type(self._model()).__name__}, a "
                "regressor: use ActiveLearningRegressor for numbers to predict."
            )

    def _kind(self, labels: Any) -> TargetKind:
        return kind_of(labels)

    def _model_of(self, kind: TargetKind) -> Any:
        model = self._model()
        return OneVsRestClassifier(model) if self.estimator is None and kind.reading == "multilabel" else model

    def _check_initial(self, n_initial: int, kind: TargetKind) -> None:
        """Refuse to buy more than the budget for the sake of a second class, or of labels that are seen both ways."""
        if n_initial > self.budget:
            raise ValueError(
                f"ActiveLearningClassifier: budget={self.budget} is too small: the initial labels "
                f"{kind.first_rule.format(n=n_initial)}."
            )

    def _checked_labels(self, X: Any, y: Any) -> tuple[NDArray[np.intp], NDArray[Any]]:
        y = self._one_label_a_row(X, y)
        kind = kind_of(y)
        kind.check_classifier(y, "ActiveLearningClassifier")
        rows, labels = labeled_part(y, self.missing_label)
        if kind.reading == "multilabel":
            return rows, labels.astype(np.int64)
        if len(rows) == n_rows(y) and np.asarray(y).dtype.kind == "f":
            labels = np.asarray(y).reshape(labels.shape)  # floats that make room for no missing label
        if labels.dtype.kind == "f" and not np.isfinite(labels).all():
            raise ValueError("Input y contains infinity.")
        try:
            check_classification_targets(labels)
        except ValueError as error:
            raise ValueError(
                f"ActiveLearningClassifier: {error} For numbers to predict use ActiveLearningRegressor."
            ) from None
        return rows, labels
