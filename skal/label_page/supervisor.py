"""Starts the trainer, hears what it says, and starts it again when it fails, hangs or dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

_MODULE = ("-P", "-m", "skal.label_page.trainer")
_LONGEST_LINE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Patience:
    """How long the trainer is waited for, in seconds.

    Attributes
    ----------
    silence : float
        Without a sign of life: a process that is stopped, or swapped out.
    work : float
        For one training.
    again : float
        Before the first new try after a failure; each further one waits twice as long.
    again_at_most : float
        Longest wait.
    """

    silence: float = 60.0
    work: float = 3600.0
    again: float = 5.0
    again_at_most: float = 300.0


@dataclass
class Training:
    """What is known of the training, for the page.

    Attributes
    ----------
    state : {"idle", "running", "failed", "hanging"}
        What the trainer does.
    since : float or None
        When it began to, in seconds of the clock of the day.
    took : float or None
        What the last training took, in seconds.
    message : str or None
        Why it failed.
    """

    state: str = "idle"
    since: float | None = None
    took: float | None = None
    message: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the page is told it."""
        return {"state": self.state, "since": self.since, "took": self.took, "message": self.message}


@dataclass
class Supervisor:
    """The trainer, as the server sees it.

    Parameters
    ----------
    opening : dict
        Arguments of the first message.
    heard : callable
        Is given every message but beats.
    patience : Patience
        How long it is waited for.
    command : sequence of str, default=()
        What is run in its place; for tests.
    loud : bool, default=False
        Whether what libraries print is shown; it may hold content of rows.
    threads : int, default=1
        Of the libraries for numbers.
    """

    opening: dict[str, Any]
    heard: Callable[[dict[str, Any]], None]
    patience: Patience = field(default_factory=Patience)
    command: Sequence[str] = ()
    loud: bool = False
    threads: int = 1
    training: Training = field(default_factory=Training)

    def __post_init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._beat = self._began = time.monotonic()
        self._task: str | None = None
        self._failures = 0
        self._not_before = 0.0
        self._stopped = False

    @property
    def is_free(self) -> bool:
        """Whether it can be told to do something now."""
        return not self._stopped and self._task is None and time.monotonic() >= self._not_before

    @property
    def is_failing(self) -> bool:
        """Whether the last try failed and no later one has succeeded."""
        return self._failures > 0

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def tell(self, task: str, **arguments: Any) -> None:
        """Tell the trainer to do something; it is started if there is none.

        Parameters
        ----------
        task : {"open", "choose", "map"}
            What.
        **arguments
            Of the task.
        """
        self._task = task
        self._beat = self._began = time.monotonic()
        if task != "map":
            self.training.state, self.training.since = "running", time.time()
        try:
            if self.pid is None:
                await self._start()
                if task != "open":
                    self._write({"do": "open", **self.opening})
            self._write({"do": task, **(self.opening if task == "open" else {}), **arguments})
        except OSError as error:
            self._failed(f"The training process cannot be started: {error.strerror}.")

    async def stop(self) -> None:
        """End the trainer: it is asked to, and killed if it does not."""
        self._stopped = True
        for task in (self._watch, self._reader):
            if task is not None:
                task.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            process.stdin.close()  # type: ignore[union-attr]
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 0.5)
        except TimeoutError:
            self._kill()
            await process.wait()

    async def _start(self) -> None:
        threads = str(self.threads)
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        path = os.pathsep.join(one for one in sys.path if one)
        environment = {**os.environ, **dict.fromkeys(names, threads), "PYTHONPATH": path}
        self._process = await asyncio.create_subprocess_exec(
            *(self.command or (sys.executable, *_MODULE)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if self.loud else asyncio.subprocess.DEVNULL,
            env=environment,
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for the server, which ends it
        )
        self._beat = time.monotonic()
        self._reader = asyncio.create_task(self._read(self._process))
        if self._watch is None:
            self._watch = asyncio.create_task(self._watching())

    def _write(self, message: dict[str, Any]) -> None:
        if self._process is None or self._process.stdin is None:
            raise BrokenPipeError("it is not running")
        self._process.stdin.write((json.dumps(message) + "\n").encode())

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        lines = process.stdout
        while lines is not None:
            try:
                line = await lines.readline()
                message = json.loads(line) if line else None
            except (ValueError, OSError):
                message = None
            if not isinstance(message, dict):
                break
            self._beat = time.monotonic()
            if message["said"] != "beat":
                self._done(message)
        self._kill()
        code = await process.wait()
        if process is self._process and not self._stopped:
            self._process = None
            if self._task is not None:
                self._failed(_end_in_words(code))

    def _done(self, message: dict[str, Any]) -> None:
        if message["said"] == "open" and self._task != "open":
            self._began = time.monotonic()  # the task that it was started for follows
            self.heard(message)
            return
        task, self._task = self._task, None
        if message["said"] == "failed":
            self._failed(message["error"], task)
        else:
            if task != "map":
                self._failures = 0
                took = message["took"] if message["said"] == "chosen" else self.training.took
                self.training = Training("idle", time.time(), took)
        self.heard(message)

    def _failed(self, why: str, task: str | None = None) -> None:
        task, self._task = task or self._task, None
        if task == "map":
            self.heard({"said": "no_map", "error": why})
            return
        self._failures += 1
        wait = min(self.patience.again * 2 ** (self._failures - 1), self.patience.again_at_most)
        self._not_before = time.monotonic() + wait
        self.training = Training("failed", time.time(), self.training.took, why)
        self.heard({"said": "stopped", "error": why, "task": task})

    async def _watching(self) -> None:
        while not self._stopped:
            await asyncio.sleep(min(0.5, self.patience.silence / 4, self.patience.work / 4))
            now = time.monotonic()
            if self.pid is None or self._task is None:
                self._beat = now
                continue
            silent, working = now - self._beat, now - self._began
            if silent > self.patience.silence or working > self.patience.work:
                said = f"no sign of life for {silent:.0f} s" if silent > self.patience.silence else f"{working:.0f} s"
                task, self._task = self._task, None
                self._kill()
                self._process = None
                self._failed(f"The training hung ({said}) and was ended.", task)
                self.training.state = "hanging" if task != "map" else self.training.state

    def _kill(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)  # and what it has started
            else:
                self._process.kill()


def _end_in_words(code: int) -> str:
    if code == -9:
        return "The training process was killed (signal 9); often the memory was not enough."
    if code < 0:
        return f"The training process was ended by signal {-code}."
    return f"The training process has ended (exit code {code})."
