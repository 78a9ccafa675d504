"""Calling strategies of any kind: by name, through a partial, for the pair, or for the scores of a pool."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from skal.data import n_rows
from skal.query.door.checks import Pair, checked_picks
from skal.query.door.estimators import as_strategy
from skal.query.door.info import StrategyInfo
from skal.query.door.memory import MEMORY
from skal.query.door.strategy import Strategy

# A `Strategy`, its name, a partial of one, any function of modAL's form, or an estimator with fit and query.
AnyStrategy = Callable[..., Any] | str


def info(strategy: AnyStrategy) -> StrategyInfo:
    """Return what is known of a strategy, of a `functools.partial` of one, or of an estimator that queries.

    Raises
    ------
    TypeError
        If it was not made by `query_strategy` or `score_strategy`.
    """
    inner, _ = unwrapped(strategy, {})
    found = getattr(inner, "info", None)
    if not isinstance(found, StrategyInfo):
        raise TypeError(f"{name_of(strategy)} is no query strategy: decorate it with skal.query.query_strategy.")
    return found


def select(strategy: AnyStrategy, learner: Any, X_pool: Any, n_instances: int = 1, **options: Any) -> Pair:
    """Call a strategy for the pair of indices and scores, whatever the learner.

    Parameters
    ----------
    strategy : str, callable or estimator
        A query strategy or its name (``"core_set:metric=cosine"``), a `functools.partial` of one, any function of
        modAL's form, or an estimator with ``fit`` and ``query`` (see `as_strategy`).
    learner, X_pool, n_instances, **options
        Passed on.

    Returns
    -------
    indices : ndarray of intp of shape (n_instances,)
        Distinct positions in `X_pool`, best first.
    scores : ndarray
        Their scores; empty if the function gives none.
    """
    strategy, options = unwrapped(strategy, options)
    if isinstance(strategy, Strategy):
        return strategy.select(learner, X_pool, n_instances, **options)
    result = strategy(learner, X_pool, n_instances, **options)
    return checked_picks(result, n_rows(X_pool), None, name_of(strategy), n_asked=n_instances)


def pool_scores(strategy: AnyStrategy, learner: Any, X_pool: Any, *, random_state: Any = None, **options: Any) -> Any:
    """Score the whole pool by a strategy that scores rows one by one.

    Parameters
    ----------
    strategy : callable
        A strategy made by `score_strategy`, or a `functools.partial` of one.
    learner, X_pool, random_state, **options
        As in a query.

    Returns
    -------
    ndarray of shape (n,)
        Finite, higher = ask first.

    Raises
    ------
    TypeError
        If the strategy selects without scoring rows one by one (a diversity strategy, as a rule).
    UnfittedLearner
        If the model has not been fitted: there is no random start for scores.
    """
    inner, options = unwrapped(strategy, options)
    if not isinstance(inner, Strategy):
        raise TypeError(
            f"{name_of(inner)} has no score for each row of a pool: it is no query strategy of skal's form."
        )
    return inner.score_pool(learner, X_pool, random_state=random_state, **options)


def scores_rows(strategy: AnyStrategy) -> bool:
    """Tell whether a strategy has a score for each row of a pool, for `pool_scores` and `combine`."""
    inner, _ = unwrapped(strategy, {})
    return isinstance(inner, Strategy) and inner.scores_rows


def is_strategy(strategy: AnyStrategy) -> bool:
    """Tell whether it is a `Strategy`, its name, a partial of one or an estimator that queries, and no function."""
    inner, _ = unwrapped(strategy, {})
    return isinstance(inner, Strategy)


def remembers(strategy: AnyStrategy) -> bool:
    """Tell whether a strategy, or one that it is made of, learns from query to query by the memory of the learner."""
    inner, options = unwrapped(strategy, {})
    if isinstance(inner, Strategy) and MEMORY in inner.info.options:
        return True
    parts = [options.get("part"), *(options.get("parts") or ()), *(options.get("strategies") or ())]
    return any(remembers(part) for part in parts if part is not None)


def unwrapped(strategy: AnyStrategy, options: dict[str, Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Take the options out of a `functools.partial` or a text, and make a strategy of an estimator that queries.

    Parameters
    ----------
    strategy : str, callable or estimator
        As of `select`.
    options : dict
        Of the call; they come before those of the partial.

    Returns
    -------
    strategy : callable
        What is called in the end. A partial with positional arguments stays as it is.
    options : dict
        What it is called with.

    Examples
    --------
    >>> from skal.query import core_set
    >>> unwrapped(functools.partial(core_set, metric="cosine"), {"random_state": 0})
    (<query strategy core_set>, {'metric': 'cosine', 'random_state': 0})
    """
    if not callable(strategy) or isinstance(strategy, type):
        strategy = as_strategy(strategy)
    while isinstance(strategy, functools.partial) and not strategy.args:
        options = {**strategy.keywords, **options}
        strategy = strategy.func
    return strategy, options


def takes_seed(strategy: AnyStrategy) -> bool:
    """Tell whether a callable, or what a name stands for, has a parameter ``random_state``; every `Strategy` has."""
    strategy, _ = unwrapped(strategy, {}) if isinstance(strategy, str) else (strategy, {})
    if isinstance(strategy, Strategy):
        return True
    try:
        return "random_state" in inspect.signature(strategy).parameters
    except (TypeError, ValueError):
        return False


def name_of(strategy: AnyStrategy) -> str:
    """Return the name of a strategy, of that inside a partial, or of the class of any other callable."""
    inner, _ = unwrapped(strategy, {})
    return getattr(inner, "__name__", type(inner).__name__)
