"""The page over HTTP: its parts, and which request is answered by what."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Executor
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from skal.label_page import _looking, _map_page, _saying
from skal.label_page._guard import Guard
from skal.label_page._replies import file_of_the_page, no_such_page, told, wrong_method
from skal.label_page._requests import Tokens
from skal.label_page._static import static_files
from skal.label_page._workers import Workers
from skal.label_page.desk import Desk

_LARGE = ("/api/answer", "/api/correct")  # may hold a mask


class LabelPage:
    """The page.

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

    def app(self, origins: Collection[str]) -> Guard:
        """Return the application.

        Parameters
        ----------
        origins : collection of str
            ``scheme://host:port`` under which it may be asked.
        """
        routes = [Route(path, file_of_the_page(*file), methods=["GET"]) for path, file in static_files().items()]
        for method, endpoints in {
            "GET": {**_looking.SHOWS, **_map_page.SHOWS},
            "POST": {**_saying.SAYS, **_map_page.SAYS},
        }.items():
            for path, endpoint in endpoints.items():
                routes.append(Route(path, told(partial(endpoint, self), self.log_content), methods=[method]))
        handlers: Any = {404: no_such_page, 405: wrong_method}
        starlette = Starlette(routes=routes, exception_handlers=handlers)
        starlette.router.redirect_slashes = False
        return Guard(starlette, origins, _LARGE)

    async def changing(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Do something with the project, after which the next rows may have to be chosen."""
        found = await self.workers.call(work, *arguments, **named)
        self.changed()
        return found
