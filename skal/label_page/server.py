"""`skal label`: opens or makes the project, serves the page, trains beside it, and ends it all together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import webbrowser
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skal.label_page._fields import Fields
from skal.label_page._one_page import only_page, tell_address
from skal.label_page._people import OnePerson, People, links
from skal.label_page._protocol import PageServer
from skal.label_page._rounds import Rounds
from skal.label_page._shown_rows import cached_rows
from skal.label_page.app import LabelPage
from skal.label_page.desk import Desk, DeskOptions
from skal.label_page.supervisor import Patience, Supervisor
from skal.labeling import Project, ProjectError, holds_project, project_of, read_stamp

PORT = 8737
_PATIENCE = 3.0  # seconds; then the page keeps the answer and sends it again
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class PageOptions:
    """What is served, to whom, and how.

    Attributes
    ----------
    data : Path
        The table or folder, or the folder of its project.
    folder : Path or None
        Of the project; None: beside the data.
    given : dict
        Settings of the project that were said.
    show : list of str
        Columns; none: all.
    desk : DeskOptions
        How questions are handed out.
    patience : Patience
        How long the trainer is waited for.
    name : str or None
        Who answers, where nobody needs a link.
    annotators, new_links : list of str
        Who gets a link, and who another one.
    host : str
        Address to listen at.
    port : int
        0: any that is free.
    names : list of str
        Further names under which the page is reached, such as https://label.example.org of a reverse proxy. Links
        begin with the first.
    batch : int or None
        Questions of a round; None: that of the project.
    language : str or None
        Of the page; None: that of the browser.
    browser : bool
        Whether to open one.
    log, log_content : bool
        Whether each request is logged, and whether the log may hold rows and labels.
    """

    data: Path
    folder: Path | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    desk: DeskOptions = field(default_factory=DeskOptions)
    patience: Patience = field(default_factory=Patience)
    name: str | None = None
    annotators: tuple[str, ...] = ()
    new_links: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = PORT
    names: tuple[str, ...] = ()
    batch: int | None = None
    language: str | None = None
    browser: bool = True
    log: bool = False
    log_content: bool = False


def serve(options: PageOptions, say: Callable[[str], None] = print) -> None:
    """Serve the page until Ctrl-C or SIGTERM.

    Parameters
    ----------
    options : PageOptions
        What, to whom, and how.
    say : callable, default=print
        Is given the lines for the person: the address first, then links and notes.

    Raises
    ------
    ProjectError
        If the project cannot be opened or made, another page has it open, or the address cannot be used.
    """
    if options.log or options.log_content:
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
        logging.getLogger("skal.label_page").setLevel(logging.INFO)
    with contextlib.ExitStack() as held:
        asyncio.run(_served(options, say, held))


async def _served(options: PageOptions, say: Callable[[str], None], held: contextlib.ExitStack) -> None:
    where = options.folder or project_of(options.data)
    _check_people(options, where)
    is_there = holds_project(where)
    if is_there:  # before anything is changed in it
        held.enter_context(only_page(where))
    listener = _listening(options.host, options.port)
    worker = ThreadPoolExecutor(1, "desk")
    opened: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    supervisor = Supervisor(
        {
            "data": str(options.data),
            "folder": None if options.folder is None else str(options.folder),
            "given": _given(options, where),
            "cache": True,
        },
        opened.put_nowait,
        options.patience,
        loud=options.log_content,
        threads=max(1, (os.cpu_count() or 2) // 2),
    )
    project: Project | None = None
    try:
        notes = await _made_ready(options, supervisor, opened)
        if not is_there:
            held.enter_context(only_page(where))
        run = asyncio.get_running_loop().run_in_executor
        project = await run(worker, lambda: Project.open(where, patience=_PATIENCE))
        page, lines = await run(worker, _page, project, options, worker, listener.getsockname())
        tell_address(where, lines[0])
        say(lines[0])
        for line in [*lines[1:], *dict.fromkeys([*notes, *project.notes])]:
            say(line)
        say("Stop with Ctrl-C; answers are kept.")
        rounds = Rounds(page, supervisor, _batch(options, project))
        supervisor.heard = rounds.heard
        if options.browser and isinstance(page.people, OnePerson):
            run(page.readers, webbrowser.open, lines[0])
        await _until_ended(page, rounds, listener, options)
    finally:
        await supervisor.stop()
        if project is not None:
            await asyncio.get_running_loop().run_in_executor(worker, project.close)
        worker.shutdown(wait=True)
        listener.close()


def _given(options: PageOptions, where: Path) -> dict[str, Any]:
    """Settings that were said; a new project keeps the questions of a round too."""
    kept = {} if options.batch is None or holds_project(where) else {"batch": options.batch}
    return {**options.given, **kept}


async def _made_ready(
    options: PageOptions, supervisor: Supervisor, opened: asyncio.Queue[dict[str, Any]]
) -> list[str]:
    """Have the data read, in the process of the trainer, unless they have been."""
    where = options.folder or project_of(options.data)
    stamp = read_stamp(options.data, options.folder, options.given)
    if stamp is not None and cached_rows(where, stamp) is not None:
        return []
    await supervisor.tell("open")
    message = await opened.get()
    if message["said"] != "open":
        raise ProjectError(message["error"])
    return list(message["notes"])


def _page(
    project: Project, options: PageOptions, worker: ThreadPoolExecutor, address: tuple[Any, ...]
) -> tuple[LabelPage, list[str]]:
    """Make the page, in the thread in which the project is used, and the lines to say."""
    data, settings = project.data_rows, project.settings
    fields = Fields.of_project(project, options.show)
    where = _address(options, address[1])
    lines = [where]
    people: People | OnePerson
    if options.name is not None or not _has_people(options, project.folder):
        people = OnePerson(project.folder, options.name or "")
    else:
        people = People(project.folder)
        lines += links(people, options.annotators, options.new_links, where)
    desk = Desk(project, people.names, fields, options.desk.for_rounds_of(_batch(options, project)))
    _check_classes(project)
    about = {
        "name": project.data_path.name,
        "n_rows": len(data.ids),
        "target": settings.target,
        "control": project.kind.control,
        "range": settings.range or None,
        "columns": fields.names,
    }
    page = LabelPage(desk, people, about, language=options.language, log_content=options.log_content, worker=worker)
    return page, lines


async def _until_ended(page: LabelPage, rounds: Rounds, listener: socket.socket, options: PageOptions) -> None:
    server = PageServer(page.app(_origins(options, listener.getsockname())))
    loop = asyncio.get_running_loop()

    def end() -> None:
        server.force_exit = server.should_exit  # the second time at once
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, end)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))
    work = asyncio.create_task(rounds.run())
    try:
        await server.serve(sockets=[listener])
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        page.readers.shutdown(wait=False, cancel_futures=True)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
        listener.setblocking(False)
        return listener
    except OSError as error:
        taken = error.errno in (98, 48, 10048)
        why = f"port {port} is in use, perhaps by another `skal label`" if taken else str(error.strerror or error)
        raise ProjectError(
            f"The page cannot be served at {host}:{port}: {why}. --port 0 takes any free port, --port N another."
        ) from error


def _check_people(options: PageOptions, where: Path) -> None:
    if options.name is not None and (options.annotators or options.new_links):
        raise ProjectError("--as is for one person at this machine, --annotator for people with links: give one.")
    if options.host not in _LOOPBACK and (options.name is not None or not _has_people(options, where)):
        raise ProjectError(
            f"--host {options.host} opens the page to others, so it needs to know them: give --annotator NAME for "
            "each; it prints a link."
        )


def _batch(options: PageOptions, project: Project) -> int:
    return options.batch or project.settings.batch


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


def _address(options: PageOptions, port: int) -> str:
    """Where browsers find the page; a public name may say the scheme, such as https of a reverse proxy."""
    if options.names:
        name = options.names[0].rstrip("/")
        return f"{name}/" if "://" in name else f"http://{name}/"
    return f"http://{_shown_host(options)}:{port}/"


def _shown_host(options: PageOptions) -> str:
    if options.host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{options.host}]" if ":" in options.host else options.host


def _origins(options: PageOptions, address: tuple[Any, ...]) -> set[str]:
    """``scheme://host:port`` under which the page may be asked; a public name without a scheme has either."""
    port = address[1]
    hosts = {"127.0.0.1", "localhost", _shown_host(options)}
    if options.host in _LOOPBACK:
        hosts.add("[::1]")
    elif options.host in ("0.0.0.0", "::"):
        hosts |= {socket.gethostname(), socket.getfqdn(), *_own_addresses()}
    found = {f"http://{host}:{port}" for host in hosts}
    if port == 80:
        found |= {f"http://{host}" for host in hosts}
    for name in options.names:
        scheme, _, place = name.rpartition("://")
        found |= {f"{one}://{place.rstrip('/')}" for one in ([scheme] if scheme else ["http", "https"])}
    return {origin.lower() for origin in found}


def _own_addresses() -> set[str]:
    """Addresses of this machine in its networks."""
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
        return {f"[{one[4][0]}]" if ":" in str(one[4][0]) else str(one[4][0]) for one in found}
    return set()
