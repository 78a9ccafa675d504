"""Several criteria as one: any of them, or all."""

from __future__ import annotations

from collections.abc import Sequence

from skal.stopping.criterion import Criterion
from skal.stopping.observation import Observation, Verdict

__all__ = ["AllOf", "AnyOf"]


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
