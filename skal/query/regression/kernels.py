"""Batches by a kernel: of features or gradients, or of what the members of a committee predict."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from skal.data import n_rows
from skal.outputs import committee_predictions
from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import query_strategy
from skal.query.ranges import above
from skal.selection import k_center, kmeans_plusplus, lcmd, max_det, max_diag

Selection = Literal["lcmd", "max_det", "max_diag", "max_dist", "kmeans++"]
_SELECTIONS = ("lcmd", "max_det", "max_diag", "max_dist", "kmeans++")


@query_strategy(reads=("embedding",), ranges={"noise": above(0)})
def bmdal(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    selection: Selection = "lcmd",
    noise: float = 1e-3,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick a batch by a kernel of features, given the labelled rows: LCMD or another greedy of its framework.

    Parameters
    ----------
    {common}
    selection : {"lcmd", "max_det", "max_diag", "max_dist", "kmeans++"}, default="lcmd"
        "lcmd": the farthest row of the cluster that is served worst, again and again. "max_det": the row of the
        largest variance of Bayesian linear regression on all rows before it. "max_diag": the rows of the largest
        variance on the labelled rows, one by one. "max_dist": the row farthest from all others, as `core_set`.
        "kmeans++": rows drawn by their squared distance.
    noise : float, default=1e-3
        Of "max_det" and "max_diag": standard deviation of the labels, above 0, where features have mean squared
        length 1 and the prior's variance is 1 each.
    embedding : callable or transformer, default=None
        Gives the features whose products are the kernel; None: the transform steps of a Pipeline, an estimator's
        ``transform`` (a net's last hidden layer, whose kernel is that of the last layer's gradients), or the raw
        features. A function that returns gradients gives the kernel of gradients.

    Returns
    -------
    {picks}

    Notes
    -----
    Features are divided by the root of the mean squared length of the labelled rows (of the pool, where there are
    none), and "max_det" and "max_diag" see
    a column of ones beside them, as a model with a bias does. Time O(n (m + n_instances) d) for m labelled rows, of
    "max_det" O(m d**2 + n n_instances d); memory O(n d). Scores are squared distances, distances or variances when
    picked.

    References
    ----------
    .. [1] Holzmueller, Zaverkin, Kaestner & Steinwart, "A framework and benchmark for deep batch active learning for
       regression", JMLR 2023, sections 3 and 4.
    """
    _check_selection("bmdal", selection)
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding) if n_rows(X_labeled) else Z[:0]
    scale = _root_mean_square(centers if len(centers) else Z)
    Z, centers = Z / scale, centers / scale
    if selection in ("max_det", "max_diag"):
        Z, centers = (np.column_stack([rows, np.ones(len(rows))]) for rows in (Z, centers))
    return _selected(Z, centers, n_instances, selection, noise, random_state, random_tie_break)


@query_strategy(reads=("committee_prediction",), ranges={"noise": above(0)})
def black_box_bmdal(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    selection: Selection = "lcmd",
    noise: float = 1e-3,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick a batch by the covariance of a committee's predictions, of any members: a forest too.

    Parameters
    ----------
    {common}
    selection : {"lcmd", "max_det", "max_diag", "max_dist", "kmeans++"}, default="lcmd"
        As of `bmdal`.
    noise : float, default=1e-3
        As of `bmdal`.

    Returns
    -------
    {picks}

    Notes
    -----
    The features of a row are the deviations of the members' predictions from their mean, so that the kernel of two
    rows is the covariance of what is predicted of them, and its diagonal the variance that
    `committee_variance_sampling` reads; they are divided by the root of its mean over the pool. Nothing is known of
    the members but what they predict. One pass of every member over pool and labelled rows; memory O(n T) for T
    members.

    References
    ----------
    .. [1] Kirsch, "Black-box batch active learning for regression", TMLR 2023, section 3.
    """
    _check_selection("black_box_bmdal", selection)
    Z = committee_predictions(learner, X_pool, then=_deviations)
    centers = committee_predictions(learner, X_labeled, then=_deviations) if n_rows(X_labeled) else Z[:0]
    scale = _root_mean_square(Z)  # of labelled rows the members may say the same
    return _selected(Z / scale, centers / scale, n_instances, selection, noise, random_state, random_tie_break)


def _check_selection(name: str, selection: Any) -> None:
    if selection not in _SELECTIONS:
        raise ValueError(f"{name}: selection must be one of {', '.join(_SELECTIONS)}, got {selection!r}.")


def _deviations(F: NDArray[Any]) -> NDArray[Any]:
    """Predictions (T, b) as features (b, T)."""
    return np.asarray((F - F.mean(axis=0)).T / math.sqrt(len(F)))


def _root_mean_square(Z: NDArray[Any]) -> float:
    """Root of the mean squared length of rows; 1 where all are 0."""
    return math.sqrt(float(np.einsum("nd,nd->n", Z, Z, dtype=np.float64).mean())) or 1.0


def _selected(
    Z: NDArray[Any],
    centers: NDArray[Any],
    n: int,
    selection: Selection,
    noise: float,
    rng: np.random.RandomState,
    random_tie_break: bool,
) -> Any:
    """Apply a selection to features."""
    if selection == "kmeans++":
        return kmeans_plusplus(Z, n, centers, rng, first="largest")
    if selection == "max_det":
        return max_det(Z, n, centers, rng, noise=noise, random_tie_break=random_tie_break)
    if selection == "max_diag":
        return max_diag(Z, n, centers, rng, noise=noise, random_tie_break=random_tie_break)
    select = lcmd if selection == "lcmd" else k_center
    return select(Z, n, centers, rng, random_tie_break=random_tie_break)
