"""Requests of the map: where the rows are, and what becomes of an area."""

from __future__ import annotations

import random
from typing import Any

from starlette.requests import Request

from skal.label_page import _shapes as shapes
from skal.label_page._fields import Fields
from skal.label_page._page import Page
from skal.label_page._requests import said, who
from skal.label_page._saying import classes_with_keys

_SOME = 12  # rows to look at before an area is labelled
_ROWS = {"rows": shapes.texts(shapes.MOST_ROWS)}


async def whole_map(page: Page, request: Request) -> dict[str, Any]:
    """Places of the rows, with what holds of them now."""
    who(page.people, request)
    found = page.pool_map()
    if "rows" not in found:
        return found
    labels, marks = await page.workers.call(page.desk.marks, found["rows"])
    return {**found, "label": labels, "mark": marks}


async def sample(page: Page, request: Request) -> Any:
    """Some rows of an area."""
    who(page.people, request)
    given = await said(request, _ROWS, workers=page.workers)
    return await page.workers.read(_sample, page.desk.fields, given["rows"], given["request"])


async def ask(page: Page, request: Request) -> Any:
    """An area is to be asked next."""
    name, given = who(page.people, request), await said(request, _ROWS, workers=page.workers)
    return await page.changing(page.desk.ask_area, name, given["request"], given["rows"])


async def label(page: Page, request: Request) -> Any:
    """A label for all rows of an area."""
    name = who(page.people, request)
    needed = {**_ROWS, "label": shapes.label, "looked": shapes.number(0, 1e6)}
    given = await said(request, needed, {"new_class": shapes.flag}, page.workers)
    arguments = (given["request"], given["rows"], given["label"], int(given["looked"]))
    new_class = given.get("new_class", False)
    return classes_with_keys(await page.changing(page.desk.label_area, name, *arguments, new_class=new_class))


def _sample(fields: Fields, rows: list[str], seed: str) -> dict[str, Any]:
    some = random.Random(seed).sample(rows, min(_SOME, len(rows)))
    return {"rows": [{"row": row, "fields": fields.of(row)} for row in some]}


SHOWS = {"/api/map": whole_map}
SAYS = {"/api/map/sample": sample, "/api/map/ask": ask, "/api/map/label": label}
