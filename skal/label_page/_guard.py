"""What every request must pass before anything else is done with it, and what every response says.

No other site can use the page: a name that was bound to this address later (DNS rebinding) is not in the list of
hosts, a form or script of another origin is refused by its Origin and Sec-Fetch-Site, and what is sent must be JSON.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

from skal.label_page._problem import Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

LARGEST = 256 * 1024  # bytes of a request
LARGEST_MASK = 8 * 1024 * 1024
_LONGEST_QUERY = 2000
_SECONDS_TO_SEND = 10.0  # that a client has for the body of a request
_SECONDS_IN_ALL = 90.0

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """An ASGI application in front of another one.

    Parameters
    ----------
    app : ASGI application
        Gets requests that may be answered, with their bodies whole.
    origins : collection of str
        Allowed ``scheme://host:port``, in lower case; without a port where it is that of the scheme.
    large : collection of str, default=()
        Paths whose requests may hold a mask.
    """

    def __init__(self, app: App, origins: Collection[str], large: Collection[str] = ()) -> None:
        self.app = app
        self.origins = frozenset(origins)
        self.hosts = frozenset(origin.partition("://")[2] for origin in origins)
        self.large = frozenset(large)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no WebSocket is accepted
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _with_headers(message.get("headers", ()), scope["path"])
            await send(message)

        try:
            async with asyncio.timeout(_SECONDS_IN_ALL):
                self._check(scope)
                body = await self._body(scope, receive)
                await self.app(scope, _received(body, receive), send_guarded)
        except Problem as problem:
            await _say(problem, scope, send)
        except TimeoutError:
            if not started:
                await _say(Problem("slow", "The request took too long."), scope, send)
            raise

    def _check(self, scope: MutableMapping[str, Any]) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        host = headers.get("host", [])
        if len(host) != 1 or host[0].lower() not in self.hosts:
            raise Problem("host", "This address is not one of the page's. Open the link that `skal label` printed.")
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise Problem("method", "The page is asked by GET and POST.")
        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            raise Problem("too_large", "The address is too long.")
        for origin in headers.get("origin", []):
            place = origin.lower().partition("://")[2]
            if origin.lower() not in self.origins or place != host[0].lower():
                raise Problem("origin", "Requests of other sites are refused.")
        site = headers.get("sec-fetch-site", ["none"])[0]
        opened = scope["path"] == "/" and headers.get("sec-fetch-mode", [""])[0] == "navigate"  # a link was followed
        if site not in ("same-origin", "none") and not opened:
            raise Problem("origin", "Requests of other sites are refused.")
        if scope["method"] == "POST":
            kind = headers.get("content-type", [""])[0].partition(";")[0].strip().lower()
            if kind != "application/json" or "content-encoding" in headers:
                raise Problem("not_json", "Requests hold JSON (Content-Type: application/json).")

    async def _body(self, scope: MutableMapping[str, Any], receive: Receive) -> bytes:
        if scope["method"] != "POST":
            return b""
        most = LARGEST_MASK if scope["path"] in self.large else LARGEST
        said = [value for name, value in scope["headers"] if name == b"content-length"]
        if said and (not said[0].isdigit() or int(said[0]) > most):
            raise Problem("too_large", f"A request holds at most {most} bytes.")
        parts, size = [], 0
        try:
            async with asyncio.timeout(_SECONDS_TO_SEND):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Problem("malformed", "The request ended before its end.")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        raise Problem("too_large", f"A request holds at most {most} bytes.")
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise Problem("slow", "The request took too long to arrive.") from None


def _received(body: bytes, receive: Receive) -> Receive:
    """A request whose body is here; after it whatever the server says."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def _with_headers(headers: Any, path: str) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name.lower() != b"cache-control"]
    cache = "no-store" if path.startswith("/api/") else "no-cache"
    more = {**_HEADERS, "cache-control": cache}
    return [*kept, *((name.encode(), value.encode()) for name, value in more.items())]


async def _say(problem: Problem, scope: MutableMapping[str, Any], send: Send) -> None:
    body = json.dumps(problem.as_dict()).encode()
    # What is left of a refused request is not read: the connection ends.
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(b"connection", b"close")] if scope["method"] == "POST" else []
    start = {"type": "http.response.start", "status": problem.status}
    await send({**start, "headers": _with_headers(headers, scope["path"])})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
