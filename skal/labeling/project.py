"""A labelling project: a folder beside the data, which asks, is told, and forgets nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from skal.labeling._asks import Asks
from skal.labeling._data import ProjectData, strata_of_rows
from skal.labeling._drawn import Drawn
from skal.labeling._errors import ProjectError
from skal.labeling._events import RELEASE, Event
from skal.labeling._journal import PATIENCE, Journal
from skal.labeling._reads import Reads
from skal.labeling._settings import FILE as SETTINGS
from skal.labeling._settings import FIXED, Settings
from skal.labeling._sought import STRATEGY as SEARCHES
from skal.labeling._sought import check_sought
from skal.labeling._tells import Tells
from skal.labeling.audit import AuditEstimate

_CHANGEABLE = (
    *("classes", "new_classes", "columns", "estimator", "strategy", "candidates", "batch", "random_share"),
    *("audit", "audit_size", "audit_strata", "trial", "trial_budget", "find", "range"),
)


class Project(Asks, Tells, Reads, Drawn):
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
    kind : AnswerKind
        Of what is answered.
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
        answer: str = "class",
        range: Sequence[float] | None = None,
        columns: Mapping[str, str] | None = None,
        estimator: str | None = None,
        strategy: str | None = None,
        candidates: int | None = None,
        batch: int | None = None,
        random_share: float | None = None,
        audit: float = 0.0,
        audit_size: int = 0,
        audit_strata: str = "",
        find: Sequence[str] = (),
        trial: bool = False,
        trial_budget: int = 0,
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
        answer : {"class", "labels", "number"}, default="class"
            What is answered: one class a row, those labels that apply, or a number; see `skal.labeling.kinds`. Yes or
            no is one of the two classes "yes" and "no".
        range : (float, float), default=None
            Of numbers: the least and the largest that are taken.
        columns : dict of str to str, default=None
            What columns are used as, where it is said; see `skal.features.column_uses`.
        estimator : str, default=None
            By name; None: chosen by the columns and the kind of answers.
        strategy : str, default=None
            Query strategy by name, with options; None: "uncertainty_herding" for classes, and what suits the kind of
            other answers.
        candidates : int, default=None
            Random rows, at most, that the strategy chooses from; None: 20 000, of images whose pixels are labelled
            300.
        batch : int, default=None
            Questions a round where `ask` is not told; None: a tenth of the rows, at least 5 and at most 50.
        random_share : float, default=None
            Share of the questions that are drawn at random; on them the accuracy is measured, before they are learned
            from. None: 0.1, with `audit` 0.
        audit : float, default=0.0
            Share of the questions that are audit rows, such as 0.15: the next rows of a random order of all rows. No
            model learns from them, until `release`; they measure the present model (docs/proof.md). They take the
            place of random rows.
        audit_size : int, default=0
            How many audit rows are asked in all, fixed beforehand, which allows a narrower interval once all of them
            are answered. 0: not fixed.
        audit_strata : str, default=""
            Column of a table by whose cells the audit rows are drawn: each start of their order holds each stratum in
            proportion to its size, and the estimate is weighted by sizes. At most 50 different cells. "": from all
            rows alike.
        find : sequence of str, default=()
            Classes whose rows are searched for, such as ``["fraud"]``; the strategy is then "find_sampling" where
            nothing is said. One that no row has yet is allowed, and said. Empty: a model is to be learned.
        trial : bool, default=False
            Try the strategy: rounds of its rows and of random rows take turns, and two models, of as many labels
            each, are compared on random rows that neither knows, until it is decided which is better (docs/proof.md).
            It needs `audit`, and cannot be had for masks and regions.
        trial_budget : int, default=0
            Questions after which a trial ends without a verdict. 0: it goes on until it has one.
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
            **{"candidates": candidates, "batch": batch, "seed": seed, "audit": audit, "audit_size": audit_size},
            **{"audit_strata": audit_strata, "trial": trial, "trial_budget": trial_budget},
            "find": [find] if isinstance(find, str) else list(find),
            "random_share": (0.0 if audit else 0.1) if random_share is None else random_share,
            **{"answer": answer, "range": list(range or [])},
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
    def open(cls, folder: str | Path, *, patience: float = PATIENCE) -> Project:
        """Open a project.

        Parameters
        ----------
        folder : str or Path
            Of the project.
        patience : float, default=30
            Seconds to wait for another process that is writing.

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
        journal = Journal(folder, patience=patience)
        for name, value in {"answer": "class", **journal.facts()}.items():
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
            Of `create`: classes, new_classes, columns, estimator, strategy, candidates, batch, random_share, audit,
            audit_size, audit_strata, trial, trial_budget, find, range; the others only as they are. With `audit` the
            share of random rows becomes 0. Columns that are not named keep their use.

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
        if given.get("audit"):
            given = {"random_share": 0.0, **given}
        if isinstance(given.get("find"), str):
            given["find"] = [given["find"]]
        if given.get("find") and self.settings.strategy == self.kind.default_strategy:
            given = {"strategy": SEARCHES, **given}
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

        check_models(changed, type(self.kind))
        settings = replace(self.settings, **changed)
        self.kind.check(settings)
        if changed.get("audit_strata"):
            strata_of_rows(settings, self._data.rows)
        said = []
        if changed.get("find"):
            answers = self._answers()
            known = list(dict.fromkeys([*settings.classes, *answers.given]))
            any_new = settings.new_classes or not settings.classes
            said = check_sought(settings.find, known, type(self.kind), any_new)
        settings.write(self.folder)
        notes = [*(f"{name}: {value} (was {mine[name]})." for name, value in changed.items()), *said]
        self.settings = self._data.settings = self.kind.settings = settings
        for cached in ("rows", "strata", "audit_order"):
            self._data.__dict__.pop(cached, None)
        self._chooser = None
        return notes

    def release(self) -> AuditEstimate | None:
        """Give the audit rows to the training: models learn from them from now on, and no more are asked.

        Returns
        -------
        AuditEstimate or None
            Of the last model that has not learned from them, frozen; `status` shows it with its date. None where it
            is not known.

        Raises
        ------
        ProjectError
            If there are no audit rows.

        Notes
        -----
        It cannot be undone: what a model has learned from measures it no more. `change` with `audit` begins anew,
        with rows that were not asked yet.
        """
        if not self._answers().audit:
            raise ProjectError(f"{self.folder} has no audit rows that could be given to the training.")
        with self._asking():
            found = self.audit(recall=self._with_recall())
            frozen = None if found is None else replace(found, is_frozen=True)
            why = {} if frozen is None else {"estimate": frozen.as_json()}
            if self.read_answers().trial.strategy is not None:
                self._ended("released")
            self._journal.append([Event(RELEASE, why=why)])
            self.change(audit=0.0, audit_size=0, audit_strata="", trial=False, trial_budget=0)
        return None if frozen is None else replace(frozen, recall={})

    def _columns_with(self, said: Mapping[str, str]) -> dict[str, str]:
        from skal.features import column_uses

        column_uses(self._data.rows.shown.head(0), said)  # refuses columns and kinds that do not exist
        return {**self.settings.columns, **said}


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


def lost_data(folder: str | os.PathLike[str]) -> Path | None:
    """Return the path of a project's data if nothing is there; None if it is, or the settings cannot be read."""
    folder = Path(folder)
    try:
        path = ProjectData(folder, Settings.read(folder)).path
    except ProjectError:
        return None
    return None if path.exists() else path
