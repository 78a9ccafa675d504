"""Requests in which a person says something: the next question, answer, undo, correct, note."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from skal.label_page import _shapes as shapes
from skal.label_page._looking import with_keys
from skal.label_page._page import Page
from skal.label_page._problem import Problem
from skal.label_page._requests import said, who

_MAY_HOLD = {
    "label": shapes.label,
    "skip": shapes.text(1000),
    "seconds": shapes.number(0, 1e6),
    "clicks": shapes.number(0, 1e6),
    "note": shapes.text(),
    "new_class": shapes.flag,
    "saw_guess": shapes.flag,
}


async def following(page: Page, request: Request) -> Any:
    """The questions before a person."""
    name, _ = who(page.people, request), await said(request)
    return await page.changing(page.desk.next, name)


async def answer(page: Page, request: Request) -> dict[str, Any]:
    """An answer, or the reason why there is none."""
    name, given = who(page.people, request), await said(request, {"row": shapes.text()}, _MAY_HOLD, page.workers)
    if ("label" in given) == ("skip" in given):
        raise Problem("malformed", "An answer holds either label or skip.")
    place, seconds = (name, given["request"], given["row"]), given.get("seconds")
    if "skip" in given:
        return classes_with_keys(await page.changing(page.desk.skip, *place, given["skip"], seconds=seconds))
    label = given["label"]
    if isinstance(label, dict) and "clicks" in given:
        label = {"clicks": int(given.pop("clicks")), **label}  # kept with the mask, as its cost
    why = {key: given[key] for key in ("clicks", "saw_guess") if given.get(key)}
    more = {"note": given.get("note"), "new_class": given.get("new_class", False), "why": why, "seconds": seconds}
    return classes_with_keys(await page.changing(page.desk.answer, *place, label, **more))


async def undo(page: Page, request: Request) -> Any:
    """The last answer does not hold."""
    name, given = who(page.people, request), await said(request)
    return await page.changing(page.desk.undo, name, given["request"])


async def correct(page: Page, request: Request) -> Any:
    """Another answer to a row that has one."""
    name = who(page.people, request)
    needed = {"row": shapes.text(), "label": shapes.label}
    given = await said(request, needed, {"new_class": shapes.flag}, page.workers)
    arguments, new_class = (given["request"], given["row"], given["label"]), given.get("new_class", False)
    return classes_with_keys(await page.changing(page.desk.correct, name, *arguments, new_class=new_class))


async def note(page: Page, request: Request) -> Any:
    """A remark."""
    name, given = who(page.people, request), await said(request, {"row": shapes.text(), "note": shapes.text()})
    return await page.workers.call(page.desk.note, name, given["request"], given["row"], given["note"])


def classes_with_keys(found: dict[str, Any]) -> dict[str, Any]:
    """Return what came of an answer; classes that have changed with their keys."""
    return {**found, "classes": with_keys(found["classes"])} if "classes" in found else found


SAYS = {
    "/api/next": following,
    "/api/answer": answer,
    "/api/undo": undo,
    "/api/correct": correct,
    "/api/note": note,
}
