"""Classes as points, so that distances between truths and answers are ordered as the costs of errors are."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from sklearn.isotonic import isotonic_regression

__all__ = ["cost_embedding"]

Array = NDArray[np.float64]

_STARTS = 4
_STEPS = 300
_SMALL_GAIN = 1e-7


def cost_embedding(costs: ArrayLike, *, n_components: int | None = None, metric: bool = False) -> tuple[Array, Array]:
    """Place each class twice, as a truth and as an answer, at distances that follow the costs of errors.

    Parameters
    ----------
    costs : array-like of shape (C, C)
        ``costs[i, j]`` is the cost of the answer j where i is true, at least 0; it need not be symmetric.
    n_components : int, default=None
        Of the space; None: C.
    metric : bool, default=False
        Whether distances are to be the costs; else they are to be ordered as the costs are.

    Returns
    -------
    truths, answers : ndarray of shape (C, n_components)
        Points of the classes in either role. Where a cost is 0 the two points are drawn together.

    Notes
    -----
    Multidimensional scaling of 2 C points by majorisation, of which only the C^2 distances between a truth and an
    answer count; the best of four starts that are the same in every call, so that equal costs give equal points.
    Nonmetric scaling fits the distances by isotonic regression on the costs, and keeps their mean square that of the
    costs. Time O(C^3) a step, up to 300 steps a start: 0.1 s for 4 classes, 2 s for 26. Results are kept for the last
    few costs.

    References
    ----------
    .. [1] Huang & Lin, "A novel uncertainty sampling algorithm for cost-sensitive multiclass active learning",
       ICDM 2016, section 3: the embedding, and the two roles of a class for costs that are not symmetric.
    .. [2] Kruskal, "Nonmetric multidimensional scaling: a numerical method", Psychometrika 29, 1964.
    .. [3] De Leeuw & Mair, "Multidimensional scaling using majorization: SMACOF in R", Journal of Statistical
       Software 31, 2009, section 2 and the unfolding of section 4.

    Examples
    --------
    >>> truths, answers = cost_embedding([[0, 1], [3, 0]], n_components=1, metric=True)
    >>> np.abs(truths - answers.T).round(1).tolist()
    [[0.5, 1.5], [2.5, 0.5]]
    """
    matrix = np.array(costs, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"cost_embedding: costs must have shape (C, C), got {matrix.shape}.")
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise ValueError(f"cost_embedding: costs must be finite and at least 0, got {costs!r}.")
    size = len(matrix) if n_components is None else n_components
    if isinstance(size, bool) or int(size) != size or size < 1:
        raise ValueError(f"cost_embedding: n_components must be an int >= 1, got {n_components!r}.")
    truths, answers = _embedded(matrix.tobytes(), len(matrix), int(size), bool(metric))
    return truths.copy(), answers.copy()


@functools.lru_cache(maxsize=16)
def _embedded(costs: bytes, C: int, size: int, metric: bool) -> tuple[Array, Array]:
    wanted = np.frombuffer(costs).reshape(C, C)
    scale = math.sqrt(float((wanted**2).mean()))
    if scale == 0:
        return np.zeros((C, size)), np.zeros((C, size))
    draws = np.random.RandomState(0)
    found = [_scaled(wanted / scale, draws.normal(size=(2 * C, size)), metric) for _ in range(_STARTS)]
    points = min(found, key=lambda one: one[0])[1] * scale
    return points[:C], points[C:]


def _scaled(wanted: Array, points: Array, metric: bool) -> tuple[float, Array]:
    """Stress and points of one start."""
    C = len(wanted)
    pairs = np.block([[np.zeros((C, C)), np.ones((C, C))], [np.ones((C, C)), np.zeros((C, C))]])
    inverse = np.linalg.pinv(np.diag(pairs.sum(axis=1)) - pairs)
    stress = math.inf
    for _ in range(_STEPS):
        distances = cdist(points[:C], points[C:])
        target = wanted if metric else _disparities(wanted, distances)
        before, stress = stress, float(((distances - target) ** 2).sum())
        if before - stress < _SMALL_GAIN:
            break
        ratio = np.divide(target, distances, out=np.zeros_like(target), where=distances > 1e-12)
        between = np.block([[np.zeros((C, C)), -ratio], [-ratio.T, np.zeros((C, C))]])
        points = inverse @ ((between - np.diag(between.sum(axis=1))) @ points)
    return stress, points


def _disparities(wanted: Array, distances: Array) -> Array:
    """The numbers nearest to the distances that rise with the costs, with their mean square; 0 where costs are 0."""
    target = np.zeros_like(wanted)
    costly = wanted > 0
    levels, level, counts = np.unique(wanted[costly], return_inverse=True, return_counts=True)
    means = np.bincount(level, distances[costly], minlength=len(levels)) / counts  # equal costs, equal distances
    target[costly] = isotonic_regression(means, sample_weight=counts)[level]
    size = math.sqrt(float((target**2).sum()))
    return wanted if size == 0 else target * (math.sqrt(float((wanted**2).sum())) / size)
