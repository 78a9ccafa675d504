"""The n highest scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import (
    Floats,
    Indices,
    RandomState,
    check_finite_rows,
    checked_n,
    generator,
    tie_ranks,
)


def top_k(
    scores: ArrayLike, n: int, random_state: RandomState = None, *, random_tie_break: bool = True
) -> tuple[Indices, Floats]:
    """Select the n rows of the highest score, highest first.

    Parameters
    ----------
    scores : array-like of shape (n_pool,)
        Finite scores, higher = ask first.
    n : int
        In [1, n_pool].
    random_state : int, RandomState or None, default=None
        Draws the permutation that orders equal scores; None: NumPy's global generator.
    random_tie_break : bool, default=True
        False: equal scores are taken in row order, and nothing is drawn.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, best first.
    scores : ndarray of shape (n,)
        Their scores, falling.

    Raises
    ------
    ValueError
        If a score is NaN or infinite, or n is out of range.

    Examples
    --------
    >>> top_k([0.1, 0.9, 0.5], 2, random_state=0)
    (array([1, 2]), array([0.9, 0.5]))
    """
    values: Floats = np.asarray(scores)
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    if values.ndim != 1:
        raise ValueError(f"top_k: scores must have shape (n_pool,), got {values.shape}.")
    n = checked_n(n, len(values), "top_k")
    check_finite_rows(values, "scores", "top_k")
    threshold = np.partition(values, len(values) - n)[len(values) - n]
    candidates = np.flatnonzero(values >= threshold)
    ranks = tie_ranks(len(values), generator(random_state), random_tie_break)
    order = np.lexsort((ranks[candidates], -values[candidates]))[:n]
    indices = candidates[order]
    return indices, values[indices]
