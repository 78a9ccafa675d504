"""Scores for multilabel models: ``P`` (n, L), the probability that each of L labels applies.

Seven of them follow modAL's functions of the same name, so that a change of import keeps the picks; the others are
the parts of `skal.query.cvirs`, `mmc` and `adaptive_multilabel`. A label is predicted where its probability exceeds
one half. Higher = ask first, whatever the name says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.scores._common import Floats, checked_table
from skal.scores._label_sets import (
    cardinality_inconsistency,
    loss_reduction,
    margin_ranking,
    separation_margin,
    set_inconsistency,
)

__all__ = [
    "avg_confidence",
    "avg_score",
    "binary_minimum",
    "cardinality_inconsistency",
    "loss_reduction",
    "margin_ranking",
    "max_loss",
    "max_score",
    "mean_max_loss",
    "min_confidence",
    "separation_margin",
    "set_inconsistency",
]


def binary_minimum(D: ArrayLike) -> Floats:
    """Score by how near the nearest label is to its boundary.

    Parameters
    ----------
    D : array-like of shape (n, L)
        Decision value of each label, above 0 where it applies.

    Returns
    -------
    ndarray of shape (n,)
        At most 0: minus the smallest absolute value.

    References
    ----------
    .. [1] Brinker, "On active learning in multi-label classification", 2006, section 3.

    Examples
    --------
    >>> binary_minimum([[2.0, -0.5], [-1.0, 3.0]]).tolist()
    [-0.5, -1.0]
    """
    return np.asarray(-np.abs(checked_table(D, "binary_minimum")).min(axis=1))


def max_loss(P: ArrayLike) -> Floats:
    """Score by the hinge loss against "only the most probable label applies".

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        Even numbers in [0, 2 L].

    References
    ----------
    .. [1] Li, Wang & Sung, "Multilabel SVM active learning for image classification", ICIP 2004.
    """
    P = checked_table(P, "max_loss")
    only_best = -np.ones_like(P)
    only_best[np.arange(len(P)), P.argmax(axis=1)] = 1.0
    return np.asarray(np.maximum(1.0 - only_best * _signs(P), 0.0).sum(axis=1))


def mean_max_loss(P: ArrayLike) -> Floats:
    """Score by the hinge loss against "only label k applies", averaged over k.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        At least 0.

    References
    ----------
    .. [1] Li, Wang & Sung, "Multilabel SVM active learning for image classification", ICIP 2004.
    """
    P = checked_table(P, "mean_max_loss")
    signs = _signs(P)
    agreement = 2.0 * signs - signs.sum(axis=1, keepdims=True)  # (n, L): <signs, +1 at k and -1 elsewhere>
    return np.asarray(np.maximum(1.0 - agreement, 0.0).mean(axis=1))


def min_confidence(P: ArrayLike) -> Floats:
    """Score by the smallest label probability, smallest first.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        In [-1, 0].

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    return np.asarray(-checked_table(P, "min_confidence").min(axis=1))


def avg_confidence(P: ArrayLike) -> Floats:
    """Score by the mean label probability, largest first.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1].

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    return np.asarray(checked_table(P, "avg_confidence").mean(axis=1))


def max_score(P: ArrayLike) -> Floats:
    """Score by the largest signed label probability: plus half of it where predicted, minus half where not.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        In [-1/4, 1/2].

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    P = checked_table(P, "max_score")
    return np.asarray((P * _signs(P) / 2.0).max(axis=1))


def avg_score(P: ArrayLike) -> Floats:
    """Score by the mean signed label probability: plus half of it where predicted, minus half where not.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        In [-1/4, 1/2].

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    P = checked_table(P, "avg_score")
    return np.asarray((P * _signs(P) / 2.0).mean(axis=1))


def _signs(P: Floats) -> Floats:
    """+1 where a label is predicted, -1 where not."""
    return np.where(P > 0.5, 1.0, -1.0)
