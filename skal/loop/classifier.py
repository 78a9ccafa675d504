"""The whole loop as one estimator."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, OneToOneFeatureMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array, check_consistent_length, check_random_state, get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skal.annotation import Oracle
from skal.around import TransformsAsModel, model_has, refuse_class, weights_if_taken
from skal.data import in_memory, n_rows
from skal.labels import ScoresLabeledRows, labeled_part
from skal.loop._initial import INITIAL, Initial, initial_pool
from skal.loop._pool import fitted_to_pool
from skal.loop._rounds import rounds
from skal.outputs import accepts_nan, refuse_nan
from skal.query import check_strategy, uncertainty_sampling
from skal.targets import kind_of

_NOISE = (0, 1)  # the annotator's stream of random numbers, beside those of the rounds, (0,), (1,), ...


def _is_text(X: Any) -> bool:
    return getattr(getattr(X, "dtype", None), "kind", "O") in "OUT"


def _takes_nan(model: Any) -> bool:
    """Whether NaN comes to an end in a model; scalers, which have a column for each, pass it on to the next step."""
    if not isinstance(model, Pipeline):
        return bool(accepts_nan(model))
    for _, step in model.steps:
        passes_on = step in (None, "passthrough") or (isinstance(step, OneToOneFeatureMixin) and accepts_nan(step))
        if not passes_on:
            return bool(accepts_nan(step))
    return True


class ActiveLearningClassifier(
    TransformsAsModel, ScoresLabeledRows, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """A classifier that may look at only so many labels, and chooses which.

    ``fit(X, y)`` plays the loop: `y` answers for the annotator, one batch a round, and the model is trained
    on what was asked for alone. So ``cross_val_score`` of it measures a query strategy, and
    ``GridSearchCV`` tunes one.

    Parameters
    ----------
    estimator : estimator, default=None
        The task model; a fresh copy is fitted every round, but steps that learn from rows without labels are fitted
        once (`skal.loop.fitted_to_pool`). None: logistic regression.
    query_strategy : callable or estimator, default=uncertainty_sampling
        Any query strategy, or an estimator with ``fit`` and ``query`` such as VAAL.
    n_initial : int, default=10
        Labels before the first query.
    n_instances : int, default=10
        Labels a round.
    budget : int, default=100
        Labels in all, the initial ones counted, and never more; all labels there are, if there are fewer.
    initial : {"random", "k_center", "vae_k_center", "stratified", "class_balanced"}, default="random"
        How the first rows are chosen; see `skal.loop.initial_pool`. Rows are added until two classes are seen; if the
        budget does not go so far, `fit` raises ValueError.
    oracle : callable, default=None
        Makes the annotator of a fit out of its `y`, such as ``partial(NoisyOracle, rate=0.2)``: it is called as
        ``oracle(y, candidates=, initial=, classes=, random_state=)``, the parameters of
        `skal.annotation.NoisyOracle`, and returns what answers dataset indices with labels. None: `y` answers.
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
        One a round: ``round``, ``n_labels``, ``picked`` (rows of `X`), ``fit_seconds``, ``query_seconds``.
    classes_ : ndarray
        Classes among the labels that were asked for.

    Notes
    -----
    ``budget / n_instances`` fits of the task model, and the cost of as many queries.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = load_iris(return_X_y=True)
    >>> model = ActiveLearningClassifier(n_initial=5, n_instances=5, budget=30, random_state=0)
    >>> bool(cross_val_score(model, X, y).mean() > 0.9)
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        query_strategy: Callable[..., Any] = uncertainty_sampling,
        *,
        n_initial: int = 10,
        n_instances: int = 10,
        budget: int = 100,
        initial: Initial = "random",
        oracle: Callable[..., Callable[[NDArray[np.intp]], Any]] | None = None,
        missing_label: Any = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.query_strategy = query_strategy
        self.n_initial = n_initial
        self.n_instances = n_instances
        self.budget = budget
        self.initial = initial
        self.oracle = oracle
        self.missing_label = missing_label
        self.random_state = random_state

    @weights_if_taken
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> ActiveLearningClassifier:
        """Play the loop with `y` as the annotator.

        Parameters
        ----------
        X : container of n rows
            The pool.
        y : array-like of shape (n,)
            Labels; rows without one are never asked for.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows; those of the labelled rows reach the fit of each round.
        **fit_params
            More for the task model's ``fit``; what has an entry for each row is cut in the same way. Where
            scikit-learn routes metadata, the task model gets what it requests.

        Returns
        -------
        ActiveLearningClassifier
            Itself.
        """
        self._check_parameters()
        self._check_rows(X)
        candidates, labels = self._checked_labels(X, y)
        metadata = self._fit_metadata(n_rows(X), sample_weight, fit_params)
        answers = np.empty(n_rows(X), dtype=labels.dtype)
        answers[candidates] = labels
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        initial = initial_pool(X, answers, self.n_initial, self.initial, seed, candidates, kind_of(labels))
        self._check_initial(len(initial))
        oracle = self._annotator(answers, labels, candidates, initial, seed)
        history = []
        for round_ in rounds(
            fitted_to_pool(self._model(), X, candidates, seed),
            X,
            oracle,
            self.query_strategy,
            initial,
            n_instances=self.n_instances,
            n_labels=self.budget,
            random_state=seed,
            candidates=candidates,
            fit_params=metadata,
        ):
            history.append(
                {
                    "round": round_.number,
                    "n_labels": len(round_.labeled),
                    "picked": round_.picked,
                    "fit_seconds": round_.fit_seconds,
                    "query_seconds": round_.query_seconds,
                }
            )
        self.estimator_ = round_.learner.estimator
        self.labeled_indices_ = round_.labeled
        self.history_ = history
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X: Any) -> Any:
        """Predict by the task model."""
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @model_has("predict_proba")
    def predict_proba(self, X: Any) -> Any:
        """Class probabilities of the task model, of shape (n, C)."""
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

    @model_has("transform")
    def transform(self, X: Any) -> Any:
        """Embedding of the task model."""
        check_is_fitted(self)
        return self.estimator_.transform(X)

    @property
    def n_features_in_(self) -> int:
        """Number of features of the task model."""
        check_is_fitted(self)
        return int(self.estimator_.n_features_in_)

    @property
    def feature_names_in_(self) -> Any:
        """Names of the features of the task model."""
        check_is_fitted(self)
        return self.estimator_.feature_names_in_

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        model = get_tags(self._model())
        tags.input_tags = model.input_tags
        tags.input_tags.allow_nan = _takes_nan(self._model())
        tags.non_deterministic = self.random_state is None
        return tags

    def _model(self) -> Any:
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator

    def _annotator(self, y: Any, labels: Any, candidates: Any, initial: Any, seed: int) -> Any:
        if self.oracle is None:
            return Oracle(y)
        noise_seed = int(np.random.SeedSequence(seed, spawn_key=_NOISE).generate_state(1)[0])
        classes = np.unique(labels)
        return self.oracle(y, candidates=candidates, initial=initial, classes=classes, random_state=noise_seed)

    def _check_parameters(self) -> None:
        who = "ActiveLearningClassifier"
        refuse_class(self.estimator, "estimator", who)
        check_strategy(self.query_strategy, who)
        for name in ("n_initial", "n_instances", "budget"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
                raise ValueError(f"{who}: {name} must be an int >= 1, got {value!r}.")
        if self.budget < self.n_initial:
            raise ValueError(f"{who}: budget={self.budget} must be at least n_initial={self.n_initial}.")
        if self.initial not in INITIAL:
            raise ValueError(f"{who}: initial must be one of {INITIAL}, got {self.initial!r}.")
        if isinstance(self.oracle, Oracle) or not (self.oracle is None or callable(self.oracle)):
            raise TypeError(
                f"{who}: oracle must make the annotator of a fit, such as partial(NoisyOracle, rate=0.2), got "
                f"{self.oracle!r}."
            )

    def _check_initial(self, n_initial: int) -> None:
        """Refuse to buy more than the budget for the sake of a second class."""
        if n_initial > self.budget:
            raise ValueError(
                f"ActiveLearningClassifier: the initial labels hold a single class; {n_initial} random labels would "
                f"be needed for a second, and budget={self.budget}. Raise n_initial and the budget, or use "
                "initial='stratified' (which looks at labels)."
            )

    def _check_rows(self, X: Any) -> None:
        """Refuse bad numbers anywhere in the pool, not only in the rows that come to be labelled."""
        n_rows(X)  # refuses what has none, and masked arrays
        refuse_nan(X, self._model(), "ActiveLearningClassifier.fit")
        is_list = isinstance(X, (list, tuple))
        if not (is_list or isinstance(X, np.ndarray) or issparse(X) or hasattr(X, "iloc")):
            return
        if (is_list and len(X) and isinstance(X[0], str)) or (len(getattr(X, "shape", (0, 0))) == 1 and _is_text(X)):
            return  # for a Pipeline that reads it
        if hasattr(X, "iloc"):
            X = X.select_dtypes("number") if hasattr(X, "select_dtypes") else X
            if X.shape[1:] == (0,):
                return
        accept_sparse = get_tags(self).input_tags.sparse
        check_array(
            X, accept_sparse=accept_sparse, dtype=None, allow_nd=True, ensure_all_finite=False, estimator=self
        )

    def _checked_labels(self, X: Any, y: Any) -> Any:
        if y is None:
            raise ValueError(
                "This ActiveLearningClassifier estimator requires y to be passed, but the target y is None: y "
                "answers for the annotator."
            )
        y = in_memory(y)
        if n_rows(X) != n_rows(y):
            check_consistent_length(X, y)
        shape = np.asarray(y).shape
        if len(shape) == 2 and shape[1] == 1:
            warnings.warn(
                "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
                "(n_samples,), for example using ravel().",
                DataConversionWarning,
                stacklevel=3,
            )
        kind_of(y).check_classifier(y, "ActiveLearningClassifier")
        rows, labels = labeled_part(y, self.missing_label)
        if len(rows) == n_rows(y) and np.asarray(y).dtype.kind == "f":
            labels = np.asarray(y).reshape(labels.shape)  # floats that make room for no missing label
        if labels.dtype.kind == "f" and not np.isfinite(labels).all():
            raise ValueError("Input y contains infinity.")
        check_classification_targets(labels)
        return rows, labels
