"""Sheets: questions as a CSV that a spreadsheet opens without harm, and answers back from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from skal.labeling._cleaning import label_text
from skal.labeling._errors import ProjectError
from skal.labeling._questions import Questions
from skal.labeling._taken import Taken
from skal.labeling.project import Project
from skal.sheet_cells import plain_cell, safe_frame
from skal.tables import read_table

ID = "skal_id"  # column of the ids where the data have none of their own
FILE_ID = "id"  # and where rows are files
ANNOTATOR, WHY, REASON = "annotator", "why", "reason"
REFUSED = ".refused"


class Sheet(NamedTuple):
    """Answers of a sheet.

    Attributes
    ----------
    ids, labels, annotators : list
        One entry per line; None where a cell is empty.
    frame : DataFrame
        All cells, as text.
    """

    ids: list[str]
    labels: list[Any]
    annotators: list[str | None]
    frame: Any


def write_sheet(project: Project, questions: Questions, path: str | Path) -> Path:
    """Write questions as a sheet: id, all columns, an empty label, and why each row is asked.

    Parameters
    ----------
    project : Project
        That asks.
    questions : Questions
        Of the project.
    path : str or Path
        CSV to write. It takes the place of an older sheet only if that holds no answer that was not taken.

    Returns
    -------
    Path
        Of the sheet.

    Raises
    ------
    ProjectError
        If the older sheet holds answers that were not taken, or the file cannot be written.

    Notes
    -----
    UTF-8 with a byte order mark, which Excel needs. Cells that a spreadsheet would take for a formula begin with an
    apostrophe; `read_sheet` takes it away. Rows that were asked of somebody have the name in the column "annotator".
    """
    path = Path(path)
    check_no_answers_lost(project, path)
    write_csv(safe_frame(sheet_frame(project, questions))[0], path)
    return path


def sheet_frame(project: Project, questions: Questions) -> Any:
    """Return a sheet as a DataFrame."""
    target, name = project.settings.target, id_column(project)
    frame = questions.rows.drop(columns=[target], errors="ignore")
    frame = frame.drop(columns=[name], errors="ignore")
    frame.insert(0, name, questions.ids)
    frame[target] = ""
    frame[_free(WHY, frame)] = questions.why
    if any(who := asked_of(questions)):
        frame[_free(ANNOTATOR, frame)] = who
    return frame


def asked_of(questions: Questions) -> list[str]:
    """Return whom each question was asked of.

    A sheet keeps that: a row may be asked of several people, and its answers are of whom it was written for.
    """
    return [event.annotator for event in questions.events]


def id_column(project: Project) -> str:
    """Return the name of the column of ids in sheets."""
    return {"": ID, "file": FILE_ID}.get(project.settings.id, project.settings.id)


def read_sheet(project: Project, path: str | Path) -> Sheet:
    """Read a sheet.

    Raises
    ------
    ProjectError
        If there is no such file, or it has no column of ids or labels.
    """
    path = Path(path)
    try:
        frame = read_table(path, as_text=True).frame
    except (ValueError, OSError) as error:
        raise ProjectError(f"{path} cannot be read as a sheet: {error}") from error
    frame = frame.rename(columns=plain_cell)
    target, name = project.settings.target, id_column(project)
    for column in (name, target):
        if column not in frame.columns:
            raise ProjectError(
                f"{path.name} has no column {column!r}, so it is no sheet of {project.folder.name}; it has "
                f"{', '.join(map(str, frame.columns[:20]))}."
            )
    frame = frame.map(plain_cell)
    ids = ["" if cell is None or cell != cell else str(cell).strip() for cell in frame[name]]
    who: list[str | None] = [None] * len(frame)
    column = ANNOTATOR if ANNOTATOR not in project.settings.columns else f"skal_{ANNOTATOR}"
    if column in frame.columns:
        who = [label_text(cell) for cell in frame[column]]
    return Sheet(ids, [label_text(cell) for cell in frame[target]], who, frame)


def take_sheet(
    project: Project, path: str | Path, annotator: str | None = None, allow: Sequence[str] = ()
) -> tuple[Taken, Path | None]:
    """Take the answers of a sheet.

    Parameters
    ----------
    project : Project
        That asked.
    path : str or Path
        The sheet. Lines without a label are unanswered.
    annotator : str, default=None
        Who answered. None: the column "annotator" where it is filled, else whom the row was asked of, else the name
        of the file.
    allow : sequence of str, default=()
        New classes that are allowed.

    Returns
    -------
    taken : Taken
        What became of the answers.
    refused : Path or None
        Sheet of the lines that were not taken, with the reason in each: correct it, and take it.
    """
    path = Path(path)
    sheet = read_sheet(project, path)
    people = whose(project, sheet.ids, sheet.annotators, annotator, path)
    taken, kept = take_answers(project, sheet.ids, sheet.labels, people, allow)
    if not kept:
        return taken, None
    lines = sheet.frame.iloc[[one.position for one in kept]].copy()
    lines[_free(REASON, lines.drop(columns=[REASON], errors="ignore"))] = [one.reason for one in kept]
    out = path.with_name(f"{_bare(path)}{REFUSED}.csv")
    write_csv(safe_frame(lines)[0], out)
    return taken, out


def take_answers(
    project: Project, ids: Sequence[str], labels: Sequence[Any], people: Sequence[str], allow: Sequence[str] = ()
) -> tuple[Taken, list[Any]]:
    """Tell the answers of several people; returns what became of them, and those refused, by their position."""
    parts, refused = [], []
    for who in dict.fromkeys(people):
        places = [place for place, name in enumerate(people) if name == who]
        mine = [ids[place] for place in places], [labels[place] for place in places]
        taken = project.tell(*mine, annotator=who, allow=allow, on_refused="return")
        parts.append(taken)
        refused += [one.moved(places[one.position]) for one in taken.refused]
    refused.sort(key=lambda one: one.position)
    return Taken.joined(parts), refused


def whose(
    project: Project, ids: Sequence[str], named: Sequence[str | None], annotator: str | None, path: Path
) -> list[str]:
    """Say who gave each answer."""
    if annotator is not None:
        return [annotator] * len(ids)
    asked = project.asked_of()
    return [name or asked.get(row) or _bare(path) for row, name in zip(ids, named, strict=True)]


def check_no_answers_lost(project: Project, path: Path) -> None:
    """Refuse to write over a sheet that holds answers nobody has taken."""
    if not path.exists():
        return
    try:
        sheet = read_sheet(project, path)
    except ProjectError as error:
        raise ProjectError(
            f"{path} is there already, and is no sheet of this project: take another --out."
        ) from error
    answers = project.answers()
    lost = [
        row for row, label in zip(sheet.ids, sheet.labels, strict=True) if label is not None and row not in answers
    ]
    if lost:
        raise ProjectError(
            f"{path} holds {len(lost)} answers that were not taken, such as that to {lost[0]}: take them first "
            f"(skal take), or take another --out."
        )


def write_csv(frame: Any, path: Path) -> None:
    """Write a CSV whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(draft, index=False, encoding="utf-8-sig")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ProjectError(f"{path} cannot be written: {error.strerror}. No answer is lost.") from error


def _bare(path: Path) -> str:
    return path.stem.removesuffix(REFUSED)


def _free(name: str, frame: Any) -> str:
    """The name, or one like it where a column of the data has it."""
    return name if name not in frame.columns else f"skal_{name}"
