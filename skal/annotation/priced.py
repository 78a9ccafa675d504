"""Labels that cost something: what one costs is known once it is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.annotation.budget import Budget

__all__ = ["PricedOracle", "UnknownPrice"]


class UnknownPrice(LookupError):
    """A price was asked for before the label was bought."""


class PricedOracle:
    """Sell the labels of an annotator, at a price that depends on the label.

    Parameters
    ----------
    oracle : callable
        ``oracle(dataset_indices)`` gives labels, such as `Oracle`.
    cost : callable
        ``cost(label)`` gives the price of one, such as `ClickCost`.

    Notes
    -----
    What it takes to draw the outlines in an image is not known before they are drawn. A strategy that ranked rows by
    their true price would know their labels, so prices of rows that nobody has bought are refused.

    Examples
    --------
    >>> from skal.annotation import Oracle
    >>> shop = PricedOracle(Oracle([3, 1, 5]), float)
    >>> labels, cost = shop.sell([2, 1])
    >>> labels.tolist(), cost, shop.price(1)
    ([5, 1], 6.0, 1.0)
    >>> shop.price(0)
    Traceback (most recent call last):
    ...
    skal.annotation.priced.UnknownPrice: PricedOracle: the price of row 0 is known once its label is bought.
    """

    def __init__(self, oracle: Callable[[NDArray[np.intp]], Any], cost: Callable[[Any], float]) -> None:
        self._oracle = oracle
        self._cost = cost
        self._prices: dict[int, float] = {}

    def sell(
        self, dataset_indices: ArrayLike, budget: Budget | None = None, carried: float = 0.0
    ) -> tuple[NDArray[Any], float]:
        """Sell labels of rows in their order, as long as the money of a round lasts.

        Parameters
        ----------
        dataset_indices : array-like of int of shape (m,)
            Rows, best first.
        budget : Budget, default=None
            Says where to stop; None: all are bought.
        carried : float, default=0.0
            What there is besides the money of one round; below zero where some of it is spent.

        Returns
        -------
        labels : ndarray of shape (n_paid, ...)
            Of the first so many rows.
        cost : float
            What they cost in all.
        """
        rows = np.asarray(dataset_indices, dtype=np.intp)
        labels = np.asarray(self._oracle(rows))
        seen: list[float] = []

        def prices() -> Iterator[float]:
            for label in labels:  # those behind the one that ends the round are not looked at
                seen.append(float(self._cost(label)))
                yield seen[-1]

        n_paid = len(list(prices())) if budget is None else budget.spend(prices(), carried).n_paid
        paid = seen[:n_paid]
        self._prices.update(zip(rows.tolist(), paid, strict=False))
        return labels[: len(paid)], math.fsum(paid)

    def price(self, dataset_index: int) -> float:
        """Return what the label of a row has cost.

        Raises
        ------
        UnknownPrice
            If it has not been bought.
        """
        if int(dataset_index) not in self._prices:
            raise UnknownPrice(
                f"PricedOracle: the price of row {int(dataset_index)} is known once its label is bought."
            )
        return self._prices[int(dataset_index)]
