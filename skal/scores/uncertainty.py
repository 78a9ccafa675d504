"""Uncertainty of one model: ``P`` (n, C, ...) to one score a row."""

from __future__ import annotations

import math

from skal.scores._arrays import Array, Table, entropy_terms, module_of, two_largest, where_negative
from skal.scores._common import Scores, score_rows
from skal.scores._reductions import Reduction

__all__ = ["entropy", "least_confident", "margin"]


def least_confident(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by one minus the probability of the most likely class.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C, ...)
        Class probabilities.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, 1 - 1/C].

    Notes
    -----
    One pass over `P`, block by block: time O(n C), memory of one block besides the scores. float32 and narrower
    numbers give float32 scores.

    References
    ----------
    .. [1] Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994.

    Examples
    --------
    >>> least_confident([[0.75, 0.25], [0.5, 0.5]])
    array([0.25, 0.5 ])
    """
    return score_rows(P, "least_confident", _doubt, reduction, kernel="least_confident")


def margin(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by one minus the gap between the two most likely classes.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C, ...)
        Class probabilities. With a single class the gap is one.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, 1]; 1 where the two best classes tie.

    Notes
    -----
    One pass over `P`, block by block: time O(n C), memory of one block besides the scores. float32 and narrower
    numbers give float32 scores.

    References
    ----------
    .. [1] Scheffer, Decomain & Wrobel, "Active hidden Markov models for information extraction", IDA 2001.

    Examples
    --------
    >>> margin([[0.75, 0.25, 0.0], [0.5, 0.5, 0.0]])
    array([0.5, 1. ])
    """
    return score_rows(P, "margin", _closeness, reduction, kernel="margin")


def entropy(P: Table, *, normalized: bool = False, reduction: Reduction = "mean") -> Scores:
    """Score by the Shannon entropy of the predicted distribution, in nats.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C, ...)
        Class probabilities; an exact zero contributes nothing.
    normalized : bool, default=False
        Divide by log C, so that a uniform distribution scores 1 whatever the number of classes.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, log C], or in [0, 1] if normalised.

    Notes
    -----
    One pass over `P`, block by block: time O(n C), memory of one block besides the scores. float32 and narrower
    numbers give float32 scores, right to a few units in the last place, also where all probabilities but one are
    tiny. A negative number scores -inf.

    References
    ----------
    .. [1] Shannon, "A mathematical theory of communication", 1948.

    Examples
    --------
    >>> entropy([[1.0, 0.0], [0.5, 0.5]]).round(4)
    array([0.    , 0.6931])
    """
    score, kernel = (_normalized_entropies, "normalized_entropy") if normalized else (entropies, "entropy")
    return score_rows(P, "entropy", score, reduction, kernel=kernel)


def entropies(P: Array) -> Array:
    """Entropy over axis 1; -inf where a probability is negative, as there is none."""
    return where_negative(P, (1,), entropy_terms(P).sum(axis=1) + 0.0, -math.inf)


def shares_of_the_largest(entropy: Array, n_classes: int) -> Array:
    """Entropies as shares of that of a uniform distribution, in [0, 1]; of a single class as they are."""
    return entropy if n_classes == 1 else module_of(entropy).clip(entropy / math.log(n_classes), 0.0, 1.0)


def _normalized_entropies(P: Array) -> Array:
    return shares_of_the_largest(entropies(P), P.shape[1])


def _doubt(P: Array) -> Array:
    return 1.0 - module_of(P).amax(P, axis=1)


def _closeness(P: Array) -> Array:
    """One less the gap of the two largest over axis 1; equals have no gap."""
    if P.shape[1] == 1:
        return 1.0 - P[:, 0]
    first, second = two_largest(P)
    return 1.0 - (first - second)
