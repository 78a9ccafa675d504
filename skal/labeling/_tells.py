"""What a project is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from skal.labeling._cleaning import cleaned, normal
from skal.labeling._errors import ProjectError
from skal.labeling._events import CORRECT, NOTE, SKIP, UNDO, Event
from skal.labeling._opened import OpenProject, checked_name
from skal.labeling._taken import Refused, RefusedAnswers, Taken
from skal.labeling._telling import answer_to, answers_told, spreadsheet_id


class Tells(OpenProject):
    """Answers, corrections, skips and notes of a project."""

    def tell(
        self,
        ids: Sequence[Any],
        labels: Sequence[Any],
        annotator: str = "",
        *,
        seconds: float | Sequence[float] | None = None,
        allow: Sequence[str] = (),
        on_refused: Literal["raise", "return"] = "raise",
    ) -> Taken:
        """Take answers.

        Surrounding blanks are removed, and labels that differ from a class only in case are taken for it; both are
        told. Near misses and unknown classes are refused.

        Parameters
        ----------
        ids : sequence
            Of the rows.
        labels : sequence
            One per row; None, NaN and blank text are no answers.
        annotator : str, default=""
            Who gives them. A second answer of the same annotator to a row takes the place of the first.
        seconds : float or sequence of float, default=None
            What the answers took.
        allow : sequence of str, default=()
            New classes that are allowed.
        on_refused : {"raise", "return"}, default="raise"
            What to do where some answers cannot be taken: take none and raise, or take the others and return them in
            ``Taken.refused``.

        Returns
        -------
        Taken
            What became of the answers. When it is returned they are on the disk.

        Raises
        ------
        RefusedAnswers
            A ValueError, with the reasons; nothing is taken then.
        ProjectError
            If they cannot be written; nothing is taken then.
        """
        if isinstance(ids, str) or isinstance(labels, str):
            raise ValueError("Project.tell: ids and labels are sequences; for one row pass [id] and [label].")
        ids, labels = [normal(str(row).strip()) for row in ids], list(labels)
        if len(ids) != len(labels):
            raise ValueError(
                f"Project.tell: ids and labels must have the same length, got {len(ids)} and {len(labels)}."
            )
        times: list[float | None] = list(seconds) if isinstance(seconds, Sequence) else [seconds] * len(ids)
        if len(times) != len(ids):
            raise ValueError(f"Project.tell: seconds must be one number or {len(ids)}, got {len(times)}.")
        annotator = checked_name(annotator)
        answers = self._answers()
        classes = self._classes(answers)
        clean = cleaned(labels, classes, allowed=allow, any_new=self.settings.new_classes)
        events, taken = answers_told(self._data, answers, ids, labels, clean, annotator, times)
        bad = taken.refused
        if bad and on_refused == "raise":
            shown = " ".join(f"{one.id}: {one.reason}" for one in bad[:5])
            more = f" And {len(bad) - 5} more." if len(bad) > 5 else ""
            raise RefusedAnswers(
                f"{len(bad)} of {len(ids)} answers cannot be taken, so none was. {shown}{more}", taken
            )
        if events:
            self._journal.append(events)
        return taken

    def correct(self, id: Any, label: Any, annotator: str = "") -> Event:
        """Replace the answer of an annotator to a row.

        Raises
        ------
        ProjectError
            If this annotator has not answered the row.
        RefusedAnswers
            If the label is no class.
        """
        row, annotator = self._known(id), checked_name(annotator)
        answers = self._answers()
        if annotator not in answers.by_row.get(row, {}):
            who = ", ".join(map(repr, answers.by_row.get(row, {}))) or "nobody"
            raise ProjectError(f"{annotator!r} has not answered {row}, so there is nothing to correct ({who} has).")
        clean = cleaned([label], self._classes(answers), any_new=self.settings.new_classes)
        if clean.labels[0] is None:
            reason = clean.refused.get(0, "a correction needs a label; undo takes an answer back.")
            raise RefusedAnswers(f"{row}: {reason}", Taken(refused=[Refused(0, row, str(label), reason)]))
        return self._journal.append([answer_to(self._data, answers, CORRECT, row, annotator, label=clean.labels[0])])[
            0
        ]

    def undo(self, annotator: str = "") -> Event:
        """Take back the last answer of an annotator that is not taken back yet; the row is open again.

        Returns
        -------
        Event
            The answer that no longer holds.

        Raises
        ------
        ProjectError
            If there is none.
        """
        annotator = checked_name(annotator)
        last = self._answers().last_of(annotator)
        if last is None:
            raise ProjectError(f"{annotator!r} has given no answer that could be undone.")
        self._journal.append([Event(UNDO, last.row, annotator, batch=last.batch, round=last.round, undoes=last.seq)])
        return last

    def skip(self, id: Any, annotator: str = "", reason: str = "") -> Event:
        """Say that an annotator cannot answer a row; it is not asked of the same one again.

        An answer that this annotator gave before is withdrawn; `undo` brings it back.
        """
        row, annotator = self._known(id), checked_name(annotator)
        answers = self._answers()
        return self._journal.append([answer_to(self._data, answers, SKIP, row, annotator, note=reason or None)])[0]

    def note(self, id: Any, text: str, annotator: str = "") -> Event:
        """Keep a remark on a row."""
        if not isinstance(text, str):
            raise ValueError(f"Project.note: text must be a str, got {text!r}.")
        return self._journal.append([Event(NOTE, self._known(id), checked_name(annotator), note=str(text))])[0]

    def asked_ids(self, ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return ids of a sheet as those of the rows, where a spreadsheet has changed how they are written.

        Only rows that were asked are looked at, and only if a single one is meant.

        Parameters
        ----------
        ids : sequence of str
            Of a sheet.

        Returns
        -------
        ids : list of str
            Those that are known or meant by nobody as they are.
        notes : list of str
            How many were changed.
        """
        meant: dict[str, set[str]] = {}
        for row in self._answers().asked:
            meant.setdefault(spreadsheet_id(row), set()).add(row)
        found, changed = [], []
        for row in ids:
            rows = set() if row in self._data.places else meant.get(spreadsheet_id(row), set())
            found.append(next(iter(rows)) if len(rows) == 1 else row)
            changed += [(row, found[-1])] if found[-1] != row else []
        if not changed:
            return found, []
        (written, row), n = changed[0], len(changed)
        return found, [
            f"Ids that a spreadsheet has changed, taken as those of asked rows: {n}, such as {written} for {row}."
        ]
