"""Uncertainty weighed with where a row lies among the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skal import scores
from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy, score_strategy
from skal.query.ranges import FINITE
from skal.selection import ranked_batch


@score_strategy(reads=("proba", "embedding"), ranges={"beta": FINITE})
def information_density_sampling(
    learner: Any,
    X_pool: Any,
    *,
    beta: float = 1.0,
    metric: str | Callable[[Any, Any], float] = "cosine",
    embedding: Any = None,
) -> Any:
    """Pick rows that are uncertain and lie among many others: entropy times density to the power beta.

    Parameters
    ----------
    {common}
    beta : float, default=1.0
        Weight of the density; 0 is `entropy_sampling`.
    metric : str or callable, default="cosine"
        Similarity of two rows: ``(1 + cos) / 2`` at O(n d), or ``1 / (1 + distance)`` (modAL's) at O(n^2 d), for
        "euclidean" and any other distance that `skal.scores.density` takes, a function of two rows too.
    embedding : callable or transformer, default=None
        Gives the vectors that are compared; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool, plus the cost of `metric`; memory O(n d).

    References
    ----------
    .. [1] Settles & Craven, "An analysis of active learning strategies for sequence labeling tasks",
       EMNLP 2008, equation 8.
    """
    Z = read_embedding(learner, X_pool, embedding)
    return proba(learner, X_pool, then=scores.entropy) * scores.density(Z, metric=metric) ** beta


@query_strategy(reads=("proba", "embedding"))
def uncertainty_batch_sampling(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, uncertain and unlike what is labelled and picked (ranked batch mode).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors in which distances are taken; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    Time O(n (m + n_instances) d) for m labelled rows; memory O(n d). The fewer labels there are, the more
    dissimilarity counts.

    References
    ----------
    .. [1] Cardoso et al., "Ranked batch-mode active learning", Information Sciences 379, 2017, equation 2.
    """
    Z = read_embedding(learner, X_pool, embedding)
    uncertainty = proba(learner, X_pool, then=scores.least_confident)
    centers = read_embedding(learner, X_labeled, embedding)
    return ranked_batch(Z, n_instances, uncertainty, centers, random_state, random_tie_break=random_tie_break)
