"""One engine for every loop: fit, ask, label, again, whatever a unit of labelling is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skal.data import take
from skal.learners import ActiveLearner
from skal.loop._steps import Labels, Rows, fit_round
from skal.stopping import Observation, Verdict


@dataclass(frozen=True)
class Round:
    """One round of a loop over rows or over regions of images, after its fit.

    Attributes
    ----------
    number : int
        0 for the initial labels.
    picked : ndarray of intp of shape (m,) or (m, 2)
        Units labelled in this round, best first: rows, or image and region. A loop over regions starts with whole
        images, so that its first round has no pairs.
    labeled : ndarray of intp
        Rows that have a label, or a part of one, in the order in which their first labels came.
    fit_seconds, query_seconds : float
        Wall time of the fit, and of the query that led to it.
    learner : ActiveLearner
        Fitted to the labels, which it holds as ``X_training`` and ``y_training`` in the order of `labeled`.
    cost : float
        What all labels have cost so far; one per row if nothing else is said.
    spent : float
        What the labels of this round have cost.
    left : float
        Money that the next round has beyond its own; below zero after an overshoot.
    observation : Observation or None
        What a criterion to stop reads of this round, if the loop has one.
    verdict : Verdict or None
        What it says after this round.
    """

    number: int
    picked: NDArray[np.intp]
    labeled: NDArray[np.intp]
    fit_seconds: float
    query_seconds: float
    learner: ActiveLearner = field(repr=False)
    cost: float = 0.0
    spent: float = 0.0
    left: float = 0.0
    observation: Observation | None = field(default=None, repr=False)
    verdict: Verdict | None = field(default=None, repr=False)

    @property
    def total(self) -> float:
        """What all labels have cost so far: `cost`, as rounds over regions called it."""
        return self.cost

    @property
    def n_labels(self) -> int:
        """Rows that have a label, or a part of one."""
        return len(self.labeled)

    @property
    def rows(self) -> NDArray[np.intp]:
        """Rows of which something was labelled in this round: the picks themselves, or the images of the regions."""
        if self.picked.ndim == 1:
            return self.picked
        return self.labeled if self.number == 0 else self.labeled[np.isin(self.labeled, self.picked[:, 0])]

    def known(self) -> tuple[Any, list[Any]]:
        """Return the rows of this round, in the order of `labeled`, and what is known of their labels."""
        here = np.flatnonzero(np.isin(self.labeled, self.rows))
        y: Any = self.learner.y_training
        return take(self.learner.X_training, here), [y[place] for place in here]


class Bought(NamedTuple):
    """What a round has bought: units, their price, the bill so far, what is left, and how long the query took."""

    picked: NDArray[np.intp]
    spent: float
    cost: float
    left: float = 0.0
    query_seconds: float = 0.0


class Units(Protocol):
    """What is labelled, one unit at a time: `skal.loop` has rows, and regions of images.

    Attributes
    ----------
    query_strategy : callable or estimator
        Of the learners.
    number : int
        Of the round that the labels of `begin` end; above 0 if a loop goes on.
    fitted_in : int
        Of the round whose seed the first fit takes: an earlier one than `number` if rounds since bought nothing.
    fits_unchanged : bool
        Whether a round that has bought nothing is fitted again, with its own seed.
    """

    query_strategy: Any
    number: int
    fitted_in: int
    fits_unchanged: bool

    def begin(self) -> Bought:
        """Buy the initial labels, and those of the rounds that were run before."""

    def known(self) -> tuple[Labels, Rows]:
        """Return the labels, and the rows without one."""

    def buy(self, learner: ActiveLearner, number: int) -> Bought | None:
        """Ask the learner of a round, and buy what the next one learns from; None if the loop ends."""


def play(
    units: Units, estimator: Any, X: Any, random_state: int, fit_params: Mapping[str, Any] | None = None
) -> Iterator[Round]:
    """Run a loop: the one engine behind `rounds` and `region_rounds`."""
    bought: Bought | None = units.begin()
    number, learner = units.number, None
    labeled = np.empty(0, dtype=np.intp)
    while bought is not None:
        start = time.perf_counter()
        if learner is None or units.fits_unchanged or len(bought.picked):
            labels, remaining = units.known()
            seeded_by = units.fitted_in if learner is None else number
            before = learner
            learner = fit_round(
                estimator, X, labels, remaining, units.query_strategy, random_state, seeded_by, fit_params
            )
            if before is not None:
                learner.query_memory.update(before.query_memory)
            labeled = labels.rows
        seconds = time.perf_counter() - start
        yield Round(
            number=number,
            picked=bought.picked,
            labeled=labeled,
            fit_seconds=seconds,
            query_seconds=bought.query_seconds,
            learner=learner,
            cost=bought.cost,
            spent=bought.spent,
            left=bought.left,
        )
        bought = units.buy(learner, number)
        number += 1
