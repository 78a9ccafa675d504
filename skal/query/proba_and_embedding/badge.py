"""Gradients as embeddings: batches that are uncertain and diverse at once."""

from __future__ import annotations

from typing import Any

from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.selection.gradient_embedding import GradientEmbedding
from skal.selection.kmeans_plusplus import kmeans_plusplus

_LAWS: dict[str, dict[str, Any]] = {
    "largest_first": {"first": "largest", "origin": False},
    "uniform_first": {"first": "random", "origin": False},
    "origin": {"first": "largest", "origin": True},
}


@query_strategy(reads=("proba", "embedding"))
def badge(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    embedding: Any = None,
    law: str = "largest_first",
    random_state: Any = None,
) -> Any:
    """Draw rows by k-means++ on the gradients that they would give the last layer (BADGE).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the input of the last layer; None: the transform steps of a Pipeline, an estimator's ``transform`` (a
        net's last hidden layer), or the raw features.
    law : {"largest_first", "uniform_first", "origin"}, default="largest_first"
        How the draws begin. The longest gradient first, as in the authors' code; any row first, as k-means++ has it
        and the paper says; or the longest first and zero counted as a centre, so that short gradients stay unlikely,
        as in scikit-activeml.

    Returns
    -------
    {picks}

    Notes
    -----
    The gradient of a row is ``(p - onehot(argmax p)) outer z``, for probabilities p and embedding z; it is never
    multiplied out. Labelled rows are not looked at. Time O(n n_instances (C + d)) at most, in matrix products, and
    two passes of the model over the pool, one for each output; memory O(n (C + d)). Scores are squared distances when
    drawn; they do not fall, since the draws are random.

    References
    ----------
    .. [1] Ash et al., "Deep batch active learning by diverse, uncertain gradient lower bounds", ICLR 2020,
       equation 1 and algorithm 1.
    """
    if law not in _LAWS:
        raise ValueError(f"badge: law must be one of {', '.join(_LAWS)}, got {law!r}.")
    P = proba(learner, X_pool, then=one_a_row)
    Z = read_embedding(learner, X_pool, embedding)
    return kmeans_plusplus(GradientEmbedding(P, Z), n_instances, random_state=random_state, **_LAWS[law])
