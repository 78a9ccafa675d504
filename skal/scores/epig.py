"""Expected predictive information gain: what a label tells about the labels of other rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.scores._common import Floats, checked

_BLOCK_ELEMENTS = 2**20  # of a table of joint probabilities in float64 at a time
_TINY = np.finfo(np.float64).tiny


def epig(P: ArrayLike, P_target: ArrayLike) -> Floats:
    """Score by the mutual information of a row's label and the label of a target row, averaged over target rows.

    Parameters
    ----------
    P : array-like of shape (T, n, C)
        Probabilities of T members, as a rule of T passes with dropout.
    P_target : array-like of shape (T, m, C)
        Those of the same members on m >= 1 rows such as the model is meant for.

    Returns
    -------
    ndarray of shape (n,)
        In [0, log min(T, C)], and never above `bald`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a value is not finite.

    Notes
    -----
    Time O(n m C^2 T), and one logarithm for each of the n m C^2 pairs of labels; memory of one block, in float64.

    References
    ----------
    .. [1] Bickford Smith et al., "Prediction-oriented Bayesian active learning", AISTATS 2023, section 4.

    Examples
    --------
    The members differ on both rows, but only the first tells which of them is right about the target:

    >>> target = [[[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 1.0]]]
    >>> first = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    >>> second = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    >>> epig(np.stack([first, second], axis=1), target).round(3)
    array([0.693, 0.   ])
    """
    pool, target = (_checked(p, name) for p, name in ((P, "P"), (P_target, "P_target")))
    n_members, n, n_classes = pool.shape
    if target.shape[0] != n_members or target.shape[1] == 0:
        raise ValueError(
            f"epig: P_target must have shape ({n_members}, m, C) with m >= 1, the members of P, got {target.shape}."
        )
    Q = target.astype(np.float64).reshape(n_members, -1)  # (T, m C)
    m, weight = target.shape[1], 1.0 / n_members
    target_entropy = _entropy_sum(Q.mean(axis=0))
    score = np.empty(n)
    step = max(1, _BLOCK_ELEMENTS // (n_classes * max(Q.shape[1], n_members)))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        p = pool[:, rows].astype(np.float64)  # (T, b, C)
        joint = weight * (p.reshape(n_members, -1).T @ Q)  # (b C, m C)
        joint_entropy = _entropies(joint).reshape(p.shape[1], -1).sum(axis=1)
        score[rows] = _entropies(p.mean(axis=0)).sum(axis=1) + (target_entropy - joint_entropy) / m
    return np.maximum(score, 0.0)


def _entropies(p: Floats) -> Floats:
    """``-p log p`` of each element."""
    terms = np.log(np.maximum(p, _TINY))
    terms *= -p
    return terms


def _entropy_sum(p: Floats) -> float:
    return float(_entropies(p).sum())


def _checked(P: ArrayLike, name: str) -> Floats:
    array = checked(P, 3, f"epig: {name}")
    if array.ndim != 3:
        raise ValueError(f"epig: {name} must have shape (T, n, C), one distribution a row, got {array.shape}.")
    return array
