"""Draws in the place of the highest scores: high ones are likely, not certain."""

from __future__ import annotations

import numbers

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import Floats, Indices, RandomState, check_finite_rows, checked_n, generator


def power(
    scores: ArrayLike, n: int, random_state: RandomState = None, *, beta: float = 1.0
) -> tuple[Indices, Floats]:
    """Draw n distinct rows one after another, each with probability proportional to its score to the power beta.

    Parameters
    ----------
    scores : array-like of shape (n_pool,)
        Finite, at least 0.
    n : int
        In [1, n_pool].
    random_state : int, RandomState or None, default=None
        Draws the rows; None: NumPy's global generator.
    beta : float, default=1.0
        At least 0, finite. 0 draws uniformly; the larger, the nearer to the n highest scores.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the draws: fewer from the same seed are the first of these.
    scores : ndarray of shape (n,)
        Their scores. Not sorted: the draws are random.

    Raises
    ------
    ValueError
        If a score is negative, NaN or infinite, or a number is out of range.

    Notes
    -----
    The n largest of ``beta * log(score)`` plus independent Gumbel noise have this law (Gumbel top-k), so that
    one sort does it: time O(n_pool log n_pool), memory O(n_pool). Rows of score 0 come last, at random, unless
    beta is 0.

    References
    ----------
    .. [1] Kirsch et al., "Stochastic batch acquisition: a simple baseline for deep active learning", TMLR 2023,
       section 3 (power acquisition).
    .. [2] Kool, van Hoof & Welling, "Stochastic beams and where to find them", ICML 2019, section 2.

    Examples
    --------
    >>> power([0.0, 0.2, 0.8], 2, random_state=0, beta=50.0)
    (array([2, 1]), array([0.8, 0.2]))
    """
    values: Floats = np.asarray(scores)
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    if values.ndim != 1:
        raise ValueError(f"power: scores must have shape (n_pool,), got {values.shape}.")
    n = checked_n(n, len(values), "power")
    if isinstance(beta, (bool, np.bool_)) or not isinstance(beta, numbers.Real) or not 0 <= beta < np.inf:
        raise ValueError(f"power: beta must be a finite number of at least 0, got {beta!r}.")
    check_finite_rows(values, "scores", "power")
    if values.min() < 0:
        raise ValueError(
            f"power: scores must be at least 0 to have a power, got {values.min():.4g} in row {values.argmin()}. Use "
            "a score that is never negative, such as an entropy."
        )
    noise = generator(random_state).gumbel(size=len(values))
    logs = np.log(np.where(values > 0, values, 1.0).astype(np.float64))
    keys = float(beta) * logs + noise
    last = (values == 0) & (beta > 0)
    indices = np.lexsort((-keys, last))[:n]
    return indices, values[indices]
