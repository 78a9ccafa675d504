"""What the last training took and how right its models have been, kept in the project's folder over a restart."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

from skal.whole_file import write_whole

FILE = "training.json"


def keep_training(folder: Path, took: float, accuracy: dict[str, Any] | None) -> None:
    """Write down what is known after a training; a folder that cannot be written to goes without.

    Parameters
    ----------
    folder : Path
        Of the project.
    took : float
        Seconds.
    accuracy : dict or None
        As the page is told it.
    """
    with contextlib.suppress(OSError):
        write_whole(folder / FILE, json.dumps({"at": time.time(), "took": took, "accuracy": accuracy}))


def last_training(folder: Path) -> dict[str, Any]:
    """Return ``at`` (seconds of the clock of the day), ``took`` and ``accuracy``; None where nothing is known.

    Parameters
    ----------
    folder : Path
        Of the project.
    """
    nothing: dict[str, Any] = {"at": None, "took": None, "accuracy": None}
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        at, took, accuracy = float(found["at"]), float(found["took"]), found["accuracy"]
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or not ours: it is told after the next training
        return nothing
    return {"at": at, "took": took, "accuracy": accuracy} if isinstance(accuracy, dict | None) else nothing
