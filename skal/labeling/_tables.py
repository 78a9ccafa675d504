"""A table as the data of a project."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from skal.labeling._errors import ProjectError
from skal.labeling._settings import Settings
from skal.labeling._sources import Rows, digest_of, distinct_ids, ids_of_content
from skal.tables import TABLES, Table, read_table, typed

ENDINGS = TABLES


def stamp_of_table(path: Path) -> str:
    """Return the size and the time of the file: while they stay, its rows need not be read for their ids."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def read_rows(path: Path, settings: Settings, table: Table | None = None, X: Any = None) -> Rows:
    """Read a table, every cell as the text that it is.

    Parameters
    ----------
    path : Path
        The file.
    settings : Settings
        Of the project: target and id, how the file is read, what its columns are used as, and which of them make up
        the content of a row.
    table : Table, default=None
        What `skal.tables.read_table` returned, where the file has been read just now.
    X : DataFrame, default=None
        The columns besides the target, typed, where that has been done.

    Returns
    -------
    Rows
        `X` has the columns that have a use, with the types that they hold.
    """
    table = table or read_table(path, as_text=True, **settings.options)
    frame, id_column = table.frame, settings.id
    names = [str(name) for name in frame.columns]
    if len(frame) == 0:
        raise ProjectError(f"{path.name} holds no rows.")
    if id_column and id_column not in names:
        near = difflib.get_close_matches(id_column, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" There are {', '.join(names[:20])}."
        raise ProjectError(f"{path.name} has no column {id_column!r} for the ids.{hint}")
    features = [name for name in names if name in settings.columns]
    if not features:
        raise ProjectError(
            f"{path.name} holds none of the columns {', '.join(settings.columns)}: there is nothing to learn from."
        )
    labels = list(frame[settings.target]) if settings.target in names else [None] * len(frame)
    content = [name for name in settings.content if name in names] or features
    digests = _digests(frame[content])
    ids = distinct_ids(list(frame[id_column]), path.name, id_column) if id_column else ids_of_content(digests)
    X = typed(frame[features]) if X is None else X[features]
    return Rows(ids, digests, [_text(label) for label in labels], X, frame, notes=list(table.notes))


def chosen_target(path: Path, names: list[str], target: str | None) -> tuple[str, str]:
    """Return the column of the labels, and what to say about the choice.

    Raises
    ------
    ProjectError
        If the named column is not there, but one that is written almost like it.
    """
    if target is None:
        if "label" in names:
            return "label", "Labels are in the column 'label'."
        return "label", f"{path.name} has no column 'label': all rows are unlabelled."
    if target in names:
        return target, ""
    near = difflib.get_close_matches(target, names, n=1, cutoff=0.75)
    if near:
        raise ProjectError(f"{path.name} has no column {target!r}. Did you mean {near[0]!r}?")
    return target, f"{path.name} has no column {target!r}: all rows are unlabelled."


def chosen_id(names: list[str], uses: dict[str, Any], frame: Any) -> tuple[str, str]:
    """Return the column that identifies a row where nobody named one, and what to say about the choice."""
    found = [name for name in names if name in uses and uses[name].kind == "id" and _is_id(name, frame[name])]
    if len(found) == 1:
        return found[0], f"Rows are known by the column {found[0]!r}, whose values are all different."
    return "", "Rows are known by a digest of their content. --id COLUMN names a column of ids."


def _is_id(name: str, column: Any) -> bool:
    words = name.casefold().replace("-", "_").split("_")
    named = words[-1] in ("id", "key", "uuid", "guid") or name.endswith(("Id", "ID"))
    return bool(named and column.notna().all() and column.is_unique)


def _digests(frame: Any) -> list[str]:
    cells = frame.astype(object).where(frame.notna(), "").to_numpy()
    return [digest_of("\x1f".join(map(str, row)).encode("utf-8", "surrogatepass")) for row in cells]


def _text(label: Any) -> str | None:
    return None if label is None or label != label else str(label)
