"""modAL's form of a strategy, and of a measure of a model that may not be fitted."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from skal.data import n_rows
from skal.query import Strategy

Pair = tuple[NDArray[np.intp], NDArray[Any]]
Array = NDArray[Any]


def in_modals_form(strategy: Strategy, home: str, name: str | None = None) -> Callable[..., Pair]:
    """Return a strategy as a function that gives the pair to every caller, and breaks ties by row order.

    Parameters
    ----------
    strategy : Strategy
        Of skal.
    home : str
        Module that it will be found in: its ``__name__``.
    name : str, default=None
        Under which it is found there; None: that of the strategy.

    Returns
    -------
    callable
        ``(learner, X_pool, n_instances=1, random_tie_break=False, *, random_state=None, **options)``.
    """

    def query_strategy(
        learner: Any,
        X_pool: Any,
        n_instances: int = 1,
        random_tie_break: bool = False,
        *,
        random_state: Any = None,
        **options: Any,
    ) -> Pair:
        return strategy.select(learner, X_pool, n_instances, random_tie_break, random_state=random_state, **options)

    functools.update_wrapper(query_strategy, strategy, updated=())
    query_strategy.__module__ = home
    query_strategy.__name__ = query_strategy.__qualname__ = name or strategy.__name__
    parameters = [
        p.replace(default=False) if p.name == "random_tie_break" else p
        for p in inspect.signature(strategy).parameters.values()
    ]
    query_strategy.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return query_strategy


def measured(read: Callable[[], Any], score: Callable[[Array], Array], X: Any, unfitted: float) -> Array:
    """Return the score of what is read of a model; where it is not fitted the same number for every row, as modAL."""
    try:
        found = np.asarray(read())
    except NotFittedError:
        return np.full(n_rows(X), unfitted)
    return np.asarray(score(found))
