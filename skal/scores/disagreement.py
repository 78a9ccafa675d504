"""Disagreement of a committee: ``P`` (T, n, C, ...), T members or stochastic passes, to one score a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, rel_entr

from skal.scores._common import Floats, Reduction, checked, per_row

__all__ = [
    "bald",
    "consensus_entropy",
    "max_disagreement",
    "mean_std",
    "mean_variance",
    "variation_ratio",
    "vote_entropy",
]


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


def bald(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by the mutual information of the label and the member: the mean divergence from the consensus.

    The entropy of the mean distribution less the mean of the members' entropies, also known as the
    Jensen-Shannon divergence of the members.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members, as a rule of T passes with dropout.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, log min(T, C)]; 0 where all members agree, however unsure they are.

    Notes
    -----
    Taken as the mean of Kullback-Leibler divergences, which keeps its digits where the two entropies are nearly
    equal.

    References
    ----------
    .. [1] Houlsby et al., "Bayesian active learning for classification and preference learning", 2011,
       equation 2.
    .. [2] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3.
    """
    P = checked(P, 3, "bald")
    consensus = P.mean(axis=0, dtype=np.float64)
    divergence = np.zeros(consensus[:, 0].shape)  # (n, ...)
    for member in P:
        divergence += rel_entr(member.astype(np.float64), consensus).sum(axis=1)
    return per_row(np.maximum(divergence / len(P), 0.0), reduction)


def mean_std(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by the standard deviation over the members, averaged over the classes.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members, as a rule of T passes with dropout.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1/2]; 0 where all members agree.

    References
    ----------
    .. [1] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3.
    """
    P = checked(P, 3, "mean_std")
    return per_row(np.asarray(np.sqrt(_variance(P)).mean(axis=1)), reduction)


def mean_variance(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by the variance over the members, averaged over the classes.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1/4]; 0 where all members agree.

    References
    ----------
    .. [1] Yang et al., "Suggestive annotation: a deep active learning framework for biomedical image
       segmentation", MICCAI 2017, section 2.2.
    """
    P = checked(P, 3, "mean_variance")
    return per_row(np.asarray(_variance(P).mean(axis=1)), reduction)


def variation_ratio(P: ArrayLike, *, entropy_ties: bool = False, reduction: Reduction = "mean") -> Floats:
    """Score by the share of members that do not vote for the most voted class.

    Parameters
    ----------
    P : array-like of shape (T, n, C, ...)
        Probabilities of T members; each votes for its most likely class (the first of equals).
    entropy_ties : bool, default=False
        Order equal shares by the mean of the members' entropies: this mean, as a share of log C, is added over
        2 T, which is less than one vote.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        A multiple of 1/T in [0, 1 - 1/min(T, C)], so ties are common; with `entropy_ties` up to 1/(2 T) more.

    References
    ----------
    .. [1] Beluch et al., "The power of ensembles for active learning in image classification", CVPR 2018.
    """
    P = checked(P, 3, "variation_ratio")
    ratio = 1.0 - _vote_shares(P).max(axis=1)
    if entropy_ties and P.shape[2] > 1:
        entropy = np.zeros_like(ratio)
        for member in P:
            entropy += entr(member).sum(axis=1)
        share = np.clip(entropy / (len(P) * np.log(P.shape[2])), 0.0, 1.0)
        ratio = ratio + share / (2 * len(P))
    return per_row(ratio, reduction)


def _variance(P: Floats) -> Floats:
    """Variance over the members, (T, n, C, ...) -> (n, C, ...), in float64 without a copy of P."""
    mean = P.mean(axis=0, dtype=np.float64)
    total = np.zeros_like(mean)
    for member in P:
        total += np.square(member - mean)
    return np.asarray(total / len(P))


def _vote_shares(P: Floats) -> Floats:
    """Share of members (T) that vote for each class: (T, n, C, ...) -> (n, C, ...)."""
    votes = P.argmax(axis=2)  # (T, n, ...)
    classes = np.arange(P.shape[2]).reshape(1, -1, *[1] * (P.ndim - 3))
    shares = np.zeros(P.shape[1:])
    for vote in votes:
        shares += vote[:, None] == classes
    return shares / len(votes)
