"""Core-set selection with more than the greedy: with the features of a VAE, or by integer programming."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import query_strategy
from skal.query.embedding.vae_means import vae_means
from skal.query.ranges import above, at_least, between, whole
from skal.selection import k_center, robust_k_center


@query_strategy(reads=("embedding",), ranges={"alpha": at_least(0)})
def vae_core_set(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    vae: Any = None,
    alpha: float = 1.0,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each the farthest from all labelled and picked rows in embedding and VAE features.

    Parameters
    ----------
    {common}
    vae : fitted transformer, default=None
        Its ``transform`` gives the VAE's features of a row as it stands in the pool. None: a
        `skal.neural.VariationalAutoencoder` is fitted to labelled rows and pool, as the learner's model sees
        them (behind the transform steps of a Pipeline), anew at every query: pass a fitted one in a loop. Of one that
        is not fitted a copy is, seeded where it has no seed, to the same rows.
    alpha : float, default=1.0
        Weight of the VAE's features; 0 is `core_set`, and no VAE is used. The paper does not tell its own.
    embedding : callable or transformer, default=None
        Gives the vectors beside which the VAE's are put; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    The squared distance is that of the embeddings plus ``alpha**2`` times that of the VAE's features, so what
    alpha does depends on the scales of both: means of a VAE are of the order of one. Time O(n (m + n_instances) d)
    for m labelled rows and, without `vae`, one training; memory O(n d), d the width of both.

    References
    ----------
    .. [1] Godwin et al., "Incorporating task-agnostic information in task-based active learning using a variational
       autoencoder", SciPy 2022, equation 6.
    .. [2] Sener & Savarese, "Active learning for convolutional neural networks: a core-set approach",
       ICLR 2018, algorithm 1.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    if alpha > 0:
        V, V_centers = vae_means(vae, learner, X_pool, X_labeled, random_state)
        Z = np.hstack([Z, alpha * V])
        centers = np.hstack([centers, alpha * V_centers]) if len(centers) else centers
    return k_center(Z, n_instances, centers, random_state, random_tie_break=random_tie_break)


@query_strategy(
    reads=("embedding",),
    ranges={"outlier_share": between(0, 1, open_end=True), "max_candidates": whole(), "time_limit": above(0)},
)
def core_set_robust(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    outlier_share: float = 1e-4,
    max_candidates: int = 1000,
    time_limit: float | None = 60.0,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows that cover the pool, but for a share of outliers, within the smallest radius (robust k-center).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors in which distances are taken; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.
    outlier_share : float, default=1e-4
        Share of the rows, in [0, 1), that need not be covered, rounded down; 0 is the k-center optimum, of which
        `core_set` is at most twice as wide.
    max_candidates : int, default=1000
        Of a larger pool this many rows, `core_set`'s picks among them and the others drawn at random, are covered
        and picked from; never fewer than `n_instances`.
    time_limit : float or None, default=60.0
        Seconds for the solver; then the best cover so far is taken, with a warning.

    Returns
    -------
    {picks}

    Notes
    -----
    Integer programs, solved by SciPy: some tenths of a second for 300 rows and about five seconds for 1000 (digits
    and random vectors, 10 to 50 picks), far more where no cover stands out; memory O(max_candidates**2). Where the
    time is over, the picks depend on the speed of the machine. Scores are distances
    when picked, the farthest of the cover first.

    References
    ----------
    .. [1] Sener & Savarese, "Active learning for convolutional neural networks: a core-set approach",
       ICLR 2018, algorithm 2 and equation 6.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    return robust_k_center(
        Z,
        n_instances,
        centers,
        random_state,
        outlier_share=outlier_share,
        max_candidates=max(max_candidates, n_instances),
        time_limit=time_limit,
        random_tie_break=random_tie_break,
    )
