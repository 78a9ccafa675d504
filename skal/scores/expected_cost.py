"""Scores where errors cost unlike amounts: ``P`` (n, C, ...) and a cost for each pair of classes."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.scores._arrays import Array, Table, like, module_of, two_largest
from skal.scores._common import Scores, score_rows
from skal.scores._reductions import Reduction

__all__ = ["cost_margin", "least_expected_cost"]


def least_expected_cost(P: Table, costs: ArrayLike, *, reduction: Reduction = "mean") -> Scores:
    """Score by the expected cost of the cheapest answer.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C, ...)
        Class probabilities.
    costs : array-like of shape (C, C)
        ``costs[i, j]`` is the cost of the answer j where i is true, at least 0.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        At least 0. Where each error costs 1 it is `least_confident`.

    Notes
    -----
    One pass over `P`, block by block: time O(n C^2), memory of one block besides the scores.

    References
    ----------
    .. [1] Elkan, "The foundations of cost-sensitive learning", IJCAI 2001, equation 1.
    .. [2] Margineantu, "Active cost-sensitive learning", IJCAI 2005.

    Examples
    --------
    >>> least_expected_cost([[0.75, 0.25], [0.25, 0.75]], [[0, 1], [8, 0]]).tolist()
    [0.75, 0.25]
    """
    matrix = _checked(costs, P, "least_expected_cost")
    return score_rows(P, "least_expected_cost", functools.partial(_least, costs=matrix), reduction)


def cost_margin(P: Table, costs: ArrayLike, *, reduction: Reduction = "mean") -> Scores:
    """Score by how near the two cheapest answers are in expected cost.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C, ...)
        Class probabilities.
    costs : array-like of shape (C, C)
        ``costs[i, j]`` is the cost of the answer j where i is true, at least 0.
    reduction : {"mean", "max", "count_above"} or callable, default="mean"
        How pixels become one number a row, see `count_above`; a callable gets (n, n_pixels) and returns (n,).

    Returns
    -------
    ndarray of shape (n,), or tensor on the device of P
        The largest cost, less the gap between the two smallest expected costs. Where each error costs 1 it is
        `margin`; with a single class it is 0.

    Notes
    -----
    One pass over `P`, block by block: time O(n C^2), memory of one block besides the scores.

    References
    ----------
    .. [1] Chen & Lin, "Active learning for multiclass cost-sensitive classification using probabilistic models",
       TAAI 2013, cost-weighted minimum margin.

    Examples
    --------
    >>> cost_margin([[0.5, 0.5], [0.875, 0.125]], [[0, 1], [7, 0]]).tolist()
    [4.0, 7.0]
    """
    matrix = _checked(costs, P, "cost_margin")
    return score_rows(P, "cost_margin", functools.partial(_closeness, costs=matrix), reduction)


def _least(P: Array, costs: NDArray[np.float64]) -> Array:
    return -module_of(P).amax(-_expected(P, costs), axis=1) + 0.0  # no negative zero


def _closeness(P: Array, costs: NDArray[np.float64]) -> Array:
    if len(costs) == 1:
        return P[:, 0] * 0.0
    best, second = two_largest(-_expected(P, costs))
    return float(costs.max()) - (best - second)


def _expected(P: Array, costs: NDArray[np.float64]) -> Array:
    """Expected cost of each answer, in the shape of P; summed class by class, so that equal rows have equal costs."""
    per_class = like(costs, P, dtype=P.dtype).reshape((len(costs), 1, len(costs)) + (1,) * (P.ndim - 2))
    expected = P[:, :1] * per_class[0]
    for true in range(1, len(costs)):
        expected += P[:, true : true + 1] * per_class[true]
    return expected


def _checked(costs: ArrayLike, P: Table, who: str) -> NDArray[np.float64]:
    matrix = np.asarray(costs, dtype=np.float64)
    shape = tuple(np.shape(P))
    if len(shape) > 1 and matrix.shape != (shape[1], shape[1]):
        raise ValueError(f"{who}: costs must have shape {(shape[1],) * 2}, a row and a column for each class of P, "
                         f"got {matrix.shape}.")  # fmt: skip
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise ValueError(f"{who}: costs must be finite and at least 0, got {costs!r}.")
    return matrix
