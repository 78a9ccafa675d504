"""Density of a pool, as `modAL.density`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy.spatial.distance import cosine, euclidean

from skal import scores
from skal.data import to_numpy
from skal.modal._forms import Array

__all__ = ["cosine_similarity", "euclidean_similarity", "information_density", "similarize_distance"]


def similarize_distance(distance_measure: Callable[..., Any]) -> Callable[..., Any]:
    """Make a similarity of a distance.

    Parameters
    ----------
    distance_measure : callable
        Gives a number of at least 0.

    Returns
    -------
    callable
        ``1 / (1 + distance)`` of the same arguments.
    """

    def similarity(*args: Any, **kwargs: Any) -> Any:
        """One over one plus the distance."""
        return 1 / (1 + distance_measure(*args, **kwargs))

    return similarity


cosine_similarity = similarize_distance(cosine)
euclidean_similarity = similarize_distance(euclidean)


def information_density(X: Any, metric: str | Callable[..., Any] = "euclidean") -> Array:
    """Mean similarity of each row to all rows: `skal.scores.density`.

    Parameters
    ----------
    X : container of n rows
        Pool.
    metric : str or callable, default="euclidean"
        Distance. (Under "cosine" skal's similarity is ``(1 + cos) / 2``, modAL's ``1 / (2 - cos)``.)

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1].
    """
    return scores.density(to_numpy(X), metric=metric)
