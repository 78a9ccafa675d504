"""The labelling page: people answer in a browser, a model learns beside them, nothing is lost.

One process serves the page and works on the project; another one trains and chooses rows. The project's journal is
all that they share, so either may be killed at any moment. It needs the extra ``label``:
``pip install "skal[label]"``.
Names are loaded on first use: the server loads nothing that trains, the trainer nothing that serves.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skal.label_page._fields import Fields
    from skal.label_page._map import PoolMap, on_a_plane
    from skal.label_page._people import OnePerson, People
    from skal.label_page._problem import Problem
    from skal.label_page._shown_rows import ShownRows, cached_rows, rows_of, write_rows
    from skal.label_page._static import static_files
    from skal.label_page.app import LabelPage
    from skal.label_page.desk import Desk
    from skal.label_page.options import DeskOptions, PageOptions, Patience
    from skal.label_page.server import serve
    from skal.label_page.supervisor import Supervisor, Training

_HOME = {
    "Desk": "desk",
    "DeskOptions": "options",
    "Fields": "_fields",
    "LabelPage": "app",
    "OnePerson": "_people",
    "PageOptions": "options",
    "Patience": "options",
    "People": "_people",
    "PoolMap": "_map",
    "Problem": "_problem",
    "ShownRows": "_shown_rows",
    "Supervisor": "supervisor",
    "Training": "supervisor",
    "cached_rows": "_shown_rows",
    "on_a_plane": "_map",
    "rows_of": "_shown_rows",
    "serve": "server",
    "static_files": "_static",
    "write_rows": "_shown_rows",
}

__all__ = [
    "Desk",
    "DeskOptions",
    "Fields",
    "LabelPage",
    "OnePerson",
    "PageOptions",
    "Patience",
    "People",
    "PoolMap",
    "Problem",
    "ShownRows",
    "Supervisor",
    "Training",
    "cached_rows",
    "on_a_plane",
    "rows_of",
    "serve",
    "static_files",
    "write_rows",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"skal.label_page.{_HOME[name]}"), name)
    raise AttributeError(f"module 'skal.label_page' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
