"""The page's own files: a fixed list, read once."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}


def static_files() -> dict[str, tuple[bytes, str]]:
    """Return the files of the page.

    Returns
    -------
    dict of str to (bytes, str)
        Content and media type by path: "/" and "/static/...".
    """
    found: dict[str, tuple[bytes, str]] = {}
    _read(files("skal.label_page").joinpath("static"), "/static/", found)
    if "/static/index.html" in found:
        found["/"] = found.pop("/static/index.html")
    return found


def _read(folder: Traversable, path: str, found: dict[str, tuple[bytes, str]]) -> None:
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_dir():
            _read(entry, f"{path}{entry.name}/", found)
            continue
        kind = TYPES.get(entry.name[entry.name.rfind(".") :])
        if kind is not None and not entry.name.startswith("."):
            found[f"{path}{entry.name}"] = (entry.read_bytes(), kind)
