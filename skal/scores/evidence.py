"""Scores of evidence: how many labels of each class lie around a row, ``K`` (n, C), to one score a row."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from skal.scores._common import Floats, checked_table

__all__ = ["epistemic_of_counts", "probabilistic_gain"]

_TINY = np.finfo(np.float64).tiny
_HALVINGS = 60  # of an interval of length 1/2: below the spacing of float64


def epistemic_of_counts(K: ArrayLike) -> Floats:
    """Score by how plausible both answers are, whether a row is of a class or not, given the labels around it.

    Parameters
    ----------
    K : array-like of shape (n, C)
        Weighted number of labels of each class near a row, at least 0.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1]: 1 where there is no evidence, near 0 where many labels speak, for one class or for a mixture.

    Notes
    -----
    With p labels for and n against, the share theta of the class has the relative likelihood
    ``theta^p (1 - theta)^n`` over its largest value. "It is the class" is as plausible as the largest, over theta, of
    the smaller of that likelihood and ``2 theta - 1``; "it is not" as that with theta turned round. The score is the
    smaller of the two plausibilities. The papers treat two classes. Of more, each class against the rest is taken and
    the largest score counts, which is this library's reading. Time O(n C), by bisection to the last digit.

    References
    ----------
    .. [1] Nguyen, Destercke & Hüllermeier, "Epistemic uncertainty sampling", DS 2019, equations 5 to 9.
    .. [2] Nguyen, Shaker & Hüllermeier, "How to measure uncertainty in uncertainty sampling for active learning",
       Machine Learning 111, 2022, section 3.

    Examples
    --------
    >>> epistemic_of_counts([[0.0, 0.0], [1.0, 0.0], [20.0, 20.0]]).round(4).tolist()
    [1.0, 0.3333, 0.2565]
    """
    counts = _checked(K, "epistemic_of_counts")
    if counts.shape[1] == 1:
        counts = np.hstack([counts, np.zeros_like(counts)])
    total = counts.sum(axis=1)
    scores = np.zeros(len(counts))
    for column in counts.T[: None if counts.shape[1] > 2 else 1]:  # of two classes one says all
        against = np.maximum(total - column, 0.0)
        np.maximum(scores, np.minimum(_plausibility(column, against), _plausibility(against, column)), out=scores)
    return scores


def probabilistic_gain(K: ArrayLike, *, m_max: int = 2, prior: float = 1.0) -> Floats:
    """Score by how much the expected accuracy at a row grows with each further label there, over one to m_max labels.

    Parameters
    ----------
    K : array-like of shape (n, C)
        Weighted number of labels of each class near a row, at least 0.
    m_max : int, default=2
        Labels that are imagined at once, at most. One alone often gains nothing, since it does not turn the decision.
    prior : float, default=1.0
        Added to every class, positive: 1 says that all distributions are equally likely before there are labels.

    Returns
    -------
    ndarray of shape (n,)
        At least 0.

    Notes
    -----
    The true distribution at a row is Dirichlet with parameters ``a = K + prior``, and m imagined labels are
    multinomial. The decision is the class of the most labels, and its expected accuracy ``max(a) / sum(a)`` before,
    ``max(a + l) / (sum(a) + m)`` after the labels l. The score is the largest, over m, of the expected growth over m.
    Time O(n B) for the ``B = binom(m_max + C, C)`` ways to split labels among classes, memory O(n C): with 100
    classes B is 5 151 for two labels and 176 851 for three.

    References
    ----------
    .. [1] Kottke, Krempl, Lang, Teschner & Spiliopoulou, "Multi-class probabilistic active learning", ECAI 2016,
       equations 7 to 11, with uniform costs and without the density, which is the strategy's.

    Examples
    --------
    >>> probabilistic_gain([[0.0, 0.0], [1.0, 0.0]]).round(4).tolist()
    [0.1667, 0.0167]
    """
    counts = _checked(K, "probabilistic_gain")
    if isinstance(m_max, bool) or int(m_max) != m_max or m_max < 1:
        raise ValueError(f"probabilistic_gain: m_max must be an int >= 1, got {m_max!r}.")
    if not (math.isfinite(prior) and prior > 0):
        raise ValueError(f"probabilistic_gain: prior must be a finite number above 0, got {prior!r}.")
    a = counts + prior
    total, largest = a.sum(axis=1), a.max(axis=1)
    best = np.full(len(a), -np.inf)
    for m in range(1, int(m_max) + 1):
        chance_of_any = np.prod([total + j for j in range(m)], axis=0)
        after = np.zeros(len(a))
        for split in itertools.combinations_with_replacement(range(a.shape[1]), m):
            chance, most = np.full(len(a), float(math.factorial(m))), largest
            for c in set(split):
                k = split.count(c)
                chance *= np.prod([a[:, c] + j for j in range(k)], axis=0) / math.factorial(k)
                most = np.maximum(most, a[:, c] + k)
            after += chance * most
        np.maximum(best, (after / chance_of_any / (total + m) - largest / total) / m, out=best)
    return np.asarray(np.maximum(best, 0.0))


def _plausibility(p: NDArray[np.float64], n: NDArray[np.float64]) -> Floats:
    """Largest over theta of the smaller of the relative likelihood and 2 theta - 1: where the two curves cross."""
    total = p + n
    peak, rest = (np.divide(part, total, out=np.full(len(p), 0.5), where=total > 0) for part in (p, n))
    highest = xlogy(p, np.maximum(peak, _TINY)) + xlogy(n, np.maximum(rest, _TINY))
    low, high = np.maximum(peak, 0.5), np.ones(len(p))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        likely = np.exp(xlogy(p, middle) + xlogy(n, 1.0 - middle) - highest)
        up = likely > 2.0 * middle - 1.0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    found: Floats = 2.0 * high - 1.0
    return found


def _checked(K: ArrayLike, who: str) -> NDArray[np.float64]:
    counts = checked_table(K, who).astype(np.float64)
    if counts.shape[1] == 0:
        raise ValueError(f"{who}: K must have at least one class, got shape {counts.shape}.")
    if (counts < 0).any():
        raise ValueError(f"{who}: K must be at least 0, got {counts.min():.4g}.")
    return counts
