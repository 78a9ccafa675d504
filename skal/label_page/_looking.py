"""Requests that look: session, row, image, guess, own answers, progress. Each is given the page and a request."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from skal.label_page._page import Page
from skal.label_page._requests import query, who, whole
from skal.label_page._search import found_answers


async def session(page: Page, request: Request) -> dict[str, Any]:
    """Who this is, and what there is to know of the project; a page without links gets its token here."""
    token = getattr(page.people, "token", None)
    name = page.people.names[0] if token is not None else who(page.people, request)
    desk = page.desk
    names = await page.workers.call(desk.classes)
    return {
        "token": token,
        "annotator": name,
        "language": page.language,
        "project": {
            **page.about,
            "classes": with_keys(names),
            "new_classes": desk.project.settings.new_classes,
            "show_guess": desk.options.show_guess,
        },
        "people": len(page.people.names),
        "overlap": desk.options.overlap,
    }


async def answers(page: Page, request: Request) -> dict[str, Any]:
    """One's own answers that match."""
    name, desk = who(page.people, request), page.desk
    given = query(request, "search", "class", "offset", "limit")
    found = await page.workers.call(desk.own_answers, name)
    offset, limit = whole(given, "offset", 0, 10**9), whole(given, "limit", 50, 200)
    wanted = (given.get("search", ""), given.get("class"), offset, limit)
    part = await page.workers.read(found_answers, found, desk.fields, *wanted)
    notes = await page.workers.call(desk.own_notes, name, [one["row"] for one in part["answers"]])
    for one in part["answers"]:
        one["note"] = notes.get(one["row"])
    return dict(part)


async def row(page: Page, request: Request) -> Any:
    """One row."""
    name = who(page.people, request)
    return await page.workers.call(page.desk.row, name, query(request, "id").get("id", ""))


async def guess(page: Page, request: Request) -> Any:
    """What the model takes a row for."""
    name = who(page.people, request)
    return await page.workers.call(page.desk.guess, name, query(request, "row").get("row", ""))


async def progress(page: Page, request: Request) -> Any:
    """How far the work is."""
    return await page.workers.call(page.desk.progress, who(page.people, request))


async def image(page: Page, request: Request) -> Response:
    """An image of a row."""
    who(page.people, request)
    given = query(request, "row", "field")
    content, kind = await page.workers.read(page.desk.fields.picture, given.get("row", ""), given.get("field", ""))
    return Response(content, media_type=kind, headers={"content-disposition": "inline"})


def with_keys(names: list[str]) -> list[dict[str, str | None]]:
    """Return the classes with their keys: 1 to 9, then letters that nothing else has."""
    keys = "123456789abcdefhijkopqrtvxyz"
    return [{"name": name, "key": keys[k] if k < len(keys) else None} for k, name in enumerate(names)]


SHOWS = {
    "/api/session": session,
    "/api/answers": answers,
    "/api/row": row,
    "/api/guess": guess,
    "/api/progress": progress,
    "/api/image": image,
}
