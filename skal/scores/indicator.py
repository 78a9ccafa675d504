"""Uncertainty indicators of SRAAL: ``P`` (n, C, ...) to one number in [0, 1] a row, the soft state of that row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.scores._common import Floats, Reduction, checked, per_row

__all__ = ["oui", "std"]


def oui(P: ArrayLike, rescale: bool = False, *, reduction: Reduction = "mean") -> Floats:
    """Score by the online uncertainty indicator: the largest probability and how the rest is spread.

    With m the largest of C probabilities, V their variance, and ``(m - 1/C)^2 / (C - 1)`` the smallest variance
    that a distribution with this m can have, the score is ``1 - (smallest variance / V) * m``.

    Parameters
    ----------
    P : array-like of shape (n, C, ...)
        Class probabilities.
    rescale : bool, default=False
        Multiply by C / (C - 1), so that a uniform distribution scores 1; at most 1. Of use with two classes, whose
        scores end at one half.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,). SRAAL's own order,
        pixels first, is ``oui(P.mean(axis=(2, 3)))``; it takes an image of two certain halves for uncertain.

    Returns
    -------
    ndarray of shape (n,)
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
    entropy. Time and memory are those of one more array of the size of `P`.

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, equations 3 and 4.

    Examples
    --------
    >>> oui([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.6, 0.2, 0.2]]).round(3)
    array([0.   , 0.875, 0.4  ])
    """
    P = checked(P, 2, "oui")
    C = P.shape[1]
    precision = float(np.finfo(P.dtype).eps)
    P = P.astype(np.float64, copy=False)
    largest = P.max(axis=1)
    if C == 1:
        return per_row(np.clip(1.0 - largest, 0.0, 1.0), reduction)
    variance = np.square(P - 1.0 / C).mean(axis=1)
    smallest = np.square(largest - 1.0 / C) / (C - 1)
    uniform = variance <= precision / C**2
    ratio = np.where(uniform, 1.0, smallest / np.where(uniform, 1.0, variance))
    score = 1.0 - np.clip(ratio, 0.0, 1.0) * largest
    if rescale:
        score = score * C / (C - 1)
    return per_row(np.clip(score, 0.0, 1.0), reduction)


def std(P: ArrayLike, *, reduction: Reduction = "mean") -> Floats:
    """Score by one minus the standard deviation of the class probabilities, relative to that of a certain row.

    Parameters
    ----------
    P : array-like of shape (n, C, ...)
        Class probabilities.
    reduction : {"mean", "max"} or callable, default="mean"
        How pixels become one number a row; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1]: 0 for a certain row, 1 for a uniform one.

    Notes
    -----
    The paper names the standard deviation as a rival of `oui` without a formula; it falls with uncertainty, hence
    ``1 - std / std_max`` with ``std_max = sqrt(C - 1) / C``.

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, table 1.

    Examples
    --------
    >>> std([[1.0, 0.0], [0.75, 0.25], [0.5, 0.5]])
    array([0. , 0.5, 1. ])
    """
    P = checked(P, 2, "std").astype(np.float64, copy=False)
    C = P.shape[1]
    if C == 1:
        return per_row(np.zeros_like(P[:, 0]), reduction)
    of_a_certain_row = np.sqrt(C - 1) / C
    return per_row(np.clip(1.0 - P.std(axis=1) / of_a_certain_row, 0.0, 1.0), reduction)
