"""What can go wrong with a training: in English for the log, and by name for the languages of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Trouble:
    """Why there is no new model.

    Attributes
    ----------
    text : str
        In English.
    reason : str
        Name of the sentence in the page's files of texts, as ``trouble.REASON``; "": only `text` says it, which may
        be that of a model.
    values : mapping
        What stands in the places of that sentence.
    """

    text: str
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


MEMORY = Trouble("The training has run out of memory.", "memory")
KILLED = Trouble("The training process was killed (signal 9); often the memory was not enough.", "killed")


def ended(code: int) -> Trouble:
    """Return what the exit status of the process says."""
    if code == -9:
        return KILLED
    if code < 0:
        return Trouble(f"The training process was ended by signal {-code}.", "signal", {"number": -code})
    return Trouble(f"The training process has ended (exit code {code}).", "exit", {"code": code})


def hung(silent: float, working: float, is_silent: bool) -> Trouble:
    """Return that it was ended after so many seconds, without a sign of life or at work."""
    if is_silent:
        said, seconds = f"no sign of life for {silent:.0f} s", round(silent)
    else:
        said, seconds = f"{working:.0f} s", round(working)
    text = f"The training hung ({said}) and was ended."
    return Trouble(text, "silent" if is_silent else "long", {"seconds": seconds})


def not_started(error: OSError) -> Trouble:
    """Return that there is no process."""
    return Trouble(f"The training process cannot be started: {error.strerror}.", "not_started")
