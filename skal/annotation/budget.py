"""Money for labels: how many of the ranked picks a round pays for."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Budget", "Spending"]

Policy = Literal["stop_before", "overshoot"]
_POLICIES = ("stop_before", "overshoot")


@dataclass(frozen=True)
class Spending:
    """What a round has paid.

    Attributes
    ----------
    n_paid : int
        The first so many of the ranked picks are labelled.
    spent : float
        What they cost.
    left : float
        What the next round has more; below zero after an overshoot, which the next round pays.
    stopped : bool
        Whether the money ended the round: False if all picks were paid and more might have been.
    """

    n_paid: int
    spent: float
    left: float
    stopped: bool


@dataclass(frozen=True)
class Budget:
    """The same money every round, spent down the ranking of a query.

    Parameters
    ----------
    per_round : float
        Money of a round, in the unit of the cost: clicks, images, pixels of boundary.
    policy : {"stop_before", "overshoot"}, default="stop_before"
        The end of a round. "stop_before": at the first pick that is dearer than what is left. It is never skipped
        for a cheaper one, which would favour cheap images. "overshoot": that one is paid too, and the round
        ends; what it was over is taken from the next round.

    Raises
    ------
    ValueError
        If `per_round` is no finite number above 0, or there is no such policy.

    Notes
    -----
    What is not spent is carried over, and so is what was spent too much, so that after k rounds the sum is within one
    pick of ``k * per_round`` under either policy, for every strategy: from below, or from above. With "stop_before" a
    round may pay for nothing; the money adds up until the first pick can be paid.

    `spend` looks at prices in the order of the picks and at none after the one that ends the round. So they may come
    from a generator that labels as it goes: a price is known when a mask is, and no strategy, which is called before,
    can see it.

    Examples
    --------
    >>> budget = Budget(10)
    >>> budget.spend([4, 5, 3, 1])
    Spending(n_paid=2, spent=9.0, left=1.0, stopped=True)
    >>> budget.spend([3, 1], carried=1.0)
    Spending(n_paid=2, spent=4.0, left=7.0, stopped=False)
    >>> Budget(10, "overshoot").spend([4, 5, 3, 1])
    Spending(n_paid=3, spent=12.0, left=-2.0, stopped=True)
    """

    per_round: float
    policy: Policy = "stop_before"

    def __post_init__(self) -> None:
        if not _is_number(self.per_round) or not 0 < float(self.per_round) < math.inf:
            raise ValueError(f"Budget: per_round must be a finite number > 0, got {self.per_round!r}.")
        if self.policy not in _POLICIES:
            raise ValueError(f"Budget: policy must be one of {_POLICIES}, got {self.policy!r}.")

    def spend(self, costs: Iterable[float], carried: float = 0.0) -> Spending:
        """Return how many of the picks are paid.

        Parameters
        ----------
        costs : iterable of float
            Prices of the picks, best first, read one by one until the money ends the round.
        carried : float, default=0.0
            ``left`` of the round before.

        Returns
        -------
        Spending

        Raises
        ------
        ValueError
            If a price is no finite number >= 0.

        Notes
        -----
        A pure function of its arguments. A price of exactly what is left is paid under either policy.
        """
        if not _is_number(carried) or not math.isfinite(carried):
            raise ValueError(f"Budget: carried must be a finite number, got {carried!r}.")
        available = float(self.per_round) + float(carried)
        n_paid, spent, stopped = 0, 0.0, available <= 0
        if not stopped:
            for cost in costs:
                price = _checked_price(cost, n_paid)
                if self.policy == "stop_before" and spent + price > available:
                    stopped = True
                    break
                n_paid, spent = n_paid + 1, spent + price
                if self.policy == "overshoot" and spent >= available:
                    stopped = True
                    break
        return Spending(n_paid, spent, available - spent, stopped)


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _checked_price(cost: Any, position: int) -> float:
    if not _is_number(cost) or not 0 <= float(cost) < math.inf:
        raise ValueError(f"Budget: the price of pick {position} must be a finite number >= 0, got {cost!r}.")
    return float(cost)
