"""A scorer that leaves rows without a label out, in the form of scikit-learn's own."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

from sklearn.metrics import check_scoring, get_scorer
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.metaestimators import available_if

from skal.labels.rows import labeled_rows

# What scikit-learn reads of a scorer beside calling it: threshold tuning, LogisticRegressionCV and weighted searches.
_OF_A_SCORER = (
    *("_sign", "_kwargs", "_response_method", "_get_pos_label", "_accept_sample_weight"),
    "_get_metadata_request",  # read by the threshold tuning of scikit-learn 1.6
)


class _MaskedMetric:
    """A metric of labels and predictions that leaves unlabelled rows out; its parameters are those of the metric."""

    def __init__(self, metric: Callable[..., Any], missing_label: Any) -> None:
        self.metric = metric
        self.missing_label = missing_label
        self.__name__ = getattr(metric, "__name__", type(metric).__name__)
        self.__signature__ = inspect.signature(metric)

    def __call__(self, y_true: Any, y_pred: Any, **kwargs: Any) -> Any:
        y_pred, labels, per_row = labeled_rows(y_pred, y_true, self.missing_label, kwargs)
        return self.metric(labels, y_pred, **per_row)


class _MaskedScorer:
    """A scorer that looks at labelled rows only; a class, so that it pickles to worker processes."""

    def __init__(self, scorer: Callable[..., Any], missing_label: Any) -> None:
        self.scorer = scorer
        self.missing_label = missing_label

    def __call__(self, estimator: Any, X: Any, y: Any, **kwargs: Any) -> Any:
        X, labels, per_row = labeled_rows(X, y, self.missing_label, kwargs)
        return self.scorer(estimator, X, labels, **per_row)

    def __repr__(self) -> str:
        return f"masked_scorer({self.scorer!r}, missing_label={self.missing_label!r})"

    def __getattr__(self, name: str) -> Any:
        if name == "_score_func":
            return _MaskedMetric(self.scorer._score_func, self.missing_label)  # type: ignore[attr-defined]
        if name in _OF_A_SCORER:
            return getattr(self.scorer, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def get_metadata_routing(self) -> Any:
        """Return what the scorer requests, under scikit-learn's metadata routing."""
        return get_routing_for_object(self.scorer)

    @available_if(lambda self: hasattr(self.scorer, "set_score_request"))
    def set_score_request(self, **requests: Any) -> _MaskedScorer:
        """Say what metadata the scorer is given, as scikit-learn's scorers do; the scorer that was given stays."""
        self.scorer = copy.deepcopy(self.scorer).set_score_request(**requests)  # type: ignore[attr-defined]
        return self


def masked_scorer(scoring: str | Callable[..., Any] = "accuracy", missing_label: Any = "auto") -> Callable[..., Any]:
    """Make a scorer that leaves unlabelled rows out and restores the label type.

    Parameters
    ----------
    scoring : str or callable, default="accuracy"
        A scikit-learn scorer or its name.
    missing_label : scalar, default="auto"
        As in `unlabeled_mask`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y)``, for ``scoring=`` of scikit-learn's model selection. Weights, and other metadata
        of a row, are those of the labelled rows. It has what the scorer has: ``set_score_request``, the metric for
        threshold tuning.

    Raises
    ------
    ValueError
        If there is no scorer of that name, or `scoring` is a metric: `sklearn.metrics.make_scorer` makes a scorer
        of one.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> model = DummyClassifier(strategy="most_frequent").fit([[0], [0], [0]], [1, 1, 0])
    >>> float(masked_scorer()(model, [[0], [0], [0]], [1, None, 0]))
    0.5
    """
    # Of a callable it is checked that it is no metric, which would fail in every fold.
    scorer = check_scoring(scoring=scoring) if callable(scoring) else get_scorer(scoring)
    return _MaskedScorer(scorer, missing_label)
