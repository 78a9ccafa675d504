"""The contract of a criterion: settings, what it reads, a verdict on the rounds so far; and several as one."""

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

__all__ = ["AllOf", "AnyOf", "Criterion"]

# What is missing where an attribute of a round is None, and how to have it.
_REMEDIES = {
    "predicted": "predictions of a stop set: the model needs predict",
    "confidence": "class probabilities of a stop set: the model needs predict_proba",
    "entropy": "class probabilities of a stop set: the model needs predict_proba",
    "score": "scores on rows that are not learned from: give audit rows (audit= of the loops)",
    "recall_low": "the share that a search has found: labelling projects with --find know its interval",
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
        return AnyOf([self, other])

    def __and__(self, other: Criterion) -> Criterion:
        """Stop when both would stop in the same round."""
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


class _Several(Criterion):
    def __init__(self, criteria: Sequence[Criterion]) -> None:
        self.criteria = criteria

    @property
    def needs(self) -> tuple[str, ...]:
        """What the parts read."""
        return tuple(dict.fromkeys(name for one in self.criteria for name in one.needs))

    def check(self) -> None:
        """Raise if there is no part, or one that is no criterion."""
        parts = self.criteria
        if isinstance(parts, (str, Criterion)) or not isinstance(parts, Sequence) or not len(parts):
            raise ValueError(
                f"{type(self).__name__}: criteria must be a list of at least one criterion, got {parts!r}."
            )
        for one in parts:
            if not isinstance(one, Criterion):
                raise ValueError(
                    f"{type(self).__name__}: criteria must be skal.stopping criteria, got {one!r}. Texts are read by "
                    "skal.stopping.read_stop."
                )
            one.check()


class AnyOf(_Several):
    """Stop as soon as one of several criteria does: ``one | other``.

    Parameters
    ----------
    criteria : list of Criterion
        At least one.

    Examples
    --------
    >>> from skal.stopping import LabelBudget, Observation, TargetReached
    >>> either = TargetReached(0.9) | LabelBudget(100)
    >>> bool(either.verdict([Observation(120, score=0.8, low=0.7, high=0.9)]))
    True
    """

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Give the first part that stops; else what the first one says."""
        said = [one.judge(rounds) for one in self.criteria]
        first = next((one for one in said if one.stop), None)
        if first is not None:
            return first
        return Verdict(False, " ".join(one.reason for one in said), said[0].value)


class AllOf(_Several):
    """Stop when several criteria would all stop after the same round: ``one & other``.

    Parameters
    ----------
    criteria : list of Criterion
        At least one.

    Examples
    --------
    >>> from skal.stopping import LabelBudget, Observation, TargetReached
    >>> both = TargetReached(0.9) & LabelBudget(100)
    >>> bool(both.verdict([Observation(120, score=0.8, low=0.7, high=0.9)]))
    False
    """

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Give the parts that go on, or all reasons to stop."""
        said = [one.judge(rounds) for one in self.criteria]
        open_ = [one for one in said if not one.stop]
        told = open_ or said
        return Verdict(not open_, " ".join(one.reason for one in told), told[0].value)
