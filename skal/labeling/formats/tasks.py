"""Tasks of Label Studio: its JSON export, read and checked, and which row each task is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from skal.labeling._cleaning import normal
from skal.labeling._errors import ProjectError
from skal.labeling.project import Project
from skal.labeling.sheets import id_column

ANNOTATOR = "skal_annotator"  # who answered, in files that skal writes; Label Studio reads past it
REASON = "skal_reason"
_UPLOADED = re.compile(r"^[0-9a-f]{8}-")  # Label Studio puts this before the names of files that are uploaded
_REMEDY = "In Label Studio, choose Export and JSON."


@dataclass(frozen=True)
class Annotation:
    """What one person said of one row in Label Studio.

    Attributes
    ----------
    task, raw : dict
        As they stand in the file.
    row : str
        Id of the row, known or not.
    annotator : str or None
        None where the file does not say who.
    """

    task: Mapping[str, Any]
    raw: Mapping[str, Any]
    row: str
    annotator: str | None

    @property
    def results(self) -> list[Mapping[str, Any]]:
        """What was chosen or drawn."""
        return [one for one in self.raw.get("result") or [] if isinstance(one, Mapping)]

    @property
    def is_skipped(self) -> bool:
        """Whether the person skipped the task."""
        return bool(self.raw.get("was_cancelled") or self.raw.get("skipped"))

    @property
    def seconds(self) -> float | None:
        """What the answer took."""
        found = self.raw.get("lead_time")
        is_time = isinstance(found, (int, float)) and not isinstance(found, bool) and 0 <= found < float("inf")
        return float(found) if is_time else None  # type: ignore[arg-type]

    @property
    def time(self) -> str:
        """When it was given or changed last."""
        return str(self.raw.get("updated_at") or self.raw.get("created_at") or "")


def read_tasks(path: Path) -> list[dict[str, Any]]:
    """Read the JSON export of Label Studio.

    Raises
    ------
    ProjectError
        If the file is something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ProjectError(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}.") from error
    except RecursionError:
        raise ProjectError(f"{path} is not an export of Label Studio: it is nested too deeply.") from None
    except ValueError as error:  # no JSON, or not UTF-8
        raise ProjectError(f"{path} is not JSON: {error}.") from error
    if isinstance(found, dict) and {"images", "categories"} <= found.keys():
        raise ProjectError(f"{path} is COCO, which says nothing of who labelled what. {_REMEDY}")
    tasks = found if isinstance(found, list) else [found]
    for number, task in enumerate(tasks):
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            is_min = isinstance(task, dict) and {"annotator", "annotation_id"} <= task.keys()
            what = "the export JSON-MIN" if is_min else "not the JSON export of Label Studio"
            raise ProjectError(f"{path} is {what}: entry {number + 1} has no data of a task. {_REMEDY}")
        given = task.get("annotations", task.get("completions", []))
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise ProjectError(f"{path}: the annotations of entry {number + 1} are no list of objects. {_REMEDY}")
    return tasks


def said_in(project: Project, tasks: list[dict[str, Any]]) -> Iterator[Annotation]:
    """Go through what people said, task by task."""
    rows = Rows(project)
    for task in tasks:
        row = rows.row_of(task)
        for given in task.get("annotations", task.get("completions", [])):
            yield Annotation(task, given, row, _person(given))


def _person(given: Mapping[str, Any]) -> str | None:
    if isinstance(given.get(ANNOTATOR), str):
        return str(given[ANNOTATOR])
    who = given.get("completed_by")
    if isinstance(who, Mapping):
        who = who.get("email") or who.get("username") or who.get("id")
    if who is None or isinstance(who, bool):
        return None
    return f"user {who}" if isinstance(who, int) else str(who)


class Rows:
    """Finds the row of a task: by its id, or by the name of its file.

    Parameters
    ----------
    project : Project
        Whose rows.
    """

    def __init__(self, project: Project) -> None:
        self.column = id_column(project)
        self.known = project.data_rows.places
        self.has_files = project.data_path.is_dir()
        self.paths = {}
        if self.has_files:
            files = project.data_rows.rows.shown["file"]
            self.paths = {normal(str(file)): row for file, row in zip(files, project.ids, strict=True)}

    def row_of(self, task: Mapping[str, Any]) -> str:
        """Return the id of the row; of a row that is not known, what stands for it in the file."""
        data = task["data"]
        given = data.get(self.column)
        said = None if given is None or isinstance(given, (dict, list)) else normal(str(given).strip())
        if said in self.known:
            return str(said)
        values = [value for value in data.values() if isinstance(value, str)]
        found = {row for value in values if self.has_files and (row := self._of_file(value)) is not None}
        if len(found) == 1:
            return found.pop()
        return said or f"task {task.get('id', '?')}"

    def _of_file(self, value: str) -> str | None:
        parts = urlsplit(value)
        path = normal(parse_qs(parts.query).get("d", [unquote(parts.path)])[0])
        names = path.split("/")
        for first in range(len(names)):  # the longest end of the path that is a file of the project
            if (row := self.paths.get("/".join(names[first:]))) is not None:
                return row
        for name in (names[-1], _UPLOADED.sub("", names[-1])):
            if name in self.known:
                return name
        return None
