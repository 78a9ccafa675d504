"""Contextual diversity: what the model confuses a row with."""

from __future__ import annotations

from typing import Any

from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.ranges import above
from skal.selection import class_mixtures, contextual_k_center


@query_strategy(reads=("proba",), ranges={"smoothing": above(0)})
def cdal(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    smoothing: float = 1e-6,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each with class probabilities the least like those of any labelled or picked row (CDAL).

    Parameters
    ----------
    {common}
    smoothing : float, default=1e-6
        Added to every probability, positive: one of 0 is at a finite distance.

    Returns
    -------
    {picks}

    Notes
    -----
    Greedy k-center with the mean of the two Kullback-Leibler divergences as distance (the authors' CDAL-CS). One
    pass of the model over pool and labelled rows; time O(n (m + n_instances) C) for m of these; memory O(n C). With
    nothing labelled the first row is random. Scores are divergences when picked.

    Where the model gives a distribution a pixel, the pixels of an image are averaged by predicted class, as in the
    paper: a matrix of C distributions, compared class by class where both images have it. All pixels of a class weigh
    the same; the paper's weights by uncertainty are not taken over. Time and memory are then C times that.

    References
    ----------
    .. [1] Agarwal et al., "Contextual diversity for active learning", ECCV 2020, pairwise contextual
       diversity and CDAL-CS.
    """
    P = proba(learner, X_pool, then=_contexts)
    P_labeled = proba(learner, X_labeled, then=_contexts)
    return contextual_k_center(
        P, n_instances, P_labeled, random_state, smoothing=smoothing, random_tie_break=random_tie_break
    )


def _contexts(P: Any) -> Any:
    return P if P.ndim == 2 else class_mixtures(P)
