"""Batches that are drawn: high scores are likely, not certain, so that alike rows seldom come together."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from skal import scores
from skal.outputs import InvalidOutput, proba, sampled_proba
from skal.query._access import Strategy, info, pool_scores, scores_rows
from skal.query._contract import query_strategy
from skal.query._distributions import one_a_row
from skal.query._ranges import at_least, whole
from skal.selection.power import power


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


def power_sampling(strategy: Strategy, beta: float = 1.0) -> functools.partial[Any]:
    """Make a strategy that draws rows with probability proportional to another strategy's score to the power beta.

    Parameters
    ----------
    strategy : callable
        A strategy that scores rows one by one, never below 0, or a partial of one with options.
    beta : float, default=1.0
        At least 0. 0 draws uniformly; the larger, the nearer to the strategy itself.

    Returns
    -------
    functools.partial
        A query strategy; it pickles.

    Raises
    ------
    TypeError
        If the strategy selects rows together and so has no score a row.

    Examples
    --------
    >>> from skal.query import margin_sampling
    >>> spread_margin = power_sampling(margin_sampling, beta=4.0)
    """
    if not scores_rows(strategy):
        raise TypeError(f"power_sampling: {info(strategy).name} selects rows together and has no score for each.")
    return functools.partial(powered_sampling, part=strategy, beta=beta)


@query_strategy(ranges={"beta": at_least(0)})
def powered_sampling(
    learner: Any, X_pool: Any, n_instances: int, *, part: Strategy, beta: float = 1.0, random_state: Any = None
) -> Any:
    """Draw rows with probability proportional to a strategy's score to the power beta; made by `power_sampling`.

    Parameters
    ----------
    {common}
    part : callable
        The strategy whose scores are used.
    beta : float, default=1.0
        The power, at least 0.

    Returns
    -------
    {picks}

    Notes
    -----
    The cost of the strategy, and one sort. Picks are in the order of the draws, so the scores do not fall;
    `random_tie_break` changes nothing.

    References
    ----------
    .. [1] Kirsch et al., "Stochastic batch acquisition: a simple baseline for deep active learning", TMLR 2023,
       section 3 (power acquisition).
    """
    values = pool_scores(part, learner, X_pool, random_state=random_state)
    if values.min() < 0:
        raise InvalidOutput(f"the scores of {info(part).name} cannot be raised to a power: they reach "
                            f"{values.min():.3g}.")  # fmt: skip
    return power(values, n_instances, random_state, beta=beta)


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
