"""Calling strategies of any kind: by name, through a partial, for the pair, or for the scores of a pool."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from skal.data import n_rows
from skal.query._checks import Pair, checked_picks

Strategy = Callable[..., Any]


@dataclass(frozen=True)
class StrategyInfo:
    """What is known of a strategy without calling it.

    Attributes
    ----------
    name : str
        As it is imported.
    summary : str
        First line of its documentation.
    reads : tuple of str
        Of "proba", "committee", "embedding", "multilabel", "sampled_proba", "predicted_loss", "boundary",
        "discriminator_score" (outputs of the model) and "labels" (labelled data).
    options : tuple of str
        Keyword options of its own.
    ranges : dict of str to str
        What its numeric options must be, in words, by name.
    takes_decisions : bool
        Whether it reads ``decision_function`` of a model that has no ``predict_proba``.
    """

    name: str
    summary: str
    reads: tuple[str, ...]
    options: tuple[str, ...]
    ranges: dict[str, str] = field(default_factory=dict, compare=False)
    takes_decisions: bool = False


def info(strategy: Strategy) -> StrategyInfo:
    """Return what is known of a strategy, of a `functools.partial` of one, or of an estimator that queries.

    Raises
    ------
    TypeError
        If it was not made by `query_strategy` or `score_strategy`.
    """
    inner, _ = unwrap(strategy, {})
    found = getattr(inner, "info", None)
    if not isinstance(found, StrategyInfo):
        raise TypeError(f"{name_of(strategy)} is no query strategy: decorate it with skal.query.query_strategy.")
    return found


def select(strategy: Strategy, learner: Any, X_pool: Any, n_instances: int = 1, **options: Any) -> Pair:
    """Call a strategy for the pair of indices and scores, whatever the learner.

    Parameters
    ----------
    strategy : callable or estimator
        A query strategy, a `functools.partial` of one, any function of modAL's form, or an estimator with ``fit``
        and ``query`` (see `as_strategy`).
    learner, X_pool, n_instances, **options
        Passed on.

    Returns
    -------
    indices : ndarray of intp of shape (n_instances,)
        Distinct positions in `X_pool`, best first.
    scores : ndarray
        Their scores; empty if the function gives none.
    """
    inner, options = unwrap(strategy, options)
    if hasattr(inner, "select"):
        pair: Pair = inner.select(learner, X_pool, n_instances, **options)
        return pair
    result = inner(learner, X_pool, n_instances, **options)
    return checked_picks(result, n_rows(X_pool), None, name_of(inner), n_asked=n_instances)


def pool_scores(strategy: Strategy, learner: Any, X_pool: Any, *, random_state: Any = None, **options: Any) -> Any:
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
    inner, options = unwrap(strategy, options)
    if not scores_rows(inner):
        raise TypeError(f"{name_of(inner)} has no score for each row of a pool: it selects rows together.")
    return inner.score_pool(learner, X_pool, random_state=random_state, **options)


def scores_rows(strategy: Strategy) -> bool:
    """Tell whether a strategy has a score for each row of a pool, for `pool_scores` and `combine`."""
    return getattr(unwrap(strategy, {})[0], "score_pool", None) is not None


def unwrap(strategy: Strategy, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Take the options out of a `functools.partial`; options of the call come first."""
    if not callable(strategy):
        from skal.query._estimator import as_strategy  # which is itself a strategy, made with this module

        strategy = as_strategy(strategy)
    while isinstance(strategy, functools.partial) and not strategy.args:
        options = {**strategy.keywords, **options}
        strategy = strategy.func
    return strategy, options


def name_of(strategy: Strategy) -> str:
    inner, _ = unwrap(strategy, {})
    return getattr(inner, "__name__", type(inner).__name__)
