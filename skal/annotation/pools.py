"""Rows that the first labels may come from."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

__all__ = ["biased_pool"]


def biased_pool(
    y: Any,
    n_left_out: int,
    *,
    candidates: ArrayLike | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> NDArray[np.intp]:
    """Leave out classes drawn at random: the rows of the others, for first labels that miss what is in the pool.

    The classes that are left out stay in the pool and in the test rows; a strategy has to find them. It is a
    simulation: a real first batch is biased by how it was collected, not by labels that are known beforehand.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of all rows.
    n_left_out : int
        Classes to leave out; at least two must be left.
    candidates : array-like of int, default=None
        Dataset indices to keep to. None: all rows.
    random_state : int, RandomState or None, default=None
        Draws the classes.

    Returns
    -------
    ndarray of intp
        Dataset indices, in the order of `candidates`: pass them to `skal.loop.initial_pool` as ``candidates``.

    Raises
    ------
    ValueError
        If fewer than two classes would be left.

    References
    ----------
    .. [1] Sinha, Ebrahimi, Darrell, "Variational adversarial active learning", ICCV 2019: 10 and 20 of CIFAR-100's
       classes left out of the initial labels.

    Examples
    --------
    >>> y = np.arange(12) % 4
    >>> rows = biased_pool(y, 1, random_state=0)
    >>> len(rows), len(np.unique(y[rows]))
    (9, 3)
    """
    labels = np.asarray(y)
    rows = np.arange(len(labels)) if candidates is None else np.asarray(candidates, dtype=np.intp)
    classes = np.unique(labels[rows])
    most = max(len(classes) - 2, 0)
    if isinstance(n_left_out, bool) or not isinstance(n_left_out, numbers.Integral) or not 0 <= n_left_out <= most:
        raise ValueError(
            f"biased_pool: n_left_out must be an int in [0, {most}], so that two of {len(classes)} classes are left, "
            f"got {n_left_out!r}."
        )
    left_out = check_random_state(random_state).permutation(len(classes))[: int(n_left_out)]
    return rows[~np.isin(labels[rows], classes[left_out])]
