"""From data on the command line to their project: found, changed as was said, or made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skal.labeling._data import ProjectData, stamp_of
from skal.labeling._errors import ProjectError
from skal.labeling._journal import Journal
from skal.labeling._places import holds_project, project_of
from skal.labeling._settings import Settings
from skal.labeling.project import Project, lost_data


def opened_or_made(data: Path, folder: Path | None = None, given: Mapping[str, Any] | None = None) -> Project:
    """Open the project of the data; with settings change them, or make the project if it is not there.

    Parameters
    ----------
    data : Path
        The table or folder that is labelled, or the folder of its project.
    folder : Path, default=None
        Of the project; None: beside the data.
    given : mapping, default=None
        Settings, as `Project.create` takes them; those that are not named stay. Classes are added to those of a
        project that is there. None: make nothing.

    Returns
    -------
    Project
        Open.

    Raises
    ------
    ProjectError
        If there is no project and none is to be made, or the folder is that of other data.
    """
    where = folder or project_of(data)
    if holds_project(where):
        opened = Project.open(where)
        if data.suffix != ".skal" and opened.data_path.resolve() != data.resolve():
            raise ProjectError(
                f"{where} is the project of {opened.data_path}, not of {data}. For a project of {data} give "
                "--project FOLDER."
            )
        if given:
            opened.notes += _changed(opened, given)
        return opened
    if not data.exists():
        raise ProjectError(f"There is no file or folder {str(data)!r}.")
    for other in [] if folder is not None else sorted(data.absolute().parent.glob("*.skal")):
        lost = lost_data(other) if holds_project(other) else None
        if lost is not None and (lost.parent.resolve(), lost.suffix) == (
            data.absolute().parent.resolve(),
            data.suffix,
        ):
            raise ProjectError(
                f"{other.name} has lost its data: {lost.name} is not there. If {data} is the same table, write its "
                f"path into the entry data of {other / 'project.toml'}. For a new project give --project {where}."
            )
    if given is None:
        raise ProjectError(
            f"There is no labelling project of {data} ({where} is missing). To make one: skal next {data} --target "
            "COLUMN"
        )
    return Project.create(where, data, **given)


def _changed(project: Project, given: Mapping[str, Any]) -> list[str]:
    """Change settings; named classes come to those that there are, so that none vanishes and all keep their keys."""
    named = list(given.get("classes", ()))
    if not named:
        return project.change(**given)
    known = project.settings.classes if project.kind.asks_regions else project.classes  # without that of no class
    classes = [*known, *(name for name in named if name not in known)]
    if len(classes) == len(known):
        classes = project.settings.classes
    notes = project.change(**{**given, "classes": classes})
    if kept := [name for name in known if name not in named]:
        notes.append(
            f"--classes adds classes; kept: {', '.join(kept)}. To take one out, edit classes in "
            f"{project.folder / 'project.toml'}."
        )
    return notes


def read_stamp(data: Path, folder: Path | None = None, given: Mapping[str, Any] | None = None) -> str | None:
    """Return the stamp of the data if `opened_or_made` need not read them; else None.

    Parameters
    ----------
    data, folder, given
        As there.

    Returns
    -------
    str or None
        Names, sizes and times of the files, as they were when the data were read last and still are. None too where
        there is anything to make, to change or to refuse.
    """
    where = folder or project_of(data)
    if not holds_project(where):
        return None
    try:
        settings = Settings.read(where)
        path = ProjectData(where, settings).path
        if data.suffix != ".skal" and path.resolve() != data.resolve():
            return None
        now = stamp_of(path)
        journal = Journal(where)
        try:
            known = journal.stamp()
        finally:
            journal.close()
    except ProjectError:
        return None
    mine = {**vars(settings), **settings.options}
    columns = (given or {}).get("columns", {})
    same = all(value == mine.get(name) for name, value in (given or {}).items() if name != "columns")
    same = same and all(settings.columns.get(name) == kind for name, kind in columns.items())
    return now if same and known == now else None
