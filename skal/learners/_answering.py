"""What a learner answers by the estimator inside."""

from __future__ import annotations

from typing import Any

from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter
from sklearn.utils.metaestimators import available_if

from skal.learners._unlabeled import labeled_rows
from skal.outputs import is_fitted, transformed
from skal.routing import routed, router

_PASSED_ON = ("fit", "predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score")


def _estimator_has(method: str) -> Any:
    return available_if(lambda self: hasattr(self.estimator, method))


class Answering:
    """``predict`` and the like of ``self.estimator``, with scikit-learn's metadata on the way to it."""

    estimator: Any
    missing_label: Any

    def predict(self, X: Any, **kwargs: Any) -> Any:
        """Predict by the estimator."""
        return self.estimator.predict(X, **self._routed("predict", kwargs))

    @_estimator_has("predict_proba")
    def predict_proba(self, X: Any, **kwargs: Any) -> Any:
        """Class probabilities of the estimator."""
        return self.estimator.predict_proba(X, **self._routed("predict_proba", kwargs))

    @_estimator_has("predict_log_proba")
    def predict_log_proba(self, X: Any, **kwargs: Any) -> Any:
        """Logarithms of the estimator's class probabilities."""
        return self.estimator.predict_log_proba(X, **self._routed("predict_log_proba", kwargs))

    @_estimator_has("decision_function")
    def decision_function(self, X: Any, **kwargs: Any) -> Any:
        """Decision function of the estimator."""
        return self.estimator.decision_function(X, **self._routed("decision_function", kwargs))

    @_estimator_has("score_samples")
    def score_samples(self, X: Any, **kwargs: Any) -> Any:
        """Scores of rows by the estimator."""
        return self.estimator.score_samples(X, **kwargs)

    @_estimator_has("transform")
    def transform(self, X: Any, **kwargs: Any) -> Any:
        """Rows as the estimator transforms them."""
        return self.estimator.transform(X, **self._routed("transform", kwargs))

    def score(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Score of the estimator, of the rows that have a label."""
        X, y, kwargs = labeled_rows(X, y, self.missing_label, kwargs)
        return self.estimator.score(X, y, **self._routed("score", kwargs))

    def transform_without_estimating(self, X: Any) -> Any:
        """Rows as the last step of a Pipeline sees them; any other estimator sees them as they are."""
        return transformed(self.estimator, X)

    @property
    def classes_(self) -> Any:
        """Classes of the fitted estimator."""
        return self.estimator.classes_

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what metadata (weights, groups) the estimator requests, for scikit-learn's routing."""
        return router(self, self.estimator, *((method, method) for method in _PASSED_ON))

    def __sklearn_is_fitted__(self) -> bool:
        return is_fitted(self.estimator)

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.estimator) if hasattr(self.estimator, "__sklearn_tags__") else super().__sklearn_tags__()  # type: ignore[misc]

    def _routed(self, method: str, metadata: dict[str, Any]) -> dict[str, Any]:
        nothing = {
            name: None for name, value in metadata.items() if value is None
        }  # as sample_weight=None: forget them
        return {**nothing, **routed(self, method, metadata)} if metadata else {}
