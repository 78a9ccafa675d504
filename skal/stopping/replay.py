"""Where a criterion would have stopped a run that went on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from skal.stopping.criterion import Criterion
from skal.stopping.observation import Observation, Verdict, checked_history

__all__ = ["Stop", "stops_at"]


class Stop(NamedTuple):
    """Where a criterion stopped.

    Attributes
    ----------
    position : int
        Of the round in the history, counted from 0.
    verdict : Verdict
        What it said.
    """

    position: int
    verdict: Verdict


def stops_at(criterion: Criterion, history: Sequence[Observation]) -> Stop | None:
    """Return the first round after which a criterion stops; None if it never does.

    Parameters
    ----------
    criterion : Criterion
        It is shown each round with those before it, and none after it.
    history : sequence of Observation
        All rounds of the run.

    Returns
    -------
    Stop or None

    Examples
    --------
    >>> from skal.stopping import LabelBudget, Observation
    >>> stops_at(LabelBudget(50), [Observation(n) for n in (20, 40, 60, 80)]).position
    2
    """
    rounds = checked_history(history, "stops_at")
    for position in range(len(rounds)):
        verdict = criterion.verdict(rounds[: position + 1])
        if verdict.stop:
            return Stop(position, verdict)
    return None
