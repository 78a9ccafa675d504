"""What a request says: who asks, and what its body and its address hold."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.requests import Request

from skal.label_page import _shapes as shapes
from skal.label_page._problem import Problem
from skal.label_page._workers import Workers

_SMALL = 32 * 1024  # bytes that are read in a millisecond or two


class Tokens(Protocol):
    """Who may answer."""

    @property
    def names(self) -> list[str]:
        """All of them."""

    def name_of(self, token: str) -> str | None:
        """Return whose token this is."""


def who(people: Tokens, request: Request) -> str:
    """Return who asks."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    name = people.name_of(token.strip()) if kind.lower() == "bearer" and token.strip() else None
    if name is None:
        raise Problem("token", "This link is not valid, or no longer. Ask for a new one.")
    return name


async def said(
    request: Request,
    needed: dict[str, shapes.Check] | None = None,
    allowed: dict[str, shapes.Check] | None = None,
    workers: Workers | None = None,
) -> dict[str, Any]:
    """Return what the body of a request holds: its number, what is needed, and what else is allowed.

    Parameters
    ----------
    request : Request
        Its body is JSON.
    needed, allowed : dict of str to callable, default=None
        By key what checks the value.
    workers : Workers, default=None
        Where a large body is read, which would make others wait; needed where there may be one.
    """

    def read(body: bytes) -> dict[str, Any]:
        return shapes.checked(shapes.parsed(body), {"request": shapes.request_id, **(needed or {})}, allowed or {})

    body = await request.body()
    if workers is None or len(body) <= _SMALL:
        return read(body)
    return dict(await workers.read(read, body))


def query(request: Request, *names: str) -> dict[str, str]:
    """Return what the address of a request names, each once."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names or name in found:
            raise Problem("malformed", f"The address may name {', '.join(names)}, each once.")
        found[name] = value
    return found


def whole(given: dict[str, str], name: str, otherwise: int, most: int) -> int:
    """Return a whole number of an address."""
    text = given.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
        raise Problem("malformed", f"{name} must be a whole number from 0 to {most}.")
    return int(text)
