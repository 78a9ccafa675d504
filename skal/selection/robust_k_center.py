"""k-center by integer programming: the smallest radius there is, up to a budget of outliers."""

from __future__ import annotations

import time
import warnings

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.spatial.distance import cdist

from skal.selection._common import (
    Floats,
    Indices,
    RandomState,
    checked_centers,
    checked_matrix,
    checked_n,
    generator,
    nearest_distances,
)
from skal.selection.k_center import k_center

_SHARE_LEFT = 1e-9  # of a radius: two distances closer than that are one


def robust_k_center(
    Z: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    outlier_share: float = 1e-4,
    max_candidates: int = 1000,
    time_limit: float | None = 60.0,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Select n rows that cover the pool, but for a share of outliers, within the smallest radius.

    A binary search over the radius; for each, an integer program asks whether n rows can cover all but the
    outliers. `k_center`, which is at most twice as wide, is the upper bound. Without outliers the result is the
    optimum of the k-center problem.

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d), default=None
        Points already chosen.
    random_state : int, RandomState or None, default=None
        Draws candidates and the order of ties; None: NumPy's global generator.
    outlier_share : float, default=1e-4
        Share of the rows, in [0, 1), that may be left outside; rounded down to whole rows.
    max_candidates : int, default=1000
        Of a larger pool this many rows, the greedy picks among them and the others drawn at random, are the
        problem: they are covered, and selected from. The memory of the program is up to their square.
    time_limit : float or None, default=60.0
        Seconds for all programs together. When they are over, the best cover so far is returned, with a warning.
    random_tie_break : bool, default=True
        False: rows at equal distance are taken in row order.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows: those of the cover, each the farthest from all before it; where the cover needs fewer than
        n rows, the farthest others are among them.
    scores : ndarray of shape (n,)
        Distance to the nearest centre when picked, never rising, in the units of `Z`.

    Warns
    -----
    UserWarning
        If the time was over before the optimum was proven: the picks may then differ from machine to machine.

    Notes
    -----
    Finding the optimum is NP-hard: it took about five seconds for 1000 rows of digits, and may take ever so long
    elsewhere, hence `time_limit`. The program has one
    binary variable a candidate and one constraint a row (a row is covered by one of the candidates within the
    radius, or is an outlier), which is the authors' program without its variables for who covers whom. Distances
    are not squared; squared, half of the greedy radius would not be a lower bound. With outliers there is no
    such bound, and the search begins at zero.

    References
    ----------
    .. [1] Sener & Savarese, "Active learning for convolutional neural networks: a core-set approach",
       ICLR 2018, algorithm 2 and equation 6.

    Examples
    --------
    >>> line = [[0.0], [4.0], [5.0], [6.0], [10.0], [11.0], [12.0]]
    >>> sorted(robust_k_center(line, 2, centers=[[0.0]], random_state=0)[0].tolist())
    [2, 5]
    """
    points = checked_matrix(Z, "Z", "robust_k_center")
    n = checked_n(n, len(points), "robust_k_center")
    _check_options(outlier_share, max_candidates, time_limit, n)
    rng = generator(random_state)
    chosen = checked_centers(centers, points, "robust_k_center")
    greedy, _ = k_center(points, n, chosen, rng, random_tie_break=random_tie_break)
    rows = _problem_rows(len(points), greedy, max_candidates, rng, random_tie_break)
    cover = _smallest_cover(points, rows, greedy, chosen, outlier_share, time_limit)
    if len(cover) < n:  # the others spread what is left of the batch
        rest = np.setdiff1d(np.arange(len(points)), cover)
        known = np.concatenate([chosen, points[cover]])
        extra, _ = k_center(points[rest], n - len(cover), known, rng, random_tie_break=random_tie_break)
        cover = np.concatenate([cover, rest[extra]])
    order, scores = k_center(points[cover], n, chosen, rng, random_tie_break=random_tie_break)
    return cover[order], scores


def _check_options(outlier_share: float, max_candidates: int, time_limit: float | None, n: int) -> None:
    who = "robust_k_center"
    if not 0.0 <= outlier_share < 1.0:
        raise ValueError(f"{who}: outlier_share must be in [0, 1), got {outlier_share!r}.")
    if not n <= max_candidates:
        raise ValueError(f"{who}: max_candidates must be at least n={n}, got {max_candidates!r}.")
    if time_limit is not None and not time_limit > 0:
        raise ValueError(f"{who}: time_limit must be None or positive seconds, got {time_limit!r}.")


def _problem_rows(
    n_pool: int, greedy: Indices, most: int, rng: np.random.RandomState, random_tie_break: bool
) -> Indices:
    """Rows of the problem, in the order in which the solver sees them: no row has an advantage by its place."""
    if n_pool > most:
        others = np.setdiff1d(np.arange(n_pool), greedy)
        rows = np.concatenate([greedy, rng.choice(others, most - len(greedy), replace=False)])
    else:
        rows = np.arange(n_pool)
    return rng.permutation(rows) if random_tie_break else np.sort(rows)


def _smallest_cover(
    points: Floats, rows: Indices, greedy: Indices, centers: Floats, outlier_share: float, time_limit: float | None
) -> Indices:
    """Rows that cover the rows of the problem within the smallest radius; at most as many as the greedy picks."""
    Z = points[rows].astype(np.float64)
    n_outliers = int(outlier_share * len(rows))
    to_centers = nearest_distances(Z, centers)
    distance = cdist(Z, Z)  # by differences: equal rows are at exactly 0
    best = np.flatnonzero(np.isin(rows, greedy))

    def radius_of(cover: Indices) -> float:
        nearest = np.minimum(to_centers, distance[:, cover].min(axis=1))
        return float(np.partition(nearest, len(rows) - 1 - n_outliers)[len(rows) - 1 - n_outliers])

    upper = radius_of(best)
    lower = upper / 2 if n_outliers == 0 else 0.0
    deadline = None if time_limit is None else time.monotonic() + time_limit
    # The radius of a cover is a distance between two rows, or of a row to a centre.
    radii = np.unique(np.concatenate([distance[distance <= upper], to_centers[to_centers <= upper]]))
    radii = radii[(radii >= lower * (1.0 - _SHARE_LEFT)) & (radii < upper * (1.0 - _SHARE_LEFT))]
    low, high = 0, len(radii)  # all radii from `high` on can be had
    while low < high:
        middle = (low + high) // 2
        left = None if deadline is None else deadline - time.monotonic()
        found = None
        if left is None or left > 0:
            found = _cover_within(distance, to_centers, float(radii[middle]), len(greedy), n_outliers, left)
        if found is None:
            warnings.warn(
                f"robust_k_center: after {time_limit} s the smallest radius is known to be in "
                f"[{radii[low]:.4g}, {upper:.4g}]; the wider cover is returned. Raise time_limit or lower "
                "max_candidates.",
                UserWarning,
                stacklevel=3,
            )
            break
        feasible, cover = found
        if not feasible:
            low = middle + 1
            continue
        best, upper = cover, radius_of(cover) if len(cover) else float(radii[middle])
        high = min(middle, int(np.searchsorted(radii, upper * (1.0 - _SHARE_LEFT))))
    return rows[best]


def _cover_within(
    distance: Floats, to_centers: Floats, radius: float, n: int, n_outliers: int, seconds: float | None
) -> tuple[bool, Indices] | None:
    """At most n rows within `radius` of all but the outliers, and whether there are such; None: not known in time."""
    reach = radius * (1.0 + _SHARE_LEFT)
    open_rows = np.flatnonzero(to_centers > reach)
    if len(open_rows) <= n_outliers:
        return True, np.empty(0, dtype=np.intp)
    near = sparse.csr_array((distance[open_rows] <= reach).astype(np.float64))
    n_rows, n_candidates = near.shape
    outliers = n_rows if n_outliers else 0
    is_candidate = np.repeat([1.0, 0.0], [n_candidates, outliers])
    covered = LinearConstraint(sparse.hstack([near, sparse.eye_array(n_rows)]) if outliers else near, lb=1.0)
    result = milp(
        np.zeros(len(is_candidate)),  # any cover will do
        constraints=[
            covered,
            LinearConstraint(is_candidate[None], ub=n),
            LinearConstraint(1.0 - is_candidate[None], ub=n_outliers),
        ],
        integrality=is_candidate,  # an outlier's variable is then whole where it matters
        bounds=Bounds(0, 1),
        options={} if seconds is None else {"time_limit": seconds},
    )
    if result.x is not None:
        return True, np.flatnonzero(result.x[:n_candidates] > 0.5)
    return (False, np.empty(0, dtype=np.intp)) if result.status == 2 else None
