"""Contextual diversity: what the model confuses a row with."""

from __future__ import annotations

from typing import Any

from skal.outputs import proba
from skal.query._contract import query_strategy
from skal.selection.contextual import contextual_k_center


@query_strategy(reads=("proba",))
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
    nothing labelled the first row is random. Scores are divergences when picked. Rows with one distribution each,
    (n, C); of pixels, which the paper averages by predicted class, ask a model that gives one.

    References
    ----------
    .. [1] Agarwal et al., "Contextual diversity for active learning", ECCV 2020, pairwise contextual
       diversity and CDAL-CS.
    """
    P = proba(learner, X_pool)
    if P.ndim != 2:
        raise ValueError(f"cdal: needs one distribution over classes a row, (n, C) probabilities, got {P.shape}.")
    P_labeled = proba(learner, X_labeled)
    return contextual_k_center(
        P, n_instances, P_labeled, random_state, smoothing=smoothing, random_tie_break=random_tie_break
    )
