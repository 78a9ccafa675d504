"""Warnings that point at the user's line, however deep inside skal they arise."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["noting", "warn"]

_NOTES: ContextVar[list[str] | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[list[str]]:
    """Collect the notes of warnings that arise inside, whether or not anybody is shown the warnings.

    Yields
    ------
    list of str
        The notes so far, each once.
    """
    notes: list[str] = []
    token = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(token)


def warn(message: str, category: type[Warning] = UserWarning, note: str = "") -> None:
    """Warn at the nearest caller outside skal, so that one line of the user's gives one warning.

    Parameters
    ----------
    message : str
        What to say.
    category : type of Warning, default=UserWarning
        Its kind.
    note : str, default=""
        What `noting` collects: a short name of what happened, for a program that keeps it.
    """
    notes = _NOTES.get()
    if note and notes is not None and note not in notes:
        notes.append(note)
    level = 1
    frame = sys._getframe(0)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "skal":
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
