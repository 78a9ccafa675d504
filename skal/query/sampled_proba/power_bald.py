"""Batches that are drawn by what passes disagree on."""

from __future__ import annotations

from typing import Any

from skal import scores
from skal.outputs import sampled_proba
from skal.query.door.decorators import query_strategy
from skal.query.ranges import at_least, whole
from skal.selection import power


@query_strategy(reads=("sampled_proba",), ranges={"beta": at_least(0), "n_samples": whole()})
def power_bald(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    beta: float = 1.0,
    n_samples: int = 10,
    random_state: Any = None,
) -> Any:
    """Draw rows with probability proportional to their BALD score to the power beta (PowerBALD).

    Parameters
    ----------
    {common}
    beta : float, default=1.0
        At least 0. 0 draws uniformly; the larger, the nearer to `bald`. The paper takes 1.
    n_samples : int, default=10
        Passes with dropout; every pass has the same masks for all rows.

    Returns
    -------
    {picks}

    Notes
    -----
    The cost of `bald`, and one sort: for large batches it comes near to `batch_bald` at a small part of the cost.
    Picks are in the order of the draws, so the scores do not fall; `random_tie_break` changes nothing.

    References
    ----------
    .. [1] Kirsch et al., "Stochastic batch acquisition: a simple baseline for deep active learning", TMLR 2023,
       section 3 (power acquisition).
    """
    information = sampled_proba(learner, X_pool, n_samples, then=scores.bald, random_state=random_state)
    return power(information, n_instances, random_state, beta=beta)
