"""When the trainer does what: the next rows when few are left, the map when somebody looks at it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from skal.label_page._problem import Problem
from skal.label_page.app import LabelPage
from skal.label_page.supervisor import Supervisor

log = logging.getLogger("skal.label_page")
_LOOKED_AT = 120.0  # seconds after which nobody looks at the map any more
_PAUSE = 1.0


class Rounds:
    """Looks at what is left after each answer, and tells the trainer.

    Parameters
    ----------
    page : LabelPage
        With the desk.
    supervisor : Supervisor
        Of the trainer; its messages come to `heard`.
    batch : int
        Questions of a round.
    """

    def __init__(self, page: LabelPage, supervisor: Supervisor, batch: int) -> None:
        self.page = page
        self.supervisor = supervisor
        self.batch = batch
        self.n_chosen = 0
        self._changed = asyncio.Event()
        self._map: dict[str, Any] | None = None
        self._map_of = -1
        self._no_map_before = 0.0
        self._looked = -_LOOKED_AT
        page.changed = self._changed.set
        page.pool_map = self.map
        last = page.desk.training
        if last["took"] is not None:  # before the server was started
            supervisor.training.since, supervisor.training.took = last["since"], last["took"]

    async def run(self) -> None:
        """Go on until it is cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _PAUSE)
            self._changed.clear()
            if not self.supervisor.is_free:
                continue
            try:
                wanted = await self.page.workers.call(self.page.desk.wants_training)
            except Problem:
                continue
            except Exception as error:  # the journal may be locked: later
                log.warning("The questions that wait could not be counted (%s).", type(error).__name__)
                continue
            if wanted:
                await self.supervisor.tell("choose", n=self.batch, reserve=self.page.desk.options.reserve)
            elif self._wants_map():
                self._map_of = self.n_chosen
                await self.supervisor.tell("map")
            self._tell_desk()

    def heard(self, message: dict[str, Any]) -> None:
        """Take note of what the trainer said."""
        desk = self.page.desk
        if message["said"] == "chosen":
            self.n_chosen += 1
            desk.accuracy = message["accuracy"]
        elif message["said"] == "nothing_left":
            desk.nothing_left()
        elif message["said"] == "map":
            self._map = {"state": "ready", **message["map"]}
        elif message["said"] in ("stopped", "no_map"):
            what = message["error"] if self.page.log_content else "see the page"
            log.warning("The trainer failed: %s", what)
            if message["said"] == "no_map":
                self._no_map_before = time.monotonic() + 60.0
        self._tell_desk()
        self._changed.set()

    def map(self) -> dict[str, Any]:
        """Return the map, or that it is being computed."""
        self._looked = time.monotonic()
        self._changed.set()
        if self._map is not None:
            return self._map
        return {"state": "none" if self._looked < self._no_map_before else "computing"}

    def _wants_map(self) -> bool:
        now = time.monotonic()
        looks = now - self._looked < _LOOKED_AT and now >= self._no_map_before
        return looks and (self._map is None or self._map_of != self.n_chosen)

    def _tell_desk(self) -> None:
        self.page.desk.training = self.supervisor.training.as_dict()
