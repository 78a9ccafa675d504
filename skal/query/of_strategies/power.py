"""Batches that are drawn: high scores are likely, not certain, so that alike rows seldom come together."""

from __future__ import annotations

import functools
from typing import Any

from skal.outputs import InvalidOutput
from skal.query.door.calling import AnyStrategy, info, pool_scores, scores_rows
from skal.query.door.decorators import query_strategy
from skal.query.ranges import at_least
from skal.selection import power


def power_sampling(strategy: AnyStrategy, beta: float = 1.0) -> functools.partial[Any]:
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
    learner: Any, X_pool: Any, n_instances: int, *, part: AnyStrategy, beta: float = 1.0, random_state: Any = None
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
