"""Greedy facility location: rows that stand for the whole pool."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import (
    _BLOCK_ELEMENTS,
    Floats,
    Indices,
    RandomState,
    checked_matrix,
    checked_n,
    generator,
    tie_ranks,
)


def facility_location(
    Z: ArrayLike,
    n: int,
    candidates: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Select n rows, each adding the most to how well the pool is represented by its most similar selected row.

    Maximises ``F(S) = sum over all rows x of the largest cosine of x and a row of S``, greedily; F is at least
    1 - 1/e of the largest possible, counted from similarities of -1.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points; a row of zeros is orthogonal to all.
    n : int
        In [1, n_pool], and at most the number of candidates.
    candidates : array-like of int, default=None
        Rows that may be selected; None: all. All rows count in F, candidates or not.
    random_state : int, RandomState or None, default=None
        Draws the order of ties; None: NumPy's global generator.
    random_tie_break : bool, default=True
        False: rows of equal gain are taken in row order.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Gain in the mean similarity when picked, never rising; the first begins at -1.

    Notes
    -----
    Gains only fall as rows are selected, so a gain is taken anew only where its last value is the largest (lazy
    evaluation): time O(m n_pool d) for m candidates and a few gains a pick after that; memory O(n_pool d) for the
    unit vectors and one block of similarities.

    References
    ----------
    .. [1] Yang et al., "Suggestive annotation: a deep active learning framework for biomedical image
       segmentation", MICCAI 2017, section 2.3.
    .. [2] Minoux, "Accelerated greedy algorithms for maximizing submodular set functions", 1978.

    Examples
    --------
    >>> facility_location([[1.0, 0.0], [1.0, 0.1], [0.9, 0.1], [0.0, 1.0]], 2, random_state=0)[0]
    array([2, 3])
    """
    points = checked_matrix(Z, "Z", "facility_location")
    n = checked_n(n, len(points), "facility_location")
    allowed = _checked_candidates(candidates, n, len(points))
    ranks = tie_ranks(len(points), generator(random_state), random_tie_break)
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    units = points / np.where(norms > 0, norms, 1.0)
    represented = np.full(len(units), -1.0)  # similarity of each row to its nearest selected one
    # Bounds of the gains, largest first: (negative bound, rank among equals, row, picks when it was the gain itself).
    bounds = zip(_first_gains(units, allowed), allowed.tolist(), strict=True)
    heap = [(-bound, int(ranks[row]), row, 0) for bound, row in bounds]
    heapq.heapify(heap)
    picks = np.empty(n, dtype=np.intp)
    scores = np.empty(n)
    for position in range(n):
        while heap[0][3] < position:
            _, rank, row, _ = heap[0]
            gain = float(np.maximum(_similarities(units, row) - represented, 0.0).mean())
            heapq.heapreplace(heap, (max(-gain, heap[0][0]), rank, row, position))
        negative, _, row, _ = heapq.heappop(heap)
        picks[position], scores[position] = row, -negative
        np.maximum(represented, _similarities(units, row), out=represented)
    return picks, scores


def _checked_candidates(candidates: ArrayLike | None, n: int, n_pool: int) -> Indices:
    if candidates is None:
        return np.arange(n_pool)
    rows = np.unique(np.asarray(candidates))
    if rows.dtype.kind not in "iu" or (len(rows) and not (rows[0] >= 0 and rows[-1] < n_pool)):
        raise ValueError(f"facility_location: candidates must be positions in [0, {n_pool - 1}], got {candidates!r}.")
    if len(rows) < n:
        raise ValueError(f"facility_location: n must be at most the number of candidates, {len(rows)}, got {n}.")
    return rows.astype(np.intp)


def _first_gains(units: Floats, rows: Indices) -> list[float]:
    """Mean similarity of the pool to each row, above -1: by the mean vector, without a single pair."""
    mean = units.mean(axis=0, dtype=np.float64)
    step = max(1, _BLOCK_ELEMENTS // max(units.shape[1], 1))
    gains = [1.0 + units[rows[start : start + step]] @ mean for start in range(0, len(rows), step)]
    return np.concatenate(gains).tolist()  # type: ignore[no-any-return]


def _similarities(units: Floats, row: int) -> Floats:
    return np.asarray(np.clip(units @ units[row], -1.0, 1.0))
