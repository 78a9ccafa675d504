"""Questions as a folder of files: sort them into folders of classes, and the answers are taken from there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from skal.labeling._cleaning import normal
from skal.labeling._errors import ProjectError
from skal.labeling._questions import Questions
from skal.labeling._taken import Taken
from skal.labeling.project import Project
from skal.labeling.sheets import (
    ANNOTATOR,
    FILE_ID,
    REASON,
    REFUSED,
    WHY,
    asked_of,
    check_not_data,
    read_sheet,
    refuse_lost,
    take_answers,
    whose,
    write_csv,
)
from skal.sheet_cells import safe_frame

SHEET = "sheet.csv"
_SLASH = "__"  # in names of files, where ids are paths


def write_files(project: Project, questions: Questions, path: str | Path) -> Path:
    """Copy the files of questions into a folder, named by their ids, with an empty folder for each known class.

    Where an answer is no class there are no such folders.

    Parameters
    ----------
    project : Project
        That asks.
    questions : Questions
        Of the project.
    path : str or Path
        Folder to make. One that is there and not empty is refused, or, if all of its questions are answered, moved
        aside under another name.

    Returns
    -------
    Path
        The folder. ``sheet.csv`` in it lists ids, files and why each row is asked; its column of labels may be used
        instead of the folders.
    """
    path = Path(path)
    _make_room(project, path)
    draft = path.with_name(f".{path.name}.draft")
    root = project.data_path
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for row, file in zip(questions.ids, questions.rows["file"], strict=True):
            shutil.copy2(root / file, draft / name_of_copy(row))
        for name in project.classes if project.kind.sorts_files else ():
            if _is_folder_name(name):
                (draft / name).mkdir()
        import pandas as pd

        frame = pd.DataFrame({FILE_ID: questions.ids, "file": questions.rows["file"]})
        frame[project.settings.target] = ""
        frame[WHY] = questions.why
        if any(who := asked_of(questions)):
            frame[ANNOTATOR] = who
        write_csv(safe_frame(frame)[0], draft / SHEET)
        if path.exists():
            path.rmdir()
        draft.replace(path)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise ProjectError(f"{path} cannot be written: {error.strerror}. No answer is lost.") from error
    return path


def name_of_copy(row: str) -> str:
    """Return the name that the file of a row has in a folder of questions."""
    return row.replace("/", _SLASH)


def take_files(
    project: Project, path: str | Path, annotator: str | None = None, allow: Sequence[str] = ()
) -> tuple[Taken, Path | None]:
    """Take the answers of a folder: files in a folder of a class have that label, files beside them have none.

    Parameters
    ----------
    project, annotator, allow
        As in `skal.labeling.take_sheet`.
    path : str or Path
        The folder. Labels in its ``sheet.csv`` count as well.

    Returns
    -------
    taken : Taken
        What became of the answers.
    refused : Path or None
        List of the answers that were not taken, with the reason in each line.
    """
    path = Path(path)
    ids, labels, files = sorted_files(path)
    written_for: dict[str, str | None] = {}
    if (path / SHEET).exists():
        sheet = read_sheet(project, path / SHEET)
        written_for = dict(zip(sheet.ids, sheet.annotators, strict=True))
        for row, label in zip(sheet.ids, sheet.labels, strict=True):
            if label is not None:
                ids, labels, files = [*ids, row], [*labels, label], [*files, SHEET]
    people, said = whose(project, ids, [written_for.get(row) for row in ids], annotator, path)
    taken, kept = take_answers(project, ids, labels, people, allow)
    taken = replace(taken, notes=said)
    if not kept:
        return taken, None
    out = path.with_name(f"{path.name}{REFUSED}.csv")
    columns = {FILE_ID: [one.id for one in kept], "file": [files[one.position] for one in kept]}
    reasons = {project.settings.target: [one.label for one in kept], REASON: [one.reason for one in kept]}
    import pandas as pd

    write_csv(safe_frame(pd.DataFrame({**columns, **reasons}))[0], out)
    return taken, out


def sorted_files(path: Path) -> tuple[list[str], list[Any], list[str]]:
    """Return the ids, labels and paths of the files that lie in folders of classes."""
    if not path.is_dir():
        raise ProjectError(f"There is no folder {str(path)!r}.")
    ids, labels, files = [], [], []
    for folder in sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith(".")):
        if folder.name == "unsorted":
            continue
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.name.startswith(".") and file.name not in ("Thumbs.db", "desktop.ini"):
                ids.append(normal(file.name.replace(_SLASH, "/")))
                labels.append(folder.name)
                files.append(file.relative_to(path).as_posix())
    return ids, labels, files


def _make_room(project: Project, path: Path) -> None:
    """Move an older batch aside; one that holds answers nobody has taken is refused."""
    check_not_data(project, path)
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not path.is_dir() or not (path / SHEET).exists():
        raise ProjectError(f"{path} is there already, and holds no questions of a project: take another --out.")
    answers = project.answers()
    ids, _, _ = sorted_files(path)
    sheet = read_sheet(project, path / SHEET)
    ids += [row for row, label in zip(sheet.ids, sheet.labels, strict=True) if label is not None]
    refuse_lost(path, [row for row in ids if row not in answers])
    number = 1
    while os.path.exists(aside := path.with_name(f"{path.name}-{number}")):
        number += 1
    path.rename(aside)
    project.notes.append(f"The folder {path.name} of an earlier batch is now {aside.name}.")


def _is_folder_name(name: str) -> bool:
    return name not in ("", ".", "..") and not set(name) & set('/\\:*?"<>|\0')
