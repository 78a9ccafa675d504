"""The formats of exports by name, and by the ending of a file."""

from __future__ import annotations

from pathlib import Path

from skal.labeling._errors import ProjectError

FORMATS = {
    "csv": (".csv",),
    "parquet": (".parquet", ".pq"),
    "jsonl": (".jsonl",),
    "label-studio": (".json",),
    "coco": (".json",),
}
_STEM = "labeled"


def export_format(path: Path | None, name: str | None) -> tuple[Path, str]:
    """Return where to write an export, and in which format.

    Parameters
    ----------
    path : Path or None
        The file; None: a name that suits the format.
    name : str or None
        The format; None: as the ending of the file says.

    Returns
    -------
    path : Path
        The file.
    name : str
        One of `FORMATS`.

    Raises
    ------
    ProjectError
        If there is no such format, or the file has another ending.

    Examples
    --------
    >>> from skal.labeling.formats import export_format
    >>> export_format(None, "label-studio")[0].name, export_format(None, None)[1]
    ('labeled.json', 'csv')
    """
    if name is not None and name not in FORMATS:
        raise ProjectError(f"There is no format {name!r}: there are {', '.join(FORMATS)}.")
    if path is None:
        name = name or "csv"
        return Path(f"{_STEM}{FORMATS[name][0]}"), name
    fit = [one for one, endings in FORMATS.items() if path.suffix.lower() in endings]
    if name is None:
        if len(fit) == 1:
            return path, fit[0]
        if fit:
            raise ProjectError(f"{path.name} may be {' or '.join(fit)}: say --format {fit[0]} or --format {fit[1]}.")
        endings = ", ".join(dict.fromkeys(ending for found in FORMATS.values() for ending in found))
        raise ProjectError(f"{path.name}: an export ends in {endings}.")
    if name not in fit:
        raise ProjectError(f"{path.name}: a file of the format {name} ends in {' or '.join(FORMATS[name])}.")
    return path, name
