"""A labelling project: a folder beside the data, which asks, is told, and forgets nothing."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from filelock import FileLock, Timeout

from skal.labeling._answers import Answers
from skal.labeling._cleaning import cleaned, normal
from skal.labeling._data import ProjectData
from skal.labeling._errors import ProjectError
from skal.labeling._events import CORRECT, DELIVER, FILE, NOTE, SKIP, UNDO, Event
from skal.labeling._journal import Journal
from skal.labeling._next_rows import next_questions, rows_left, training_rows
from skal.labeling._questions import Questions, why_in_words
from skal.labeling._settings import FILE as SETTINGS
from skal.labeling._settings import FIXED, Settings
from skal.labeling._status import Status
from skal.labeling._taken import Refused, RefusedAnswers, Taken
from skal.labeling._telling import answer_to, answers_told, labels_of_data, near_row, spreadsheet_id

if TYPE_CHECKING:  # what fits and predicts is loaded when rows are chosen, so that answers are taken at once
    from skal.labeling._asking import Chooser

_CHANGEABLE = ("classes", "new_classes", "columns", "estimator", "strategy", "candidates", "batch", "random_share")
_PATIENCE = 60.0  # seconds to wait for another process that chooses rows


class Project:
    r"""Rows, questions and answers of one labelling job.

    Made by `Project.create`, opened by `Project.open`. A project is a folder with ``project.toml``, which people can
    read and change, and ``journal.sqlite``, to which every event is appended and in which none is ever changed.
    Models are not kept: they are fitted again from the journal, with seeds that depend on the number of the round
    alone.

    Attributes
    ----------
    folder : Path
        Of the project.
    settings : Settings
        What was decided when it was made.
    notes : list of str
        What there is to tell: decisions on creation, changes of the data since they were read last.

    Notes
    -----
    Answers of one call are one transaction: they are acknowledged together when the call returns. Several processes
    may tell at once; one at a time asks.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skal.labeling import Project
    >>> lines = [f"{i},{'printer jam' if i % 2 else 'refund please'} {i}," for i in range(40)]
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "tickets.csv").write_text("id,body,label\n" + "\n".join(lines))
    ...     project = Project.create(Path(folder, "tickets.skal"), Path(folder, "tickets.csv"), id="id")
    ...     questions = project.ask(4)
    ...     labels = ["bug" if "jam" in body else "money" for body in questions.rows["body"]]
    ...     taken = project.tell(questions.ids, labels)
    ...     print(len(questions), taken.new, sum(project.status().by_class.values()))
    4 4 4
    """

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

    @classmethod
    def create(
        cls,
        folder: str | Path,
        data: str | Path,
        *,
        target: str | None = None,
        id: str | None = None,
        classes: Sequence[str] = (),
        new_classes: bool = False,
        columns: Mapping[str, str] | None = None,
        estimator: str | None = None,
        strategy: str = "uncertainty_herding",
        candidates: int = 20_000,
        batch: int = 50,
        random_share: float = 0.1,
        seed: int = 0,
        encoding: str | None = None,
        separator: str | None = None,
        unlabeled: str | None = None,
    ) -> Project:
        """Make a project.

        Parameters
        ----------
        folder : str or Path
            Of the project, such as ``"tickets.skal"``. It must not hold one.
        data : str or Path
            A table (CSV, JSON lines, Parquet), or a folder of images or texts, in which folders are classes.
        target : str, default=None
            Column of the labels. Those that are there are taken over. None: "label".
        id : str, default=None
            Column that identifies a row. None: a column of distinct values that is called an id; else the content.
        classes : sequence of str, default=()
            The classes; none: those of the labels that are there, or of the first answers.
        new_classes : bool, default=False
            Whether answers may name further classes.
        columns : dict of str to str, default=None
            What columns are used as, where it is said; see `skal.features.column_uses`.
        estimator : str, default=None
            By name; None: chosen by the columns.
        strategy : str, default="uncertainty_herding"
            Query strategy by name, with options.
        candidates : int, default=20000
            Random rows, at most, that the strategy chooses from.
        batch : int, default=50
            Questions a round where `ask` is not told.
        random_share : float, default=0.1
            Share of the questions that are drawn at random; on them the accuracy is measured.
        seed : int, default=0
            Everything random is drawn from it.
        encoding, separator : str, default=None
            Of a CSV.
        unlabeled : str, default=None
            Of a folder: the folder in it whose files have no label; None: "unsorted".

        Returns
        -------
        Project
            Open.

        Raises
        ------
        ProjectError
            If there is a project already, or it cannot be made. Nothing is lost or half made then.
        """
        from skal.labeling._create import new_settings

        if not isinstance(data, (str, os.PathLike)):
            raise ProjectError(
                f"Project.create: data must be the path of a table or folder, got {type(data).__name__}. Write it to "
                "a file first: a project goes on where its data are."
            )
        folder, data = Path(folder), Path(data)
        if (folder / SETTINGS).exists():
            raise ProjectError(f"{folder} holds a project already: Project.open opens it.")
        said = {
            **{"classes": list(classes), "new_classes": new_classes, "estimator": estimator, "strategy": strategy},
            **{"candidates": candidates, "batch": batch, "random_share": random_share, "seed": seed},
        }
        options = {"encoding": encoding, "separator": separator, "unlabeled": unlabeled}
        with _new_folder(folder):
            made = new_settings(folder, data, target, id, columns or {}, options, said)
        journal = Journal(folder, create=True)
        project_data = ProjectData.opened(folder, made.settings, journal, made.rows)
        project = cls(folder, made.settings, journal, project_data, made.notes)
        journal.write_facts({name: getattr(made.settings, name) for name in FIXED})
        project._import()
        made.settings.fingerprint = project_data.fingerprint()
        made.settings.write(folder)  # last: a folder with this file is a whole project
        return project

    @classmethod
    def open(cls, folder: str | Path) -> Project:
        """Open a project.

        Parameters
        ----------
        folder : str or Path
            Of the project.

        Returns
        -------
        Project
            What has changed in its data since the last time is in `notes`; labels that have come into them are taken
            over.

        Raises
        ------
        ProjectError
            If there is none, its data are not there, or its journal is damaged.
        """
        folder = Path(folder)
        settings = Settings.read(folder)
        journal = Journal(folder)
        for name, value in journal.facts().items():
            if getattr(settings, name) != value:
                raise ProjectError(
                    f"{folder / SETTINGS}: {name} was {value!r} when the project was made, and now it is "
                    f"{getattr(settings, name)!r}. The answers rest on it: put it back, or make another project."
                )
        data = ProjectData.opened(folder, settings, journal)
        project = cls(folder, settings, journal, data, list(data.notes))
        if data.fresh:
            settings.fingerprint = data.fingerprint()
            try:
                project._import()
                settings.write(folder)
            except ProjectError as error:  # a folder that can only be read is still of use
                project.notes.append(f"What has changed in the data could not be kept. {error}")
        return project

    def change(self, **given: Any) -> list[str]:
        """Change settings between two rounds.

        Parameters
        ----------
        **given
            Of `create`: classes, new_classes, columns, estimator, strategy, candidates, batch, random_share; the
            others only as they are. Columns that are not named keep their use.

        Returns
        -------
        list of str
            What has changed.

        Raises
        ------
        ProjectError
            If a setting may not be changed, or a value is wrong. Nothing is changed then.
        """
        mine = {**vars(self.settings), **self.settings.options}
        changed = {name: value for name, value in given.items() if value != mine.get(name)}
        if "columns" in changed:
            changed["columns"] = self._columns_with(changed["columns"])
            if changed["columns"] == self.settings.columns:
                del changed["columns"]
        if fixed := [name for name in changed if name not in _CHANGEABLE]:
            name = fixed[0]
            raise ProjectError(
                f"{self.folder} was made with {name} = {mine.get(name)!r}, got {given[name]!r}. The answers rest on "
                "it: leave it out, or make another project (--project FOLDER)."
            )
        if not changed:
            return []
        from skal.labeling._create import check_models

        check_models(changed)
        settings = replace(self.settings, **changed)
        settings.write(self.folder)
        notes = [f"{name}: {value} (was {mine[name]})." for name, value in changed.items()]
        self.settings = self._data.settings = settings
        self._data.__dict__.pop("rows", None)
        self._chooser = None
        return notes

    def _columns_with(self, said: Mapping[str, str]) -> dict[str, str]:
        from skal.features import column_uses

        column_uses(self._data.rows.shown.head(0), said)  # refuses columns and kinds that do not exist
        return {**self.settings.columns, **said}

    def ask(
        self,
        n: int | None = None,
        annotator: str = "",
        *,
        overlap: int = 0,
        again: bool = False,
        deliver: bool = True,
    ) -> Questions:
        """Choose rows to label next.

        Rows that wait for an answer, have one, or were skipped are not asked. First come rows on which annotators
        disagree.

        Parameters
        ----------
        n : int, default=None
            How many; None: the batch of the project. Fewer where fewer are left.
        annotator : str, default=""
            Whom.
        overlap : int, default=0
            How many of them are rows that somebody else has labelled and this annotator has not, drawn at random:
            they measure agreement.
        again : bool, default=False
            Hand out the questions again that wait for an answer of this annotator or of nobody in particular, instead
            of new ones.
        deliver : bool, default=True
            False: the batch counts as handed out only after `delivered`; until then the next call returns it again.

        Returns
        -------
        Questions
            Rows in the order of asking.

        Raises
        ------
        ProjectError
            If nothing is left to ask, or another process is choosing rows.
        """
        n = self.settings.batch if n is None else n
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"Project.ask: n must be a whole number >= 1, got {n!r}.")
        if not 0 <= overlap <= n:
            raise ValueError(f"Project.ask: overlap must be in [0, {n}] (n), got {overlap}.")
        annotator = _checked_name(annotator)
        with self._asking():
            answers = self._answers()
            if again:
                return self._asked_again(answers, annotator)
            if lost := [event for event in answers.undelivered(annotator) if event.row in self._data.places]:
                note = f"Batch {lost[0].batch} was chosen before, but never handed out: here it is."
                return self._handed_out(lost, deliver, [note])
            events, notes = next_questions(self._data, answers, self._choosing, int(n), annotator, overlap)
            more = [Event(DELIVER, annotator=annotator, batch=events[0].batch)] if deliver else []
            asked = self._journal.append([*events, *more])[: len(events)]
        return self._questions(asked, notes)

    def delivered(self, batch: int) -> None:
        """Say that a batch has been handed out; see `ask`."""
        self._journal.append([Event(DELIVER, batch=batch)])

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
        annotator = _checked_name(annotator)
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
        row, annotator = self._known(id), _checked_name(annotator)
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
        annotator = _checked_name(annotator)
        last = self._answers().last_of(annotator)
        if last is None:
            raise ProjectError(f"{annotator!r} has given no answer that could be undone.")
        self._journal.append([Event(UNDO, last.row, annotator, batch=last.batch, round=last.round, undoes=last.seq)])
        return last

    def skip(self, id: Any, annotator: str = "", reason: str = "") -> Event:
        """Say that an annotator cannot answer a row; it is not asked of the same one again."""
        row, annotator = self._known(id), _checked_name(annotator)
        answers = self._answers()
        return self._journal.append([answer_to(self._data, answers, SKIP, row, annotator, note=reason or None)])[0]

    def note(self, id: Any, text: str, annotator: str = "") -> Event:
        """Keep a remark on a row."""
        if not isinstance(text, str):
            raise ValueError(f"Project.note: text must be a str, got {text!r}.")
        return self._journal.append([Event(NOTE, self._known(id), _checked_name(annotator), note=str(text))])[0]

    def status(self) -> Status:
        """Count labels, open questions, conflicts, rounds, and how often the model was right on random rows."""
        from skal.labeling._report import status_of

        answers = self._answers()
        return status_of(self._data, answers, len(rows_left(self._data, answers, "")), self.notes)

    def labels(self) -> Any:
        """Return one label per row and where it came from.

        Returns
        -------
        DataFrame
            Columns ``id``, ``label``, ``annotators`` (those who gave it), ``n_votes`` (all who gave a label) and
            ``time`` of the last answer; rows whose label holds, in the order of asking.
        """
        import pandas as pd

        answers = self._answers()
        lines = []
        for row, label in answers.labeled().items():
            given = {who: event for who, event in answers.by_row[row].items() if event.label is not None}
            agreed = [who for who, event in given.items() if event.label == label]
            lines.append((row, label, ", ".join(agreed), len(given), max(event.time for event in given.values())))
        return pd.DataFrame(lines, columns=["id", "label", "annotators", "n_votes", "time"])

    def answers(self) -> dict[str, dict[str, str | None]]:
        """Return the present answers: label by annotator (None: skipped), by row."""
        found = self._answers().by_row
        return {row: {who: event.label for who, event in given.items()} for row, given in found.items()}

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

    def asked_of(self) -> dict[str, str]:
        """Return whom each row was asked of last; rows that were asked of nobody in particular are left out."""
        asked = self._answers().asked
        return {row: asks[-1].annotator for row, asks in asked.items() if asks[-1].annotator}

    def history(self, id: Any) -> list[Event]:
        """Return all events of a row, those that were undone among them, in their order."""
        found = [event for event in self._journal.events() if event.row == str(id)]
        if not found:
            self._known(id)
        return found

    def model(self) -> Any:
        """Return the estimator fitted to the labels that hold, as the next round would fit it.

        Raises
        ------
        ProjectError
            If the labels are of fewer than two classes.
        """
        answers = self._answers()
        places, labels = training_rows(self._data, answers)
        if len(set(labels)) < 2:
            have = f"all labels are {labels[0]!r}" if labels else "there are none"
            raise ProjectError(f"A model needs labels of two classes; {have}.")
        return self._choosing().fitted(places, labels, answers.n_rounds).estimator

    def read_answers(self) -> Answers:
        """Return the present state, read from all events."""
        return self._answers()

    @property
    def data_rows(self) -> ProjectData:
        """The data, with ids, labels and what a person reads of them."""
        return self._data

    @property
    def data_path(self) -> Path:
        """The file or folder that is labelled."""
        return self._data.path

    def learner_of(self, questions: Questions) -> tuple[Any, list[str], Any] | None:
        """Fit the learner again that chose a batch.

        Parameters
        ----------
        questions : Questions
            Of the project.

        Returns
        -------
        tuple or None
            The learner, the ids of the rows that it was fitted to, and the positions of the rows that might be asked
            then; None where the batch was chosen without a model.
        """
        numbers = [event.round for event in questions.events if event.round is not None]
        if not numbers:
            return None
        first = min(event.seq for event in questions.events)
        before = Answers.of(event for event in self._journal.events() if event.seq < first)
        places, labels = training_rows(self._data, before)
        learner = self._choosing().fitted(places, labels, numbers[0])
        left = rows_left(self._data, before, questions.events[0].annotator)
        return learner, [self._data.ids[place] for place in places], left

    @property
    def data(self) -> Any:
        """The rows as the estimator reads them, in the order of the data."""
        return self._data.rows.X

    @property
    def ids(self) -> list[str]:
        """Ids of the rows, in the order of the data."""
        return list(self._data.ids)

    @property
    def classes(self) -> list[str]:
        """The known classes."""
        return self._classes(self._answers())

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Project({str(self.folder)!r}, {len(self._data.ids)} rows)"

    def _answers(self) -> Answers:
        return Answers.of(self._journal.events())

    def _classes(self, answers: Answers) -> list[str]:
        """Those of the settings, and those that were taken since."""
        given = Counter(event.label for found in answers.by_row.values() for event in found.values())
        more = [label for label in given if label is not None and label not in self.settings.classes]
        return [*self.settings.classes, *sorted(more)]

    def _choosing(self) -> Chooser:
        from skal.labeling._asking import Chooser

        if self._chooser is None:
            self._chooser = Chooser(self.settings, self._data.rows.X)
        return self._chooser

    def _asked_again(self, answers: Answers, annotator: str) -> Questions:
        events = [event for event in answers.open().values() if event.annotator in ("", annotator)]
        events = [event for event in events if event.row in self._data.places]
        if not events:
            raise ProjectError(f"No question waits for an answer of {annotator!r}.")
        return self._questions(sorted(events, key=lambda event: event.seq), [])

    def _handed_out(self, events: list[Event], deliver: bool, notes: list[str]) -> Questions:
        if deliver:
            for batch in sorted({event.batch for event in events if event.batch is not None}):
                self.delivered(batch)
        return self._questions(events, notes)

    def _questions(self, events: list[Event], notes: list[str]) -> Questions:
        ids = [str(event.row) for event in events]
        shown = self._data.rows.shown.iloc[[self._data.places[row] for row in ids]].reset_index(drop=True)
        shown[self.settings.target] = None
        return Questions(ids, shown, [why_in_words(event) for event in events], events, notes)

    def _known(self, id: Any) -> str:
        row = normal(str(id).strip())
        if row not in self._data.places:
            raise ProjectError(f"There is no row {row!r}{near_row(self._data, row)}.")
        return row

    def _import(self) -> None:
        """Take over the labels that the data hold, where they are new."""
        answers = self._answers()
        any_new = self.settings.new_classes or not self.settings.classes
        events, notes = labels_of_data(self._data, answers, self._classes(answers), any_new)
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


@contextmanager
def _new_folder(folder: Path) -> Iterator[None]:
    """Make a folder, and take it away again if nothing comes of it."""
    there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(f"{folder} cannot be made: {error.strerror}.") from error
    try:
        yield
    except BaseException:
        if not there:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def holds_project(folder: str | os.PathLike[str]) -> bool:
    """Tell whether a folder holds a project."""
    return (Path(folder) / SETTINGS).exists()


def lost_data(folder: str | os.PathLike[str]) -> Path | None:
    """Return the path of a project's data if nothing is there; else None."""
    folder = Path(folder)
    path = ProjectData(folder, Settings.read(folder)).path
    return None if path.exists() else path


def project_of(data: str | os.PathLike[str]) -> Path:
    """Return the folder of the project that belongs to data: ``tickets.csv`` has ``tickets.skal`` beside it.

    Parameters
    ----------
    data : str or path
        The file or folder; the folder of a project is returned as it is.
    """
    path = Path(data)
    return path if path.suffix == ".skal" else path.with_name(f"{path.name if path.is_dir() else path.stem}.skal")


def _checked_name(annotator: str) -> str:
    if not isinstance(annotator, str):
        raise ValueError(f"Project: annotator must be a name, got {annotator!r}.")
    if annotator.strip() == FILE:
        raise ValueError(f"Project: {FILE!r} stands for the labels of the data; take another name.")
    return normal(annotator.strip())
