"""The page from the first look at its project to the last request; what is imported here takes half a second."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import webbrowser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from skal.label_page._addresses import listening, origins
from skal.label_page._one_page import only_page, tell_address
from skal.label_page._opening import check_people, made_ready, page_of
from skal.label_page._people import OnePerson
from skal.label_page._protocol import PageServer
from skal.label_page._rounds import Rounds
from skal.label_page.app import LabelPage
from skal.label_page.options import PageOptions
from skal.label_page.supervisor import Supervisor
from skal.labeling import Project, holds_project

_PATIENCE = 3.0  # seconds; then the page keeps the answer and sends it again


async def served(
    options: PageOptions,
    where: Path,
    supervisor: Supervisor,
    opened: asyncio.Queue[dict[str, Any]],
    say: Callable[[str], None],
    held: contextlib.ExitStack,
) -> None:
    """Open or make the project, and serve it until a signal.

    Parameters
    ----------
    options : PageOptions
        As `serve` takes them.
    where : Path
        Folder of the project.
    supervisor : Supervisor
        Of the trainer, which may run already.
    opened : Queue
        What the trainer says before the page is there.
    say : callable
        Is given the lines for the person.
    held : ExitStack
        Gets what is to be given back, after the trainer has ended.
    """
    check_people(options, where)
    is_there = holds_project(where)
    if is_there:  # before anything is changed in it
        held.enter_context(only_page(where))
    listener = held.enter_context(listening(options.host, options.port))
    worker = held.enter_context(ThreadPoolExecutor(1, "desk"))
    run = asyncio.get_running_loop().run_in_executor
    notes = await made_ready(options, where, supervisor, opened)
    if not is_there:
        held.enter_context(only_page(where))
    project = await run(worker, lambda: Project.open(where, patience=_PATIENCE))
    held.callback(lambda: worker.submit(project.close).result())
    page, lines = await run(worker, page_of, project, options, worker, listener.getsockname()[1])
    tell_address(where, lines[0])
    say(lines[0])
    for line in [*lines[1:], *dict.fromkeys([*notes, *project.notes])]:
        say(line)
    say("Stop with Ctrl-C; answers are kept.")
    rounds = Rounds(page, supervisor, options.batch or project.settings.batch)
    supervisor.heard = rounds.heard
    if options.browser and isinstance(page.people, OnePerson):
        run(page.workers.readers, webbrowser.open, lines[0])
    await _until_ended(page, rounds, listener, options)


async def _until_ended(page: LabelPage, rounds: Rounds, listener: socket.socket, options: PageOptions) -> None:
    server = PageServer(page.app(origins(options, listener.getsockname())))
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
        page.workers.readers.shutdown(wait=False, cancel_futures=True)
