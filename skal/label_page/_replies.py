"""What comes back: JSON, problems as the page is told them, the page's own files; and a line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from skal.label_page._problem import Problem

log = logging.getLogger("skal.label_page")

Endpoint = Callable[[Request], Awaitable[Response]]


def told(endpoint: Callable[[Request], Awaitable[Any]], log_content: bool = False) -> Endpoint:
    """Return an endpoint whose problems are told to the page, and what else goes wrong to nobody but the log.

    Parameters
    ----------
    endpoint : callable
        Returns a response, or what becomes JSON.
    log_content : bool, default=False
        Whether the log may hold rows and labels.
    """

    async def answered(request: Request) -> Response:
        started = time.monotonic()
        try:
            found = await endpoint(request)
            response = found if isinstance(found, Response) else JSONResponse(found)
        except Problem as problem:
            response = JSONResponse(problem.as_dict(), problem.status)
        except Exception as error:  # a fault of ours: the page hears that there was one, the others go on
            what: Any = error if log_content else type(error).__name__
            log.error("%s %s: %s", request.method, request.url.path, what, exc_info=log_content)
            fault = Problem("fault", f"Something went wrong in the server ({type(error).__name__}).")
            response = JSONResponse(fault.as_dict(), fault.status)
        took = 1000 * (time.monotonic() - started)
        log.info("%s %s %d %.0f ms", request.method, request.url.path, response.status_code, took)
        return response

    return answered


def file_of_the_page(content: bytes, kind: str) -> Endpoint:
    """Return an endpoint that gives a file."""

    async def answered(request: Request) -> Response:
        return Response(content, media_type=kind)

    return answered


async def no_such_page(request: Request, error: Exception) -> Response:
    """Answer 404."""
    return JSONResponse(Problem("no_such_page", "There is no such page.").as_dict(), 404)


async def wrong_method(request: Request, error: Exception) -> Response:
    """Answer 405."""
    return JSONResponse(Problem("method", "This page is not asked in this way.").as_dict(), 405)
