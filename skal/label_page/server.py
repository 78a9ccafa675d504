"""`skal label`: opens or makes the project, serves the page, trains beside it, and ends it all together.

What is imported here is light. The trainer of a new project is started first, since it takes longest to begin; the
server is loaded meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import webbrowser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from skal.label_page.options import PageOptions
from skal.label_page.supervisor import Supervisor
from skal.labeling import holds_project, project_of

if TYPE_CHECKING:
    from skal.label_page._rounds import Rounds
    from skal.label_page.app import LabelPage

_PATIENCE = 3.0  # seconds; then the page keeps the answer and sends it again


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
    is_there = holds_project(where)
    opened: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    supervisor = Supervisor(
        {
            "data": str(options.data),
            "folder": None if options.folder is None else str(options.folder),
            "given": _given(options, is_there),
            "cache": True,
        },
        opened.put_nowait,
        options.patience,
        loud=options.log_content,
        threads=max(1, (os.cpu_count() or 2) // 2),
    )
    try:
        if not is_there:
            await supervisor.warm()
        from skal.label_page._addresses import listening
        from skal.label_page._one_page import only_page, tell_address
        from skal.label_page._opening import check_people, made_ready, page_of
        from skal.label_page._people import OnePerson
        from skal.label_page._rounds import Rounds
        from skal.labeling import Project

        check_people(options, where)
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
    finally:
        await supervisor.stop()


def _given(options: PageOptions, is_there: bool) -> dict[str, Any]:
    """Settings that were said; a new project keeps the questions of a round too."""
    kept = {} if options.batch is None or is_there else {"batch": options.batch}
    return {**options.given, **kept}


async def _until_ended(page: LabelPage, rounds: Rounds, listener: socket.socket, options: PageOptions) -> None:
    from skal.label_page._addresses import origins
    from skal.label_page._protocol import PageServer

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
