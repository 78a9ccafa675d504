"""The loop itself: fit, ask, label, again. One engine for the classifier and for the comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from skal.annotation import Budget, PricedOracle
from skal.cloning import fresh
from skal.data import RowBuffer, RowView, concatenate, n_rows, take
from skal.encoding import fit_labels
from skal.labels import learns_from_unlabeled, partly_labeled
from skal.learners import ActiveLearner
from skal.loop._buying import ByCost, ByCount, Purchase, Rows
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
    cost : float
        What all labels have cost so far; one each where nothing else is said.
    """

    number: int
    picked: NDArray[np.intp]
    labeled: NDArray[np.intp]
    fit_seconds: float
    query_seconds: float
    learner: ActiveLearner = field(repr=False)
    cost: float = 0.0


def rounds(
    estimator: Any,
    X: Any,
    oracle: Callable[[NDArray[np.intp]], Any] | PricedOracle,
    query_strategy: Callable[..., Any],
    initial: ArrayLike,
    n_instances: int | None,
    budget: int | Budget,
    random_state: int,
    candidates: ArrayLike | None = None,
    number: int = 0,
    n_rounds: int | None = None,
    spent: float = 0.0,
) -> Iterator[Round]:
    """Run an active learning loop.

    Parameters
    ----------
    estimator : estimator
        Copied fresh for every fit; seeded where it has no seed. One that learns from unlabelled rows too
        (`skal.labels.learns_from_unlabeled`) is fitted to all rows, with None for the labels that are not there.
    X : container of n rows
        All rows; never copied as a whole.
    oracle : callable or PricedOracle
        ``oracle(dataset_indices)`` gives their labels. It is asked for each row once. Of a budget of money it is a
        `skal.annotation.PricedOracle`, which is asked until the money is spent.
    query_strategy : callable or estimator
        Any query strategy, or an estimator with ``fit`` and ``query``.
    initial : array-like of int
        Dataset indices labelled first.
    n_instances : int or None
        Labels a round; the last round takes what is left. None: as many as the budget pays for.
    budget : int or Budget
        Labels in all, the initial ones counted; or money a round, the initial labels not counted.
    random_state : int
        Fits and queries of a round draw from it by the number of the round alone, so that two strategies
        share the randomness of training.
    candidates : array-like of int, default=None
        Dataset indices that may be asked for; None: all.
    number : int, default=0
        Of the first round: a loop that was stopped goes on with `initial` all its labels, in their order,
        and `number` its last round, which is fitted again. The picks are those of a loop that was not stopped.
    n_rounds : int, default=None
        Rounds after the initial labels; needed where the budget is one of money.
    spent : float, default=0.0
        Money that was spent in the rounds up to `number`.

    Yields
    ------
    Round
        After every fit; the first has the initial labels.
    """
    buyer = _buyer(oracle, n_instances, budget, n_rounds, spent)
    purchase = buyer.first(np.asarray(initial, dtype=np.intp))
    labeled, y_labeled, cost = purchase.picked, purchase.labels, purchase.cost
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
        yield Round(number, purchase.picked, labeled, fit_seconds, query_seconds, learner, cost)
        asking = _Asking(query_strategy, learner, fitted, X, remaining, query_seed)
        bought = buyer.buy(asking, number, len(labeled), len(remaining))
        if bought is None:
            return
        purchase, query_seconds = bought, asking.seconds
        if len(purchase.picked):
            labeled = np.concatenate([labeled, purchase.picked])
            X_labeled = buffer.extend(X_labeled, take(X, purchase.picked))
            y_labeled = concatenate(y_labeled, purchase.labels)
            remaining = np.setdiff1d(remaining, purchase.picked)
        cost += purchase.cost
        number += 1


@dataclass
class _Asking:
    """One round's questions to a strategy, and how long they took; more than one where money is left."""

    strategy: Any
    learner: ActiveLearner
    model: Any
    X: Any
    remaining: Rows
    seed: int
    seconds: float = 0.0

    def __call__(self, n: int, bought: Purchase | None) -> Rows:
        start = time.perf_counter()
        learner, rows, seed = self.learner, self.remaining, self.seed
        if bought is not None:
            rows = np.setdiff1d(rows, bought.picked)
            X_known = concatenate(learner.X_training, take(self.X, bought.picked))
            y_known = concatenate(learner.y_training, bought.labels)
            learner = ActiveLearner.fitted(self.model, X_known, y_known, self.strategy)
            seed = _seeds(seed, len(bought.picked))[1]
        positions, _ = select(self.strategy, learner, RowView(self.X, rows), n, random_state=seed)
        self.seconds += time.perf_counter() - start
        return np.asarray(rows[positions], dtype=np.intp)


def _buyer(
    oracle: Any, n_instances: int | None, budget: int | Budget, n_rounds: int | None, spent: float
) -> ByCount | ByCost:
    """Who buys labels: so many, or for so much money."""
    if isinstance(budget, Budget):
        if n_rounds is None:
            raise ValueError("rounds: n_rounds is needed where the budget is one of money, got None.")
        return ByCost(oracle, budget, n_rounds, spent)
    if n_instances is None:
        raise ValueError("rounds: n_instances is needed where the budget is a number of labels, got None.")
    return ByCount(oracle, n_instances, budget)


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
        return fit_labels(model, X_labeled, y_labeled)
    rows: Any = RowView(X, np.concatenate([labeled, remaining]))
    if isinstance(model, Pipeline):  # its steps read arrays and frames
        rows = take(rows, slice(None))
    return model.fit(rows, partly_labeled(y_labeled, len(remaining)))


def _seeds(random_state: int, number: int) -> tuple[int, int]:
    """One seed for the fit and one for the query of a round."""
    words = np.random.SeedSequence(random_state, spawn_key=(number,)).generate_state(2)
    return int(words[0]), int(words[1])
