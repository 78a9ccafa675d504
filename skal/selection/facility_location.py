"""Greedy facility location: rows that stand for the whole pool."""

from __future__ import annotations

from numpy.typing import ArrayLike

from skal.selection._common import Floats, Indices, RandomState, checked_matrix, checked_n
from skal.selection.herding import checked_candidates, herding


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
    This is `skal.selection.herding.herding` with the cosine, nothing chosen and equal weights. The first gains need
    the mean vector alone, time O(n_pool d); gains only fall as rows are selected, so after that one is taken anew, in
    time O(n_pool d), only where its last value is among the largest (lazy evaluation). Memory O(n_pool d).

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
    allowed = checked_candidates(candidates, n, len(points), "facility_location")
    return herding(
        points, n, None, None, random_state, kernel="cosine", candidates=allowed, random_tie_break=random_tie_break
    )
