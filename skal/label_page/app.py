"""The page over HTTP: its parts, and which request is answered by what."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from skal.label_page import _looking, _map_page, _saying
from skal.label_page._guard import Guard
from skal.label_page._page import Page
from skal.label_page._replies import file_of_the_page, no_such_page, told, wrong_method
from skal.label_page._static import static_files

_LARGE = ("/api/answer", "/api/correct")  # may hold a mask


class LabelPage(Page):
    """The page, with the table of what answers which request."""

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
