"""The loop itself: fit, ask, label, again. One engine for the classifier and for the comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from skal.cloning import fresh
from skal.data import RowBuffer, RowView, n_rows, take
from skal.labels import learns_from_unlabeled, partly_labeled
from skal.learners import ActiveLearner
from skal.query import select


@dataclass(frozen=True)
class Round:
    """One round of the loop, after its fit.

    Attributes
    ----------
    number : int
        0 for the initial labels.
    picked : ndarray of intp
        Dataset indices labelled in this round, best first.
    labeled : ndarray of intp
        Dataset indices of all labels, in the order in which they came.
    fit_seconds, query_seconds : float
        Wall time of this round's fit, and of the query that led to it.
    learner : ActiveLearner
        Fitted to the labels.
    """

    number: int
    picked: NDArray[np.intp]
    labeled: NDArray[np.intp]
    fit_seconds: float
    query_seconds: float
    learner: ActiveLearner = field(repr=False)


def rounds(
    estimator: Any,
    X: Any,
    oracle: Callable[[NDArray[np.intp]], Any],
    query_strategy: Callable[..., Any],
    initial: ArrayLike,
    n_instances: int,
    budget: int,
    random_state: int,
    candidates: ArrayLike | None = None,
    number: int = 0,
) -> Iterator[Round]:
    """Run an active learning loop.

    Parameters
    ----------
    estimator : estimator
        Copied fresh for every fit; seeded where it has no seed. One that learns from unlabelled rows too
        (`skal.labels.learns_from_unlabeled`) is fitted to all rows, with None for the labels that are not there.
    X : container of n rows
        All rows; never copied as a whole.
    oracle : callable
        ``oracle(dataset_indices)`` gives their labels. It is asked for each row once.
    query_strategy : callable or estimator
        Any query strategy, or an estimator with ``fit`` and ``query``.
    initial : array-like of int
        Dataset indices labelled first.
    n_instances : int
        Labels a round; the last round takes what is left.
    budget : int
        Labels in all, the initial ones counted.
    random_state : int
        Fits and queries of a round draw from it by the number of the round alone, so that two strategies
        share the randomness of training.
    candidates : array-like of int, default=None
        Dataset indices that may be asked for; None: all.
    number : int, default=0
        Of the first round: a loop that was stopped goes on with `initial` all its labels, in their order,
        and `number` its last round, which is fitted again. The picks are those of a loop that was not stopped.

    Yields
    ------
    Round
        After every fit; the first has the initial labels.
    """
    picked = np.asarray(initial, dtype=np.intp)
    labeled = picked
    y_labeled = np.asarray(oracle(picked))
    available = np.arange(n_rows(X)) if candidates is None else np.asarray(candidates, dtype=np.intp)
    remaining = np.setdiff1d(available, labeled)
    X_labeled, buffer = take(X, labeled), RowBuffer()
    query_seconds = 0.0
    while True:
        fit_seed, query_seed = _seeds(random_state, number)
        start = time.perf_counter()
        fitted = _fitted(fresh(estimator, fit_seed), X, X_labeled, labeled, y_labeled, remaining)
        fit_seconds = time.perf_counter() - start
        learner = ActiveLearner.fitted(fitted, X_labeled, y_labeled, query_strategy)
        yield Round(number, picked, labeled, fit_seconds, query_seconds, learner)
        n_left = min(budget - len(labeled), len(remaining))
        if n_left <= 0:
            return
        start = time.perf_counter()
        positions, _ = select(
            query_strategy, learner, RowView(X, remaining), min(n_instances, n_left), random_state=query_seed
        )
        query_seconds = time.perf_counter() - start
        picked = remaining[positions]
        labeled = np.concatenate([labeled, picked])
        X_labeled = buffer.extend(X_labeled, take(X, picked))
        y_labeled = np.concatenate([y_labeled, np.asarray(oracle(picked))])
        remaining = np.delete(remaining, positions)
        number += 1


def _fitted(
    model: Any,
    X: Any,
    X_labeled: Any,
    labeled: NDArray[np.intp],
    y_labeled: NDArray[Any],
    remaining: NDArray[np.intp],
) -> Any:
    """Fit a model to the labels; one that learns from unlabelled rows too gets all that may still be asked for."""
    if not learns_from_unlabeled(model):
        return model.fit(X_labeled, y_labeled)
    rows: Any = RowView(X, np.concatenate([labeled, remaining]))
    if isinstance(model, Pipeline):  # its steps read arrays and frames
        rows = take(rows, slice(None))
    return model.fit(rows, partly_labeled(y_labeled, len(remaining)))


def _seeds(random_state: int, number: int) -> tuple[int, int]:
    """One seed for the fit and one for the query of a round."""
    words = np.random.SeedSequence(random_state, spawn_key=(number,)).generate_state(2)
    return int(words[0]), int(words[1])
