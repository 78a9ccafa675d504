"""Uncertainty indicators of SRAAL: ``P`` (n, C, ...) to one number in [0, 1] a row, the soft state of that row."""

from __future__ import annotations

import math

from skal.scores._arrays import Array, Table, as_float64, module_of, precision
from skal.scores._common import Scores, score_rows
from skal.scores._reductions import Reduction

__all__ = ["oui", "std"]


def oui(P: Table, rescale: bool = False, *, reduction: Reduction = "mean") -> Scores:
    """Score by the online uncertainty indicator: the largest probability and how the rest is spread.

    With m the largest of C probabilities, V their variance, and ``(m - 1/C)^2 / (C - 1)`` the smallest variance
    that a distribution with this m can have, the score is ``1 - (smallest variance / V) * m``.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C, ...)
        Class probabilities.
    rescale : bool, default=False
        Multiply by C / (C - 1), so that a uniform distribution scores 1; at most 1. Of use with two classes, whose
        scores end at one half.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).
        SRAAL's own order, pixels first, is ``oui(P.mean(axis=(2, 3)))``; it takes an image of two certain halves for
        uncertain.

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, 1), 0 for a certain row, ``1 - m`` where all other classes share equally (always, for two classes).

    Notes
    -----
    Equation 4 is printed with ``1 - C`` under the other classes' share; ``C - 1``, as in the text below it, gives
    the smallest variance above. The variance is that of the population.

    At a uniform distribution the ratio of variances has no limit; it is 1 by definition here, so that the score is
    ``1 - 1/C``, as for two classes. That is where the standard deviation is below ``sqrt(eps) / C``, eps the
    precision of the numbers given: closer, the ratio would be made of rounding errors. So a uniform row scores
    below one in which two classes tie.

    For a given m the score is higher where one rival holds the rest than where all share it: the contrary of
    entropy. Time O(n C), memory of one block besides the scores, which are float64.

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, equations 3 and 4.

    Examples
    --------
    >>> oui([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.6, 0.2, 0.2]]).round(3)
    array([0.   , 0.875, 0.4  ])
    """
    eps = precision(P)  # that of half precision is lost when a block is brought to float32

    def indicator(block: Array) -> Array:
        score, C = _indicator(block, eps), block.shape[1]
        return module_of(block).clip(score * C / (C - 1) if rescale and C > 1 else score, 0.0, 1.0)

    return score_rows(P, "oui", indicator, reduction)


def std(P: Table, *, reduction: Reduction = "mean") -> Scores:
    """Score by one minus the standard deviation of the class probabilities, relative to that of a certain row.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C, ...)
        Class probabilities.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        In [0, 1]: 0 for a certain row, 1 for a uniform one.

    Notes
    -----
    The paper names the standard deviation as a rival of `oui` without a formula; it falls with uncertainty, hence
    ``1 - std / std_max`` with ``std_max = sqrt(C - 1) / C``. Time O(n C), memory of one block besides the scores,
    which are float64.

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, table 1.

    Examples
    --------
    >>> std([[1.0, 0.0], [0.75, 0.25], [0.5, 0.5]])
    array([0. , 0.5, 1. ])
    """
    return score_rows(P, "std", _lack_of_spread, reduction)


def _indicator(P: Array, eps: float) -> Array:
    """Equation 4 over axis 1, in float64; eps: the precision of the numbers given."""
    xp, P = module_of(P), as_float64(P)
    C, largest = P.shape[1], xp.amax(P, axis=1)
    if C == 1:
        return 1.0 - largest
    off = P - 1.0 / C
    off *= off
    variance = off.mean(axis=1)
    smallest = xp.square(largest - 1.0 / C) / (C - 1)
    uniform = variance <= eps / C**2
    ratio = xp.where(uniform, 1.0, smallest / xp.where(uniform, 1.0, variance))
    return 1.0 - xp.clip(ratio, 0.0, 1.0) * largest


def _lack_of_spread(P: Array) -> Array:
    """One less the standard deviation over axis 1 as a share of that of a certain row, in float64."""
    xp, P = module_of(P), as_float64(P)
    C = P.shape[1]
    if C == 1:
        return xp.zeros_like(P[:, 0])
    off = P - P.mean(axis=1, keepdims=True)
    off *= off
    return xp.clip(1.0 - xp.sqrt(off.mean(axis=1)) * (C / math.sqrt(C - 1)), 0.0, 1.0)
