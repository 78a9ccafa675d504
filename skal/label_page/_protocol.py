"""Connections that make nobody wait: those that send nothing, or too slowly, are closed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS_FOR_HEAD = 10.0  # from the beginning of a connection, or of a request after another, to the end of its head
KEEP_ALIVE = 60
MOST_CONNECTIONS = 400


class PatientProtocol(H11Protocol):
    """HTTP/1.1 with a deadline for the head of each request, and a limit on connections that are idle."""

    _deadline: asyncio.TimerHandle | None = None
    _begun = 0.0

    def connection_made(self, transport: Any) -> None:
        """Begin; if there are too many connections, the idle one that is oldest ends."""
        super().connection_made(transport)
        self._begun = self.loop.time()
        self._wait(SECONDS_FOR_HEAD)
        if len(self.connections) > MOST_CONNECTIONS:  # those that are being closed count no more
            kept = [one for one in self.connections if isinstance(one, PatientProtocol) and one._is_open]
            idle = [one for one in kept if not one._is_working]
            if len(kept) > MOST_CONNECTIONS:
                min(idle or [self], key=lambda one: one._begun)._close()

    def data_received(self, data: bytes) -> None:
        """Read on; a request whose head is whole has all the time that the guard gives it."""
        if self._deadline is None and not self._is_working:
            self._wait(SECONDS_FOR_HEAD)  # the head of a further request has begun
        super().data_received(data)
        if self._is_working:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for a further request as long as connections are kept."""
        super().on_response_complete()
        if not self._is_working:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    @property
    def _is_working(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(seconds, self._close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        if not self._is_working and not self.transport.is_closing():
            self.transport.close()


class PageServer(uvicorn.Server):
    """A server that leaves signals to its caller, who has more to end than this.

    Parameters
    ----------
    app : ASGI application
        The page.
    """

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PatientProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=3,
                h11_max_incomplete_event_size=32 * 1024,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch none."""
        yield
