"""Answers that people gave in Label Studio."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from skal.labeling._errors import ProjectError
from skal.labeling._events import FILE
from skal.labeling._taken import Refused, Taken
from skal.labeling._words import counted
from skal.labeling.formats.controls import Unreadable, answer_of, check_readable
from skal.labeling.formats.masks import drawing_of
from skal.labeling.formats.tasks import ANNOTATOR, REASON, Annotation, read_tasks, said_in
from skal.labeling.masks.images import image_size
from skal.labeling.project import Project
from skal.labeling.sheets import REFUSED, bare_name
from skal.whole_file import write_whole

_BLANK = object()


def take_label_studio(
    project: Project,
    path: str | Path,
    annotator: str | None = None,
    allow: Sequence[str] = (),
    control: str | None = None,
) -> tuple[Taken, Path | None]:
    """Take the answers of an export of Label Studio.

    Parameters
    ----------
    project : Project
        Whose rows were labelled there.
    path : str or Path
        The export, as JSON.
    annotator : str, default=None
        Who answered. None: as the file says (the address of the person if it is there), else the name of the file.
    allow : sequence of str, default=()
        New classes that are allowed.
    control : str, default=None
        Name of the control with the answers. None: the one called like the target of the project, else the only one
        that fits.

    Returns
    -------
    taken : Taken
        What became of the answers. Of several of one person to one row the last counts; a task that was skipped is
        skipped here, unless this person has answered the row.
    refused : Path or None
        JSON of the tasks whose answers were not taken, with the reason in each: correct it, and take it.

    Raises
    ------
    ProjectError
        If the file is something else. Nothing is taken then.
    """
    path = Path(path)
    check_readable(project)
    found, notes = _latest(_with_names(project, read_tasks(path), annotator, bare_name(path)))
    rows, said = project.asked_ids([one.row for one in found])
    found = [replace(one, row=row) for one, row in zip(found, rows, strict=True)]
    offered: dict[str, list[tuple[int, Any]]] = {}
    refused: dict[int, Refused] = {}
    skipped: list[int] = []
    n_blank = 0
    for place, one in enumerate(found):
        if one.is_skipped:
            skipped.append(place)
            continue
        try:
            label = _answer(project, one, control)
        except Unreadable as error:
            refused[place] = Refused(place, one.row, _label_in_short(one), str(error))
            continue
        if label is _BLANK:
            n_blank += 1
        else:
            offered.setdefault(str(one.annotator), []).append((place, label))
    parts = [Taken(blank=n_blank)]
    for who, mine in offered.items():
        places = [place for place, _ in mine]
        taken = project.tell(
            [found[place].row for place in places],
            [label for _, label in mine],
            annotator=who,
            seconds=[found[place].seconds for place in places],  # type: ignore[misc]
            allow=allow,
            on_refused="return",
        )
        parts.append(taken)
        refused.update({places[one.position]: one.moved(places[one.position]) for one in taken.refused})
    notes += [*said, *_skipped(project, [found[place] for place in skipped], refused, skipped)]
    kept = [refused[place] for place in sorted(refused)]
    taken = replace(Taken.joined(parts), refused=kept, notes=notes)
    if not kept:
        return taken, None
    out = path.with_name(f"{bare_name(path)}{REFUSED}.json")
    _write_refused(out, [(found[one.position], one.reason) for one in kept])
    return taken, out


def _with_names(
    project: Project, tasks: list[dict[str, Any]], annotator: str | None, file: str
) -> tuple[list[Annotation], list[str]]:
    found, by_file, of_data = [], False, 0
    for one in said_in(project, tasks):
        if one.annotator == FILE and not annotator:
            of_data += 1  # labels that the data came with: the project has them from there
            continue
        by_file = by_file or (one.annotator is None and not annotator)
        found.append(replace(one, annotator=annotator or (file if one.annotator is None else one.annotator)))
    notes = [f"Annotator: {file!r}, from the name of the file; --annotator says another."] if by_file else []
    if of_data:
        notes.append(f"Labels that the data came with, not taken as answers: {of_data}.")
    return found, notes


def _latest(named: tuple[list[Annotation], list[str]]) -> tuple[list[Annotation], list[str]]:
    """Of several answers of one person to one row, the one that was given or changed last."""
    found, notes = named
    kept: dict[tuple[str, str | None], Annotation] = {}
    for one in found:
        before = kept.get((one.row, one.annotator))
        if before is None or before.time <= one.time:
            kept[one.row, one.annotator] = one
    n_older = len(found) - len(kept)
    return list(kept.values()), [*notes, f"Earlier answers of the same person to the same row: {n_older}."][
        : len(notes) + bool(n_older)
    ]


def _answer(project: Project, one: Annotation, control: str | None) -> Any:
    answer = project.kind.name
    if not one.results:
        return [] if answer == "labels" else _BLANK
    if answer == "mask":
        file = project.data_rows.file_of(one.row)
        if file is None:
            raise Unreadable(f"there is no row {one.row!r} in {project.data_path.name}.")
        return drawing_of(one.results, project.settings.classes, image_size(file), control)
    return answer_of(one.results, answer, project.settings.target, control)


def _skipped(
    project: Project, skipped: list[Annotation], refused: dict[int, Refused], places: list[int]
) -> list[str]:
    """Skip rows that were skipped there and that the person has not answered here."""
    n_new, answers = 0, project.answers()
    for one, place in zip(skipped, places, strict=True):
        if one.row not in project.data_rows.places:
            reason = f"there is no row {one.row!r} in {project.data_path.name}."
            refused[place] = Refused(place, one.row, "(skipped)", reason)
        elif one.annotator not in answers.get(one.row, {}):
            project.skip(one.row, annotator=str(one.annotator), reason="skipped in Label Studio")
            n_new += 1
    return [f"Rows skipped there, and skipped here now: {n_new}."] if n_new else []


def _label_in_short(one: Annotation) -> str:
    values = [result.get("value") for result in one.results]
    text = json.dumps(values[0] if len(values) == 1 else values, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _write_refused(path: Path, kept: list[tuple[Annotation, str]]) -> None:
    tasks: dict[int, dict[str, Any]] = {}
    for one, reason in kept:
        task = tasks.setdefault(id(one.task), {**one.task, "annotations": []})
        task["annotations"].append({**one.raw, ANNOTATOR: one.annotator, REASON: reason})
    for task in tasks.values():
        task.pop("completions", None)
    try:
        write_whole(path, json.dumps(list(tasks.values()), ensure_ascii=False, indent=1))
    except OSError as error:
        n = counted(len(kept), "answer")
        raise ProjectError(
            f"{path} cannot be written: {error.strerror}. {n} could not be taken; the others are kept."
        ) from error
