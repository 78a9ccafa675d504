"""Rows, answers and predictions for Label Studio, in the format that it imports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from skal.labeling._errors import ProjectError
from skal.labeling.export import exported
from skal.labeling.formats.controls import check_readable, page_of, results_of
from skal.labeling.formats.files import write_json, write_text
from skal.labeling.formats.masks import results_of_mask
from skal.labeling.formats.tasks import ANNOTATOR, read_tasks
from skal.labeling.kinds import MaskAnswers
from skal.labeling.masks.images import image_size
from skal.labeling.project import Project
from skal.labeling.sheets import check_not_data, id_column
from skal.masks import resized_mask

_TEXT, _IMAGE = "text", "image"
_PREDICTED = ("predicted", "probability")
_IMAGES = 256  # at once
_LOCAL = "/data/local-files/?d="  # how Label Studio names files of its own machine


def label_studio_tasks(project: Project, *, predict: bool = True) -> tuple[list[dict[str, Any]], str, list[str]]:
    """Return the rows of a project as tasks of Label Studio.

    Parameters
    ----------
    project : Project
        Any but one of regions.
    predict : bool, default=True
        Whether rows without a label get the prediction of the model.

    Returns
    -------
    tasks : list of dict
        One per row: its columns as text, the answers of people as annotations, and a prediction. Whoever imports
        them becomes the annotator there, as Label Studio knows only its own users; in the file the name stands in
        "skal_annotator".
    page : str
        The labelling configuration that belongs to them.
    notes : list of str
        What there is to tell.
    """
    check_readable(project)
    settings, kind = project.settings, project.kind
    rows = project.data_rows.rows
    has_images = bool(project.data_path.is_dir()) and not hasattr(rows.X, "columns")
    name, to_name = settings.target, _IMAGE if has_images else _TEXT
    shown = rows.shown.drop(columns=[settings.target], errors="ignore")
    value, data = _data(project, shown, has_images)
    answers = project.read_answers().by_row
    guesses, notes = (_guessed_masks if isinstance(kind, MaskAnswers) else _guesses)(project, predict)
    files = rows.files or []

    def results(label: Any, place: int) -> list[dict[str, Any]]:
        if not isinstance(kind, MaskAnswers):
            return results_of(label, kind, name, to_name, place)
        mask = kind.store.in_classes(label, settings.classes) if isinstance(label, str) else label
        mask = resized_mask(mask, image_size(files[place]))  # guesses are small
        return results_of_mask(mask, settings.classes, name, to_name, place)

    tasks = []
    for place, row in enumerate(project.ids):
        given = [
            {
                "result": [] if event.label is None else results(event.label, place),
                "was_cancelled": event.label is None,
                "ground_truth": False,  # Label Studio takes what is imported for the truth unless told otherwise
                "lead_time": event.seconds,
                ANNOTATOR: who,
            }
            for who, event in answers.get(row, {}).items()
        ]
        task: dict[str, Any] = {"id": place + 1, "data": data[place], "annotations": given}
        if place in guesses:
            label, score = guesses[place]
            guess = {"model_version": f"skal: {settings.estimator}", "result": results(label, place)}
            task["predictions"] = [guess if score is None else {**guess, "score": score}]
        tasks.append(task)
    shown_as = "Image" if has_images else "Text"
    page = page_of(kind.name, name, shown_as, to_name, value, project.classes, settings.range)
    return tasks, page, notes


def write_label_studio(project: Project, path: str | Path, *, predict: bool = True) -> tuple[list[Path], list[str]]:
    """Write tasks for Label Studio, and beside them its labelling configuration.

    Parameters
    ----------
    project : Project
        Any but one of regions.
    path : str or Path
        JSON file; the configuration has the ending ``.xml``.
    predict : bool, default=True
        Whether rows without a label get the prediction of the model.

    Returns
    -------
    paths : list of Path
        Of the tasks and of the configuration.
    notes : list of str
        What there is to tell.
    """
    path = Path(path)
    if path.suffix.lower() != ".json":
        raise ProjectError(f"{path.name}: a file for Label Studio ends in .json.")
    other = path.with_suffix(".xml")
    for one in (path, other):
        check_not_data(project, one)
    _check_no_answers_lost(path)
    tasks, page, notes = label_studio_tasks(project, predict=predict)
    write_json(path, tasks)
    write_text(other, page)
    notes.append(
        f"The labelling configuration is in {other.name}: paste it in Label Studio under Settings, Labeling "
        "Interface, Code, then import the tasks."
    )
    if project.data_path.is_dir() and _IMAGE in tasks[0]["data"]:
        notes.append(
            "Label Studio reads the images itself: start it with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and "
            f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={project.data_path.resolve().parent}."
        )
    return [path, other], notes


def _guesses(project: Project, predict: bool) -> tuple[dict[int, tuple[Any, float | None]], list[str]]:
    """Predictions and their probabilities, by position, of rows without a label."""
    frame, notes = exported(project, predict=predict)
    if not predict:
        return {}, notes
    cells, sure = (list(frame[f"skal_{name}" if f"skal_{name}" in frame else name]) for name in _PREDICTED)
    texts = project.kind.read(
        [None if cell != cell else cell for cell in cells], project.classes, any_new=True
    ).labels
    found = {place: text for place, text in enumerate(texts) if text is not None}
    scores = {place: float(sure[place]) for place in found if isinstance(sure[place], float)}
    return {
        place: (text, score if (score := scores.get(place)) == score else None) for place, text in found.items()
    }, notes


def _guessed_masks(project: Project, predict: bool) -> tuple[dict[int, tuple[Any, float | None]], list[str]]:
    """Masks that the model draws on images without one, by position, at the size at which it sees them."""
    from skal.data import take

    labeled = project.read_answers().labeled()
    rest = np.array([place for place, row in enumerate(project.ids) if row not in labeled], dtype=np.intp)
    if not predict or not len(rest):
        return {}, []
    try:
        model = project.model()
    except ProjectError as error:  # answers come out whatever a model says
        return {}, [f"No predictions: {error}"]
    found: dict[int, tuple[Any, float | None]] = {}
    for first in range(0, len(rest), _IMAGES):
        part = rest[first : first + _IMAGES]
        for place, mask in zip(part.tolist(), model.predict(take(project.data, part)), strict=True):
            found[place] = mask, None
    return found, []


def _check_no_answers_lost(path: Path) -> None:
    """Refuse to write over an export of Label Studio."""
    try:
        tasks = read_tasks(path)
    except ProjectError:  # not there, or nothing of Label Studio
        return
    if any(
        ANNOTATOR not in given for task in tasks for given in task.get("annotations", task.get("completions", []))
    ):
        raise ProjectError(f"{path} holds answers from Label Studio: take another --out (skal take reads them).")


def _data(project: Project, shown: Any, has_images: bool) -> tuple[str, list[dict[str, Any]]]:
    """The data of each task, and which entry is shown."""
    column = id_column(project)
    cells = shown.astype(object).where(shown.notna(), "")
    data = [{str(name): str(cell) for name, cell in line.items()} for line in cells.to_dict("records")]
    for row, entries in zip(project.ids, data, strict=True):
        entries[column] = row
    if has_images:
        root = project.data_path.resolve().name
        for entries in data:
            entries[_IMAGE] = _LOCAL + quote(f"{root}/{entries['file']}")
        return _IMAGE, data
    read = [str(name) for name in shown.columns if name != column]
    texts = [name for name, kind in project.settings.columns.items() if kind == "text" and name in read]
    best = texts[0] if len(texts) == 1 else read[0] if len(read) == 1 else None
    if best is not None and re.fullmatch(r"\w+", best):
        return best, data
    whole = "skal_text"
    for entries in data:
        entries[whole] = "\n".join(f"{name}: {entries[name]}" for name in read)
    return whole, data
