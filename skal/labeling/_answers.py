"""The present state of a project, kept up from its events: who was asked what, who answered what, what holds.

Each event changes what belongs to its row and a few counts, so reading the thousandth answer costs what reading the
first did; the state after some events and then some more is that after all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from skal.labeling._events import (
    ANSWERS,
    ASK,
    AUDIT,
    CHECK,
    DELIVER,
    IMPORT,
    LOOK,
    NOTE,
    OVERLAP,
    PERSON,
    RANDOM,
    RELEASE,
    TRIAL,
    UNDO,
    Event,
)
from skal.labeling._trial_rows import TrialRows
from skal.labeling._verdicts import Verdict, majority, votes_that_count

__all__ = ["Answers", "Verdict"]

_CONFLICT = "conflict"
_OF_ROUNDS = ("strategy", "typical", RANDOM, AUDIT)  # who chooses the rows of a round


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
    given : Counter of str
        Present labels, and how many answers give each.
    held : Counter of str
        Labels that hold, and of how many rows.
    guesses : dict of str to str or None
        What a model took the rows for that were drawn at random, when they were drawn first; None: there was none.
    audit : dict of str to int
        Rows that are audited now, with the ``seq`` of the question: no model learns from them.
    released : Event or None
        The last time that all audit rows were given to the training.
    trial : TrialRows
        Which rows belong to which half of a trial.
    looks : dict of int to Event
        What the model of each round took audit rows for, by round; none from before such a release.
    last : int
        ``seq`` of the last event.
    n_batches, n_rounds : int
        Number of the last batch of questions, and rounds in which a model has chosen rows.
    n_chosen, n_audited : int
        Questions of rounds, and those of them that were about audit rows, since all were given to the training.
    settle : callable
        Says which of the labels by annotator holds; None in a conflict.
    """

    by_row: dict[str, dict[str, Event]] = field(default_factory=dict)
    asked: dict[str, list[Event]] = field(default_factory=dict)
    delivered: set[int] = field(default_factory=set)
    notes: dict[str, list[str]] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    guesses: dict[str, str | None] = field(default_factory=dict)
    audit: dict[str, int] = field(default_factory=dict)
    released: Event | None = None
    looks: dict[int, Event] = field(default_factory=dict)
    trial: TrialRows = field(default_factory=TrialRows)
    last: int = 0
    n_batches: int = 0
    n_rounds: int = 0
    n_chosen: int = 0
    n_audited: int = 0
    settle: Callable[[Mapping[str, str]], str | None] = field(default=majority, compare=False, repr=False)
    _kept: dict[str, list[Event]] = field(default_factory=dict)  # answers by row, in order, that are not undone
    _by_annotator: dict[str, list[Event]] = field(default_factory=dict)  # the same, by annotator
    _verdicts: dict[str, Verdict] = field(default_factory=dict)
    _waiting: dict[str, list[Event]] = field(default_factory=dict)  # questions that no answer has closed, by row
    _line: dict[int, Event] = field(default_factory=dict)  # of each row and annotator the latest of them, by seq
    _handed: dict[str, dict[str, Event]] = field(default_factory=dict)  # latest delivery by row and annotator
    _undelivered: dict[int, list[Event]] = field(default_factory=dict)  # questions by batch

    @classmethod
    def of(cls, events: Iterable[Event], settle: Callable[[Mapping[str, str]], str | None] = majority) -> Answers:
        """Read events."""
        found = cls(settle=settle)
        found.add(events)
        return found

    def add(self, events: Iterable[Event]) -> None:
        """Read further events."""
        for event in events:
            self.last = max(self.last, event.seq)
            row = str(event.row)
            if event.kind == ASK:
                self._ask(row, event)
            elif event.kind == DELIVER:
                self._deliver(row, event)
            elif event.kind == NOTE:
                self.notes.setdefault(row, []).append(event.note or "")
            elif event.kind == UNDO:
                self._take_back(row, event)
            elif event.kind == RELEASE:
                self._release(row, event)
            elif event.kind == LOOK and event.round is not None:
                self.looks[event.round] = event
            elif event.kind == TRIAL:
                self.trial.end(event)
            elif event.kind in ANSWERS:
                if event.kind == IMPORT or (event.why or {}).get("bulk"):
                    self.audit.pop(row, None)
                self._kept.setdefault(row, []).append(event)
                self._by_annotator.setdefault(event.annotator, []).append(event)
                self._answers_changed(row)

    def verdict(self, row: str) -> Verdict | None:
        """Return what holds of a row; None if nobody gave a label."""
        return self._verdicts.get(row)

    def labeled(self) -> dict[str, str]:
        """Return the rows whose label holds, in the order in which they were first asked for or answered."""
        found = {row: verdict.label for row, verdict in self._in_order().items()}
        return {row: label for row, label in found.items() if label is not None}

    def learned(self, half: str | None = None) -> dict[str, str]:
        """Return the rows that a model learns from: those whose label holds, without audit rows.

        Parameters
        ----------
        half : {"strategy", "random"}, default=None
            Of a trial: without the rows of the other half. None: the one model that learns from both.
        """
        held = self.labeled().items()
        return {row: label for row, label in held if row not in self.audit and self.trial.serves(row, half)}

    def is_touched(self, row: str) -> bool:
        """Whether anybody was asked about a row, or has answered it."""
        return row in self.asked or row in self.by_row

    def touched(self) -> set[str]:
        """Return the rows that anybody was asked about, or has answered."""
        return {*self.asked, *self.by_row}

    def first_touched(self) -> dict[str, int]:
        """Return when each row was asked or answered first, by the ``seq`` of that event."""
        return {row: self._first(row) for row in {*self.asked, *self._kept}}

    def conflicts(self) -> dict[str, Verdict]:
        """Return the rows on which annotators disagree without a majority."""
        return {row: verdict for row, verdict in self._in_order().items() if verdict.is_conflict}

    def answered_by(self, annotator: str) -> set[str]:
        """Return the rows that an annotator labelled or skipped."""
        return {str(event.row) for event in self._by_annotator.get(annotator, ())}

    def given_by(self, annotator: str) -> list[Event]:
        """Return the answers of an annotator that are not undone, in their order; a row may have several."""
        return list(self._by_annotator.get(annotator, ()))

    def skipped(self) -> dict[str, list[str]]:
        """Return the rows without a label that somebody skipped, and who did."""
        return {row: list(answers) for row, answers in self.by_row.items() if row not in self._verdicts}

    def open(self) -> dict[str, Event]:
        """Return the questions that wait for an answer, by row; of several the latest."""
        return {row: waiting[-1] for row, waiting in self._waiting.items()}

    def open_of(self, row: str) -> list[Event]:
        """Return the questions of one row that wait for an answer."""
        return list(self._waiting.get(row, ()))

    def waiting(self) -> list[Event]:
        """Return the questions that wait for an answer in the order of asking.

        Of one row and one annotator only the latest.
        """
        found = list(self._line.values())
        found.sort(key=_seq)  # all but questions that an undo has opened again are in order already
        return found

    def handed(self, annotator: str | None = None) -> dict[str, Event]:
        """Return the deliveries, by row, of questions that are before somebody and wait for an answer.

        Parameters
        ----------
        annotator : str, default=None
            Before whom; None: anybody, of several the one who was handed the row last.
        """
        found = {}
        for row in self._handed.keys() & self._waiting.keys():
            hands = [
                hand
                for who, hand in self._handed[row].items()
                if annotator in (None, who)
                and any(ask.annotator in ("", who) and ask.seq < hand.seq for ask in self._waiting[row])
            ]
            if hands:
                found[row] = max(hands, key=lambda hand: hand.seq)
        return found

    def last_of(self, annotator: str) -> Event | None:
        """Return the last answer of an annotator that is not undone."""
        given = self._by_annotator.get(annotator)
        return given[-1] if given else None

    def last_call_of(self, annotator: str) -> list[Event]:
        """Return what an undo of this annotator takes back: the last answer, or all of a bulk; nothing if none is."""
        given = self._by_annotator.get(annotator, [])
        if not given:
            return []
        size = (given[-1].why or {}).get("size", 1)  # answers of one call have numbers in a row
        return [event for event in given[-size:] if event.seq > given[-1].seq - size]

    def undelivered(self, annotator: str) -> list[Event]:
        """Return the questions to an annotator that were chosen, but never handed out, and still wait.

        Rows to check, and those that a person has chosen, are anybody's if they were asked of nobody in particular.
        """
        found = []
        for asks in self._undelivered.values():
            for ask in asks:
                anybody = not ask.annotator and (ask.why or {}).get("by") in (CHECK, PERSON)
                mine = ask.annotator == annotator or anybody
                if mine and ask in self._waiting.get(str(ask.row), ()) and not self._is_held(ask):
                    found.append(ask)
        return sorted(found, key=lambda ask: ask.seq)

    def _is_held(self, ask: Event) -> bool:
        hands = self._handed.get(str(ask.row), {})
        return any(ask.annotator in ("", who) and hand.seq > ask.seq for who, hand in hands.items())

    def _ask(self, row: str, event: Event) -> None:
        self._audit(row, event)
        self.trial.ask(row, event, not self.is_touched(row))
        self.asked.setdefault(row, []).append(event)
        self.n_batches = max(self.n_batches, event.batch or 0)
        if event.round is not None:
            self.n_rounds = max(self.n_rounds, event.round + 1)
        if event.batch is not None and event.batch not in self.delivered:
            self._undelivered.setdefault(event.batch, []).append(event)
        if (why := event.why or {}).get("by") == RANDOM and "trial" not in why:  # whose models know but a half
            self.guesses.setdefault(row, why.get("guess"))
        self._questions_changed(row)

    def _audit(self, row: str, ask: Event) -> None:
        """Count a question; whoever chooses an audit row for another reason makes it one that is learned from."""
        why = ask.why or {}
        by = why.get("by")
        if by in _OF_ROUNDS and not why.get("reserve"):
            self.n_chosen += 1
        if by == AUDIT:
            self.n_audited += 1
            if not self.is_touched(row):
                self.audit[row] = ask.seq
        elif by not in (OVERLAP, _CONFLICT):
            self.audit.pop(row, None)

    def _release(self, row: str, event: Event) -> None:
        if event.row is None:
            self.audit.clear()
            self.looks.clear()
            self.released, self.n_audited = event, 0
            return
        self.audit.pop(row, None)
        self.trial.release(row, event)
        if event.round is not None:
            self.n_rounds = max(self.n_rounds, event.round + 1)
        if (event.why or {}).get("by") in _OF_ROUNDS:
            self.n_chosen += 1

    def _deliver(self, row: str, event: Event) -> None:
        if event.row is not None:
            self._handed.setdefault(row, {})[event.annotator] = event
        elif event.batch is not None:
            self.delivered.add(event.batch)
            self._undelivered.pop(event.batch, None)

    def _take_back(self, row: str, event: Event) -> None:
        kept = self._kept.get(row, [])
        undone = next((answer for answer in reversed(kept) if answer.seq == event.undoes), None)
        if undone is None:  # taken back already, by another process at the same moment
            return
        _remove_last(kept, undone)
        _remove_last(self._by_annotator[undone.annotator], undone)
        if not self._by_annotator[undone.annotator]:
            del self._by_annotator[undone.annotator]
        self._answers_changed(row)

    def _answers_changed(self, row: str) -> None:
        """Bring up to date what rests on the answers to a row."""
        for answer in self.by_row.get(row, {}).values():
            _count(self.given, answer.label, -1)
        if before := self._verdicts.pop(row, None):
            _count(self.held, before.label, -1)
        if not self._kept[row]:
            del self._kept[row]
            self.by_row.pop(row, None)
        else:
            answers = {answer.annotator: answer for answer in self._kept[row]}
            self.by_row[row] = answers
            for answer in answers.values():
                _count(self.given, answer.label, 1)
            votes = {who: answer.label for who, answer in answers.items() if answer.label is not None}
            if votes:
                counting = votes_that_count(answers, self.asked.get(row, ()))
                self._verdicts[row] = Verdict(self.settle(counting), votes)
                _count(self.held, self._verdicts[row].label, 1)
        self._questions_changed(row)

    def _questions_changed(self, row: str) -> None:
        """Bring up to date which questions of a row wait."""
        asks, answers = self.asked.get(row, []), self.by_row.get(row, {})
        if answers:
            # A question to nobody in particular is answered by anybody, once it has been asked.
            latest = max(event.seq for event in answers.values())
            asks = [ask for ask in asks if (_is_unanswered(ask, answers) if ask.annotator else ask.seq > latest)]
        for ask in self._waiting.pop(row, ()):
            self._line.pop(ask.seq, None)
        if asks:
            self._waiting[row] = list(asks)
            of_each = {ask.annotator: ask for ask in asks}
            self._line.update((ask.seq, ask) for ask in of_each.values())

    def _in_order(self) -> dict[str, Verdict]:
        return {row: self._verdicts[row] for row in sorted(self._verdicts, key=self._first)}

    def _first(self, row: str) -> int:
        """When a row was asked or answered first."""
        return min(found[0].seq for found in (self.asked.get(row), self._kept.get(row)) if found)


_seq = attrgetter("seq")


def _is_unanswered(ask: Event, answers: Mapping[str, Event]) -> bool:
    """Whether the one who was asked has not answered; a row to check or chosen by a person is answered anew."""
    answer = answers.get(ask.annotator)
    return answer is None or (answer.seq < ask.seq and (ask.why or {}).get("by") in (CHECK, PERSON))


def _count(counts: Counter[str], label: str | None, by: int) -> None:
    if label is not None:
        counts[label] += by
        if not counts[label]:
            del counts[label]


def _remove_last(events: list[Event], event: Event) -> None:
    """Remove an event that is as a rule the last one."""
    for place in range(len(events) - 1, -1, -1):
        if events[place].seq == event.seq:
            del events[place]
            return
