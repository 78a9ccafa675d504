"""Rows chosen by their numbers, as `modAL.utils.selection`."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal import selection
from skal.modal._forms import Array, Pair

__all__ = ["multi_argmax", "multi_argmin", "shuffled_argmax", "shuffled_argmin", "weighted_random"]


def multi_argmax(values: Any, n_instances: int = 1) -> Pair:
    """Positions and values of the largest, best first; equal ones in row order (`skal.selection.top_k`)."""
    return selection.top_k(values, n_instances, random_tie_break=False)


def multi_argmin(values: Any, n_instances: int = 1) -> Pair:
    """Positions and values of the smallest, smallest first; equal ones in row order."""
    rows, negated = multi_argmax(-np.asarray(values), n_instances)
    return rows, -negated


def shuffled_argmax(values: Any, n_instances: int = 1, random_state: Any = None) -> Pair:
    """Positions and values of the largest, rising as in modAL; which of equal ones, and in what order, is drawn."""
    rows, found = selection.top_k(values, n_instances, random_state)
    return rows[::-1], found[::-1]


def shuffled_argmin(values: Any, n_instances: int = 1, random_state: Any = None) -> Pair:
    """Positions and values of the smallest, falling as in modAL; which of equal ones, and in what order, is drawn."""
    rows, negated = shuffled_argmax(-np.asarray(values), n_instances, random_state)
    return rows, -negated


def weighted_random(weights: Any, n_instances: int = 1, random_state: Any = None) -> Array:
    """Draw distinct positions one after another, each with probability proportional to its weight.

    Parameters
    ----------
    weights : array-like of shape (n,)
        At least 0. (`skal.selection.power` draws with powers of them, and gives the weights drawn.)
    n_instances : int, default=1
        How many.
    random_state : int, RandomState or None, default=None
        None: NumPy's global generator, as in modAL.

    Returns
    -------
    ndarray of intp of shape (n_instances,)
        In the order of the draws.

    Raises
    ------
    ValueError
        If fewer weights are above 0 than are to be drawn.
    """
    n_possible = int((np.asarray(weights) > 0).sum())
    if n_possible < n_instances:
        raise ValueError(
            f"weighted_random: n_instances must be at most the {n_possible} weights above 0, got {n_instances}."
        )
    return selection.power(weights, n_instances, random_state)[0]
