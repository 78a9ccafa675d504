"""JSON lines: one object a line, each a row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

ENDINGS = (".jsonl", ".ndjson")


class Number(str):
    """A number as it is written in the file."""

    __slots__ = ()


def rows_of_json(text: str, name: str) -> tuple[list[str], list[dict[str, Any]], tuple[str, ...]]:
    """Parse JSON lines: names of the columns in the order of their first row, the rows, and notes.

    Numbers are kept as they are written (`Number`), lists and objects within a row as JSON text.
    """
    rows: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    n_blank = 0
    nested: dict[str, int] = {}
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number)
    for line, content in enumerate(text.rstrip().split("\n"), 1):
        if not content.strip():
            n_blank += 1
            continue
        try:
            row = decoder.decode(content.strip())
        except ValueError as error:
            reason = str(error).partition(": line ")[0]
            raise ValueError(
                f"{name}, line {line} is not a JSON object: {reason}. Each line holds one row."
            ) from error
        if not isinstance(row, dict):
            raise ValueError(
                f'{name}, line {line} must be a JSON object such as {{"text": "...", "label": "..."}}, got '
                f"{content.strip()[:40]!r}."
            )
        for key in [key for key, value in row.items() if isinstance(value, (dict, list))]:
            row[key] = json.dumps(json.loads(content)[key], ensure_ascii=False)
            nested[key] = nested.get(key, 0) + 1
        names.update(dict.fromkeys(row))
        rows.append(row)
    if not rows:
        raise ValueError(f"{name} is empty: there is no row in it.")
    return list(names), rows, _notes(name, list(names), rows, n_blank, nested)


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return found


def _notes(
    name: str, names: list[str], rows: list[dict[str, Any]], n_blank: int, nested: dict[str, int]
) -> tuple[str, ...]:
    notes = []
    if n_blank:
        notes.append(f"{name}: {n_blank} empty line{'s were' if n_blank > 1 else ' was'} left out.")
    if partly := [key for key in names if sum(key in row for row in rows) < len(rows)]:
        notes.append(f"{name}: not every row has {', '.join(partly)}; where one is not there, the cell is missing.")
    for key, n in nested.items():
        cells = "1 cell" if n == 1 else f"{n} cells"
        notes.append(f"{name}: lists and objects in {key!r} were kept as JSON text ({cells}).")
    return tuple(notes)
