"""Typical rows, for when there are few labels."""

from __future__ import annotations

from typing import Any

from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import query_strategy
from skal.query.ranges import whole
from skal.selection import unit_rows
from skal.selection.typiclust import typiclust as select_typical


@query_strategy(
    reads=("embedding",), ranges={"max_clusters": whole(), "n_neighbors": whole(), "min_cluster_size": whole()}
)
def typiclust(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    normalize: bool = True,
    max_clusters: int = 500,
    n_neighbors: int = 20,
    min_cluster_size: int = 6,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick the most typical row of each of the largest clusters without a label (TypiClust).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors that are clustered; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features. The paper's are self-supervised.
    normalize : bool, default=True
        Divide vectors by their length, as the authors do; False: as they are.
    max_clusters : int, default=500
        There are as many clusters as labelled rows and picks together, and at most so many.
    n_neighbors : int, default=20
        A row is typical if its mean distance to this many nearest rows of its cluster is small.
    min_cluster_size : int, default=6
        Of clusters with fewer rows is picked only when all others are used up.

    Returns
    -------
    {picks}

    Notes
    -----
    One k-means of labelled rows and pool, O((n + m) K d) an iteration for m labelled rows and K clusters, and the
    neighbours within the clusters that are picked from, never those of all pairs; memory O((n + m) d). Clusters
    with the fewest labels, picks included, come first. Scores are shares of the rows in the cluster minus its labels;
    a batch of another size is another clustering, not a longer or shorter prefix.

    References
    ----------
    .. [1] Hacohen, Dekel & Weinshall, "Active learning on a budget: opposite strategies suit high and low budgets",
       ICML 2022, algorithm 1 and the definition of typicality.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    if normalize:
        Z, centers = unit_rows(Z), unit_rows(centers)
    return select_typical(
        Z,
        n_instances,
        centers,
        random_state,
        max_clusters=max_clusters,
        n_neighbors=n_neighbors,
        min_cluster_size=min_cluster_size,
        random_tie_break=random_tie_break,
    )
