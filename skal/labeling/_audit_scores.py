"""Guesses and answers as numbers from 0 to 1, and intervals for their means over the rows that nobody chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling._answers import Answers
from skal.labeling._audit_rows import AuditSample
from skal.labeling.kinds import AnswerKind
from skal.statistics import PoolInterval, anytime_interval, stratified_interval
from skal.stopping import audit_interval, level_of_look

OF_A_MODEL = 0.975  # level of the intervals of one model: half of the 5 % is kept for the change of models
EXACT = {"class": "accuracy", "labels": "exact sets"}  # kinds whose guesses are right or wrong


@dataclass(frozen=True)
class AuditScores:
    """What one model's guesses for the audit rows are worth.

    Attributes
    ----------
    values : ndarray of shape (n,)
        In [0, 1]: 1 where a class or a set of labels is right, the overlap of masks, or the square of an error as a
        share of the square of `largest`.
    usable : ndarray of shape (n,)
        1 where a label holds, else 0.
    is_right_or_wrong : bool
        Whether values are 0 or 1.
    largest : float or None
        Of numbers: errors above it count as this.
    sample : AuditSample
        Whose rows these are.
    """

    values: NDArray[np.float64]
    usable: NDArray[np.float64]
    is_right_or_wrong: bool
    largest: float | None
    sample: AuditSample

    @classmethod
    def of(
        cls,
        kind: AnswerKind,
        guesses: Sequence[str],
        labels: Sequence[str | None],
        largest: float | None,
        sample: AuditSample,
    ) -> AuditScores:
        """Score guesses; without a label a guess is scored as right, and does not count."""
        perfect = 0.0 if kind.name == "number" else 1.0
        pairs = zip(guesses, labels, strict=True)
        right = np.array([perfect if label is None else kind.right(guess, label) for guess, label in pairs])
        usable = np.array([label is not None for label in labels], dtype=float)
        exact = kind.name in EXACT
        values = (right == 1.0).astype(float) if exact else right
        if largest is not None:
            values = np.minimum(right / largest, 1.0) ** 2
        return cls(values, usable, exact, largest, sample)

    @property
    def mean(self) -> float:
        """Of the values of the rows that count; NaN where none does."""
        total = float(self.usable.sum())
        return float(self.usable @ self.values) / total if total else float("nan")

    def as_error(self, square: float) -> float:
        """Return the root mean square error, in the unit of the numbers, of a mean of values."""
        return float((self.largest or 1.0) * square**0.5)

    def anytime(self, level: float = OF_A_MODEL, **guessed: Any) -> PoolInterval:
        """Interval for the mean, valid at any number of audit rows, for one model."""
        if self.sample.n_strata > 1:
            return stratified_interval(
                self.values, self.sample.strata, self.sample.sizes, usable=self.usable, level=level
            )
        size = len(self.sample.population)
        return anytime_interval(self.values, size, weights=self.usable, level=level, **guessed)

    def at_look(self, look: int) -> PoolInterval:
        """Interval for the mean that holds together with those of all other looks, whatever models they are about."""
        n, size = len(self.values), len(self.sample.population)
        if not (self.is_right_or_wrong and self.usable.all() and self.sample.n_strata == 1):
            return self.anytime(level_of_look(look))
        low, high = audit_interval(int(self.values.sum()), n, look, population=size)
        return PoolInterval(self.mean, low, high, n, size, level_of_look(look))

    def rise(self, before: AuditScores, known: NDArray[np.float64]) -> PoolInterval:
        """Interval for the mean of the differences from an earlier model's values on the same rows, from -1 to 1.

        Parameters
        ----------
        before : AuditScores
            Of the earlier model.
        known : ndarray of shape (n,)
            1 where the earlier model has guessed the row, else 0.
        """
        n = int(np.flatnonzero(known).max()) + 1  # rows further on in the order than it has guessed are cut off
        differences = (self.values[:n] - before.values[:n] + 1) / 2
        sample = replace(self.sample, rows=self.sample.rows[:n], strata=self.sample.strata[:n])
        one = AuditScores(differences, self.usable[:n] * known[:n], False, None, sample).anytime()
        return replace(one, estimate=2 * one.estimate - 1, low=2 * one.low - 1, high=2 * one.high - 1)


def spread(answers: Answers, kind: AnswerKind) -> float | None:
    """Of numbers the distance between the least and the largest that was learned from, or that may be answered."""
    if kind.name != "number":
        return None
    if kind.settings.range:
        low, high = kind.settings.range
        return float(high - low)
    numbers = [float(label) for label in answers.learned().values()]
    return (max(numbers) - min(numbers)) or 1.0
