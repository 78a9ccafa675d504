"""Classifiers that take no missing label, on partly labelled rows."""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils.metadata_routing import MetadataRouter
from sklearn.utils.validation import check_is_fitted

from skal.around import model_has, weights_if_taken
from skal.labels.missing import plain_labels, unlabeled_mask
from skal.labels.rows import labeled_rows
from skal.routing import routed, router

_READ = ("predict", "predict_proba", "predict_log_proba", "decision_function", "transform")


class LabeledOnlyClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """A classifier that takes no missing label, fitted and scored on the labelled rows.

    So a plain classifier stands beside one that learns from unlabelled rows too, in one search under `LabeledKFold`
    and `masked_scorer`.

    Parameters
    ----------
    estimator : classifier
        Cloned. What it has once it is fitted (``predict_proba``, ``transform``, ``coef_``, ...) the outer one has.
    missing_label : scalar, default="auto"
        Marks rows of `y` without a label; see `skal.labels.unlabeled_mask`.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    estimator_ : classifier
        Fitted to the labelled rows.
    n_features_in_ : int
        Where the estimator has it.

    Notes
    -----
    Time and memory are those of the estimator, and a copy of the labelled rows; none where every row has a label.
    Metadata of a row (``sample_weight``) is given on for the labelled rows; under scikit-learn's metadata routing the
    inner estimator says what it wants.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> partly = [label if i % 5 == 0 else None for i, label in enumerate(y)]
    >>> model = LabeledOnlyClassifier(LogisticRegression(max_iter=1000)).fit(X, partly)
    >>> model.classes_.tolist(), model.coef_.shape, model.score(X, partly)
    ([0, 1, 2], (3, 4), 1.0)
    """

    learns_from_unlabeled: ClassVar[bool] = False

    def __init__(self, estimator: Any, missing_label: Any = "auto") -> None:
        self.estimator = estimator
        self.missing_label = missing_label

    @weights_if_taken
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> LabeledOnlyClassifier:
        """Fit a clone of the estimator to the labelled rows.

        Parameters
        ----------
        X : container of n rows
            What the estimator takes.
        y : array-like of shape (n,)
            Labels of any type, some of them missing.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows, where the estimator's ``fit`` takes them.
        **fit_params : array-like of shape (n,), or anything else
            For the estimator's ``fit``. Of what has an entry for each row it gets those of the labelled rows.

        Returns
        -------
        LabeledOnlyClassifier
            Itself.

        Raises
        ------
        ValueError
            If no row is labelled, or the estimator refuses the rows.
        """
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        check_consistent_length(X, y)
        X, y, given = self._labeled(X, y, routed(self, "fit", {"sample_weight": sample_weight, **fit_params}))
        self.estimator_ = clone(self.estimator).fit(X, y, **given)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X: Any, **params: Any) -> Any:
        """Predict the label of each row."""
        return self._read("predict", X, params)

    @model_has("predict_proba")
    def predict_proba(self, X: Any, **params: Any) -> Any:
        """Class probabilities, in the order of ``classes_``."""
        return self._read("predict_proba", X, params)

    @model_has("predict_log_proba")
    def predict_log_proba(self, X: Any, **params: Any) -> Any:
        """Logarithms of the class probabilities."""
        return self._read("predict_log_proba", X, params)

    @model_has("decision_function")
    def decision_function(self, X: Any, **params: Any) -> Any:
        """Decision values of the estimator."""
        return self._read("decision_function", X, params)

    @model_has("transform")
    def transform(self, X: Any, **params: Any) -> Any:
        """Features of the estimator, as its ``transform`` gives them."""
        return self._read("transform", X, params)

    @model_has("transform")
    def fit_transform(self, X: Any, y: Any, **fit_params: Any) -> Any:
        """Fit to the labelled rows, and return the features of all rows."""
        return self.fit(X, y, **fit_params).transform(X)

    @model_has("get_feature_names_out")
    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return the names of the columns of ``transform``."""
        check_is_fitted(self)
        return self.estimator_.get_feature_names_out(input_features)

    @model_has("set_output")
    def set_output(self, *, transform: Any = None) -> LabeledOnlyClassifier:
        """Set the container of ``transform``: "default", "pandas" or "polars"."""
        for model in (self.estimator, getattr(self, "estimator_", self.estimator)):
            model.set_output(transform=transform)
        return self

    def score(self, X: Any, y: Any, **params: Any) -> float:
        """Return the estimator's score of the labelled rows.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        y : array-like of shape (n,)
            Labels; rows without one are left out.
        **params : array-like of shape (n,), or anything else
            For the estimator's ``score``, such as ``sample_weight``.

        Returns
        -------
        float
            The share of right predictions, unless the estimator scores otherwise.

        Raises
        ------
        ValueError
            If no row has a label.
        """
        check_is_fitted(self)
        X, y, given = self._labeled(X, y, routed(self, "score", params))
        return float(self.estimator_.score(X, y, **given))

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what is given on to the estimator, under scikit-learn's metadata routing."""
        return router(self, self.estimator, *((method, method) for method in ("fit", "score", *_READ)))

    def _labeled(self, X: Any, y: Any, metadata: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        """Labelled rows, labels and metadata; as they came where every row has a label, but numbers as numbers."""
        if not unlabeled_mask(y, self.missing_label).any():
            return X, plain_labels(y, type(self).__name__), metadata
        return labeled_rows(X, y, self.missing_label, metadata)

    def _read(self, method: str, X: Any, params: dict[str, Any]) -> Any:
        check_is_fitted(self)
        return getattr(self.estimator_, method)(X, **routed(self, method, params))

    def _model(self) -> Any:
        return vars(self).get("estimator_", self.estimator)

    def __getattr__(self, name: str) -> Any:
        # Nothing that trains or changes the inner estimator past this one, and nothing while a copy is being made.
        if name.startswith(("_", "fit", "partial_fit", "set_")) or name in ("estimator", "estimator_"):
            remedy = "; call it on the estimator inside, before it is wrapped" if name.endswith("_request") else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{remedy}")
        try:
            return getattr(self._model(), name)
        except AttributeError as error:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}: {error}") from error

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags, tags.target_tags = inner.input_tags, inner.target_tags
        tags.classifier_tags, tags.transformer_tags = inner.classifier_tags, inner.transformer_tags
        tags.non_deterministic = inner.non_deterministic
        return tags
