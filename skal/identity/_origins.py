"""Whose code a module is: the user's, which is digested, or a library's, which counts by name."""

from __future__ import annotations

import functools
import importlib.util
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

_SKAL = Path(__file__).resolve().parents[1]
_PYTHON = tuple({Path(sysconfig.get_paths()[key]).resolve() for key in ("stdlib", "platstdlib")})
_INSTALLED = {"site-packages", "dist-packages"}
# Their versions are stored with every row of a study, so that a new version is no edit.
_BY_NAME_ALONE = {"numpy", "scipy", "sklearn", "skorch", "torch"}


def library_of(module: str | None) -> str | None:
    """Return the library that a module belongs to, such as "python", "sklearn" or "lightgbm==4.6.0".

    Parameters
    ----------
    module : str or None
        Full name of a module; it is not imported.

    Returns
    -------
    str or None
        None for the user's own code.
    """
    top = (module or "").partition(".")[0]
    if top in ("", "__main__", "__mp_main__"):
        return None
    return _library(top, _home(top))


def _home(top: str) -> str | None:
    """Return the file or the folder of a top-level module."""
    loaded = sys.modules.get(top)
    if loaded is not None:
        file = getattr(loaded, "__file__", None)
        return file or next(iter(getattr(loaded, "__path__", ())), None)
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    return spec.origin if spec.has_location else next(iter(spec.submodule_search_locations or ()), None)


@functools.cache
def _library(top: str, home: str | None) -> str | None:
    if home is None:  # built into the interpreter, or a module made by hand
        return "python" if top in sys.stdlib_module_names else None
    path = Path(home).resolve()
    if path.is_relative_to(_SKAL):
        return "skal"
    if _INSTALLED & set(path.parts):
        return top if top in _BY_NAME_ALONE else f"{top}=={_version(top)}"
    return "python" if any(path.is_relative_to(folder) for folder in _PYTHON) else None


def _version(top: str) -> str:
    """Return the version of the distribution that a top-level module comes from; "unknown" if none tells it."""
    try:
        return metadata.version(top)
    except metadata.PackageNotFoundError:
        names = _distributions().get(top, [])
        return metadata.version(names[0]) if names else "unknown"


@functools.cache
def _distributions() -> dict[str, list[str]]:
    return {top: list(names) for top, names in metadata.packages_distributions().items()}
