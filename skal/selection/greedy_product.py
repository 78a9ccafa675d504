"""Rows that are far in features and in what is predicted of them at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import (
    Floats,
    Indices,
    RandomState,
    check_finite_rows,
    checked_centers,
    checked_matrix,
    checked_n,
    distances_to,
    generator,
    greedy,
    tie_ranks,
)

__all__ = ["greedy_product"]


def greedy_product(
    Z: ArrayLike,
    f: ArrayLike,
    n: int,
    centers: ArrayLike,
    center_values: ArrayLike,
    random_state: RandomState = None,
    *,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Pick n rows one by one, each of the largest product of two distances to its nearest known row (iGS).

    Parameters
    ----------
    Z : array-like of shape (n_pool, d)
        Points.
    f : array-like of shape (n_pool,)
        Value that is predicted of each.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, d)
        Points whose value is known, at least one.
    center_values : array-like of shape (m,)
        Their values.
    random_state : int, RandomState or None, default=None
        Orders ties; None: NumPy's global generator.
    random_tie_break : bool, default=True
        Order equals by one permutation drawn; False: by row.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        ``min_m |z - z_m| * |f - y_m|`` when picked, over all known and picked rows; it does not rise.

    Raises
    ------
    TypeError
        If n is no int.
    ValueError
        If n is out of range, a shape is wrong, a value is not finite, or nothing is known.

    Notes
    -----
    The value of a row that was picked is taken to be the one predicted. Time O(n_pool (m + n) d), memory O(n_pool).

    References
    ----------
    .. [1] Wu, Lin & Huang, "Active learning for regression using greedy sampling", Information Sciences 2019,
       algorithm 3.

    Examples
    --------
    >>> greedy_product([[1.0], [2.0], [3.0]], [5.0, 5.0, 0.5], 1, [[0.0]], [0.0], random_state=0)
    (array([1]), array([10.]))
    """
    who = "greedy_product"
    points = checked_matrix(Z, "Z", who)
    n = checked_n(n, len(points), who)
    values = _checked_values(f, len(points), "f")
    known = checked_centers(centers, points, who)
    if len(known) == 0:
        raise ValueError(f"{who}: at least one point must be known, got none. Label some rows first.")
    known_values = _checked_values(center_values, len(known), "center_values")
    rng = generator(random_state)
    nearest = np.full(len(points), np.inf)

    def come_closer(point: Floats, value: float) -> None:
        np.minimum(nearest, distances_to(points, point) * np.abs(values - value), out=nearest)

    for point, value in zip(known, known_values, strict=True):
        come_closer(point, float(value))
    ranks = tie_ranks(len(points), rng, random_tie_break)
    return greedy(n, lambda: nearest, lambda row: come_closer(points[row], float(values[row])), ranks)


def _checked_values(values: ArrayLike, n: int, name: str) -> Floats:
    array: Floats = np.asarray(values, dtype=np.float64)
    if array.shape != (n,):
        raise ValueError(f"greedy_product: {name} must have shape ({n},), got {array.shape}.")
    check_finite_rows(array, name, "greedy_product")
    return array
