"""The present state of a project, read from its events: who was asked what, who answered what, what holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from skal.labeling._events import ANSWERS, ASK, DELIVER, NOTE, UNDO, Event


@dataclass(frozen=True)
class Verdict:
    """What holds of a row that has labels.

    Attributes
    ----------
    label : str or None
        The label that most annotators gave; None in a conflict.
    votes : dict of str to str
        Present label by annotator.
    """

    label: str | None
    votes: dict[str, str]

    @property
    def is_conflict(self) -> bool:
        """Whether no label has more votes than any other."""
        return self.label is None


@dataclass
class Answers:
    """Events, read in their order.

    Attributes
    ----------
    by_row : dict of str to dict of str to Event
        The present answer of each annotator (label, correction, skip or import), by row.
    asked : dict of str to list of Event
        Questions, by row.
    delivered : set of int
        Batches that were handed out.
    notes : dict of str to list of str
        Remarks, by row.
    last : int
        ``seq`` of the last event.
    """

    by_row: dict[str, dict[str, Event]] = field(default_factory=dict)
    asked: dict[str, list[Event]] = field(default_factory=dict)
    delivered: set[int] = field(default_factory=set)
    notes: dict[str, list[str]] = field(default_factory=dict)
    last: int = 0
    _first: dict[str, int] = field(default_factory=dict)
    _given: dict[str, list[Event]] = field(default_factory=dict)  # by annotator, in order, what is not undone

    @classmethod
    def of(cls, events: Iterable[Event]) -> Answers:
        """Read events."""
        events = list(events)
        undone = {event.undoes for event in events if event.kind == UNDO}
        found = cls()
        for event in events:
            found.last = max(found.last, event.seq)
            if event.kind == ASK:
                found.asked.setdefault(str(event.row), []).append(event)
                found._first.setdefault(str(event.row), event.seq)
            elif event.kind == DELIVER and event.batch is not None:
                found.delivered.add(event.batch)
            elif event.kind == NOTE:
                found.notes.setdefault(str(event.row), []).append(event.note or "")
            elif event.kind in ANSWERS and event.seq not in undone:
                found.by_row.setdefault(str(event.row), {})[event.annotator] = event
                found._first.setdefault(str(event.row), event.seq)
                found._given.setdefault(event.annotator, []).append(event)
        return found

    def verdict(self, row: str) -> Verdict | None:
        """Return what holds of a row; None if nobody gave a label."""
        votes = {who: event.label for who, event in self.by_row.get(row, {}).items() if event.label is not None}
        if not votes:
            return None
        first, *others = Counter(votes.values()).most_common(2)
        return Verdict(None if others and others[0][1] == first[1] else first[0], votes)

    def labeled(self) -> dict[str, str]:
        """Return the rows whose label holds, in the order in which they were first asked for or answered."""
        found = {row: verdict.label for row in self._in_order() if (verdict := self.verdict(row)) is not None}
        return {row: label for row, label in found.items() if label is not None}

    def conflicts(self) -> dict[str, Verdict]:
        """Return the rows on which annotators disagree without a majority."""
        found = {row: self.verdict(row) for row in self._in_order()}
        return {row: verdict for row, verdict in found.items() if verdict is not None and verdict.is_conflict}

    def answered_by(self, annotator: str) -> set[str]:
        """Return the rows that an annotator labelled or skipped."""
        return {row for row, answers in self.by_row.items() if annotator in answers}

    def skipped(self) -> dict[str, list[str]]:
        """Return the rows without a label that somebody skipped, and who did."""
        found = {}
        for row, answers in self.by_row.items():
            if all(event.label is None for event in answers.values()):
                found[row] = list(answers)
        return found

    def open(self) -> dict[str, Event]:
        """Return the questions that wait for an answer, by row; of several the latest."""
        return {row: waiting[-1] for row in self.asked if (waiting := self._waiting(row))}

    def _waiting(self, row: str) -> list[Event]:
        answers = self.by_row.get(row, {})
        if answers:
            # A question to nobody in particular is answered by anybody, once it has been asked.
            latest = max(event.seq for event in answers.values())
            return [
                ask
                for ask in self.asked[row]
                if (ask.annotator not in answers if ask.annotator else ask.seq > latest)
            ]
        return self.asked[row]

    def last_of(self, annotator: str) -> Event | None:
        """Return the last answer of an annotator that is not undone."""
        given = self._given.get(annotator)
        return given[-1] if given else None

    @property
    def n_batches(self) -> int:
        """Number of the last batch of questions."""
        return max((ask.batch or 0 for asks in self.asked.values() for ask in asks), default=0)

    @property
    def n_rounds(self) -> int:
        """Rounds in which a model has chosen rows."""
        return max(
            (ask.round + 1 for asks in self.asked.values() for ask in asks if ask.round is not None), default=0
        )

    def undelivered(self, annotator: str) -> list[Event]:
        """Return the questions to an annotator that were chosen, but never handed out."""
        asks = [ask for found in self.asked.values() for ask in found if ask.annotator == annotator]
        lost = [ask for ask in asks if ask.batch not in self.delivered]
        return sorted(lost, key=lambda ask: ask.seq)

    def _in_order(self) -> list[str]:
        return sorted(self.by_row, key=self._first.__getitem__)
