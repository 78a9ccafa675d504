"""One way to ask, for a learner and a committee alike."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from skal.data import n_rows, take
from skal.query import Strategy, check_strategy, checked_picks, takes_seed, unwrapped


class QueryMixin:
    """``query`` and the generator behind it; for classes with `query_strategy` and `random_state`."""

    query_strategy: str | Callable[..., Any]
    random_state: int | np.random.RandomState | None

    def query(self, X_pool: Any, *query_args: Any, return_metrics: bool = False, **query_kwargs: Any) -> Any:
        """Ask for labels: let the strategy pick rows of a pool.

        The strategy is called once; an error or an interrupt of its own goes through.

        Parameters
        ----------
        X_pool : container
            Unlabelled rows.
        *query_args, **query_kwargs
            Passed to the strategy: ``n_instances``, ``random_state`` and its options.
        return_metrics : bool, default=False
            Also return the strategy's scores.

        Returns
        -------
        indices : ndarray of intp
            Positions in `X_pool`, best first.
        rows : container
            These rows, in the kind of container of `X_pool`.
        scores : ndarray
            Only with `return_metrics`.
        """
        self._check_seed()
        check_strategy(self.query_strategy, type(self).__name__)
        strategy, options = unwrapped(self.query_strategy, query_kwargs)
        if self.random_state is not None and "random_state" not in options and takes_seed(strategy):
            options = {**options, "random_state": self._generator()}
        if isinstance(strategy, Strategy):
            indices, scores = strategy.select(self, X_pool, *query_args, **options)
        else:
            asked = query_args[0] if query_args else options.get("n_instances", 1)
            result = strategy(self, X_pool, *query_args, **options)
            name = getattr(strategy, "__name__", type(strategy).__name__)
            indices, scores = checked_picks(result, n_rows(X_pool), None, name, n_asked=asked)
        rows = take(X_pool, indices)
        self._note_handed_out(rows)
        return (indices, rows, scores) if return_metrics else (indices, rows)

    @property
    def query_memory(self) -> dict[Any, Any]:
        """What strategies that learn from query to query keep here, such as `skal.query.albl`; `fit` empties it."""
        kept: dict[Any, Any] = vars(self).setdefault("_query_memory", {})
        return kept

    def _note_handed_out(self, rows: Any) -> None:
        """Hook: rows that were asked for, whose labels will be taught."""

    def _check_seed(self) -> None:
        """Raise unless scikit-learn takes the seed."""
        try:
            check_random_state(self.random_state)
        except ValueError as error:
            raise ValueError(
                f"{type(self).__name__}: random_state must be an int from 0 to 2**32 - 1, a numpy.random.RandomState "
                f"or None, got {self.random_state!r}. In the place of a numpy Generator pass an int."
            ) from error

    def _begin_again(self) -> None:
        """Of an int every fit draws the same, a generator goes on where it is; what strategies kept is forgotten."""
        self._check_seed()
        self.__dict__.pop("_seeded_with", None)
        self.__dict__.pop("_query_memory", None)

    def _generator(self) -> np.random.RandomState:
        """One generator, so that two queries in a row do not draw the same."""
        before = getattr(self, "_seeded_with", None)
        is_int = isinstance(self.random_state, numbers.Integral)
        if self.random_state is None or not (before == self.random_state if is_int else before is self.random_state):
            self._seeded_with = self.random_state
            self._rng: np.random.RandomState = check_random_state(self.random_state)
        return self._rng
