"""The threads beside the one that talks to browsers: one for the project, two for files that are only read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from skal.label_page._problem import Problem

_MOST_WAITING = 256  # requests for the one thread; further ones are told to come again


class Workers:
    """Where work is done that would make others wait.

    Parameters
    ----------
    desk : Executor, default=None
        One thread, the one in which the project was opened.
    """

    def __init__(self, desk: Executor | None = None) -> None:
        self.desk: Executor = desk or ThreadPoolExecutor(1, "desk")
        self.readers = ThreadPoolExecutor(2, "readers")
        self._n_waiting = 0

    async def call(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Do something with the project, in its thread."""
        if self._n_waiting >= _MOST_WAITING:
            raise Problem("busy", "Too many requests at once; try again in a moment.")
        self._n_waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.desk, lambda: work(*arguments, **named))
        finally:
            self._n_waiting -= 1

    async def read(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Read files in a thread beside the project's."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work, *arguments)

    def close(self) -> None:
        """End the threads."""
        self.desk.shutdown(wait=True, cancel_futures=True)
        self.readers.shutdown(wait=False, cancel_futures=True)
