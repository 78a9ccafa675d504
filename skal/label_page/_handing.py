"""Whose turn it is: which question goes to whom, in which order, and when further ones are wanted.

What is kept in memory, who has which question before him, is read from the journal again after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from skal.label_page._kept import kept
from skal.label_page._problem import Problem
from skal.label_page._queue import CHOSEN, HOLD, Person, Queue, by_of, is_ordinary
from skal.label_page._sharing import Sharing
from skal.label_page.options import DeskOptions
from skal.labeling import Event, Project


class Handing:
    """Questions out.

    Parameters
    ----------
    project : Project
        Open.
    names : sequence of str
        Of all who may answer.
    options : DeskOptions
        How questions are handed out.
    clock : callable
        Seconds, for leases.
    """

    def __init__(
        self, project: Project, names: Sequence[str], options: DeskOptions, clock: Callable[[], float]
    ) -> None:
        self.project = project
        self.names = list(names)
        self.options = options
        self.draws = True  # random rows, where nothing else waits
        self.exhausted = False  # no further rows can be chosen
        self._clock = clock
        self._queue = Queue(names, options.lease)
        self._queue.restore(project.held(), clock())
        self._sharing = Sharing(options.overlap, min(options.people_per_row, len(names)), project.settings.seed)
        self._up_to = -1

    @property
    def waiting(self) -> list[Event]:
        """Questions that wait, whoever holds them."""
        return self._queue.waiting

    def seen(self, name: str) -> Person:
        """Return who asks; his lease begins anew."""
        person = self._queue.people.get(name)
        if person is None:
            raise Problem("token", "This person is not one of those who answer.")
        self.update()  # before the lease is renewed: what has ended has ended
        person.seen = self._clock()
        return person

    def update(self) -> None:
        """Bring what waits up to date with the journal, which other processes append to."""
        with kept():
            self._queue.expire(self._clock())
            answers = self.project.read_answers()
            if answers.last != self._up_to:
                if self._sharing.any:
                    for row in {str(event.row) for event in self.project.events(after=self._up_to)}:
                        self._sharing.answered(row, answers.by_row.get(row, {}))
                waiting = [ask for ask in self.project.waiting() if self._still_waits(ask)]
                self._queue.update(waiting, answers.by_row)
                self._up_to = answers.last

    def fill(self, person: Person) -> None:
        """Hand out what this person lacks."""
        self.update()
        lacking = HOLD - len(person.held)
        if lacking <= 0:
            return
        handed: list[str] = []
        for rows in (self._chosen_for, self._shared_with, self._waiting_for, self._drawn_for):
            for row in rows(person, lacking - len(handed)):
                person.held.append(row)
                handed.append(row)
            if len(handed) >= lacking:
                break
        if handed:
            try:
                self.project.hand(handed, person.name)
            except BaseException:
                person.held = [row for row in person.held if row not in handed]
                raise

    def before(self, person: Person) -> list[Event]:
        """Questions before a person in his order, those that were reopened without a question among them."""
        asks = {ask.row: ask for ask in self._queue.of(person.name)}
        return [asks.get(row) or Event("ask", row, why={"by": "person"}) for row in person.held][:HOLD]

    def answered(self, person: Person, row: str) -> None:
        """Take note that a person has said something of a row."""
        person.drop(row)

    def taken_back(self, person: Person, rows: Sequence[str], label: str | None) -> None:
        """Take note that answers do not hold any more; a single row is before its person again."""
        self.exhausted = False
        if len(rows) == 1:
            person.reopen(rows[0], label, self.project.read_answers().last)

    def wants_training(self) -> bool:
        """Whether the next rows are to be chosen now."""
        self.update()
        n_left = sum(is_ordinary(ask) for ask in self._queue.waiting)
        return not self.exhausted and n_left <= (self.options.ahead or 0)

    # What a person who lacks a question is given, the first that is there

    def _chosen_for(self, person: Person, n: int) -> list[str]:
        """Rows that a person or a check has chosen."""
        free = self._queue.free(person.name, lambda ask: by_of(ask) in CHOSEN)
        return [str(ask.row) for ask in free][:n]

    def _shared_with(self, person: Person, n: int) -> list[str]:
        """Rows that others have answered and this person is to answer too."""
        answers = self.project.read_answers()
        found: list[str] = []
        for row in self._sharing.open():
            if len(found) == n:
                break
            given = {who for who in answers.by_row.get(row, {}) if who in self._queue.people}
            others = {who for who in self._queue.holders(row) if who != person.name}
            if person.name in given or row in person.held or len(given | others) >= self._sharing.n_people:
                continue
            asked = [ask for ask in answers.open_of(row) if ask.annotator == person.name]
            if asked or self.project.ask_rows([row], person.name, by="overlap"):
                found.append(row)
        if found:
            self.update()
        return found

    def _waiting_for(self, person: Person, n: int) -> list[str]:
        """Rows of the round, and of the reserve."""
        return [str(ask.row) for ask in self._queue.free(person.name, lambda ask: self._may(ask, person))][:n]

    def _may(self, ask: Event, person: Person) -> bool:
        """A row on which people disagree is for one who has not answered it, if there is one."""
        if by_of(ask) != "conflict" or ask.annotator:
            return True
        votes = self.project.read_answers().by_row.get(str(ask.row), {})
        return person.name not in votes or all(name in votes for name in self.names)

    def _drawn_for(self, person: Person, n: int) -> list[str]:
        """Random rows: nobody waits for a model that is being trained, or cannot be."""
        rows = [str(ask.row) for ask in self.project.random_rows(n)] if self.draws else []
        if rows:
            self.update()
        return rows

    def _still_waits(self, ask: Event) -> bool:
        """Whether its row is still in the data and, if several are to answer it, not enough of them have."""
        if ask.row not in self.project.data_rows.places:
            return False
        return by_of(ask) != "overlap" or self._sharing.is_open(str(ask.row)) or not self._sharing.any
