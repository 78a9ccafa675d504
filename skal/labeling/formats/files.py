"""Writes JSON whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skal.labeling._errors import ProjectError
from skal.whole_file import write_whole


def write_json(path: Path, entries: Any) -> None:
    """Write JSON, making the folder if need be."""
    write_text(path, json.dumps(entries, ensure_ascii=False, indent=1, allow_nan=False))


def write_text(path: Path, text: str) -> None:
    """Write text, making the folder if need be.

    Raises
    ------
    ProjectError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise ProjectError(f"{path} cannot be written: {error.strerror}. No answer is lost.") from error
