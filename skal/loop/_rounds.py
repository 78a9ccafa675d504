"""The loop over rows: for a number of labels, or for money."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.annotation import Budget, PricedOracle
from skal.data import RowBuffer, concatenate, n_rows, take
from skal.learners import ActiveLearner
from skal.loop._buying import ByCost, ByCount, Purchase
from skal.loop._renamed import renamed
from skal.loop._round import Bought, Round, play
from skal.loop._steps import Labels, Rows, ask_round, asked, seeds_of
from skal.loop._watched import watched
from skal.stopping import AuditRows, Criterion
from skal.warning import warn


@renamed(initial="initial_rows")
def rounds(
    estimator: Any,
    X: Any,
    oracle: Callable[[NDArray[np.intp]], Any] | PricedOracle,
    query_strategy: str | Callable[..., Any],
    initial_rows: ArrayLike,
    n_instances: int | None = None,
    n_labels: int | None = None,
    random_state: int = 0,
    candidates: ArrayLike | None = None,
    number: int = 0,
    n_rounds: int | None = None,
    spent: float = 0.0,
    *,
    budget: Budget | None = None,
    fit_params: Mapping[str, Any] | None = None,
    stop: str | Mapping[str, Any] | Criterion | None = None,
    audit: tuple[Any, Any] | AuditRows | None = None,
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
        ``oracle(dataset_indices)`` gives their labels. It is asked for each row once. With a budget it is a
        `skal.annotation.PricedOracle`, which is asked until the money is spent.
    query_strategy : str, callable or estimator
        Any query strategy, its name (``"core_set:metric=cosine"``), or an estimator with ``fit`` and ``query``.
    initial_rows : array-like of int
        Dataset indices labelled first.
    n_instances : int, default=None
        Labels per round; the last round takes what is left. Needed with `n_labels`.
    n_labels : int, default=None
        Labels in all, the initial ones counted. Either this or `budget` is needed.
    random_state : int, default=0
        Fits and queries of a round draw from it by the number of the round alone, so that two strategies
        share the randomness of training.
    candidates : array-like of int, default=None
        Dataset indices that may be asked for; None: all.
    number : int, default=0
        Of the first round: a loop that was stopped goes on with `initial_rows` all its labels, in their order,
        and `number` its last round, which is fitted again. The picks are those of a loop that was not stopped.
    n_rounds : int, default=None
        Rounds after the initial labels; needed with `budget`.
    spent : float, default=0.0
        Money that was spent in the rounds up to `number`.
    budget : Budget, default=None
        Money per round, the initial labels not counted.
    fit_params : dict, default=None
        Passed to every fit of the estimator, such as ``{"sample_weight": weights}``. What has an entry for each row
        of `X` is cut to the rows of the fit.
    stop : str, dict or Criterion, default=None
        When to stop before the labels or the money are spent: a criterion of `skal.stopping`, or its name, such as
        "kappa" or "target:target=0.9". It reads predictions of at most 2000 rows drawn of the candidates, and is
        asked after every round; each round has what it said, and one that says stop is the last. Of a loop that goes
        on it sees the rounds from `number` on.
    audit : tuple (X_audit, y_audit) or AuditRows, default=None
        Random rows with labels, none of them among `candidates`, on which each model is measured: for criteria that
        read a score.

    Yields
    ------
    Round
        After every fit; the first has the initial labels.

    Raises
    ------
    ValueError
        If neither or both of `n_labels` and `budget` are given, or what goes with one of them is missing.
    """
    n_labels, budget = _labels_or_money(n_labels, budget)
    if budget is not None:
        if n_rounds is None:
            raise ValueError("rounds: n_rounds is needed where the budget is one of money, got None.")
        buyer: ByCount | ByCost = ByCost(oracle, budget, n_rounds, spent)  # type: ignore[arg-type]
    elif n_instances is None or n_labels is None:
        raise ValueError("rounds: n_instances is needed where the budget is a number of labels, got None.")
    else:
        buyer = ByCount(oracle, n_instances, n_labels)
    rows = np.asarray(initial_rows, dtype=np.intp)
    available = np.arange(n_rows(X)) if candidates is None else np.asarray(candidates, dtype=np.intp)
    units = _RowUnits(X, buyer, query_strategy, rows, available, random_state, number)
    played = play(units, estimator, X, random_state, fit_params)
    if stop is None and audit is None:
        return played
    return watched(played, X, available, random_state, stop, audit)


def _labels_or_money(n_labels: Any, budget: Any) -> tuple[int | None, Budget | None]:
    """Sort out the two ways to say when a loop ends; both were called `budget` before."""
    if isinstance(n_labels, Budget) or (budget is not None and not isinstance(budget, Budget)):
        warn("rounds: pass a number of labels as n_labels=, and a Budget as budget=.", FutureWarning)
        n_labels, budget = budget, n_labels
    if (n_labels is None) == (budget is None):
        raise ValueError(
            "rounds: say either how many labels there are in all, n_labels=, or what a round may cost, budget=; "
            f"got {'neither' if budget is None else 'both'}."
        )
    return n_labels, budget


class _RowUnits:
    """Rows as the units of a loop: what is labelled, and what remains."""

    fits_unchanged = True

    def __init__(
        self,
        X: Any,
        buyer: ByCount | ByCost,
        query_strategy: Any,
        initial_rows: Rows,
        available: Rows,
        random_state: int,
        number: int,
    ) -> None:
        self.query_strategy = query_strategy
        self.number = self.fitted_in = number
        self._X = X
        self._buyer = buyer
        self._initial_rows = initial_rows
        self._remaining = np.setdiff1d(available, initial_rows)
        self._random_state = random_state
        self._buffer = RowBuffer()
        self._cost = 0.0

    def begin(self) -> Bought:
        purchase = self._buyer.first(self._initial_rows)
        self._labels = Labels(take(self._X, purchase.picked), purchase.picked, purchase.labels)
        self._cost = purchase.cost
        return self._bought(purchase, self.number, 0.0)

    def known(self) -> tuple[Labels, Rows]:
        return self._labels, self._remaining

    def buy(self, learner: ActiveLearner, number: int) -> Bought | None:
        asking = _Asking(learner, self._X, self._remaining, self._random_state, number)
        purchase = self._buyer.buy(asking, number, len(self._labels.rows), len(self._remaining))
        if purchase is None:
            return None
        if len(purchase.picked):
            X, rows, y = self._labels
            self._labels = Labels(
                self._buffer.extend(X, take(self._X, purchase.picked)),
                np.concatenate([rows, purchase.picked]),
                concatenate(y, purchase.labels),
            )
            self._remaining = np.setdiff1d(self._remaining, purchase.picked)
        self._cost += purchase.cost
        return self._bought(purchase, number + 1, asking.seconds)

    def _bought(self, purchase: Purchase, number: int, seconds: float) -> Bought:
        return Bought(purchase.picked, purchase.cost, self._cost, self._buyer.left(number), seconds)


@dataclass
class _Asking:
    """One round's questions to a strategy, and how long they took; more than one where money is left."""

    learner: ActiveLearner
    X: Any
    remaining: Rows
    random_state: int
    number: int
    seconds: float = 0.0

    def __call__(self, n: int, bought: Purchase | None) -> Rows:
        start = time.perf_counter()
        if bought is None:
            rows, _ = ask_round(self.learner, self.X, self.remaining, n, self.random_state, self.number)
        else:
            rows, _ = self._ask_again(n, bought)
        self.seconds += time.perf_counter() - start
        return rows

    def _ask_again(self, n: int, bought: Purchase) -> tuple[Rows, NDArray[Any]]:
        """Ask the same model once more, which is told what was bought since."""
        known = self.learner
        X_known = concatenate(known.X_training, take(self.X, bought.picked))
        y_known = concatenate(known.y_training, bought.labels)
        learner = ActiveLearner.fitted(known.estimator, X_known, y_known, known.query_strategy)
        learner.query_memory.update(known.query_memory)
        seed = seeds_of(seeds_of(self.random_state, self.number)[1], len(bought.picked))[1]
        found = asked(learner, self.X, np.setdiff1d(self.remaining, bought.picked), n, seed)
        known.query_memory.update(learner.query_memory)
        return found
