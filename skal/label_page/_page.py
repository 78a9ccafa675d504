"""What the page's requests have in common: who hands out, who may answer, what is told of the project."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from skal.label_page._requests import Tokens
from skal.label_page._workers import Workers
from skal.label_page.desk import Desk


class Page:
    """One project's page, as its requests see it.

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
        self.workers = Workers(worker)

    async def changing(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Do something with the project, after which the next rows may have to be chosen."""
        found = await self.workers.call(work, *arguments, **named)
        self.changed()
        return found
