"""What is shown of the work: rows, guesses, one's own answers, and how far it is. Nothing is changed by looking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from skal.label_page._counter import Counter
from skal.label_page._kept import kept
from skal.label_page._queue import by_of
from skal.labeling import Event


class Views(Counter):
    """What a person looks at; looking renews the lease."""

    def progress(self, name: str) -> dict[str, Any]:
        """Return how far the work is, and which rows are before this person; asking for it renews the lease."""
        person = self._handing.seen(name)
        with kept():
            return {**self._progress(name), "held": list(person.held)}

    def row(self, name: str, row: str) -> dict[str, Any]:
        """Return a row, and what this person has said of it."""
        self._handing.seen(name)
        self._check_row(row)
        with kept():
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
        self._handing.seen(name)
        self._check_row(row)
        asks = self.project.read_answers().asked.get(row, [])
        return {"guess": next((found for ask in reversed(asks) if (found := self._guess(ask))), None)}

    def own_answers(self, name: str) -> list[Event]:
        """Return the answers of a person that hold, the newest first."""
        self._handing.seen(name)
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
