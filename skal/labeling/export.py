"""The table with labels, where each came from, and predictions for the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from skal.labeling._answers import Answers
from skal.labeling._data import ProjectData
from skal.labeling._errors import ProjectError
from skal.labeling._journal import readable_events
from skal.labeling._settings import Settings
from skal.labeling.kinds import AnswerKind, answer_kind
from skal.labeling.project import Project
from skal.labeling.sheets import FILE_ID, ID, check_no_answers_lost, check_not_data, free_name, is_sheet, write_csv
from skal.sheet_cells import safe_frame
from skal.tables import (
    CONFLICT,
    LABELED_BY,
    LABELLED,
    OPEN,
    PREDICTED,
    PROBABILITY,
    SKIPPED,
    SOUGHT,
    STATE,
    UNLABELLED,
)
from skal.whole_file import write_whole

PARQUET = (".parquet", ".pq")
LINES = ".jsonl"
_AT_ONCE = 10_000  # rows: texts are wide tables while they are read


def exported(project: Project, *, predict: bool = True, typed: bool = False) -> tuple[Any, list[str]]:
    """Return the data with labels, provenance and predictions.

    Parameters
    ----------
    project : Project
        Any.
    predict : bool, default=True
        Whether rows without a label get the prediction of the model and its probability.
    typed : bool, default=False
        Whether columns have the types that the model reads; else all cells are text, as they are written.

    Returns
    -------
    frame : DataFrame
        All columns as they are in the data, in their order; the column of labels holds the labels that hold. Beside
        it ``labeled_by``, ``state`` ("labelled", "conflict", "skipped", "open", "unlabelled"), ``predicted`` and
        ``probability``, and of a search ``sought``, which is "yes" where the label is one that is sought. Names that
        the data have already get ``skal_`` before them.
    notes : list of str
        What there is to tell.

    Notes
    -----
    One pass of the model over the rows without a label, block by block.
    """
    frame, labels, notes = _with_labels(project.data_rows, project.settings, project.read_answers(), project.kind)
    if typed:
        for name in getattr(project.data, "columns", ()):
            frame[name] = project.data[name].to_numpy()
    if predict:
        rest = np.flatnonzero([label is None for label in labels])
        predicted, probability, note = _predictions(project, rest)
        frame[free_name(PREDICTED, frame)], frame[free_name(PROBABILITY, frame)] = predicted, probability
        notes += [note] if note else []
    return frame, notes


def salvaged(folder: str | Path) -> tuple[Any, list[str]]:
    """Return what `exported` does, without predictions, from a project whose journal is damaged.

    Returns
    -------
    frame : DataFrame
        With the labels that are readable.
    notes : list of str
        How many entries are lost.
    """
    folder = Path(folder)
    settings = Settings.read(folder)
    data = ProjectData(folder, settings)
    try:
        events, lost = readable_events(folder)
    except ProjectError as error:
        raise ProjectError(f"{error} Nothing in it is readable.") from error
    data.ids, data.digests = data.rows.ids, data.rows.digests
    kind = answer_kind(settings.answer)(settings, folder)
    frame, _, notes = _with_labels(data, settings, Answers.of(events, kind.verdict), kind)
    words = f"{lost} entries or more cannot be read" if lost else "all entries could be read"
    return frame, [f"The journal is damaged: {words}; {len(events)} were read.", *notes]


def check_export(project: Project, path: str | Path) -> None:
    """Refuse to write an export over the data, or over a sheet that holds answers nobody has taken."""
    path = Path(path)
    check_not_data(project, path)
    if path.exists() and is_sheet(project, path):
        check_no_answers_lost(project, path)


def write_export(frame: Any, path: str | Path, *, raw: bool = False) -> tuple[Path, list[str]]:
    """Write an export as CSV, Parquet or JSON lines.

    Parameters
    ----------
    frame : DataFrame
        Of `exported`.
    path : str or Path
        Its ending tells the format.
    raw : bool, default=False
        Leave cells of a CSV as they are that a spreadsheet would take for formulas.

    Returns
    -------
    path : Path
        What was written.
    notes : list of str
        How many cells were changed for a spreadsheet's sake.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending in PARQUET:
        draft = path.with_name(f".{path.name}.draft")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(draft, index=False)
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ProjectError(f"{path} cannot be written: {error.strerror}. No answer is lost.") from error
        return path, []
    if ending == LINES:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json_lines(frame))
        except OSError as error:
            raise ProjectError(f"{path} cannot be written: {error.strerror}. No answer is lost.") from error
        return path, []
    if ending != ".csv":
        raise ProjectError(f"{path.name}: an export ends in .csv, {', '.join(PARQUET)} or {LINES}.")
    if raw:
        write_csv(frame, path)
        return path, []
    safe, changed = safe_frame(frame)
    write_csv(safe, path)
    said = (
        f"{changed} cells that a spreadsheet would run as formulas begin with an apostrophe now; --raw leaves them."
    )
    return path, [said] if changed else []


def json_lines(frame: Any) -> str:
    """Return a table as JSON lines: numbers and truth values as they are, missing cells as null."""
    names = [str(name) for name in frame.columns]
    columns = [[_plain(cell) for cell in frame[name]] for name in frame.columns]
    lines = (
        json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False) for cells in zip(*columns, strict=True)
    )
    return "".join(f"{line}\n" for line in lines)


def _plain(cell: Any) -> Any:
    """A cell as JSON can hold it."""
    cell = cell.item() if isinstance(cell, np.generic) else cell
    if cell is None or type(cell).__name__ in ("NAType", "NaTType") or cell != cell:
        return None
    if isinstance(cell, float):
        return cell if np.isfinite(cell) else str(cell)
    return cell if isinstance(cell, (str, int)) else str(cell)


def _with_labels(
    data: ProjectData, settings: Settings, answers: Answers, kind: AnswerKind
) -> tuple[Any, list[str | None], list[str]]:
    shown = data.rows.shown.copy()
    if settings.id in ("", "file"):
        shown.insert(0, free_name(FILE_ID if settings.id else ID, shown), data.ids)
    labeled, conflicts, waiting, skipped = answers.labeled(), answers.conflicts(), answers.open(), answers.skipped()
    labels = [labeled.get(row) for row in data.ids]
    who, states = [], []
    for row, label in zip(data.ids, labels, strict=True):
        votes = answers.by_row.get(row, {})
        # Of a row whose label holds, those who gave it; of a conflict, all.
        given = {name: event.label for name, event in votes.items() if event.label is not None}
        gave = [name for name, text in given.items() if label is None or kind.same(text, label)] or list(given)
        who.append(", ".join(name or "(nobody named)" for name in gave))
        if label is not None:
            states.append(LABELLED)
        elif row in conflicts:
            states.append(CONFLICT)
        elif row in waiting:
            states.append(OPEN)
        else:
            states.append(SKIPPED if row in skipped else UNLABELLED)
    shown[settings.target] = [None if label is None else kind.cell(label) for label in labels]
    shown[free_name(LABELED_BY, shown)] = who
    shown[free_name(STATE, shown)] = states
    if settings.find:
        shown[free_name(SOUGHT, shown)] = ["yes" if label in settings.find else None for label in labels]
    gone = [row for row in labeled if row not in data.places]
    more = f" and {len(gone) - 5} more" if len(gone) > 5 else ""
    notes = [f"Labelled rows that are no longer in the data: {', '.join(gone[:5])}{more}."] if gone else []
    return shown, labels, notes


def _predictions(project: Project, rest: Any) -> tuple[list[Any], list[Any], str]:
    from skal.data import RowView, blocks

    n = len(project.ids)
    predicted: list[Any] = [None] * n
    probability: list[Any] = [None] * n
    if len(rest) == 0:
        return predicted, probability, ""
    if project.kind.of_pixels:
        return (
            predicted,
            probability,
            "No predictions: Project.model() labels pixels, and its masks fit into no cell.",
        )
    try:
        model = project.model()
    except Exception as error:  # labels come out whatever a model says
        said = str(error) if isinstance(error, ProjectError) else f"{type(error).__name__}: {error}"
        return predicted, probability, f"No predictions: {said}"
    place, classes = 0, project.classes
    for block, keep in blocks(RowView(project.data, rest), _AT_ONCE):
        labels, best = project.kind.predicted(model, block, classes)
        kept = range(len(labels)) if keep is None else keep
        for k in kept:
            row, share = rest[place], best[k]
            predicted[row] = project.kind.cell(labels[k])
            probability[row] = None if share is None else round(share, 4)
            place += 1
    return predicted, probability, ""
