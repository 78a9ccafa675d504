"""Answers in: whatever a person says is in the project's journal before a call returns."""

from __future__ import annotations

from typing import Any

from skal.label_page._counter import Counter
from skal.label_page._kept import kept
from skal.label_page._problem import Problem

_REMEMBERED = 1000  # requests


class Answers(Counter):
    """What a person does: answers, skips, takes back, corrects, remarks, and labels or chooses an area.

    Each call names its request; one that comes again changes nothing.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._done: dict[str, None] = {}  # requests that the journal does not know by name

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
        person = self._handing.seen(name)
        self._check_row(row)
        classes, allow = self.project.classes, self._allowed(label, new_class)
        with kept():
            taken = self.project.tell(
                [row], [label], name, seconds=seconds, allow=allow, why=why or None, request=request
            )
            if taken.blank:
                raise Problem("refused", "An answer needs a label; a row without one is skipped.", "no_label")
            if note:
                self.project.note(row, note, name, request=f"{request}-note")
        kind = "changed" if taken.changed else "repeated" if taken.repeated else "new"
        self._handing.answered(person, row)
        return self._with_classes(
            classes, {"taken": {"label": self._own(name, row), "kind": kind}, **self.next(name)}
        )

    def skip(
        self, name: str, request: str, row: str, reason: str = "", *, seconds: float | None = None
    ) -> dict[str, Any]:
        """Take note that a person cannot answer a row, and why."""
        person = self._handing.seen(name)
        self._check_row(row)
        before = self.project.read_answers().by_row.get(row, {}).get(name)
        with kept():
            event = self.project.skip(row, name, reason, seconds=seconds, request=request)
        kind = "new" if before is None else "repeated" if before.seq == event.seq else "changed"
        self._handing.answered(person, row)
        return {"taken": {"skip": event.note or "", "kind": kind}, **self.next(name)}

    def undo(self, name: str, request: str) -> dict[str, Any]:
        """Take back the last answer of a person, or his last labels in bulk; a single row is before him again."""
        person = self._handing.seen(name)
        last = self.project.read_answers().last_call_of(name)
        with kept("nothing"):
            undone = self.project.undo(name, request=request)
        rows = [str(event.row) for event in last] if last and last[-1].seq == undone.seq else [str(undone.row)]
        self._handing.taken_back(person, rows, undone.label)
        return {"undone": {"rows": rows, "label": undone.label}, **self.next(name)}

    def correct(self, name: str, request: str, row: str, label: Any, *, new_class: bool = False) -> dict[str, Any]:
        """Replace an answer of a person."""
        person = self._handing.seen(name)
        self._check_row(row)
        classes, allow = self.project.classes, self._allowed(label, new_class)
        with kept("nothing"):
            event = self.project.correct(row, label, name, allow=allow, request=request)
        self._handing.answered(person, row)
        return self._with_classes(classes, {"taken": {"label": event.label, "kind": "changed"}, **self.next(name)})

    def note(self, name: str, request: str, row: str, note: str) -> dict[str, Any]:
        """Keep a remark on a row."""
        self._handing.seen(name)
        self._check_row(row)
        with kept():
            event = self.project.note(row, note, name, request=request)
        return {"taken": {"note": event.note}}

    def label_area(
        self, name: str, request: str, rows: list[str], label: Any, looked: int, *, new_class: bool = False
    ) -> dict[str, Any]:
        """Label many rows at once; they are marked as such, and undone as one."""
        person = self._handing.seen(name)
        for row in rows:
            self._check_row(row)
        if not rows:
            raise Problem("refused", "The area holds no rows.", "empty_area")
        classes, allow = self.project.classes, self._allowed(label, new_class)
        labels, why = [label] * len(rows), {"looked": looked}
        with kept():
            taken = self.project.tell(rows, labels, name, allow=allow, bulk="area", why=why, request=request)
        for row in rows:
            self._handing.answered(person, row)
        kind = "repeated" if taken.repeated == len(rows) else "changed" if taken.changed else "new"
        told = {"taken": {"label": self._own(name, rows[0]), "kind": kind, "n": len(rows)}, **self.next(name)}
        return self._with_classes(classes, told)

    def ask_area(self, name: str, request: str, rows: list[str]) -> dict[str, Any]:
        """Ask about rows that a person has chosen, before all others."""
        self._handing.seen(name)
        for row in rows:
            self._check_row(row)
        with kept():
            if request not in self._done:
                asked = self.project.ask_rows(rows) if rows else []
                self._remember(request)
            else:
                asked = [ask for ask in self.project.waiting() if ask.row in set(rows)]
        return {"asked": len(asked), **self.next(name)}

    def _allowed(self, label: Any, new_class: bool) -> tuple[str, ...]:
        """Names that may be classes from now on."""
        if not new_class:
            return ()
        if not self.project.settings.new_classes:
            raise Problem(
                "refused", "This project takes no new classes. --new-classes allows them.", "no_new_classes"
            )
        return tuple(map(str, label)) if isinstance(label, list) else (str(label),)

    def _with_classes(self, before: list[str], found: dict[str, Any]) -> dict[str, Any]:
        """The classes too, if they have changed."""
        now = self.classes()
        return found if now == before else {**found, "classes": now}

    def _remember(self, request: str) -> None:
        self._done[request] = None
        if len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]
