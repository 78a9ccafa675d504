"""The process of the trainer: started, told and heard by lines of JSON, ended with all that it has started."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

from skal.label_page._trouble import Trouble, ended

_MODULE = ("-P", "-m", "skal.label_page.trainer")
_LONGEST_LINE = 64 * 1024 * 1024
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_TO_END = 0.5  # seconds that it has after it was asked to


class TrainerProcess:
    """One process; when it has ended another one is made.

    Parameters
    ----------
    command : sequence of str, default=()
        What is run in place of the trainer; for tests.
    loud : bool, default=False
        Whether what libraries print is shown; it may hold content of rows.
    threads : int, default=1
        Of the libraries for numbers.
    """

    def __init__(self, command: Sequence[str] = (), loud: bool = False, threads: int = 1) -> None:
        self._command = command or (sys.executable, *_MODULE)
        self._loud = loud
        self._threads = str(threads)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its number; None if it does not run."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def start(self) -> None:
        """Start it.

        Raises
        ------
        OSError
            If that cannot be done.
        """
        path = os.pathsep.join(one for one in sys.path if one)
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if self._loud else asyncio.subprocess.DEVNULL,
            env={**os.environ, **dict.fromkeys(_THREADS, self._threads), "PYTHONPATH": path},
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for the server, which ends it
        )

    def write(self, message: dict[str, Any]) -> None:
        """Tell it something."""
        if self._process is None or self._process.stdin is None:
            raise BrokenPipeError("it is not running")
        self._process.stdin.write((json.dumps(message) + "\n").encode())

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what it says, until it ends, or says something that is no message."""
        lines = None if self._process is None else self._process.stdout
        while lines is not None:
            try:
                line = await lines.readline()
                message = json.loads(line) if line else None
            except (ValueError, OSError):
                message = None
            if not isinstance(message, dict):
                break
            yield message

    async def end(self) -> Trouble:
        """Kill it if it still runs, wait for its end, and return what that was."""
        self.kill()
        return ended(0 if self._process is None else await self._process.wait())

    def kill(self) -> None:
        """End it at once, and what it has started."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    async def stop(self) -> None:
        """End it: it is asked to, and killed if it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            process.stdin.close()  # type: ignore[union-attr]
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _TO_END)
        except TimeoutError:
            self.kill()
            await process.wait()
