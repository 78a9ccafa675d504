"""The server's side of the training: tells the trainer what to do, and starts another when it fails or hangs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from skal.label_page._process import TrainerProcess
from skal.label_page._trouble import Trouble, hung, not_started
from skal.label_page.options import Patience


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
        Why it failed, in English.
    reason : str
        Why, as `Trouble` names it.
    values : dict
        Of that.
    """

    state: str = "idle"
    since: float | None = None
    took: float | None = None
    message: str | None = None
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As the page is told it."""
        return asdict(self)


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
        self._process: TrainerProcess | None = None
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
        return None if self._process is None else self._process.pid

    async def warm(self) -> None:
        """Start the trainer before there is something to do: it loads what it needs meanwhile.

        One that cannot be started is told of when there is something to do.
        """
        with contextlib.suppress(OSError):
            await self._start()

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
            process = self._process
            if process is None or process.pid is None:
                process = await self._start()
                if task != "open":
                    process.write({"do": "open", **self.opening})
            process.write({"do": task, **(self.opening if task == "open" else {}), **arguments})
        except OSError as error:
            self._failed(not_started(error))

    async def stop(self) -> None:
        """End the trainer: it is asked to, and killed if it does not."""
        self._stopped = True
        for task in (self._watch, self._reader):
            if task is not None:
                task.cancel()
        if self._process is not None:
            await self._process.stop()

    async def _start(self) -> TrainerProcess:
        self._process = process = TrainerProcess(self.command, self.loud, self.threads)
        await process.start()
        self._beat = time.monotonic()
        self._reader = asyncio.create_task(self._read(process))
        if self._watch is None:
            self._watch = asyncio.create_task(self._watching())
        return process

    async def _read(self, process: TrainerProcess) -> None:
        async for message in process.messages():
            self._beat = time.monotonic()
            if message["said"] != "beat":
                self._done(message)
        trouble = await process.end()
        if process is self._process and not self._stopped:
            self._process = None
            if self._task is not None:
                self._failed(trouble)

    def _done(self, message: dict[str, Any]) -> None:
        if message["said"] == "open" and self._task != "open":
            self._began = time.monotonic()  # the task that it was started for follows
            self.heard(message)
            return
        task, self._task = self._task, None
        if message["said"] == "failed":
            self._failed(Trouble(message["error"], message.get("reason", "")), task)
        else:
            if task != "map":
                self._failures = 0
                took = message["took"] if message["said"] == "chosen" else self.training.took
                self.training = Training("idle", time.time(), took)
        self.heard(message)

    def _failed(self, why: Trouble, task: str | None = None) -> None:
        task, self._task = task or self._task, None
        if task == "map":
            self.heard({"said": "no_map", "error": why.text})
            return
        self._failures += 1
        wait = min(self.patience.again * 2 ** (self._failures - 1), self.patience.again_at_most)
        self._not_before = time.monotonic() + wait
        self.training = Training("failed", time.time(), self.training.took, why.text, why.reason, dict(why.values))
        self.heard({"said": "stopped", "error": why.text, "task": task})

    async def _watching(self) -> None:
        while not self._stopped:
            await asyncio.sleep(min(0.5, self.patience.silence / 4, self.patience.work / 4))
            now = time.monotonic()
            if self._process is None or self.pid is None or self._task is None:
                self._beat = now
                continue
            silent, working = now - self._beat, now - self._began
            if silent > self.patience.silence or working > self.patience.work:
                task, self._task = self._task, None
                self._process.kill()
                self._process = None
                self._failed(hung(silent, working, silent > self.patience.silence), task)
                self.training.state = "hanging" if task != "map" else self.training.state
