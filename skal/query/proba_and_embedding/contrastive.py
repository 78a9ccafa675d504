"""Rows unlike the labelled ones in what is predicted for their neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from sklearn.neighbors import NearestNeighbors

from skal.outputs import InvalidOutput, proba
from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import score_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import whole
from skal.warning import warn

_NEIGHBORS = 10  # of the paper; where nobody says how many, fewer if few rows are labelled
_TINY = 1e-12  # a class of probability 0 next to one that is likely: a divergence of 27, not infinite


@score_strategy(reads=("proba", "embedding"), ranges={"n_neighbors": whole()})
def contrastive_active_learning(
    learner: Any, X_pool: Any, *, X_labeled: Any = None, n_neighbors: int | None = None, embedding: Any = None
) -> Any:
    """Pick rows predicted unlike the labelled rows that lie nearest to them (CAL).

    Parameters
    ----------
    {common}
    n_neighbors : int or None, default=None
        Labelled rows that a row is compared with; all of them, with a warning, where fewer are labelled. None: 10,
        but at most half as many as there are a class on average, so that few labels do not make neighbours of what
        is far apart.
    embedding : callable or transformer, default=None
        Gives the vectors in which neighbours are found; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    The score is the mean over neighbours of the Kullback-Leibler divergence of their probabilities from the row's.
    One pass of the model over pool and labelled rows, and exact neighbours: time O(n m d) for m labelled rows, memory
    O(n d).

    References
    ----------
    .. [1] Margatina et al., "Active learning by acquiring contrastive examples", EMNLP 2021, equations 1 to 3
       and algorithm 1.
    """
    Z = read_embedding(learner, X_pool, embedding)
    P = _distributions(learner, X_pool)
    Z_labeled, Q = read_embedding(learner, X_labeled, embedding), _distributions(learner, X_labeled)
    if len(Z_labeled) == 0:
        raise InvalidOutput("needs labelled rows to compare with, got none.")
    if n_neighbors is None:
        k = max(1, min(_NEIGHBORS, len(Q) // (2 * Q.shape[1])))
    else:
        k = min(int(n_neighbors), len(Q))
        if k < n_neighbors:
            warn(
                f"contrastive_active_learning: n_neighbors={n_neighbors} is more than the {k} labelled rows, all of "
                "which are taken. Label more rows, or leave n_neighbors out."
            )
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(Z_labeled)
    near = search.kneighbors(Z, return_distance=False)  # (n, k)
    negative_entropy = xlogy(Q, Q).sum(axis=1)[near].mean(axis=1)
    mean = np.zeros_like(P)  # of the neighbours' probabilities
    for neighbor in near.T:
        mean += Q[neighbor] / len(near.T)
    return negative_entropy - (mean * np.log(np.maximum(P, _TINY))).sum(axis=1)


def _distributions(learner: Any, X: Any) -> NDArray[Any]:
    return proba(learner, X, then=one_a_row).astype(np.float64)
