"""One way to ask, for a learner and a committee alike."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from skal.data import n_rows, take
from skal.query import checked_picks


def ask(
    learner: Any, strategy: Callable[..., Any], X_pool: Any, args: Any, kwargs: dict[str, Any], return_metrics: bool
) -> Any:
    """Call the strategy once; an error or an interrupt of its own goes through.

    Returns
    -------
    indices, rows : ndarray, container
        Positions in `X_pool` and these rows; with `return_metrics` also the scores.
    """
    result = strategy(learner, X_pool, *args, **kwargs)
    name = getattr(strategy, "__name__", type(strategy).__name__)
    indices, scores = checked_picks(result, n_rows(X_pool), None, name)
    rows = take(X_pool, indices)
    return (indices, rows, scores) if return_metrics else (indices, rows)


def wants_seed(strategy: Callable[..., Any]) -> bool:
    """Tell whether a strategy takes a ``random_state`` that is not fixed by a partial already."""
    if isinstance(strategy, functools.partial) and "random_state" in strategy.keywords:
        return False
    try:
        return "random_state" in inspect.signature(strategy).parameters
    except (TypeError, ValueError):
        return False
