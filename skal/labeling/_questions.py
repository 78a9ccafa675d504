"""A batch of questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from skal.labeling._events import Event


@dataclass(frozen=True, eq=False)
class Questions:
    """Rows to label, in the order of asking.

    Attributes
    ----------
    ids : list of str
        Of the rows.
    rows : DataFrame
        Their columns as text, or their file names; the column of the labels is empty.
    why : list of str
        For each row what spoke for it.
    events : list of Event
        The questions as they are kept.
    notes : list of str
        What was decided while choosing.
    """

    ids: list[str]
    rows: Any
    why: list[str]
    events: list[Event] = field(repr=False, default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    @property
    def batch(self) -> int:
        """Number of the batch."""
        return int(self.events[0].batch or 0)


def why_in_words(event: Event) -> str:
    """Say why a row was asked, without the model's guess, which would bias the answer."""
    why = event.why or {}
    by = why.get("by", "")
    words = {
        "typical": "typical of many rows: there was no model yet",
        "random": "drawn at random",
        "audit": "drawn at random",
        "conflict": "annotators disagree",
        "overlap": "somebody else answers it too",
        "person": "asked by a person",
        "check": "asked again, to check the earlier label",
    }
    if by in words:
        return words[by]
    score = "" if why.get("score") is None else f", score {why['score']:.4g}"
    number = "" if event.round is None else f", round {event.round}"
    reason = f": {why['reason']}" if why.get("reason") else ""
    return f"{why.get('strategy', 'strategy')}{score}{number}{reason}"


def joined(parts: Sequence[str]) -> str:
    """Sentences as one text."""
    return " ".join(part for part in parts if part)
