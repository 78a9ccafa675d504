"""The page over HTTP: routes, who asks, what may be asked, and the one thread that works on the project."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from skal.label_page import _shapes as shapes
from skal.label_page._guard import Guard
from skal.label_page._problem import Problem
from skal.label_page._search import found_answers
from skal.label_page._static import static_files
from skal.label_page.desk import Desk

log = logging.getLogger("skal.label_page")
_MOST_WAITING = 256  # requests for the one thread; further ones are told to come again
_LARGE = ("/api/answer", "/api/correct")

Endpoint = Callable[[Request], Awaitable[Response]]


class Tokens(Protocol):
    """Who may answer."""

    @property
    def names(self) -> list[str]:
        """All of them."""

    def name_of(self, token: str) -> str | None:
        """Return whose token this is."""


class LabelPage:
    """Endpoints of the page.

    Parameters
    ----------
    desk : Desk
        Hands out questions.
    people : People or OnePerson
        Who may answer.
    about : dict
        Of the project, for the page: name, target, control, range, columns.
    language : {"en", "de"} or None, default=None
        Of the page; None: that of the browser.
    changed : callable, default=None
        Called after each answer: the next rows may have to be chosen.
    pool_map : callable, default=None
        Returns the map, or what stands in its place.
    log_content : bool, default=False
        Whether the log may hold rows and labels.
    worker : Executor, default=None
        One thread, the one in which the project was opened.
    """

    def __init__(
        self,
        desk: Desk,
        people: Tokens,
        about: dict[str, Any],
        *,
        language: str | None = None,
        changed: Callable[[], None] | None = None,
        pool_map: Callable[[], dict[str, Any]] | None = None,
        log_content: bool = False,
        worker: Executor | None = None,
    ) -> None:
        self.desk = desk
        self.people = people
        self.about = about
        self.language = language
        self.changed = changed or (lambda: None)
        self.pool_map = pool_map or (lambda: {"state": "none"})
        self.log_content = log_content
        self.worker: Executor = worker or ThreadPoolExecutor(1, "desk")
        self.readers = ThreadPoolExecutor(2, "readers")
        self._n_waiting = 0

    def app(self, origins: Collection[str]) -> Guard:
        """Return the application.

        Parameters
        ----------
        origins : collection of str
            ``scheme://host:port`` under which it may be asked.
        """
        routes = [Route(path, self._static(*file), methods=["GET"]) for path, file in static_files().items()]
        for path, endpoint in {
            "/api/session": self._session,
            "/api/answers": self._answers,
            "/api/row": self._row,
            "/api/guess": self._guess,
            "/api/progress": self._progress,
            "/api/image": self._image,
            "/api/map": self._map,
        }.items():
            routes.append(Route(path, self._told(endpoint), methods=["GET"]))
        for path, endpoint in {
            "/api/next": self._next,
            "/api/answer": self._answer,
            "/api/undo": self._undo,
            "/api/correct": self._correct,
            "/api/note": self._note,
            "/api/map/sample": self._map_sample,
            "/api/map/ask": self._map_ask,
            "/api/map/label": self._map_label,
        }.items():
            routes.append(Route(path, self._told(endpoint), methods=["POST"]))
        handlers: Any = {404: _no_such_page, 405: _wrong_method}
        starlette = Starlette(routes=routes, exception_handlers=handlers)
        starlette.router.redirect_slashes = False
        return Guard(starlette, origins, _LARGE)

    async def call(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Do something with the project, in its thread."""
        if self._n_waiting >= _MOST_WAITING:
            raise Problem("busy", "Too many requests at once; try again in a moment.")
        self._n_waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.worker, lambda: work(*arguments, **named))
        finally:
            self._n_waiting -= 1

    async def read(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Read files in a thread beside the project's."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work, *arguments)

    def close(self) -> None:
        """End the threads."""
        self.worker.shutdown(wait=True, cancel_futures=True)
        self.readers.shutdown(wait=False, cancel_futures=True)

    # Endpoints

    async def _session(self, request: Request) -> Any:
        token = getattr(self.people, "token", None)
        name = self.people.names[0] if token is not None else self._who(request)
        settings = self.desk.project.settings
        names = await self.call(self.desk.classes)
        return {
            "token": token,
            "annotator": name,
            "language": self.language,
            "project": {
                **self.about,
                "classes": self.classes(names),
                "new_classes": settings.new_classes,
                "show_guess": self.desk.options.show_guess,
            },
            "people": len(self.people.names),
            "overlap": self.desk.options.overlap,
        }

    async def _next(self, request: Request) -> Any:
        name, _ = await self._asked(request, {}, {})
        return await self._changing(self.desk.next, name)

    async def _answer(self, request: Request) -> Any:
        allowed = {
            "label": shapes.label,
            "skip": shapes.text(1000),
            "seconds": shapes.number(0, 1e6),
            "clicks": shapes.number(0, 1e6),
            "note": shapes.text(),
            "new_class": shapes.flag,
            "saw_guess": shapes.flag,
        }
        name, given = await self._asked(request, {"row": shapes.text()}, allowed)
        if ("label" in given) == ("skip" in given):
            raise Problem("malformed", "An answer holds either label or skip.")
        said = {"seconds": given.get("seconds")}
        if "skip" in given:
            work = self._changing(self.desk.skip, name, given["request"], given["row"], given["skip"], **said)
            return self._with_classes(await work)
        label = given["label"]
        if isinstance(label, dict) and "clicks" in given:
            label = {"clicks": int(given.pop("clicks")), **label}  # kept with the mask, as its cost
        why = {key: given[key] for key in ("clicks", "saw_guess") if given.get(key)}
        more = {"note": given.get("note"), "new_class": given.get("new_class", False), "why": why, **said}
        return self._with_classes(
            await self._changing(self.desk.answer, name, given["request"], given["row"], label, **more)
        )

    async def _undo(self, request: Request) -> Any:
        name, given = await self._asked(request, {}, {})
        return await self._changing(self.desk.undo, name, given["request"])

    async def _correct(self, request: Request) -> Any:
        name, given = await self._asked(request, {"row": shapes.text(), "label": shapes.label}, {})
        return await self._changing(self.desk.correct, name, given["request"], given["row"], given["label"])

    async def _note(self, request: Request) -> Any:
        name, given = await self._asked(request, {"row": shapes.text(), "note": shapes.text()}, {})
        return await self.call(self.desk.note, name, given["request"], given["row"], given["note"])

    async def _answers(self, request: Request) -> Any:
        name = self._who(request)
        given = _query(request, "search", "class", "offset", "limit")
        found = await self.call(self.desk.own_answers, name)
        offset, limit = _whole(given, "offset", 0, 10**9), _whole(given, "limit", 50, 200)
        wanted = (given.get("search", ""), given.get("class"), offset, limit)
        page = await self.read(found_answers, found, self.desk.fields, *wanted)
        notes = await self.call(self.desk.own_notes, name, [one["row"] for one in page["answers"]])
        for one in page["answers"]:
            one["note"] = notes.get(one["row"])
        return page

    async def _row(self, request: Request) -> Any:
        name = self._who(request)
        return await self.call(self.desk.row, name, _query(request, "id").get("id", ""))

    async def _guess(self, request: Request) -> Any:
        name = self._who(request)
        return await self.call(self.desk.guess, name, _query(request, "row").get("row", ""))

    async def _progress(self, request: Request) -> Any:
        return await self.call(self.desk.progress, self._who(request))

    async def _image(self, request: Request) -> Any:
        self._who(request)
        given = _query(request, "row", "field")
        content, kind = await self.read(self.desk.fields.picture, given.get("row", ""), given.get("field", ""))
        return Response(content, media_type=kind, headers={"content-disposition": "inline"})

    async def _map(self, request: Request) -> Any:
        self._who(request)
        found = self.pool_map()
        if "rows" not in found:
            return found
        labels, marks = await self.call(self.desk.marks, found["rows"])
        return {**found, "label": labels, "mark": marks}

    async def _map_sample(self, request: Request) -> Any:
        _, given = await self._asked(request, {"rows": shapes.texts(shapes.MOST_ROWS)}, {})
        return await self.read(_sample, self.desk.fields, given["rows"], given["request"])

    async def _map_ask(self, request: Request) -> Any:
        name, given = await self._asked(request, {"rows": shapes.texts(shapes.MOST_ROWS)}, {})
        return await self._changing(self.desk.ask_area, name, given["request"], given["rows"])

    async def _map_label(self, request: Request) -> Any:
        needed = {"rows": shapes.texts(shapes.MOST_ROWS), "label": shapes.label, "looked": shapes.number(0, 1e6)}
        name, given = await self._asked(request, needed, {})
        arguments = (given["request"], given["rows"], given["label"], int(given["looked"]))
        return await self._changing(self.desk.label_area, name, *arguments)

    # Inside

    def classes(self, names: list[str]) -> list[dict[str, str | None]]:
        """Return the classes with their keys: 1 to 9, then letters."""
        keys = [*"123456789", *(letter for letter in "abcdefhijkopqrtvxyz")]
        return [{"name": name, "key": keys[k] if k < len(keys) else None} for k, name in enumerate(names)]

    def _with_classes(self, found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "classes": self.classes(found["classes"])} if "classes" in found else found

    async def _changing(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        found = await self.call(work, *arguments, **named)
        self.changed()
        return found

    def _who(self, request: Request) -> str:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        name = self.people.name_of(token.strip()) if kind.lower() == "bearer" and token.strip() else None
        if name is None:
            raise Problem("token", "This link is not valid, or no longer. Ask for a new one.")
        return name

    async def _asked(
        self, request: Request, needed: dict[str, shapes.Check], allowed: dict[str, shapes.Check]
    ) -> tuple[str, dict[str, Any]]:
        name = self._who(request)
        given = shapes.parsed(await request.body())
        return name, shapes.checked(given, {"request": shapes.request_id, **needed}, allowed)

    def _told(self, endpoint: Callable[[Request], Awaitable[Any]]) -> Endpoint:
        """An endpoint whose problems are told to the page, and what else goes wrong to nobody but the log."""

        async def answered(request: Request) -> Response:
            started = time.monotonic()
            try:
                found = await endpoint(request)
                response = found if isinstance(found, Response) else JSONResponse(found)
            except Problem as problem:
                response = JSONResponse({"error": problem.error, "code": problem.code}, problem.status)
            except Exception as error:  # a fault of ours: the page hears that there was one, the others go on
                what: Any = error if self.log_content else type(error).__name__
                log.error("%s %s: %s", request.method, request.url.path, what, exc_info=self.log_content)
                said = f"Something went wrong in the server ({type(error).__name__})."
                response = JSONResponse({"error": said, "code": "fault"}, 500)
            took = 1000 * (time.monotonic() - started)
            log.info("%s %s %d %.0f ms", request.method, request.url.path, response.status_code, took)
            return response

        return answered

    def _static(self, content: bytes, kind: str) -> Endpoint:
        async def answered(request: Request) -> Response:
            return Response(content, media_type=kind)

        return answered


def _sample(fields: Any, rows: list[str], seed: str) -> dict[str, Any]:
    """Some rows of an area, to be looked at before it is labelled."""
    import random

    some = random.Random(seed).sample(rows, min(12, len(rows)))
    return {"rows": [{"row": row, "fields": fields.of(row)} for row in some]}


def _query(request: Request, *names: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names or name in found:
            raise Problem("malformed", f"The address may name {', '.join(names)}, each once.")
        found[name] = value
    return found


def _whole(given: dict[str, str], name: str, otherwise: int, most: int) -> int:
    text = given.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
        raise Problem("malformed", f"{name} must be a whole number from 0 to {most}.")
    return int(text)


async def _no_such_page(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "There is no such page.", "code": "no_such_page"}, 404)


async def _wrong_method(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "This page is not asked in this way.", "code": "method"}, 405)
