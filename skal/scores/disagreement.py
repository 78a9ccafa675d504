"""Disagreement of a committee: ``P`` (T, n, C, ...), T members or stochastic passes, to one score a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, rel_entr

from skal.scores._common import Floats, Reduction, checked, per_row

__all__ = ["consensus_entropy", "max_disagreement", "variation_ratio", "vote_entropy"]


def vote_entropy(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by the entropy of the members' votes.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members; each votes for its most likely class (the first of equals).
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, log min(T, C)].

    References
    ----------
    .. [1] Dagan & Engelson, "Committee-based sampling for training probabilistic classifiers", ICML 1995.
    """
    return per_row(entr(_vote_shares(checked(P, 3, "vote_entropy"))).sum(axis=1), reduction)


def consensus_entropy(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by the entropy of the members' mean distribution.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, log C].

    References
    ----------
    .. [1] Settles, "Active learning literature survey", 2009, section 3.2.
    """
    P = checked(P, 3, "consensus_entropy")
    return per_row(entr(P.mean(axis=0)).sum(axis=1), reduction)


def max_disagreement(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by the largest Kullback-Leibler divergence of a member from the consensus.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, log T]; 0 where all members agree.

    References
    ----------
    .. [1] McCallum & Nigam, "Employing EM and pool-based active learning for text classification",
       ICML 1998 (there the mean over members; modAL takes the largest, and so do we).
    """
    P = checked(P, 3, "max_disagreement")
    consensus = P.mean(axis=0, dtype=np.float64)
    largest = np.zeros(consensus[:, 0].shape)  # (n, ...)
    for member in P:
        np.maximum(largest, rel_entr(member, consensus).sum(axis=1), out=largest)
    return per_row(largest, reduction)


def variation_ratio(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by the share of members that do not vote for the most voted class.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members; each votes for its most likely class (the first of equals).
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        A multiple of 1/T in [0, 1 - 1/min(T, C)], so ties are common.

    References
    ----------
    .. [1] Beluch et al., "The power of ensembles for active learning in image classification", CVPR 2018.
    """
    return per_row(1.0 - _vote_shares(checked(P, 3, "variation_ratio")).max(axis=1), reduction)


def _vote_shares(P: Floats) -> Floats:
    """Share of members (T) that vote for each class: (T, n, C, ...) -> (n, C, ...)."""
    votes = P.argmax(axis=2)  # (T, n, ...)
    classes = np.arange(P.shape[2]).reshape(1, -1, *[1] * (P.ndim - 3))
    shares = np.zeros(P.shape[1:])
    for vote in votes:
        shares += vote[:, None] == classes
    return shares / len(votes)
