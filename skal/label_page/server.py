"""`skal label`: opens or makes the project, serves the page, trains beside it, and ends it all together.

What is imported here is light. The trainer of a new project is started first, since it takes longest to begin; the
server is loaded meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from typing import Any

from skal.label_page.options import PageOptions
from skal.label_page.supervisor import Supervisor
from skal.labeling import holds_project, project_of


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
        from skal.label_page._serving import served

        await served(options, where, supervisor, opened, say, held)
    finally:
        await supervisor.stop()


def _given(options: PageOptions, is_there: bool) -> dict[str, Any]:
    """Settings that were said; a new project keeps the questions of a round too."""
    kept = {} if options.batch is None or is_there else {"batch": options.batch}
    return {**options.given, **kept}
