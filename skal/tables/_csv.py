"""CSV as columns of text: every row has as many fields as the header, or its line is named."""

from __future__ import annotations

import csv
import io
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

SEPARATORS = {".csv": ",", ".tsv": "\t"}  # by the ending of the file
_CANDIDATES = (",", ";", "\t", "|")
_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
_LOOKED_AT = 100  # rows that a separator found in the header is tried on
_LIMIT = threading.Lock()
_SHOWN = 5  # lines named in a message


class Columns(NamedTuple):
    """The columns of a file, as text; an empty cell is None."""

    names: list[str]
    cells: list[list[str | None]]
    notes: tuple[str, ...]


def columns_of_csv(text: str, name: str, usual: str, separator: str | None) -> Columns:
    """Parse CSV.

    Parameters
    ----------
    text : str
        Content of the file.
    name : str
        What messages call it.
    usual : str
        Separator that its ending stands for.
    separator : str or None
        None: found in the header.

    Raises
    ------
    ValueError
        Wherever a row could be read in more than one way.
    """
    nul = text.find("\0")
    if nul >= 0:
        raise ValueError(
            f"{name}, line {text.count(chr(10), 0, nul) + 1} has a NUL character: the file is damaged, or is UTF-16 "
            'without a byte order mark. For that pass encoding="utf-16-le".'
        )
    notes: list[str] = []
    skipped = 0
    said = re.match(r'"?sep=([^\r\n"])"?\r?\n', text, re.IGNORECASE)
    if said:
        text, skipped = text[said.end() :], 1
        if separator is None:
            separator = said[1]
            notes.append(f"{name}: fields are separated by {_named(separator)}, as its first line says.")
    if separator is None:
        separator = _separator(text, name, usual, notes)
    elif len(separator) != 1 or separator in '"\r\n':
        raise ValueError(f"{name}: separator must be one character, such as ',' or ';', got {separator!r}.")
    with _long_fields():
        return _parsed(text, name, separator, skipped, notes)


def _parsed(text: str, name: str, separator: str, skipped: int, notes: list[str]) -> Columns:
    rows: list[list[str]] = []
    wrong: list[tuple[int, int]] = []  # line and number of fields
    header: list[str] = []
    n_blank = n_more = 0
    first_blank = 0
    for line, row in _rows(text, name, separator, skipped):
        if not row or (len(row) == 1 and not row[0].strip() and len(header) != 1):
            n_blank += 1
            first_blank = first_blank or line
        elif not header:
            header = row
        elif len(row) == len(header):
            rows.append(row)
        else:
            # One more field, and an empty one: a separator at the end of the line, if all lines have it.
            n_more += len(row) == len(header) + 1 and not row[-1]
            wrong.append((line, len(row)))
            rows.append(row)
    if not header:
        raise ValueError(f"{name} is empty: a table begins with a line of the names of its columns.")
    if wrong and n_more == len(rows):
        notes.append(f"{name}: every line but the first ends with a separator, behind which there is nothing.")
        wrong = []
    if wrong:
        raise ValueError(_wrong_rows(name, separator, len(header), wrong, len(rows)))
    if n_blank:
        lines = f"the empty line {first_blank} was" if n_blank == 1 else f"{n_blank} empty lines were"
        notes.append(f"{name}: {lines} left out{'' if n_blank == 1 else f', the first line {first_blank}'}.")
    cells: list[list[str | None]] = [[cell or None for cell in column] for column in zip(*rows, strict=True)]
    cells = cells[: len(header)] if rows else [[] for _ in header]
    names, cells = _columns(header, cells, name, notes)
    return Columns(names, cells, tuple(notes))


def _rows(text: str, name: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Rows, each with the line that it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = skipped + 1
    try:
        for row in reader:
            yield line, row
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        if "end of data" in str(error):
            raise ValueError(f'{name}, line {line}: a quote (") is opened and never closed.') from error
        raise ValueError(
            f"{name}, the row that begins in line {line}: {error}. A quoted field ends before the next separator; "
            'a quote within it is doubled ("").'
        ) from error


def _columns(
    header: list[str], cells: list[list[str | None]], name: str, notes: list[str]
) -> tuple[list[str], list[list[str | None]]]:
    """Names and cells; a column with neither name nor cells is left out, one without a name is given one."""
    if any(header) and not header[-1].strip() and not any(cells[-1]):
        notes.append(f"{name}: the last column has neither a name nor a cell, and was left out.")
        header, cells = header[:-1], cells[:-1]
    if unnamed := [place for place, column in enumerate(header) if not column.strip()]:
        named = ", ".join(f"'Unnamed: {place}'" for place in unnamed)
        notes.append(f"{name}: {'a column has' if len(unnamed) == 1 else 'columns have'} no name: called {named}.")
        header = [column if column.strip() else f"Unnamed: {place}" for place, column in enumerate(header)]
    check_names(header, name)
    return header, cells


def check_names(names: list[str], name: str) -> None:
    """Refuse two columns of one name."""
    if len(set(names)) == len(names):
        return
    twice = sorted({column for column in names if names.count(column) > 1})
    places = [str(place + 1) for place, column in enumerate(names) if column == twice[0]]
    raise ValueError(
        f"{name} has {len(places)} columns named {twice[0]!r} (columns {', '.join(places)}). Name them differently."
    )


def _wrong_rows(name: str, separator: str, n: int, wrong: list[tuple[int, int]], n_rows: int) -> str:
    shown = ", ".join(f"line {line} ({k} field{'s' * (k != 1)})" for line, k in wrong[:_SHOWN])
    more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    rows = f"{len(wrong)} of {n_rows} rows have" if len(wrong) > 1 else "one row has"
    return (
        f"{name}: the header has {n} field{'s' * (n != 1)} separated by {_named(separator)}, but {rows} "
        f'another number: {shown}{more}. Put a field that holds the separator in quotes ("), '
        'or say the separator (separator=";").'
    )


def _separator(text: str, name: str, usual: str, notes: list[str]) -> str:
    """The separator that the header shows, and that the rows below it agree with."""
    header = _first_line(text)
    plain = re.sub(r'"[^"]*"', "", header)
    counts = {candidate: plain.count(candidate) for candidate in _CANDIDATES if candidate in plain}
    if not counts:
        return usual
    if len(counts) > 1:
        agreeing = {one: n for one, n in counts.items() if _agrees(text, one)} or counts
        most = [one for one, n in agreeing.items() if n == max(agreeing.values())]
        if len(most) > 1:
            raise ValueError(
                f"{name}: fields may be separated by {' or by '.join(map(_named, most))}; the header is "
                f"{header[:80]!r}. Say which: separator={most[0]!r}."
            )
    found = next(iter(counts)) if len(counts) == 1 else most[0]
    if found != usual or len(counts) > 1:
        notes.append(f"{name}: fields are separated by {_named(found)}, as the header shows.")
    return found


def _first_line(text: str) -> str:
    """The header, which may be quoted over several lines, without blank lines above it."""
    text = text.lstrip("\r\n")
    quoted = False
    for place, letter in enumerate(text):
        quoted ^= letter == '"'
        if letter in "\r\n" and not quoted:
            return text[:place]
    return text


def _agrees(text: str, separator: str) -> bool:
    """Whether all rows at the top have as many fields as the header, under a separator."""
    sizes = set()
    try:
        for place, (_, row) in enumerate(_rows(text, "", separator, 0)):
            sizes |= {len(row)} if row else set()
            if place == _LOOKED_AT:
                break
    except ValueError:
        return False
    return len(sizes) == 1


def _named(separator: str) -> str:
    return _NAMES.get(separator, repr(separator))


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let fields be longer than 128 KiB; the limit is one for the whole process, so one thread reads at a time."""
    with _LIMIT:
        before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
        try:
            yield
        finally:
            csv.field_size_limit(before)
