"""From options to a page: the project opened or made, its people known, what cannot be served refused."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from skal.label_page._addresses import LOOPBACK, address_of
from skal.label_page._fields import Fields
from skal.label_page._people import OnePerson, People, links
from skal.label_page._shown_rows import cached_rows, load_reader
from skal.label_page.app import LabelPage
from skal.label_page.desk import Desk
from skal.label_page.options import PageOptions
from skal.label_page.supervisor import Supervisor
from skal.labeling import Project, ProjectError, holds_project, read_stamp


def check_people(options: PageOptions, where: Path) -> None:
    """Refuse what would open the page to people who are not known."""
    if options.name is not None and (options.annotators or options.new_links):
        raise ProjectError("--as is for one person at this machine, --annotator for people with links: give one.")
    if options.host not in LOOPBACK and (options.name is not None or not _has_people(options, where)):
        raise ProjectError(
            f"--host {options.host} opens the page to others, so it needs to know them: give --annotator NAME for "
            "each; it prints a link."
        )


async def made_ready(
    options: PageOptions, where: Path, supervisor: Supervisor, opened: asyncio.Queue[dict[str, Any]]
) -> list[str]:
    """Have the data read, in the process of the trainer, unless they have been; return what there is to tell."""
    stamp = read_stamp(options.data, options.folder, options.given)
    if stamp is not None and cached_rows(where, stamp) is not None:
        return []
    await supervisor.tell("open")
    load_reader()
    message = await opened.get()
    if message["said"] != "open":
        raise ProjectError(message["error"])
    return list(message["notes"])


def page_of(
    project: Project, options: PageOptions, worker: ThreadPoolExecutor, port: int
) -> tuple[LabelPage, list[str]]:
    """Make the page, in the thread in which the project is used, and the lines to say: the address comes first."""
    settings = project.settings
    fields = Fields.of_project(project, options.show)
    where = address_of(options, port)
    lines = [where]
    people: People | OnePerson
    if options.name is not None or not _has_people(options, project.folder):
        people = OnePerson(project.folder, options.name or "")
    else:
        people = People(project.folder)
        lines += links(people, options.annotators, options.new_links, where)
    desk = Desk(project, people.names, fields, options.desk.for_rounds_of(options.batch or settings.batch))
    _check_classes(project)
    about = {
        "name": project.data_path.name,
        "n_rows": len(project.data_rows.ids),
        "target": settings.target,
        "control": project.kind.control,
        "range": settings.range or None,
        "columns": fields.names,
    }
    page = LabelPage(desk, people, about, language=options.language, log_content=options.log_content, worker=worker)
    return page, lines


def _check_classes(project: Project) -> None:
    """Refuse a page on which nothing could be chosen."""
    settings = project.settings
    if settings.answer != "number" and not project.classes and not settings.new_classes:
        raise ProjectError(
            f"{project.data_path.name} has no labels and no class was named, so the page would have nothing to "
            "choose from. Name the classes, --classes a,b, or make them on the page while you answer, --new-classes."
        )
    if settings.answer == "class" and len(project.classes) == 1 and not settings.new_classes:
        raise ProjectError(
            f"{project.data_path.name} has one class, {project.classes[0]!r}, so the page would have nothing to "
            "choose from. Name the others, --classes a,b, or make them on the page while you answer, --new-classes."
        )


def _has_people(options: PageOptions, where: Path) -> bool:
    return bool(options.annotators or options.new_links or (holds_project(where) and People(where).names))
