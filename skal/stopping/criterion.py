"""The contract of a criterion: settings, what it reads, and a verdict that is a function of the rounds so far."""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from skal.stopping.observation import Observation, Verdict, checked_history

__all__ = ["Criterion"]

# What is missing where an attribute of a round is None, and how to have it.
_REMEDIES = {
    "predicted": "predictions of a stop set: the model needs predict",
    "confidence": "class probabilities of a stop set: the model needs predict_proba",
    "entropy": "class probabilities of a stop set: the model needs predict_proba",
    "score": "scores on rows that are not learned from: give audit rows (audit= of the loops)",
    "low": "an interval of the score: give audit rows (audit= of the loops)",
}


class Criterion(BaseEstimator, ABC):
    """When to stop: settings, and `verdict`, a pure function of the rounds so far.

    A criterion keeps nothing between calls: the same rounds give the same verdict, in any process, and a finished
    run can be replayed (`skal.stopping.stops_at`). One of your own derives from this, says in `reads` which
    attributes of `Observation` it needs, checks its settings in `check`, and judges in `judge`.

    Attributes
    ----------
    reads : tuple of str
        Attributes of `Observation` that every round must have; loops observe no others. (`asked_right` may be None: a
        first round has asked for nothing.)
    """

    reads: ClassVar[tuple[str, ...]] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """Attributes of `Observation` that this object reads: `reads`, or those of its parts."""
        return self.reads

    def verdict(self, history: Sequence[Observation]) -> Verdict:
        """Say whether to stop after the last of these rounds.

        Parameters
        ----------
        history : sequence of Observation
            All rounds so far, in their order.

        Returns
        -------
        Verdict
            Stop or go on, and why. Where too few rounds are known to judge, it is to go on.

        Raises
        ------
        ValueError
            If a setting is out of its range, the history has no round or is in disorder, or a round lacks what is
            read.
        """
        who = type(self).__name__
        self.check()
        rounds = checked_history(history, who)
        for name in self.needs:
            if name != "asked_right" and any(getattr(one, name) is None for one in rounds):
                raise ValueError(f"{who} reads {_REMEDIES.get(name, name)}; a round has none ({name} is None).")
        return self.judge(rounds)

    def check(self) -> None:
        """Raise ValueError if a setting is out of its range."""

    @abstractmethod
    def judge(self, rounds: list[Observation]) -> Verdict:
        """Return the verdict on rounds that were checked."""

    def __or__(self, other: Criterion) -> Criterion:
        """Stop as soon as one of the two does."""
        from skal.stopping.combined import AnyOf

        return AnyOf([self, other])

    def __and__(self, other: Criterion) -> Criterion:
        """Stop when both would stop in the same round."""
        from skal.stopping.combined import AllOf

        return AllOf([self, other])

    @staticmethod
    def _values(rounds: list[Observation], name: str) -> NDArray[np.float64]:
        """One number of each round."""
        return np.asarray([getattr(one, name) for one in rounds], dtype=np.float64)

    def _whole(self, name: str, least: int = 1) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
            raise ValueError(f"{type(self).__name__}: {name} must be a whole number >= {least}, got {value!r}.")

    def _number(self, name: str, least: float = -math.inf, most: float = math.inf, *, above: bool = False) -> None:
        value: Any = getattr(self, name)
        real = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
        if not real or not least <= value <= most or (above and value == least):
            ends = [f"{'>' if above else '>='} {least:g}"] if math.isfinite(least) else []
            ends += [f"<= {most:g}"] if math.isfinite(most) else []
            raise ValueError(
                f"{type(self).__name__}: {name} must be a finite number {' and '.join(ends)}".rstrip()
                + f", got {value!r}."
            )
