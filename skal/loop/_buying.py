"""How the labels of a round are bought: so many of them, or for so much money."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skal.annotation import Budget, PricedOracle
from skal.data import concatenate

Rows = NDArray[np.intp]


class Purchase(NamedTuple):
    """Rows that were paid, best first, their labels, and what they cost in all."""

    picked: Rows
    labels: Any
    cost: float


# ask(n, bought): dataset indices of n more rows, best first, chosen with what was bought before among the labels.
Ask = Callable[[int, Purchase | None], Rows]


@dataclass(frozen=True)
class ByCount:
    """So many labels per round, up to so many in all; each costs one, unless it is sold at a price."""

    oracle: Callable[[Rows], Any] | PricedOracle
    n_instances: int
    n_labels: int

    def first(self, rows: Rows) -> Purchase:
        """Buy the initial labels; where a loop goes on, all labels that it had."""
        if isinstance(self.oracle, PricedOracle):
            return Purchase(rows, *self.oracle.sell(rows))
        return Purchase(rows, np.asarray(self.oracle(rows)), float(len(rows)))

    def buy(self, ask: Ask, number: int, n_labeled: int, n_remaining: int) -> Purchase | None:
        """Buy labels after the fit of a round; None where the loop ends."""
        n = min(self.n_instances, self.n_labels - n_labeled, n_remaining)
        return self.first(ask(n, None)) if n > 0 else None

    def left(self, number: int) -> float:
        """Return the money that is left after a round: labels are counted, so there is none."""
        return 0.0


class ByCost:
    """As many labels a round as a budget pays for; a label has a price once it is given, and not before.

    Parameters
    ----------
    oracle : PricedOracle
        Gives labels and says what they cost.
    budget : Budget
        Money a round, and what is done where it does not pay for the next label. What is left over is kept for the
        next round.
    n_rounds : int
        Rounds after the initial labels, which are paid from elsewhere.
    spent : float, default=0.0
        What was paid in the rounds before, where a loop goes on.

    Notes
    -----
    A strategy is asked for as many rows as the mean price so far lets expect. Where they cost less it is asked again,
    of the same model, with the new rows among the labelled ones.
    """

    def __init__(self, oracle: PricedOracle, budget: Budget, n_rounds: int, spent: float = 0.0) -> None:
        self.oracle = oracle
        self.budget = budget
        self.n_rounds = n_rounds
        self._spent = spent
        self._n_priced, self._prices = 0, 0.0

    def first(self, rows: Rows) -> Purchase:
        """Buy the initial labels; where a loop goes on, all labels that it had."""
        return self._paid(Purchase(rows, *self.oracle.sell(rows)))

    def buy(self, ask: Ask, number: int, n_labeled: int, n_remaining: int) -> Purchase | None:
        """Buy labels after the fit of a round; None where the loop ends."""
        if number >= self.n_rounds:
            return None
        allowed = self.budget.per_round * (number + 1) - self._spent
        bought: Purchase | None = None
        while n_remaining and allowed > 0:
            n = min(self._expected(allowed), n_remaining)
            asked = ask(n, bought)
            labels, cost = self.oracle.sell(asked, self.budget, allowed - self.budget.per_round)
            if len(labels):
                bought = _joined(bought, self._paid(Purchase(asked[: len(labels)], labels, cost)))
            if len(labels) < n:
                break
            allowed, n_remaining = allowed - cost, n_remaining - n
        if bought is None:
            bought = Purchase(np.empty(0, dtype=np.intp), np.empty(0), 0.0)
        self._spent += bought.cost
        return bought

    def left(self, number: int) -> float:
        """Return the money that is left after a round."""
        return self.budget.per_round * number - self._spent

    def _paid(self, purchase: Purchase) -> Purchase:
        self._n_priced += len(purchase.picked)
        self._prices += purchase.cost
        return purchase

    def _expected(self, money: float) -> int:
        """Labels that so much money pays for, at the mean price so far."""
        return max(1, math.ceil(money * self._n_priced / self._prices)) if self._prices > 0 else 1


def _joined(first: Purchase | None, second: Purchase) -> Purchase:
    if first is None:
        return second
    return Purchase(
        np.concatenate([first.picked, second.picked]),
        concatenate(first.labels, second.labels),
        first.cost + second.cost,
    )
