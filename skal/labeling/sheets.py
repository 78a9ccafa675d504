"""Sheets: questions as a CSV that a spreadsheet opens without harm, and answers back from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from skal.labeling._cleaning import label_text, normal
from skal.labeling._errors import ProjectError
from skal.labeling._questions import Questions
from skal.labeling._taken import Taken
from skal.labeling._words import counted
from skal.labeling.project import Project
from skal.sheet_cells import plain_cell, safe_frame
from skal.tables import LABELED_BY, ROW_ID, STATE, read_table

ID = ROW_ID  # column of the ids where the data have none of their own
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
    frame[free_name(WHY, frame)] = questions.why
    if any(who := asked_of(questions)):
        frame[free_name(ANNOTATOR, frame)] = who
    return frame


def asked_of(questions: Questions) -> list[str]:
    """Return whom each question was asked of.

    A sheet keeps that: a row may be asked of several people, and its answers are of whom it was written for.
    """
    return [event.annotator for event in questions.events]


def id_column(project: Project) -> str:
    """Return the name of the column of ids in sheets."""
    return {"": ID, "file": FILE_ID, "path": FILE_ID}.get(project.settings.id, project.settings.id)


def read_sheet(project: Project, path: str | Path, encoding: str | None = None) -> Sheet:
    """Read a sheet.

    Parameters
    ----------
    project : Project
        That asked.
    path : str or Path
        The sheet.
    encoding : str, default=None
        Of the file; None: UTF-8, and if it is not, the encoding of the project's data.

    Raises
    ------
    ProjectError
        If there is no such file, it is the data or an export, or it has no column of ids or labels.
    """
    path = Path(path)
    if _is_same(path, project.data_path):
        raise ProjectError(f"{path} is the table itself: labels in it are taken over when a command reads it.")
    frame = _cells_of(project, path, encoding).rename(columns=plain_cell)
    if {STATE, LABELED_BY} <= set(frame.columns) - set(project.settings.columns):
        raise ProjectError(f"{path} is an export, not a sheet: its labels are known already.")
    target, name = project.settings.target, id_column(project)
    for column in (name, target):
        if column not in frame.columns:
            raise ProjectError(
                f"{path.name} has no column {column!r}, so it is no sheet of {project.folder.name}; it has "
                f"{', '.join(map(str, frame.columns[:20]))}."
            )
    frame = frame.map(plain_cell)
    ids = ["" if cell is None or cell != cell else normal(str(cell).strip()) for cell in frame[name]]
    who: list[str | None] = [None] * len(frame)
    column = ANNOTATOR if ANNOTATOR not in project.settings.columns else f"skal_{ANNOTATOR}"
    if column in frame.columns:
        who = [label_text(cell) for cell in frame[column]]
    return Sheet(ids, [label_text(cell) for cell in frame[target]], who, frame)


def _cells_of(project: Project, path: Path, encoding: str | None) -> Any:
    """All cells of a file as text, in its encoding or in that of the data."""
    tried = [encoding, project.settings.options.get("encoding")] if encoding is None else [encoding]
    problem: Exception | None = None
    for one in dict.fromkeys(tried):
        try:
            return read_table(path, as_text=True, encoding=one).frame
        except (ValueError, OSError) as error:
            problem = problem or error
    said = str(problem).replace('encoding="latin-1"', "skal take --encoding latin-1")
    raise ProjectError(f"{path} cannot be read as a sheet: {said}") from problem


def _is_same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.resolve() == other.resolve()


def check_on_sheets(project: Project) -> None:
    """Refuse to write questions into a sheet that only a page can show.

    Raises
    ------
    ProjectError
        If pixels are labelled.
    """
    if project.kind.of_pixels:
        raise ProjectError(f"{project.kind.hint} {project.data_path.name}. Answers in Python: Project.ask and tell.")


def check_not_data(project: Project, path: Path) -> None:
    """Refuse to write over what is labelled.

    Raises
    ------
    ProjectError
        If the path is that of the data or of the project, or lies within a folder that is labelled.
    """
    mine = [project.data_path.resolve(), project.folder.resolve()]
    inside = any(one in path.resolve().parents for one in mine if one.is_dir())
    if path.resolve() in mine or inside:
        raise ProjectError(f"{path} belongs to what is labelled, and is never written to: take another --out.")


def take_sheet(
    project: Project,
    path: str | Path,
    annotator: str | None = None,
    allow: Sequence[str] = (),
    encoding: str | None = None,
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
    encoding : str, default=None
        Of the sheet; see `read_sheet`.

    Returns
    -------
    taken : Taken
        What became of the answers.
    refused : Path or None
        Sheet of the lines that were not taken, with the reason in each: correct it, and take it.
    """
    path = Path(path)
    sheet = read_sheet(project, path, encoding)
    ids, notes = project.asked_ids(sheet.ids)
    people, said = whose(project, ids, sheet.annotators, annotator, path)
    taken, kept = take_answers(project, ids, sheet.labels, people, allow)
    taken = replace(taken, notes=[*notes, *said])
    if not kept:
        return taken, None
    lines = sheet.frame.iloc[[one.position for one in kept]].copy()
    lines[free_name(REASON, lines.drop(columns=[REASON], errors="ignore"))] = [one.reason for one in kept]
    out = path.with_name(f"{bare_name(path)}{REFUSED}.csv")
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
) -> tuple[list[str], list[str]]:
    """Say who gave each answer, and what was taken from the name of the file."""
    if annotator:
        return [annotator] * len(ids), []
    asked, file = project.asked_of(), bare_name(path)
    people = [name or asked.get(row) or file for row, name in zip(ids, named, strict=True)]
    by_file = any(not name and row not in asked for row, name in zip(ids, named, strict=True))
    by_question = {asked[row] for row, name in zip(ids, named, strict=True) if not name and row in asked}
    other = "--annotator says another."
    said = [f"Annotator: {who!r}, of whom the rows were asked; {other}" for who in sorted(by_question)]
    said += [f"Annotator: {file!r}, from the name of the file; {other}"] if by_file else []
    return people, said


def is_sheet(project: Project, path: Path) -> bool:
    """Tell whether a file is a sheet that skal wrote for the project."""
    try:
        return bool({WHY, f"skal_{WHY}"} & set(read_sheet(project, path).frame.columns))
    except ProjectError:
        return False


def check_no_answers_lost(project: Project, path: Path) -> None:
    """Refuse to write over the data, a file that is no sheet, or a sheet that holds answers nobody has taken."""
    check_not_data(project, path)
    if not path.exists():
        return
    try:
        sheet = read_sheet(project, path)
    except ProjectError as error:
        raise ProjectError(
            f"{path} is there already, and is no sheet of this project: take another --out."
        ) from error
    answers = project.answers()
    if not {WHY, f"skal_{WHY}"} & set(sheet.frame.columns):
        raise ProjectError(f"{path} is there already, and skal did not write it as a sheet: take another --out.")
    lost = [
        row for row, label in zip(sheet.ids, sheet.labels, strict=True) if label is not None and row not in answers
    ]
    refuse_lost(path, lost)


def refuse_lost(path: Path, lost: list[str]) -> None:
    """Raise if a sheet holds answers to these rows that nobody has taken."""
    if lost:
        raise ProjectError(
            f"{path} holds {counted(len(lost), 'answer')} not taken yet, such as that to {lost[0]}: take the sheet "
            "first (skal take), or take another --out."
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


def bare_name(path: Path) -> str:
    """Return the name of a sheet without what browsers and spreadsheets add to copies."""
    return re.sub(r"( \(\d+\)| - Copy)+$", "", path.stem.removesuffix(REFUSED)).removesuffix(REFUSED)


def free_name(name: str, frame: Any) -> str:
    """The name, or one like it where a column of the data has it."""
    return name if name not in frame.columns else f"skal_{name}"
