"""Uncertainty of one model: ``P`` (n, C, ...) to one score a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from skal.scores._common import Floats, Reduction, checked, per_row

__all__ = ["entropy", "least_confident", "margin"]


def least_confident(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by one minus the probability of the most likely class.

    Parameters
    ----------
    P : array-like of shape (n, C, ...)
        Class probabilities.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1 - 1/C].

    References
    ----------
    .. [1] Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994.

    Examples
    --------
    >>> least_confident([[0.75, 0.25], [0.5, 0.5]])
    array([0.25, 0.5 ])
    """
    P = checked(P, 2, "least_confident")
    return per_row(1.0 - P.max(axis=1), reduction)


def margin(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by one minus the gap between the two most likely classes.

    Parameters
    ----------
    P : array-like of shape (n, C, ...)
        Class probabilities. With a single class the gap is one.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1]; 1 where the two best classes tie.

    References
    ----------
    .. [1] Scheffer, Decomain & Wrobel, "Active hidden Markov models for information extraction", IDA 2001.

    Examples
    --------
    >>> margin([[0.75, 0.25, 0.0], [0.5, 0.5, 0.0]])
    array([0.5, 1. ])
    """
    P = checked(P, 2, "margin")
    if P.shape[1] == 1:
        return per_row(1.0 - P[:, 0], reduction)
    best = np.partition(P, P.shape[1] - 2, axis=1)[:, -2:]
    return per_row(1.0 - (best[:, 1] - best[:, 0]), reduction)


def entropy(P: ArrayLike, *, normalized: bool = False, reduction: Reduction = "mean") -> Floats:
    """Score by the Shannon entropy of the predicted distribution, in nats.

    Parameters
    ----------
    P : array-like of shape (n, C, ...)
        Class probabilities; an exact zero contributes nothing.
    normalized : bool, default=False
        Divide by log C, so that a uniform distribution scores 1 whatever the number of classes.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, log C], or in [0, 1] if normalised.

    References
    ----------
    .. [1] Shannon, "A mathematical theory of communication", 1948.

    Examples
    --------
    >>> entropy([[1.0, 0.0], [0.5, 0.5]]).round(4)
    array([0.    , 0.6931])
    """
    P = checked(P, 2, "entropy")
    score = entr(P).sum(axis=1)
    if normalized and P.shape[1] > 1:
        score = np.clip(score / np.log(P.shape[1]), 0.0, 1.0)
    return per_row(score, reduction)
