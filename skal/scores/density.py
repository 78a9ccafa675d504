"""Density of the pool: how much like the other rows a row is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import pairwise_distances_chunked

from skal.scores._common import Floats, checked_table

__all__ = ["density"]


Metric = str | Callable[[Any, Any], float]
# Of scikit-learn's, those that are made for numbers.
_DISTANCES = (
    *("braycurtis", "canberra", "chebyshev", "cityblock", "correlation", "euclidean", "hamming", "haversine", "l1"),
    *("l2", "mahalanobis", "manhattan", "minkowski", "seuclidean", "sqeuclidean"),
)


def density(Z: ArrayLike, *, metric: Metric = "cosine") -> Floats:
    """Mean similarity of each row to all rows of the pool.

    Parameters
    ----------
    Z : array-like of shape (n, d)
        Points.
    metric : str or callable, default="cosine"
        Similarity: of "cosine" ``(1 + cos) / 2``, a row of zeros being orthogonal to all; else ``1 / (1 + distance)``
        for "euclidean" and any other distance of `sklearn.metrics.pairwise_distances`, or a function of two rows that
        gives one.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1].

    Notes
    -----
    "cosine" costs O(n d), since the mean of the dot products is the dot product with the mean; any other metric
    O(n^2 d) and the memory of one block of distances, a function n^2 calls.

    References
    ----------
    .. [1] Settles & Craven, "An analysis of active learning strategies for sequence labeling tasks",
       EMNLP 2008, equation 8.

    Examples
    --------
    >>> density([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]).round(3)
    array([0.833, 0.833, 0.667])
    """
    points = checked_table(Z, "density")
    if metric == "cosine":
        norms = np.linalg.norm(points, axis=1, keepdims=True)
        units = points / np.where(norms > 0, norms, 1.0)
        return np.asarray((1.0 + np.clip(units @ units.mean(axis=0), -1.0, 1.0)) / 2.0)
    if not callable(metric) and metric not in _DISTANCES:
        raise ValueError(
            f"density: metric must be 'cosine', {', '.join(map(repr, _DISTANCES))}, or a function of two rows, got "
            f"{metric!r}."
        )

    def similar(D: Floats, start: int) -> Floats:
        if not (D >= 0).all():
            raise ValueError(f"density: distances of the metric {metric!r} must be at least 0, got {D.min():.4g}.")
        return np.asarray((1.0 / (1.0 + D)).mean(axis=1))

    return np.concatenate(list(pairwise_distances_chunked(points, metric=metric, reduce_func=similar)))
