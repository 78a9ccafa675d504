"""Fisher information about the last layer."""

from __future__ import annotations

from typing import Any

from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import above, whole
from skal.selection.bait import bait as select_informative


@query_strategy(reads=("proba", "embedding"), ranges={"ridge": above(0), "max_dim": whole()})
def bait(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    ridge: float = 1.0,
    max_dim: int = 1024,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows whose Fisher information about the last layer, with the labelled rows', serves the pool best (BAIT).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives what the last layer is given; None: the transform steps of a Pipeline, an estimator's
        ``transform`` (a net's last hidden layer), or the raw features.
    ridge : float, default=1.0
        Weight of the identity that is added to the information, positive.
    max_dim : int, default=1024
        Where (C - 1) * d, for C classes and d columns, is more, vectors are projected at random to as many columns as
        fit. Products of rows are kept on average, at a relative error of about one over the root of the columns.
        That bounds D below, not the C x C blocks that are kept for every row: with many classes ask of a random part
        of the pool, ``subsample(bait, 5000)``.

    Returns
    -------
    {picks}

    Notes
    -----
    Twice as many rows as asked for are taken greedily, then the least useful are given back. With D = (C - 1) d, time
    O(n (D C + C^3)) for each of these 3 n_instances steps, O(D^3) once and O(D^2 C) a step; memory O(n (C^2 + d) +
    D^2). More than 2 GiB (50 000 rows of 31 classes) is an error: ask of a random part of the pool. Scores are by how
    much the mean variance of the pool's predictions, the trace, would rise without the pick.

    References
    ----------
    .. [1] Ash et al., "Gone fishing: neural active learning with Fisher embeddings", NeurIPS 2021, algorithm 1.
    """
    P, P_labeled = (proba(learner, X, then=one_a_row) for X in (X_pool, X_labeled))
    Z, Z_labeled = read_embedding(learner, X_pool, embedding), read_embedding(learner, X_labeled, embedding)
    return select_informative(
        P,
        Z,
        n_instances,
        P_labeled,
        Z_labeled,
        random_state,
        ridge=ridge,
        max_dim=max_dim,
        random_tie_break=random_tie_break,
    )
