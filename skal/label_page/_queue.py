"""Which questions wait, and who has which before him: kept in memory, rebuilt from the journal after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from skal.labeling import Event

HOLD = 2  # questions that a person has: the one on the screen, and the next, which is there at the key press
CHOSEN = ("person", "check")  # by a person, or by a check of labels: they come first
TOGETHER = ("overlap", "conflict")


@dataclass
class Person:
    """What one annotator has before him.

    Attributes
    ----------
    name : str
        Who.
    seen : float
        When he was heard of last, in seconds of the desk's clock.
    held : list of str
        Rows, in the order in which they are shown.
    again : dict of str to (str or None)
        Rows among them that were reopened by an undo, and the answer that was taken back.
    reopened : dict of str to int
        Number of the last event when these were reopened.
    """

    name: str
    seen: float = 0.0
    held: list[str] = field(default_factory=list)
    again: dict[str, str | None] = field(default_factory=dict)
    reopened: dict[str, int] = field(default_factory=dict)

    def reopen(self, row: str, label: str | None, seq: int) -> None:
        """Have a row before him again, first of all, whose answer was taken back by the event `seq`."""
        self.drop(row)
        self.held.insert(0, row)
        self.again[row] = label
        self.reopened[row] = seq

    def drop(self, row: str) -> None:
        """Forget a row."""
        self.again.pop(row, None)
        self.reopened.pop(row, None)
        if row in self.held:
            self.held.remove(row)


class Queue:
    """Hands questions out: each row to one person, until he answers or his lease ends.

    Parameters
    ----------
    names : sequence of str
        Of all who may answer.
    lease : float
        Seconds without a word after which what a person holds is given to others.
    """

    def __init__(self, names: Sequence[str], lease: float) -> None:
        self.people = {name: Person(name) for name in names}
        self.lease = lease
        self.waiting: list[Event] = []

    def restore(self, held: dict[str, Event], now: float) -> None:
        """Give back what was before whom, after a restart; each person gets a fresh lease."""
        for row, hand in sorted(held.items(), key=lambda item: item[1].seq):
            if hand.annotator in self.people:
                person = self.people[hand.annotator]
                person.held.append(row)
                person.seen = now

    def update(self, waiting: list[Event], answers: Mapping[str, Mapping[str, Event]]) -> None:
        """Take note of the questions that wait now, and of the answers by row, which may have come from elsewhere."""
        self.waiting = waiting
        rows: dict[str, set[str]] = {}
        for ask in waiting:
            rows.setdefault(str(ask.row), set()).add(ask.annotator)
        for person in self.people.values():
            for row in list(person.held):
                if row in person.again:
                    given = answers.get(row, {}).values()
                    is_done = any(event.seq > person.reopened[row] for event in given)
                else:
                    is_done = not rows.get(row, set()) & {"", person.name}
                if is_done:
                    person.drop(row)

    def expire(self, now: float) -> None:
        """Take back what is held by people who have not been heard of for the length of a lease."""
        for person in self.people.values():
            if person.held and now - person.seen > self.lease:
                person.held.clear()
                person.again.clear()
                person.reopened.clear()

    def holders(self, row: str) -> list[str]:
        """Return who has a row."""
        return [name for name, person in self.people.items() if row in person.held]

    def free(self, name: str, may: Callable[[Event], bool]) -> Iterable[Event]:
        """Return the questions that may be handed to a person, those first that come first.

        Parameters
        ----------
        name : str
            Who.
        may : callable
            Says whether a question that is free is for him.
        """
        taken = {row for person in self.people.values() for row in person.held}
        found = [ask for ask in self.waiting if ask.annotator in ("", name) and ask.row not in taken and may(ask)]
        return sorted(found, key=_rank)  # stable: in the order of asking

    def of(self, name: str) -> list[Event]:
        """Return the questions that wait before a person, in his order."""
        latest = {ask.row: ask for ask in self.waiting if ask.annotator in ("", name)}
        return [latest[row] for row in self.people[name].held if row in latest]


def by_of(ask: Event) -> str:
    """Return who or what chose a question."""
    why = ask.why or {}
    by = str(why.get("by", ""))
    return "reserve" if why.get("reserve") else "random" if by == "audit" else by


def is_ordinary(ask: Event) -> bool:
    """Whether a question belongs to a round: then the next one is chosen when few like it are left."""
    return not ask.annotator and by_of(ask) not in (*CHOSEN, "overlap", "reserve")


def _rank(ask: Event) -> int:
    by = by_of(ask)
    return 0 if by in CHOSEN else 1 if by in TOGETHER else 3 if by == "reserve" else 2
