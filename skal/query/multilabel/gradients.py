"""Gradients of the loss of several labels a row: batches that are uncertain and diverse at once."""

from __future__ import annotations

from typing import Any

from skal.outputs import embedding as read_embedding
from skal.outputs import multilabel_proba
from skal.query.door.decorators import query_strategy
from skal.selection.gradient_embedding import GradientEmbedding
from skal.selection.kmeans_plusplus import kmeans_plusplus


@query_strategy(reads=("multilabel", "embedding"))
def multilabel_badge(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    embedding: Any = None,
    random_state: Any = None,
) -> Any:
    """Draw rows by k-means++ on the gradients of binary cross-entropy (BADGE for several labels a row).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the input of the last layer; None: the transform steps of a Pipeline, an estimator's ``transform`` (a
        net's last hidden layer), or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    BADGE takes the gradient by the weights of the last layer, for the label that the model itself predicts. Of the
    binary cross-entropy of L labels it is ``(p - y) outer z``, for probabilities p, embedding z and y of 1 where p
    exceeds one half: no labels are made to compete. The paper has a softmax; this is its equation 1 with the other
    loss. The longest gradient comes first, as in `badge`.

    Labelled rows are not looked at. Time O(n n_instances (L + d)) at most, in matrix products, and two passes of the
    model over the pool; memory O(n (L + d)). Scores are squared distances when drawn.

    References
    ----------
    .. [1] Ash et al., "Deep batch active learning by diverse, uncertain gradient lower bounds", ICLR 2020,
       equation 1 and algorithm 1.
    """
    P = multilabel_proba(learner, X_pool)
    Z = read_embedding(learner, X_pool, embedding)
    gradients = GradientEmbedding(P, Z, several_labels=True)
    return kmeans_plusplus(gradients, n_instances, first="largest", random_state=random_state)
