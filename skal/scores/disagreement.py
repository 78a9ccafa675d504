"""Disagreement of a committee: ``P`` (T, n, C, ...), T members or stochastic passes, to one score a row."""

from __future__ import annotations

import math

import numpy as np

from skal.scores._arrays import Array, Table, as_float64, like, module_of, where_negative
from skal.scores._common import Scores, score_rows
from skal.scores._reductions import Reduction
from skal.scores.uncertainty import entropies, shares_of_the_largest

__all__ = [
    "bald",
    "consensus_entropy",
    "max_disagreement",
    "mean_entropy",
    "mean_std",
    "mean_variance",
    "variation_ratio",
    "vote_entropy",
]


def vote_entropy(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by the entropy of the members' votes.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members; each votes for its most likely class (the first of equals).
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, log min(T, C)].

    Notes
    -----
    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores, which are float64.

    References
    ----------
    .. [1] Dagan & Engelson, "Committee-based sampling for training probabilistic classifiers", ICML 1995.
    """
    return score_rows(P, "vote_entropy", _vote_entropy, reduction, members=True, kernel="vote_entropy")


def consensus_entropy(P: Table, *, normalized: bool = False, reduction: Reduction = "mean") -> Scores:
    """Score by the entropy of the members' mean distribution.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members.
    normalized : bool, default=False
        Divide by log C, so that a uniform mean scores 1.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, log C], or in [0, 1] if normalised.

    Notes
    -----
    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores.
    float32 and narrower numbers give float32 scores.

    References
    ----------
    .. [1] Settles, "Active learning literature survey", 2009, section 3.2.
    """
    score, kernel = (_shares_of_consensus, None) if normalized else (_consensus_entropy, "consensus_entropy")
    return score_rows(P, "consensus_entropy", score, reduction, members=True, kernel=kernel, classwise=False)


def max_disagreement(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by the largest Kullback-Leibler divergence of a member from the consensus.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, log T]; 0 where all members agree.

    Notes
    -----
    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores, which are float64.

    References
    ----------
    .. [1] McCallum & Nigam, "Employing EM and pool-based active learning for text classification",
       ICML 1998 (there the mean over members; modAL takes the largest, and so do we).
    """
    return score_rows(P, "max_disagreement", _largest_divergence, reduction, members=True, kernel="max_disagreement")


def bald(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by the mutual information of the label and the member: the mean divergence from the consensus.

    The entropy of the mean distribution less the mean of the members' entropies, also known as the
    Jensen-Shannon divergence of the members.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members, as a rule of T passes with dropout.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, log min(T, C)]; 0 where all members agree, however unsure they are.

    Notes
    -----
    Taken as the mean of Kullback-Leibler divergences in float64, which keeps its digits where the two entropies are
    nearly equal, and is exactly 0 where the members are.

    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores.

    References
    ----------
    .. [1] Houlsby et al., "Bayesian active learning for classification and preference learning", 2011,
       equation 2.
    .. [2] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3.
    """
    return score_rows(P, "bald", _mean_divergence, reduction, members=True, kernel="bald")


def mean_entropy(P: Table, *, normalized: bool = False, reduction: Reduction = "mean") -> Scores:
    """Score by the mean of the members' entropies, in nats: how unsure they are, whether they agree or not.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members.
    normalized : bool, default=False
        Divide by log C, so that members whose distributions are uniform score 1.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, log C], or in [0, 1] if normalised. At most `consensus_entropy`, which is this plus `bald`.

    Notes
    -----
    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores, which are float64.

    References
    ----------
    .. [1] Mittal, Tatarchenko, Cicek & Brox, "Parting with illusions about deep active learning", 2019: the entropy
       of an ensemble, averaged over its members.
    """
    score = _shares_of_mean_entropy if normalized else _mean_of_entropies
    return score_rows(P, "mean_entropy", score, reduction, members=True)


def mean_std(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by the standard deviation over the members, averaged over the classes.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members, as a rule of T passes with dropout.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, 1/2]; 0 where all members agree.

    Notes
    -----
    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores, which are float64.

    References
    ----------
    .. [1] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3.
    """
    return score_rows(P, "mean_std", _mean_std, reduction, members=True, kernel="mean_std", classwise=False)


def mean_variance(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by the variance over the members, averaged over the classes.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, 1/4]; 0 where all members agree.

    Notes
    -----
    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores, which are float64.

    References
    ----------
    .. [1] Yang et al., "Suggestive annotation: a deep active learning framework for biomedical image
       segmentation", MICCAI 2017, section 2.2.
    """
    return score_rows(
        P, "mean_variance", _mean_variance, reduction, members=True, kernel="mean_variance", classwise=False
    )


def variation_ratio(P: Table, *, entropy_ties: bool = False, reduction: Reduction = "mean") -> Scores:
    """Score by the share of members that do not vote for the most voted class.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (T, n, C, ...)
        Probabilities of T members; each votes for its most likely class (the first of equals).
    entropy_ties : bool, default=False
        Order equal shares by the mean of the members' entropies: this mean, as a share of log C, is added over
        2 T, which is less than one vote.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        A multiple of 1/T in [0, 1 - 1/min(T, C)], so ties are common; with `entropy_ties` up to 1/(2 T) more.

    Notes
    -----
    One pass over `P`, block by block: time O(T n C), memory of one block besides the scores, which are float64.

    References
    ----------
    .. [1] Beluch et al., "The power of ensembles for active learning in image classification", CVPR 2018.
    """
    if entropy_ties:
        return score_rows(P, "variation_ratio", _unsure_variation_ratio, reduction, members=True)
    return score_rows(P, "variation_ratio", _variation_ratio, reduction, members=True, kernel="variation_ratio")


# Blocks (T, b, C, ...) to (b, ...). Axis 0 has the members, axis 2 the classes.


def _vote_entropy(P: Array) -> Array:
    T = len(P)
    terms = np.array([0.0, *(-k / T * math.log(k / T) for k in range(1, T + 1))])  # of k votes among T
    return like(terms, P)[_votes(P)].sum(axis=-1)


def _variation_ratio(P: Array) -> Array:
    return 1.0 - as_float64(module_of(P).amax(_votes(P), axis=-1)) / len(P)


def _unsure_variation_ratio(P: Array) -> Array:
    ratio, T, C = _variation_ratio(P), len(P), P.shape[2]
    return ratio if C == 1 else ratio + _shares_of_mean_entropy(P) / (2 * T)


def _mean_of_entropies(P: Array) -> Array:
    return as_float64(module_of(P).stack([entropies(member) for member in P])).mean(axis=0)


def _shares_of_mean_entropy(P: Array) -> Array:
    return shares_of_the_largest(_mean_of_entropies(P), P.shape[2])


def _consensus_entropy(P: Array) -> Array:
    return entropies(P.mean(axis=0))


def _shares_of_consensus(P: Array) -> Array:
    return shares_of_the_largest(_consensus_entropy(P), P.shape[2])


def _mean_divergence(P: Array) -> Array:
    mean = _divergences(P).mean(axis=0)
    return where_negative(P, (0, 2), module_of(P).clip(mean, 0.0, None), math.inf)


def _largest_divergence(P: Array) -> Array:
    xp = module_of(P)
    return where_negative(P, (0, 2), xp.clip(xp.amax(_divergences(P), axis=0), 0.0, None), math.inf)


def _mean_std(P: Array) -> Array:
    return module_of(P).sqrt(_variances(P)).mean(axis=1)


def _mean_variance(P: Array) -> Array:
    return _variances(P).mean(axis=1)


def _divergences(P: Array) -> Array:
    """Kullback-Leibler divergence (T, b, ...) of each member from the consensus m, in float64.

    With d = p/m - 1, small where members agree, ``p log(p/m) = p log1p(d)`` keeps all digits that d has.
    """
    xp, P = module_of(P), as_float64(P)
    mean, off = _consensus(P)
    off /= xp.where(mean > 0, mean, 1.0)
    terms = xp.log1p(xp.clip(off, -1.0 + 2.0**-53, None))  # p = 0: 0 times something finite
    terms *= P
    return terms.sum(axis=2)


def _variances(P: Array) -> Array:
    """Variance over the members, (T, b, C, ...) -> (b, C, ...), in float64."""
    _, off = _consensus(as_float64(P))
    off *= off
    return off.mean(axis=0)


def _consensus(P: Array) -> tuple[Array, Array]:
    """Mean (b, C, ...) over the members, and how far each (T, b, C, ...) is off: exactly 0 where all are equal."""
    off = P - P[0]
    shift = off.mean(axis=0)
    off -= shift
    return P[0] + shift, off


def _votes(P: Array) -> Array:
    """Number of members that vote for each class, (T, b, C, ...) -> (b, ..., C)."""
    xp, C = module_of(P), P.shape[2]
    votes = _first_of_the_largest(P)  # (T, b, ...)
    shape = tuple(votes.shape[1:])
    cells = like(np.arange(math.prod(shape)), P) * C
    counts = xp.bincount(
        (votes.reshape((len(P), math.prod(shape))) + cells).reshape(-1), minlength=math.prod(shape) * C
    )
    return counts.reshape((*shape, C))


def _first_of_the_largest(P: Array) -> Array:
    """Position of the largest over axis 2, of equals the first."""
    xp = module_of(P)
    if P.ndim == 3:
        return xp.argmax(P, axis=2)
    largest = xp.amax(P, axis=2)
    not_yet = largest == largest
    position = xp.zeros_like(largest, dtype=xp.int32)
    for c in range(P.shape[2] - 1):  # how many classes come before it
        not_yet = not_yet & (P[:, :, c] != largest)
        position += not_yet
    return position
