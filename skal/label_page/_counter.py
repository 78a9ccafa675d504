"""Where a person stands and asks for the next question; what the project's doors share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from skal.label_page._fields import Fields
from skal.label_page._found import found_of
from skal.label_page._handing import Handing
from skal.label_page._kept import kept
from skal.label_page._last_training import last_training
from skal.label_page._problem import Problem
from skal.label_page._progress import progress_of
from skal.label_page._queue import Person, by_of
from skal.label_page.options import DeskOptions
from skal.labeling import Event, Project, why_in_words


class Counter:
    """The questions before each person, and how far the work is.

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
        last = last_training(project.folder)
        self.training: dict[str, Any] = {"state": "idle", "since": last["at"], "took": last["took"], "message": None}
        self.accuracy: dict[str, Any] | None = last["accuracy"]
        self._handing = Handing(project, names, self.options, clock)

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
        person = self._handing.seen(name)
        # One who waits for a model is asked nothing, unless it failed, and is being tried again.
        self._handing.draws = not self.options.wait_for_model or self.training["message"] is not None
        with kept():
            self._handing.fill(person)
            questions = [self._question(ask, person) for ask in self._handing.before(person)]
            state, message = ("asking", None) if questions else self._why_nothing()
            return {
                "questions": questions,
                "progress": self._progress(name),
                "state": state,
                "message": message,
            }

    def classes(self) -> list[str]:
        """Return the classes, those of the settings first."""
        return self.project.classes

    def wants_training(self) -> bool:
        """Whether the next rows are to be chosen now."""
        return self._handing.wants_training()

    def nothing_left(self) -> None:
        """Take note that no further rows can be chosen."""
        self._handing.exhausted = True

    # Inside

    def _question(self, ask: Event, person: Person) -> dict[str, Any]:
        row = str(ask.row)
        more = self.project.on_page(row, person.again.get(row))
        found = {
            "row": row,
            "batch": ask.batch,
            "why": why_in_words(ask),
            "by": by_of(ask),
            "chosen": self._chosen(ask),
            "fields": self.fields.of(row),
            "guess": self._guess(ask) if self.options.show_guess else None,
            "earlier": more.pop("drawn", person.again.get(row)),
        }
        return {**found, **more}  # of masks and regions what is drawn on

    def _why_nothing(self) -> tuple[str, str | None]:
        state, message = self.training["state"], self.training["message"]
        exhausted = self._handing.exhausted
        if self._handing.waiting and (exhausted or not self.wants_training()):
            return "training", "The others are answering the last questions of this round."
        if exhausted:
            return "finished", None
        return ("failed", message) if state in ("failed", "hanging") else ("training", None)

    @staticmethod
    def _chosen(ask: Event) -> dict[str, Any] | None:
        """By which strategy, if by one."""
        why = ask.why or {}
        if "strategy" not in why:
            return None
        return {"strategy": why["strategy"], "score": why.get("score"), "round": ask.round}

    def _guess(self, ask: Event) -> dict[str, Any] | None:
        why = ask.why or {}
        if why.get("guess") is None or self.project.kind.control == "mask":  # which is a proposal to draw on
            return None
        return {"label": why["guess"], "probability": why.get("probability")}

    def _check_row(self, row: str) -> None:
        if row not in self.project.data_rows.places:
            raise Problem("unknown_row", "There is no such row in the data.")

    def _own(self, name: str, row: str) -> str | None:
        event = self.project.read_answers().by_row.get(row, {}).get(name)
        return None if event is None else event.label

    def _progress(self, name: str) -> dict[str, Any]:
        progress = progress_of(self.project, name, self.names, self._handing.waiting, self.training, self.accuracy)
        search = found_of(self.project, self.fields)
        return progress if search is None else {**progress, "search": search}
