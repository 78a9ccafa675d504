"""A batch of questions with what spoke for each row: the same sheet, with reasons, and a page to read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skal.labeling._errors import ProjectError
from skal.labeling._questions import Questions
from skal.labeling.file_sheets import SHEET, name_of_copy, write_files
from skal.labeling.project import Project
from skal.labeling.sheets import check_no_answers_lost, check_not_data, id_column, sheet_frame, write_csv
from skal.sheet_cells import safe_frame

if TYPE_CHECKING:
    from skal.explain import QueryExplanation

PAGE = "query.html"


def explained(project: Project, questions: Questions) -> QueryExplanation | None:
    """Say what spoke for each row of a batch.

    Parameters
    ----------
    project : Project
        That asked.
    questions : Questions
        Of the project.

    Returns
    -------
    QueryExplanation or None
        None where there was no model. Densities are taken over the rows that may still be asked, at most
        ``candidates`` of the project.

    Notes
    -----
    One fit of the model, one pass over the picks, one embedding of at most ``candidates`` rows.
    """
    from skal.data import RowView
    from skal.explain import explain_query

    chosen = project.learner_of(questions)
    if chosen is None:
        return None
    learner, known, left = chosen
    places = {row: place for place, row in enumerate(project.ids)}
    picks = np.array([places[row] for row in questions.ids], dtype=np.intp)
    others = np.setdiff1d(left, picks)
    rng = np.random.RandomState(project.settings.seed)
    some = rng.permutation(others)[: max(project.settings.candidates - len(picks), 0)]
    pool = np.sort(np.concatenate([picks, some]))
    scores = np.array([(event.why or {}).get("score") or 0.0 for event in questions.events])
    query = (np.searchsorted(pool, picks), scores)
    target = project.settings.target
    shown = project.data_rows.rows.shown.iloc[pool].drop(columns=[target], errors="ignore")
    if id_column(project) not in shown.columns:
        shown.insert(0, id_column(project), [project.ids[place] for place in pool])
    seed = project.settings.seed
    found = explain_query(learner, RowView(project.data, pool), query, shown=shown, random_state=seed)
    # A person knows rows by their ids, not by their place among the labels.
    rows = [
        pick if pick.nearest_labeled is None else replace(pick, nearest_labeled=known[int(pick.nearest_labeled)])
        for pick in found.rows
    ]
    return replace(found, rows=rows, strategy=project.settings.strategy)


def write_explained(project: Project, questions: Questions, out: str | Path) -> Path:
    """Write a batch with reasons: a sheet that can be taken back, and a page that shows the rows.

    Parameters
    ----------
    project : Project
        That asked.
    questions : Questions
        Of the project.
    out : str or Path
        Folder to write into. Where rows are files they are copied into it, to be sorted.

    Returns
    -------
    Path
        The sheet.
    """
    out = Path(out)
    check_not_data(project, out)
    if out.exists() and not out.is_dir():
        raise ProjectError(f"{out} is a file; --out is the folder for the sheet and the page.")
    is_folder = project.data_path.is_dir()
    sheet = out / (SHEET if is_folder else "query.csv")
    if is_folder:
        write_files(project, questions, out)
    else:
        check_no_answers_lost(project, sheet)
    found = explained(project, questions)
    frame = sheet_frame(project, questions)
    if found is not None:
        frame = _with_reasons(frame, found.to_frame())
    write_csv(safe_frame(frame)[0], sheet)
    if found is not None:
        _page(found, questions, is_folder).to_html(out / PAGE)
    return sheet


def _with_reasons(frame: Any, reasons: Any) -> Any:
    for name in reasons.columns:
        if name not in frame.columns and name != "pool_index":
            frame[name] = reasons[name].to_numpy()
    return frame


def _page(found: QueryExplanation, questions: Questions, is_folder: bool) -> QueryExplanation:
    """Copies of the files lie beside the page."""
    if is_folder:
        found.shown["file"] = [name_of_copy(row) for row in questions.ids]
    return found
