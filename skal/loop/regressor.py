"""The whole loop as one regressor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.utils.validation import check_is_fitted

from skal.labels import labeled_numbers
from skal.loop._estimator import LoopEstimator
from skal.loop._signature import with_defaults
from skal.outputs import is_classifier_like
from skal.query import bmdal
from skal.targets import TargetKind, kind_named


class ActiveLearningRegressor(LoopEstimator, RegressorMixin, BaseEstimator):
    """A regressor that may look at only so many labels, and chooses which.

    ``fit(X, y)`` plays the loop: `y` answers for the annotator, one batch a round, and the model is trained
    on what was asked for alone. So ``cross_val_score`` of it measures a query strategy, and
    ``GridSearchCV`` tunes one.

    Parameters
    ----------
    estimator : estimator, default=None
        The task model, a regressor; a fresh copy is fitted every round, but steps that learn from rows without labels
        are fitted once (`skal.loop.fitted_to_pool`). None: ridge regression.
    query_strategy : callable or estimator, default=bmdal
        Any query strategy that reads what the model says, or an estimator with ``fit`` and ``query``. `bmdal` (LCMD)
        measures distances in features, as others do: put a StandardScaler before a model of columns with different
        units.
    n_initial : int, default=10
        Labels before the first query.
    n_instances : int, default=10
        Labels a round.
    budget : int, default=100
        Labels in all, the initial ones counted, and never more; all labels there are, if there are fewer.
    initial : {"random", "k_center", "vae_k_center"}, default="random"
        How the first rows are chosen; see `skal.loop.initial_pool`, whose other ways are for classes.
    oracle : callable, default=None
        Makes the annotator of a fit out of its `y`: it is called as
        ``oracle(y, candidates=, initial=, classes=, random_state=)`` and returns what answers dataset indices with
        numbers; ``classes`` are the different numbers. None: `y` answers.
    stop : str or Criterion, default=None
        When to stop before the budget is spent: a criterion of `skal.stopping` or its name, such as "kappa" or
        "gain:gain=0.01"; `skal.loop.rounds` says what it sees. None: the budget is spent.
    n_audit : int, default=0
        Rows drawn at random whose labels are bought first, measure every model, and are not learned from, for
        criteria that read a score. They count in the budget. 0, or at least 2.
    missing_label : scalar, default="auto"
        Rows of `y` without a label are never asked for: NaN and None, and those that hold this value.
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

    Notes
    -----
    ``budget / n_instances`` fits of the task model, and the cost of as many queries. Whole numbers are numbers here:
    if they are classes, use `ActiveLearningClassifier`.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = ActiveLearningRegressor(Ridge(0.1), n_initial=20, budget=100, random_state=0)
    >>> bool(cross_val_score(model, X, y).mean() > 0.4)
    True
    """

    __init__ = with_defaults(LoopEstimator.__init__, query_strategy=bmdal)

    def predict(self, X: Any, **predict_params: Any) -> Any:
        """Predict by the task model.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        **predict_params
            Of the task model's ``predict``, such as ``return_std=True``.

        Returns
        -------
        ndarray of shape (n,)
            Numbers; with ``return_std=True`` these and their standard deviations.
        """
        check_is_fitted(self)
        return self.estimator_.predict(X, **predict_params)

    def _model(self) -> Any:
        return Ridge() if self.estimator is None else self.estimator

    def _check_model(self) -> None:
        if is_classifier_like(self._model()):
            raise ValueError(
                f"ActiveLearningRegressor: estimator must be a regressor, got {type(self._model()).__name__}, a "
                "classifier: use ActiveLearningClassifier for classes."
            )

    def _kind(self, labels: Any) -> TargetKind:
        return kind_named("numbers")

    def _checked_labels(self, X: Any, y: Any) -> tuple[NDArray[np.intp], NDArray[Any]]:
        return labeled_numbers(
            self._labels_of_rows(X, y),
            self.missing_label,
            type(self).__name__,
            "ActiveLearningClassifier",
            "Run one loop for each column.",
        )
