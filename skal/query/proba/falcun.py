"""Batches that are drawn by uncertainty and by distance in class probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal import scores
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import at_least
from skal.selection import power


@query_strategy(reads=("proba",), ranges={"gamma": at_least(0)})
def falcun(learner: Any, X_pool: Any, n_instances: int, *, gamma: float = 10.0, random_state: Any = None) -> Any:
    """Draw rows that are uncertain and whose probabilities are unlike those of the rows drawn before (FALCUN).

    Parameters
    ----------
    {common}
    gamma : float, default=10.0
        At least 0. 0 draws uniformly; the larger, the nearer to taking the most relevant row each time.

    Returns
    -------
    {picks}

    Notes
    -----
    A row's relevance is its margin score plus its L1 distance, in class probabilities, to the nearest row drawn so
    far (before the first, the margin score again), brought to [0, 1] after each draw; it is drawn with probability
    proportional to the relevance to the power gamma. One pass of the model over the pool, then
    O(n n_instances (C + log n)); memory O(n C). Embeddings are not read. Scores are relevances when drawn, in
    the order of the draws; `random_tie_break` changes nothing.

    References
    ----------
    .. [1] Gilhuber et al., "FALCUN: a simple and efficient deep active learning strategy", ECML PKDD 2024,
       the uncertainty, the diversity and the relevance of a row, and their draw.
    """
    P = proba(learner, X_pool, then=one_a_row)
    uncertainty = scores.margin(P)
    distance = uncertainty.astype(np.float64)
    left = np.arange(len(P))
    picks, relevances = np.empty(n_instances, dtype=np.intp), np.empty(n_instances)
    for position in range(n_instances):
        relevance = (uncertainty + distance)[left]
        (drawn,), (relevances[position],) = power(relevance, 1, random_state, beta=gamma)
        row = picks[position] = left[drawn]
        left = np.delete(left, drawn)
        np.minimum(distance, np.abs(P - P[row]).sum(axis=1), out=distance)
        distance -= distance.min()
        distance /= distance.max() or 1.0
    return picks, relevances
