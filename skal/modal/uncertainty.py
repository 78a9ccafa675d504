"""Uncertainty of one classifier, as `modAL.uncertainty`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from skal import query, scores
from skal.modal._forms import Array, in_modals_form, measured

__all__ = [
    "classifier_entropy",
    "classifier_margin",
    "classifier_uncertainty",
    "entropy_sampling",
    "margin_sampling",
    "uncertainty_sampling",
]

uncertainty_sampling = in_modals_form(query.uncertainty_sampling, __name__)
margin_sampling = in_modals_form(query.margin_sampling, __name__)
entropy_sampling = in_modals_form(query.entropy_sampling, __name__)


def _proba_uncertainty(proba: Array) -> Array:
    return scores.least_confident(proba)


def _proba_margin(proba: Array) -> Array:
    return np.zeros(len(proba)) if proba.shape[1] == 1 else 1.0 - scores.margin(proba)  # a single class has no gap


def _proba_entropy(proba: Array) -> Array:
    return scores.entropy(proba)


def classifier_uncertainty(classifier: Any, X: Any, **predict_proba_kwargs: Any) -> Array:
    """One minus the largest class probability; 1 where the classifier is not fitted.

    Parameters
    ----------
    classifier : estimator or learner
        With ``predict_proba``.
    X : container of n rows
        Read at once.
    **predict_proba_kwargs
        Passed on.

    Returns
    -------
    ndarray of shape (n,)
        `skal.scores.least_confident`.
    """
    return measured(partial(classifier.predict_proba, X, **predict_proba_kwargs), _proba_uncertainty, X, 1.0)


def classifier_margin(classifier: Any, X: Any, **predict_proba_kwargs: Any) -> Array:
    """Gap between the two largest class probabilities, so that low is uncertain; 0 where it is not fitted.

    Parameters
    ----------
    classifier, X, **predict_proba_kwargs
        As of `classifier_uncertainty`.

    Returns
    -------
    ndarray of shape (n,)
        One minus `skal.scores.margin`.
    """
    return measured(partial(classifier.predict_proba, X, **predict_proba_kwargs), _proba_margin, X, 0.0)


def classifier_entropy(classifier: Any, X: Any, **predict_proba_kwargs: Any) -> Array:
    """Entropy of the class probabilities in nats; 0 where the classifier is not fitted.

    Parameters
    ----------
    classifier, X, **predict_proba_kwargs
        As of `classifier_uncertainty`.

    Returns
    -------
    ndarray of shape (n,)
        `skal.scores.entropy`.
    """
    return measured(partial(classifier.predict_proba, X, **predict_proba_kwargs), _proba_entropy, X, 0.0)
