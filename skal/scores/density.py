"""Density of the pool: how much like the other rows a row is."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import pairwise_distances_chunked

from skal.scores._common import Floats, checked_table

__all__ = ["density"]


def density(Z: ArrayLike, *, metric: Literal["cosine", "euclidean"] = "cosine") -> Floats:
    """Mean similarity of each row to all rows of the pool.

    Parameters
    ----------
    Z : array-like of shape (n, d)
        Points.
    metric : {"cosine", "euclidean"}, default="cosine"
        Similarity: ``(1 + cos) / 2``, a row of zeros being orthogonal to all, or ``1 / (1 + distance)``.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1].

    Notes
    -----
    "cosine" costs O(n d), since the mean of the dot products is the dot product with the mean;
    "euclidean" costs O(n^2 d) and the memory of one block of distances.

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
    if metric == "euclidean":
        chunks = pairwise_distances_chunked(points, reduce_func=lambda D, start: (1.0 / (1.0 + D)).mean(axis=1))
        return np.concatenate(list(chunks))
    raise ValueError(f"density: metric must be 'cosine' or 'euclidean', got {metric!r}.")
