"""The desk: hands out questions and takes answers, for one or several people; it knows nothing of HTTP.

Everything that must not be lost is in the project's journal before a call returns. What the desk keeps in memory, who
has which question before him, is read from the journal again after a restart.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from skal.label_page._fields import Fields
from skal.label_page._problem import Problem
from skal.label_page._progress import progress_of
from skal.label_page._queue import CHOSEN, HOLD, Person, Queue, by_of, is_ordinary
from skal.label_page._sharing import Sharing
from skal.labeling import Event, Project, ProjectError, RefusedAnswers, why_in_words

__all__ = ["Desk", "DeskOptions", "Problem"]


@dataclass(frozen=True)
class DeskOptions:
    """How questions are handed out.

    Attributes
    ----------
    ahead : int or None
        The next rows are chosen when at most so many questions of the round are left; None: a fifth of the round, 10
        at most.
    reserve : int or None
        Random rows that are kept ready for the time of a training; None: two fifths of the round, 20 at most.
    wait_for_model : bool
        Ask nothing while a model is trained; then `ahead` and `reserve` are 0.
    lease : float
        Seconds without a word of a person after which others get his questions.
    overlap : float
        Share of the rows that several people answer.
    people_per_row : int
        How many these are.
    show_guess : bool
        Whether the model's guess is shown without being asked for.
    """

    ahead: int | None = None
    reserve: int | None = None
    wait_for_model: bool = False
    lease: float = 600.0
    overlap: float = 0.0
    people_per_row: int = 2
    show_guess: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.overlap <= 1:
            raise ProjectError(f"overlap must be a share from 0 to 1, got {self.overlap:g}.")
        if self.people_per_row < 2:
            raise ProjectError(f"people_per_row must be at least 2, got {self.people_per_row}.")
        for name in ("ahead", "reserve"):
            if getattr(self, name) is not None and getattr(self, name) < 0:
                raise ProjectError(f"{name} must be a number of questions from 0, got {getattr(self, name)}.")
        if not self.lease > 0:
            raise ProjectError(f"lease must be a number of seconds above 0, got {self.lease:g}.")
        if self.wait_for_model:
            object.__setattr__(self, "ahead", 0)
            object.__setattr__(self, "reserve", 0)

    def for_rounds_of(self, batch: int) -> DeskOptions:
        """Return the same options with what is None filled in: what waits must leave rows to a model to choose."""
        return replace(
            self,
            ahead=min(batch // 5, 10) if self.ahead is None else self.ahead,
            reserve=min(2 * batch // 5, 20) if self.reserve is None else self.reserve,
        )


class Desk:
    """Questions out, answers in.

    Parameters
    ----------
    project : Project
        Open; it is used by one thread at a time.
    names : sequence of str
        Of all who may answer.
    fields : Fields
        What is shown of a row.
    options : DeskOptions
        How questions are handed out.
    clock : callable, default=time.monotonic
        Seconds, for leases.
    """

    def __init__(
        self,
        project: Project,
        names: Sequence[str],
        fields: Fields,
        options: DeskOptions,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.project = project
        self.fields = fields
        self.options = options.for_rounds_of(project.settings.batch)
        self.names = list(names)
        self.training: dict[str, Any] = {"state": "idle", "since": None, "took": None, "message": None}
        self.accuracy: dict[str, Any] | None = None
        self._clock = clock
        self._queue = Queue(names, options.lease)
        self._queue.restore(project.held(), clock())
        self._sharing = Sharing(options.overlap, min(options.people_per_row, len(names)), project.settings.seed)
        for row, given in project.read_answers().by_row.items():
            self._sharing.answered(row, given)
        self._up_to = -1
        self._exhausted = False
        self._done: dict[str, None] = {}  # requests that the journal does not know by name

    # What a person does

    def next(self, name: str) -> dict[str, Any]:
        """Return the questions before a person; what he held before is held again.

        Parameters
        ----------
        name : str
            Who.

        Returns
        -------
        dict
            ``questions`` (at most two), ``progress``, ``state`` and ``message``.
        """
        person = self._seen(name)
        with self._kept():
            self._fill(person)
            questions = [self._question(ask, person) for ask in self._held(person)[:HOLD]]
            state, message = ("asking", None) if questions else self._why_nothing()
            return {
                "questions": questions,
                "progress": self._progress(name),
                "state": state,
                "message": message,
            }

    def answer(
        self,
        name: str,
        request: str,
        row: str,
        label: Any,
        *,
        seconds: float | None = None,
        note: str | None = None,
        new_class: bool = False,
        why: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Take an answer; when this returns it is on the disk.

        Parameters
        ----------
        name : str
            Who.
        request : str
            Name of the request; one that comes again changes nothing.
        row : str
            Id.
        label : object
            As the kind of answers of the project reads it.
        seconds : float, default=None
            What the answer took.
        note : str, default=None
            A remark.
        new_class : bool, default=False
            Whether the label may be a class that is not known yet.
        why : dict, default=None
            What else is known of how the answer came about.
        """
        person = self._seen(name)
        self._check_row(row)
        classes = self.project.classes
        allow: tuple[str, ...] = ()
        if new_class:
            if not self.project.settings.new_classes:
                raise Problem("refused", "This project takes no new classes. --new-classes allows them.")
            allow = tuple(map(str, label)) if isinstance(label, list) else (str(label),)
        with self._kept():
            taken = self.project.tell(
                [row], [label], name, seconds=seconds, allow=allow, why=why or None, request=request
            )
            if taken.blank:
                raise Problem("refused", "An answer needs a label; a row without one is skipped.")
            if note:
                self.project.note(row, note, name, request=f"{request}-note")
        kind = "changed" if taken.changed else "repeated" if taken.repeated else "new"
        self._answered(person, row)
        found = {"taken": {"label": self._own(name, row), "kind": kind}, **self.next(name)}
        return {**found, "classes": self.classes()} if self.project.classes != classes else found

    def skip(
        self, name: str, request: str, row: str, reason: str = "", *, seconds: float | None = None
    ) -> dict[str, Any]:
        """Take note that a person cannot answer a row, and why."""
        person = self._seen(name)
        self._check_row(row)
        before = self.project.read_answers().by_row.get(row, {}).get(name)
        with self._kept():
            event = self.project.skip(row, name, reason, seconds=seconds, request=request)
        kind = "new" if before is None else "repeated" if before.seq == event.seq else "changed"
        self._answered(person, row)
        return {"taken": {"skip": event.note or "", "kind": kind}, **self.next(name)}

    def undo(self, name: str, request: str) -> dict[str, Any]:
        """Take back the last answer of a person, or his last labels in bulk; a single row is before him again."""
        person = self._seen(name)
        last = self.project.read_answers().last_call_of(name)
        with self._kept("nothing"):
            undone = self.project.undo(name, request=request)
        rows = [str(event.row) for event in last] if last and last[-1].seq == undone.seq else [str(undone.row)]
        self._exhausted = False
        for row in rows:
            self._sharing.answered(row, self.project.read_answers().by_row.get(row, {}))
        if len(rows) == 1:
            person.drop(rows[0])
            person.held.insert(0, rows[0])
            person.again[rows[0]] = undone.label
        return {"undone": {"rows": rows, "label": undone.label}, **self.next(name)}

    def correct(self, name: str, request: str, row: str, label: Any) -> dict[str, Any]:
        """Replace an answer of a person."""
        person = self._seen(name)
        self._check_row(row)
        with self._kept("nothing"):
            event = self.project.correct(row, label, name, request=request)
        self._answered(person, row)
        return {"taken": {"label": event.label, "kind": "changed"}, **self.next(name)}

    def note(self, name: str, request: str, row: str, note: str) -> dict[str, Any]:
        """Keep a remark on a row."""
        self._seen(name)
        self._check_row(row)
        with self._kept():
            event = self.project.note(row, note, name, request=request)
        return {"taken": {"note": event.note}}

    def progress(self, name: str) -> dict[str, Any]:
        """Return how far the work is; asking for it renews the lease."""
        self._seen(name)
        with self._kept():
            return self._progress(name)

    def row(self, name: str, row: str) -> dict[str, Any]:
        """Return a row, and what this person has said of it."""
        self._seen(name)
        self._check_row(row)
        with self._kept():
            own = [event for event in self.project.history(row) if event.annotator == name]
        told = [event for event in own if event.kind not in ("ask", "deliver")]
        label = self._own(name, row)
        return {
            "fields": self.fields.of(row),
            "own": label,
            "history": [{"kind": event.kind, "label": event.label, "time": event.time} for event in told],
            **self.project.on_page(row, label),  # of masks and regions what is drawn on, to correct it
        }

    def guess(self, name: str, row: str) -> dict[str, Any]:
        """Return what the model took a row for when it was asked."""
        self._seen(name)
        self._check_row(row)
        asks = self.project.read_answers().asked.get(row, [])
        return {"guess": next((found for ask in reversed(asks) if (found := self._guess(ask))), None)}

    def label_area(self, name: str, request: str, rows: list[str], label: Any, looked: int) -> dict[str, Any]:
        """Label many rows at once; they are marked as such, and undone as one."""
        person = self._seen(name)
        for row in rows:
            self._check_row(row)
        if not rows:
            raise Problem("refused", "The area holds no rows.")
        with self._kept():
            taken = self.project.tell(
                rows, [label] * len(rows), name, bulk="area", why={"looked": looked}, request=request
            )
        for row in rows:
            self._answered(person, row)
        kind = "repeated" if taken.repeated == len(rows) else "changed" if taken.changed else "new"
        return {"taken": {"label": self._own(name, rows[0]), "kind": kind, "n": len(rows)}, **self.next(name)}

    def ask_area(self, name: str, request: str, rows: list[str]) -> dict[str, Any]:
        """Ask about rows that a person has chosen, before all others."""
        self._seen(name)
        for row in rows:
            self._check_row(row)
        with self._kept():
            if request not in self._done:
                asked = self.project.ask_rows(rows) if rows else []
                self._remember(request)
            else:
                asked = [ask for ask in self.project.waiting() if ask.row in set(rows)]
        return {"asked": len(asked), **self.next(name)}

    def own_answers(self, name: str) -> list[Event]:
        """Return the answers of a person that hold, the newest first."""
        self._seen(name)
        found: dict[str, Event] = {}
        for event in reversed(self.project.read_answers().given_by(name)):
            found.setdefault(str(event.row), event)
        return list(found.values())

    def own_notes(self, name: str, rows: Sequence[str]) -> dict[str, str]:
        """Return the last remark of a person on each of some rows."""
        found = {}
        for row in rows:
            notes = [one.note for one in self.project.history(row) if one.kind == "note" and one.annotator == name]
            if notes:
                found[row] = notes[-1] or ""
        return found

    def marks(self, rows: Sequence[str]) -> tuple[list[str | None], list[str]]:
        """Return the label that holds of each row, and what it is: labelled, asked, audit or none."""
        answers = self.project.read_answers()
        waiting = {ask.row: by_of(ask) for ask in answers.waiting()}
        labels, marks = [], []
        for row in rows:
            verdict = answers.verdict(row)
            labels.append(None if verdict is None else verdict.label)
            audit = waiting.get(row) in ("random", "reserve")
            marks.append("labelled" if verdict else "audit" if audit else "asked" if row in waiting else "none")
        return labels, marks

    # What the server asks

    def classes(self) -> list[str]:
        """Return the classes, those of the settings first."""
        return self.project.classes

    def wants_training(self) -> bool:
        """Whether the next rows are to be chosen now."""
        self._update()
        n_left = sum(is_ordinary(ask) for ask in self._queue.waiting)
        return not self._exhausted and n_left <= (self.options.ahead or 0)

    def nothing_left(self) -> None:
        """Take note that no further rows can be chosen."""
        self._exhausted = True

    # Inside

    def _seen(self, name: str) -> Person:
        person = self._queue.people.get(name)
        if person is None:
            raise Problem("token", "This person is not one of those who answer.")
        self._update()  # before the lease is renewed: what has ended has ended
        person.seen = self._clock()
        return person

    def _update(self) -> None:
        """Bring what waits up to date with the journal, which other processes append to."""
        with self._kept():
            self._queue.expire(self._clock())
            last = self.project.read_answers().last
            if last != self._up_to:
                self._queue.update(self._known(self.project.waiting()))
                self._up_to = last

    def _known(self, asks: list[Event]) -> list[Event]:
        """Questions on rows that are still in the data."""
        places = self.project.data_rows.places
        return [ask for ask in asks if ask.row in places]

    def _check_row(self, row: str) -> None:
        if row not in self.project.data_rows.places:
            raise Problem("unknown_row", "There is no such row in the data.")

    def _answered(self, person: Person, row: str) -> None:
        person.drop(row)
        self._sharing.answered(row, self.project.read_answers().by_row.get(row, {}))

    def _fill(self, person: Person) -> None:
        """Hand out what this person lacks."""
        self._update()
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

    def _chosen_for(self, person: Person, n: int) -> list[str]:
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
            self._update()
        return found

    def _waiting_for(self, person: Person, n: int) -> list[str]:
        return [str(ask.row) for ask in self._queue.free(person.name, lambda ask: self._may(ask, person))][:n]

    def _may(self, ask: Event, person: Person) -> bool:
        """A row on which people disagree is for one who has not answered it, if there is one."""
        if by_of(ask) != "conflict" or ask.annotator:
            return True
        votes = self.project.read_answers().by_row.get(str(ask.row), {})
        return person.name not in votes or all(name in votes for name in self.names)

    def _drawn_for(self, person: Person, n: int) -> list[str]:
        """Random rows, if nothing else waits: nobody waits for a model that is being trained, or cannot be."""
        if self.options.wait_for_model and self.training["message"] is None:
            return []  # unless it failed, and is being tried again
        rows = [str(ask.row) for ask in self.project.random_rows(n)]
        if rows:
            self._update()
        return rows

    def _held(self, person: Person) -> list[Event]:
        """Questions before a person in his order, those that were reopened without a question among them."""
        asks = {ask.row: ask for ask in self._queue.of(person.name)}
        return [asks.get(row) or Event("ask", row, why={"by": "person"}) for row in person.held]

    def _question(self, ask: Event, person: Person) -> dict[str, Any]:
        row = str(ask.row)
        more = self.project.on_page(row, person.again.get(row))
        found = {
            "row": row,
            "batch": ask.batch,
            "why": why_in_words(ask),
            "by": by_of(ask),
            "fields": self.fields.of(row),
            "guess": self._guess(ask) if self.options.show_guess else None,
            "earlier": more.pop("drawn", person.again.get(row)),
        }
        return {**found, **more}  # of masks and regions what is drawn on

    def _why_nothing(self) -> tuple[str, str | None]:
        state, message = self.training["state"], self.training["message"]
        if self._queue.waiting and (self._exhausted or not self.wants_training()):
            return "training", "The others are answering the last questions of this round."
        if self._exhausted:
            return "finished", None
        return ("failed", message) if state in ("failed", "hanging") else ("training", None)

    def _guess(self, ask: Event) -> dict[str, Any] | None:
        why = ask.why or {}
        if why.get("guess") is None or self.project.kind.control == "mask":  # which is a proposal to draw on
            return None
        return {"label": why["guess"], "probability": why.get("probability")}

    def _own(self, name: str, row: str) -> str | None:
        event = self.project.read_answers().by_row.get(row, {}).get(name)
        return None if event is None else event.label

    def _progress(self, name: str) -> dict[str, Any]:
        return progress_of(self.project, name, self.names, self._queue.waiting, self.training, self.accuracy)

    def _remember(self, request: str) -> None:
        self._done[request] = None
        if len(self._done) > 1000:
            del self._done[next(iter(self._done))]

    @contextmanager
    def _kept(self, code: str = "refused") -> Iterator[None]:
        """Say what an error means for the answer: that it could not be written, or that it is wrong."""
        try:
            yield
        except RefusedAnswers as error:
            raise Problem("refused", " ".join(one.reason for one in error.taken.refused[:5])) from error
        except ValueError as error:
            raise Problem("refused", str(error)) from error
        except ProjectError as error:
            kept = "not_kept" if isinstance(error.__cause__, (sqlite3.Error, OSError)) else code
            raise Problem(kept, str(error)) from error
