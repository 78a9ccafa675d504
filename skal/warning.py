"""Warnings that point at the user's line, however deep inside skal they arise."""

from __future__ import annotations

import sys
import warnings

__all__ = ["warn"]


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the nearest caller outside skal, so that one line of the user's gives one warning.

    Parameters
    ----------
    message : str
        What to say.
    category : type of Warning, default=UserWarning
        Its kind.
    """
    level = 1
    frame = sys._getframe(0)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "skal":
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
