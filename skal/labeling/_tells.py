"""What a project is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from skal.labeling._cleaning import label_text, normal
from skal.labeling._errors import ProjectError
from skal.labeling._events import CORRECT, LABEL, NOTE, RELEASE, SKIP, UNDO, Event
from skal.labeling._opened import OpenProject, checked_name, checked_request
from skal.labeling._taken import Refused, RefusedAnswers, Taken
from skal.labeling._telling import answer_to, answers_told, spreadsheet_id


class Tells(OpenProject):
    """Answers, corrections, skips and notes of a project.

    Each takes the name of a request, such as a UUID that a page has made. It is kept in the transaction of the call,
    so that a call which comes twice, because nobody heard that it had succeeded, changes nothing the second time and
    returns what the first returned.
    """

    def tell(
        self,
        ids: Sequence[Any],
        labels: Sequence[Any],
        annotator: str = "",
        *,
        seconds: float | Sequence[float] | None = None,
        allow: Sequence[str] = (),
        on_refused: Literal["raise", "return"] = "raise",
        bulk: str | None = None,
        why: Mapping[str, Any] | None = None,
        request: str | None = None,
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
        bulk : str, default=None
            What the rows were labelled by, if they were not looked at one by one, such as "area". It is kept with
            each answer, and `undo` takes all of them back at once.
        why : dict, default=None
            What else is known of how the answers came about, kept with each; values that JSON can hold.
        request : str, default=None
            Name of the call; one that comes again is told as ``Taken.repeated``.

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
        annotator, request = checked_name(annotator), checked_request(request)
        if bulk is not None and not (isinstance(bulk, str) and bulk.strip()):
            raise ValueError(f"Project.tell: bulk says in words what the rows were labelled by, got {bulk!r}.")
        if self._is_done(request, (LABEL, CORRECT), annotator, ids):
            return _repeated(labels)
        labels = self.kind.keep(ids, labels, self._data.file_of)
        answers = self._answers()
        classes = self._classes(answers)
        clean = self.kind.read(labels, classes, allowed=allow, any_new=self.settings.new_classes)
        events, taken = answers_told(self._data, answers, self.kind, ids, labels, clean, annotator, times)
        bad = taken.refused
        if bad and on_refused == "raise":
            shown = " ".join(f"{one.id}: {one.reason}" for one in bad[:5])
            more = f" And {len(bad) - 5} more." if len(bad) > 5 else ""
            raise RefusedAnswers(
                f"{len(bad)} of {len(ids)} answers cannot be taken, so none was. {shown}{more}", taken
            )
        if bulk is not None and (chosen := [row for row in dict.fromkeys(ids) if row in answers.audit]):
            self._journal.append([Event(RELEASE, row, annotator, why={"by": bulk}) for row in chosen])
        about = {**(why or {}), **({} if bulk is None else {"bulk": bulk, "size": len(events)})}
        if events or request is not None:
            events = [replace(event, why=about or None) for event in events]
            if not self._journal.append(events, request=request) and events:
                return _repeated(labels)  # the same request, of another process at the same moment
        return taken

    def correct(
        self,
        id: Any,
        label: Any,
        annotator: str = "",
        *,
        seconds: float | None = None,
        allow: Sequence[str] = (),
        why: Mapping[str, Any] | None = None,
        request: str | None = None,
    ) -> Event:
        """Replace the answer of an annotator to a row; see `tell` for the parameters.

        Raises
        ------
        ProjectError
            If this annotator has not answered the row.
        RefusedAnswers
            If the label is no class.
        """
        row, annotator = self._known(id), checked_name(annotator)
        if done := self._done(request, (CORRECT,), annotator, [row]):
            return done
        answers = self._answers()
        if annotator not in answers.by_row.get(row, {}):
            who = ", ".join(map(repr, answers.by_row.get(row, {}))) or "nobody"
            raise ProjectError(f"{annotator!r} has not answered {row}, so there is nothing to correct ({who} has).")
        (label,) = self.kind.keep([row], [label], self._data.file_of)
        clean = self.kind.read([label], self._classes(answers), allowed=allow, any_new=self.settings.new_classes)
        if clean.labels[0] is None:
            reason = clean.refused.get(0, "a correction needs a label; undo takes an answer back.")
            raise RefusedAnswers(f"{row}: {reason}", Taken(refused=[Refused(0, row, str(label), reason)]))
        more = {"label": clean.labels[0], "seconds": seconds, "why": dict(why) if why else None}
        return self._once(answer_to(self._data, answers, CORRECT, row, annotator, **more), request=request)

    def undo(self, annotator: str = "", *, request: str | None = None) -> Event:
        """Take back the last answer of an annotator that is not taken back yet; the row is open again.

        Labels that were given in bulk are taken back together.

        Returns
        -------
        Event
            The answer that no longer holds; of a bulk the last one.

        Raises
        ------
        ProjectError
            If there is none.
        """
        annotator = checked_name(annotator)
        if not (undone := self._done(request, (UNDO,), annotator)):
            answers = self._answers().last_call_of(annotator)
            if not answers:
                raise ProjectError(f"{annotator!r} has given no answer that could be undone.")
            undone = self._once(
                *[Event(UNDO, one.row, annotator, None, one.batch, one.round, undoes=one.seq) for one in answers],
                request=request,
            )
        return self._journal.event(undone.undoes or 0) or undone

    def skip(
        self,
        id: Any,
        annotator: str = "",
        reason: str = "",
        *,
        seconds: float | None = None,
        why: Mapping[str, Any] | None = None,
        request: str | None = None,
    ) -> Event:
        """Say that an annotator cannot answer a row; it is not asked of the same one again.

        An answer that this annotator gave before is withdrawn; `undo` brings it back. See `tell` for the parameters.
        """
        row, annotator = self._known(id), checked_name(annotator)
        if done := self._done(request, (SKIP,), annotator, [row]):
            return done
        more = {"note": reason or None, "seconds": seconds, "why": dict(why) if why else None}
        return self._once(answer_to(self._data, self._answers(), SKIP, row, annotator, **more), request=request)

    def note(self, id: Any, text: str, annotator: str = "", *, request: str | None = None) -> Event:
        """Keep a remark on a row."""
        if not isinstance(text, str):
            raise ValueError(f"Project.note: text must be a str, got {text!r}.")
        row, annotator = self._known(id), checked_name(annotator)
        if done := self._done(request, (NOTE,), annotator, [row]):
            return done
        return self._once(Event(NOTE, row, annotator, note=str(text)), request=request)

    def _once(self, *events: Event, request: str | None) -> Event:
        """Append events of a request, and return the last of them, or of the same request before."""
        if written := self._journal.append(events, request=request):
            return written[-1]
        return self._done(request, (events[-1].kind,), events[-1].annotator) or events[-1]

    def _done(
        self, request: str | None, kinds: Sequence[str], annotator: str, rows: Sequence[str] | None = None
    ) -> Event | None:
        """Return the last event of a request that has been carried out; None if it has not, or changed nothing."""
        seq = None if checked_request(request) is None else self._journal.done(str(request))
        event = self._journal.event(seq) if seq else None
        if event is not None and (
            event.kind not in kinds or event.annotator != annotator or (rows is not None and event.row not in rows)
        ):
            raise ProjectError(
                f"The request {request!r} was a {event.kind} of {event.annotator!r} for {event.row}: another call "
                "needs a name of its own."
            )
        return event

    def _is_done(self, request: str | None, kinds: Sequence[str], annotator: str, rows: Sequence[str]) -> bool:
        done = self._done(request, kinds, annotator, rows) is not None
        return done or (request is not None and self._journal.done(request) is not None)

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


def _repeated(labels: Sequence[Any]) -> Taken:
    """What became of answers that had been taken before, by the same request."""
    n_blank = sum(label_text(label) is None for label in labels)
    return Taken(repeated=len(labels) - n_blank, blank=n_blank)
