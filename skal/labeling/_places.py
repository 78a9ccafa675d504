"""Where a project lies, and whether it is there: known before anything of it is loaded."""

from __future__ import annotations

import os
from pathlib import Path

SETTINGS = "project.toml"


def holds_project(folder: str | os.PathLike[str]) -> bool:
    """Tell whether a folder holds a project."""
    return (Path(folder) / SETTINGS).exists()


def project_of(data: str | os.PathLike[str]) -> Path:
    """Return the folder of the project that belongs to data: ``tickets.csv`` has ``tickets.skal`` beside it.

    Parameters
    ----------
    data : str or path
        The file or folder; the folder of a project is returned as it is.
    """
    path = Path(data)
    return path if path.suffix == ".skal" else path.with_name(f"{path.name if path.is_dir() else path.stem}.skal")
