"""What is decided when a project is made: target, ids, use of the columns, estimator; all of it is said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skal.features import LEFT_OUT, column_uses, uses_as_text
from skal.labeling._data import CACHE, stamp_of, strata_of_rows
from skal.labeling._errors import ProjectError
from skal.labeling._folders import read_folder
from skal.labeling._settings import FILE, Settings
from skal.labeling._sought import STRATEGY as SEARCHES
from skal.labeling._sought import check_sought
from skal.labeling._sources import Rows
from skal.labeling._tables import chosen_id, chosen_target, read_rows
from skal.labeling._words import counted
from skal.labeling.kinds import AnswerKind, answer_kind
from skal.tables import export_columns, read_table, typed

_FEWEST, _MOST = 5, 50  # questions a round where nobody says how many: few rows need small rounds to see a model


@dataclass(frozen=True)
class Made:
    """Settings of a new project, its data, and what to tell."""

    settings: Settings
    rows: Rows
    notes: list[str]


def new_settings(
    folder: Path,
    data: Path,
    target: str | None,
    id_column: str | None,
    columns: Mapping[str, str],
    options: Mapping[str, Any],
    said: Mapping[str, Any],
) -> Made:
    """Decide the settings of a project, and read its data.

    Parameters
    ----------
    folder, data : Path
        Of the project, and of its data.
    target, id_column : str or None
        Where they are named.
    columns : dict of str to str
        Uses that are said.
    options : dict
        How the data are read; None where nothing is said.
    said : dict
        Other settings; an ``estimator`` or a ``strategy`` of None is chosen.
    """
    stamp_of(data)  # data that are not there, or nothing to label, are told first
    given = {name: value for name, value in options.items() if value is not None}
    kind = answer_kind(said["answer"])
    check_models(said, kind)
    check_sought(said["find"], [], kind, True)
    notes: list[str] = []
    uses: dict[str, Any] = {}
    if data.is_dir():
        name = target or "label"
        rows = read_folder(data, name, given, folder / CACHE)
        id_column = "path" if any("/" in row for row in rows.ids) else "file"
        X = rows.X
        notes += [*rows.notes, "File names are the ids." if id_column == "file" else "Paths are the ids."]
        if hasattr(rows.X, "columns"):
            uses = column_uses(rows.X, {"text": "text"})
    else:
        table = read_table(data, as_text=True, **given)
        if not len(table.frame):
            raise ProjectError(f"{data.name} holds no rows.")
        if len(table.frame) == 1:
            raise ProjectError(f"{data.name} holds one row, which is too few: at least two are needed.")
        names = list(table.frame.columns)
        name, note = chosen_target(data, names, target)
        features = [column for column in names if column != name]
        X = typed(table.frame[features])
        added = export_columns(table.frame)
        uses = column_uses(X, columns, leave_out=[*([id_column] if id_column else []), *added])
        notes += [*table.notes, note]
        if id_column is None:
            id_column, note = chosen_id(features, uses, table.frame)
            notes.append(note)
        if all(use.kind in LEFT_OUT for use in uses.values()):
            raise ProjectError(
                f"{data.name}: no column is left to learn from.\n{uses_as_text(uses)}\nSay what one is used as: "
                f"--column {next(name for name in uses if name != id_column)}=category."
            )
        notes.append("Columns are used as:\n" + uses_as_text(uses))
    estimator = said["estimator"]
    if estimator is None:
        estimator, why = kind.default_estimator(uses or X)
        notes.append(f"Estimator: {estimator} ({why}).")
    settings = Settings(
        data=_relative(data, folder),
        target=name,
        id=id_column or "",
        options=given,
        columns={column: use.kind for column, use in uses.items()},
        content=list(uses),
        **{
            **{**said, "estimator": estimator, "strategy": _strategy(said, kind)},
            "candidates": kind.default_candidates if said["candidates"] is None else said["candidates"],
            "batch": _MOST if said["batch"] is None else said["batch"],
        },
    )
    kind.check(settings)
    if not data.is_dir():
        rows = read_rows(data, settings, table, X)
    rows = kind(settings, folder).rows(rows)
    if settings.audit_strata:
        strata_of_rows(settings, rows)
    given_classes = [label for label in dict.fromkeys(rows.labels) if label is not None]
    known = list(dict.fromkeys([*settings.classes, *given_classes]))
    notes += check_sought(settings.find, known, kind, settings.new_classes or not settings.classes)
    if said["batch"] is None:
        settings.batch = min(max(len(rows.ids) // 10, _FEWEST), _MOST)
        notes.append(f"Questions a round: {settings.batch} (batch in {FILE}), for {counted(len(rows.ids), 'row')}.")
    return Made(settings, rows, [note for note in notes if note])


def _relative(data: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(data.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return data.resolve().as_posix()


def _strategy(said: Mapping[str, Any], kind: type[AnswerKind]) -> str:
    return said["strategy"] or (SEARCHES if said["find"] else kind.default_strategy)


def check_models(said: Mapping[str, Any], kind: type[AnswerKind]) -> None:
    """Refuse a strategy or an estimator that does not exist, or does not suit the answers."""
    if said.get("strategy") is not None:
        from skal.labeling._asking import without_memory

        without_memory(said["strategy"])
    if said.get("estimator") is not None:
        kind.estimator(said["estimator"])
