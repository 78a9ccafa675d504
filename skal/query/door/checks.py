"""The checks at the door of a strategy, and of what comes out of it."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skal.outputs import InvalidOutput

Pair = tuple[NDArray[np.intp], NDArray[Any]]


class StrategyError(RuntimeError):
    """A strategy returned something that is no batch of picks."""


def check_door(name: str, n_pool: int, n_instances: Any, random_tie_break: Any) -> None:
    """Raise where the size of a batch, the pool or the rule for ties is of no use."""
    if isinstance(n_instances, (bool, np.bool_)) or not isinstance(n_instances, numbers.Integral):
        raise TypeError(f"{name}: n_instances must be an int, got {n_instances!r}.")
    if n_pool == 0:
        raise ValueError(f"{name}: the pool is empty; there is nothing to pick from.")
    if not 1 <= int(n_instances) <= n_pool:
        raise ValueError(f"{name}: n_instances must be in [1, {n_pool}] (the pool size), got {n_instances}.")
    if not isinstance(random_tie_break, (bool, np.bool_)):
        raise TypeError(f"{name}: random_tie_break must be a bool, got {random_tie_break!r}.")


def checked_generator(name: str, random_state: Any) -> np.random.RandomState:
    """Return the generator of a seed, or raise with the name of the strategy."""
    try:
        rng: np.random.RandomState = check_random_state(random_state)
    except ValueError:
        raise TypeError(
            f"{name}: random_state must be an int, a numpy.random.RandomState or None, got {random_state!r}."
        ) from None
    return rng


def checked_picks(result: Any, n_pool: int, n_instances: int | None, name: str, n_asked: int | None = None) -> Pair:
    """Return what a strategy returned as ``(indices, scores)``, or raise.

    Parameters
    ----------
    result : ndarray, list, int, or tuple
        Indices alone, or a tuple of indices and something else. A tuple of two ints is an index and its score, unless
        two rows were asked for.
    n_pool : int
        Rows of the pool.
    n_instances : int or None
        How many were asked for; None: any number.
    name : str
        Of the strategy, for the message.
    n_asked : int or None, default=None
        How many were asked for, where other numbers may come; None: `n_instances`.

    Returns
    -------
    indices : ndarray of intp
        Distinct, in range.
    scores : ndarray
        Empty where the strategy gave none.

    Raises
    ------
    StrategyError
        If the indices are not whole numbers, not distinct, out of range, or of the wrong count.
    """
    scores: Any = np.empty(0)
    if isinstance(result, tuple) and len(result) == 2:
        two_rows = (n_asked or n_instances) == 2 and all(isinstance(part, numbers.Integral) for part in result)
        if not two_rows:
            result, scores = result
            scores = scores if np.ndim(scores) or np.ndim(result) else np.atleast_1d(scores)
    indices = np.atleast_1d(np.asarray(result))
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise StrategyError(
            f"{name} must return a 1-D array of integer positions, got {indices.dtype} of shape {indices.shape}."
        )
    if n_instances is not None and len(indices) != n_instances:
        raise StrategyError(f"{name} must return {n_instances} positions, got {len(indices)}.")
    if len(indices) and not (indices.min() >= 0 and indices.max() < n_pool):
        raise StrategyError(
            f"{name} must return positions in [0, {n_pool - 1}], got {indices.min()}..{indices.max()}."
        )
    if len(np.unique(indices)) < len(indices):
        values, counts = np.unique(indices, return_counts=True)
        raise StrategyError(f"{name} must return distinct positions, got {values[counts > 1][0]} more than once.")
    return np.ascontiguousarray(indices, dtype=np.intp), np.asarray(scores)


def row_scores(scores: Any, n: int, name: str) -> NDArray[Any]:
    """Return one finite score a row, or raise."""
    array = np.asarray(scores)
    if array.shape != (n,) or array.dtype.kind not in "fiub":
        raise StrategyError(f"{name} must give {n} scores, got {array.dtype} of shape {array.shape}.")
    array = array.astype(np.float64, copy=False)
    bad = np.flatnonzero(~np.isfinite(array))
    if len(bad):
        raise InvalidOutput(
            f"{name}: scores must be finite, got NaN or infinity in {len(bad)} of {n} rows, first row {bad[0]}."
        )
    return array
