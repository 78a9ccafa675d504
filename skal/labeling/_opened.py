"""An open project: its folder, journal and data, and what all of its doors share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock, Timeout

from skal.labeling._answers import Answers
from skal.labeling._cleaning import normal
from skal.labeling._data import ProjectData
from skal.labeling._errors import ProjectError
from skal.labeling._events import FILE
from skal.labeling._journal import Journal
from skal.labeling._settings import Settings
from skal.labeling._telling import labels_of_data, near_row
from skal.labeling.kinds import AnswerKind, answer_kind

if TYPE_CHECKING:  # what fits and predicts is loaded when rows are chosen, so that answers are taken at once
    from skal.labeling._asking import Chooser

_LONGEST_REQUEST = 200
_PATIENCE = 60.0  # seconds to wait for another process that chooses rows


class OpenProject:
    """Folder, settings, journal and data of a project that is open."""

    def __init__(
        self, folder: Any, settings: Any = None, journal: Any = None, data: Any = None, notes: Any = None
    ) -> None:
        if not isinstance(journal, Journal):
            raise TypeError(
                f"Project.open({str(folder)!r}) opens a project, Project.create({str(folder)!r}, data) makes one."
            )
        self.folder: Path = folder
        self.settings: Settings = settings
        self.notes: list[str] = notes
        self._journal: Journal = journal
        self._data: ProjectData = data
        self._chooser: Chooser | None = None
        self.kind: AnswerKind = answer_kind(settings.answer)(settings, folder)
        self._state = Answers(settle=self.kind.verdict)

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Project({str(self.folder)!r}, {len(self._data.ids)} rows)"

    def _answers(self) -> Answers:
        """The present state, brought up to date with what any process has appended."""
        self._state.add(self._journal.events(after=self._state.last))
        return self._state

    def _classes(self, answers: Answers) -> list[str]:
        """Those of the settings, and those that were taken since."""
        return self.kind.classes(answers.given.keys())

    def _choosing(self) -> Chooser:
        if self._chooser is None:
            self._chooser = self._new_chooser()
        self._chooser.classes = self._classes(self._state)
        return self._chooser

    def _new_chooser(self) -> Chooser:
        if self.kind.asks_regions:
            from skal.labeling.masks.choosing import RegionChooser

            return RegionChooser(self.settings, self._data.rows, self.kind)
        from skal.labeling._asking import Chooser

        return Chooser(self.settings, self._data.rows.X, self.kind)

    def _known(self, id: Any) -> str:
        row = normal(str(id).strip())
        if row not in self._data.places:
            raise ProjectError(f"There is no row {row!r}{near_row(self._data, row)}.")
        return row

    def _import(self) -> None:
        """Take over the labels that the data hold, where they are new."""
        answers = self._answers()
        any_new = self.settings.new_classes or not self.settings.classes
        events, notes = labels_of_data(self._data, answers, self.kind, self._classes(answers), any_new)
        if events:
            self._journal.append(events)
        self.notes += notes

    @contextmanager
    def _asking(self) -> Iterator[None]:
        lock = FileLock(self.folder / "asking.lock")
        try:
            lock.acquire(timeout=_PATIENCE)
        except Timeout:
            raise ProjectError(
                f"Another process has been choosing rows of {self.folder} for {_PATIENCE:.0f} s. Wait for it, or "
                "stop it."
            ) from None
        except OSError as error:
            raise ProjectError(f"{self.folder} cannot be written to: {error.strerror}.") from error
        try:
            yield
        finally:
            lock.release()


def checked_request(request: str | None) -> str | None:
    """Return the name of a request, or raise."""
    if request is not None and not (isinstance(request, str) and 0 < len(request) <= _LONGEST_REQUEST):
        raise ValueError(
            f"Project: request must be a text of 1 to {_LONGEST_REQUEST} letters that no other call has, got "
            f"{request!r:.100}."
        )
    return request


def checked_name(annotator: str) -> str:
    """Return the name of an annotator, or raise."""
    if not isinstance(annotator, str):
        raise ValueError(f"Project: annotator must be a name, got {annotator!r}.")
    if annotator.strip() == FILE:
        raise ValueError(f"Project: {FILE!r} stands for the labels of the data; take another name.")
    return normal(annotator.strip())
