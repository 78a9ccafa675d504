"""Any table by its path."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skal.tables._csv import SEPARATORS, check_names, columns_of_csv
from skal.tables._json import ENDINGS as JSON_LINES
from skal.tables._json import Number, rows_of_json
from skal.tables._parquet import ENDINGS as PARQUET
from skal.tables._parquet import frames_of_parquet
from skal.tables._text import decode_text
from skal.tables._typed import KINDS, OPTIONS, check_options, text_column, typed

_LOOKED_AT = 100  # cells of a column
TABLES = (*SEPARATORS, *JSON_LINES, *PARQUET)


@dataclass(frozen=True, eq=False)
class Table:
    """A table that was read, and what was decided for the reader.

    Attributes
    ----------
    frame : DataFrame
        Rows 0, 1, ... and columns whose names are text, no two the same.
    notes : tuple of str
        Sentences: a separator that was found, a byte order mark, lines left out, words read as missing cells.
    """

    frame: Any
    notes: tuple[str, ...] = ()


def read_table(
    path: str | Path,
    *,
    as_text: bool | str | Collection[str] = (),
    encoding: str | None = None,
    separator: str | None = None,
    **options: Any,
) -> Table:
    r"""Read a table.

    Parameters
    ----------
    path : str or Path
        The file; its ending tells the format: CSV (``.csv``, ``.tsv``), JSON lines (``.jsonl``, ``.ndjson``), Parquet
        (``.parquet``, ``.pq``).
    as_text : bool, str or collection of str, default=()
        Columns whose cells are to stay as they are written: "NA", "007" and "1.0" are text, an empty cell is missing.
        True: all columns; `typed` then gives them their types.
    encoding : str, default=None
        Of CSV and JSON lines, such as "latin-1". None: UTF-8, or what a byte order mark at the beginning says.
    separator : str, default=None
        Of CSV. None: comma, semicolon, tab or vertical bar, found in the header.
    **options
        Of CSV, how cells are read, as in `pandas.read_csv`: ``na_values``, ``keep_default_na``, ``dtype``,
        ``true_values``, ``false_values``, ``decimal``, ``thousands``, ``parse_dates``, ``date_format``, ``dayfirst``.
        With ``keep_default_na=False`` words such as NA are text, and empty cells are missing all the same. Of
        Parquet: ``columns``.

    Returns
    -------
    Table
        The frame and the notes.

    Raises
    ------
    ValueError
        If the file is damaged, is not of the encoding, has rows with more or fewer fields than the header, columns of
        one name, an open quote or NUL bytes; the message names the lines. Nothing is shifted, cut or filled up.
    ImportError
        If pandas, or pyarrow for Parquet, is not installed.
    FileNotFoundError
        If there is no such file.

    Notes
    -----
    Memory: of CSV and JSON lines several times the file; 100 000 rows with text take about two seconds.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "tickets.csv")
    ...     _ = file.write_text("id;text;label\n007;it crashes, often;bug\n008;NA;\n")
    ...     table = read_table(file, as_text=["text"])
    >>> table.frame["id"].tolist(), table.frame["text"].tolist(), int(table.frame["label"].isna().sum())
    (['007', '008'], ['it crashes, often', 'NA'], 1)
    >>> table.notes
    ('tickets.csv: fields are separated by a semicolon, as the header shows.',)
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in TABLES:
        raise ValueError(f"{path.name}: a table ends in {', '.join(TABLES)}.")
    try:
        import pandas  # noqa: F401
    except ImportError as error:
        raise ImportError(f"{path.name}: tables are read with pandas: pip install pandas.") from error
    if ending in PARQUET:
        _refuse(path.name, "Parquet", encoding=encoding, separator=separator)
        text, natural, notes = frames_of_parquet(path, **options)
        return _chosen(path.name, text, as_text, notes, natural=natural)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    content, notes = decode_text(path.read_bytes(), path.name, encoding)
    if ending in JSON_LINES:
        _refuse(path.name, "JSON lines", separator=separator, **options)
        text, also = _text_of_json(content, path.name)
    else:
        check_options(options, path.name, OPTIONS)
        columns = columns_of_csv(content, path.name, SEPARATORS[ending], separator)
        text, also = _frame(dict(zip(columns.names, columns.cells, strict=True))), columns.notes
        if as_text is not True and "decimal" not in options:
            also = (*also, *_decimal_commas(path.name, text))
    return _chosen(path.name, text, as_text, (*notes, *also), options)


def _refuse(name: str, format: str, **given: Any) -> None:
    if odd := [option for option, value in given.items() if value is not None]:
        raise ValueError(f"{name}: {', '.join(odd)} does not apply to {format}.")


def _frame(columns: dict[str, Any]) -> Any:
    import pandas as pd

    n_rows = len(next(iter(columns.values()), ()))
    return pd.DataFrame({name: text_column(cells) for name, cells in columns.items()}, index=pd.RangeIndex(n_rows))


def _chosen(
    name: str,
    text: Any,
    as_text: bool | str | Collection[str],
    notes: tuple[str, ...],
    options: dict[str, Any] | None = None,
    natural: Any = None,
) -> Table:
    """The table with the columns as text that were asked for so, and the others with their types."""
    if as_text is True:
        return Table(text, notes)
    kept = [as_text] if isinstance(as_text, str) else list(as_text or ())
    for column in kept:
        if column not in text.columns:
            raise ValueError(no_column(name, column, list(text.columns)))
    frame = typed(text, **(options or {})) if natural is None else natural
    if kept:
        frame = frame.assign(**{column: text[column] for column in kept})
    frame.attrs.pop(KINDS, None)
    return Table(frame, (*notes, *_words_read_as_missing(name, text, frame)))


def _decimal_commas(name: str, text: Any) -> list[str]:
    """Columns of numbers as they are written in half of Europe: text, unless it is said what the comma is."""
    found = []
    for column in text.columns:
        some = text[column].dropna().head(_LOOKED_AT)
        numbers = some.str.fullmatch(r"\s*[+-]?\d+(,\d+)?\s*")
        if len(some) and numbers.all() and some.str.contains(",").any():
            found.append(repr(column))
    return (
        [f"{name}: {', '.join(found)} look like numbers with a decimal comma; decimal=',' reads them."]
        if found
        else []
    )


def _words_read_as_missing(name: str, text: Any, frame: Any) -> list[str]:
    """Of columns of text: a number that is not there is what NA says, but a text or a label may be NA."""
    from pandas.api import types

    notes = []
    for column in frame.columns:
        if types.is_numeric_dtype(frame[column].dtype) or types.is_datetime64_any_dtype(frame[column].dtype):
            continue
        words = text[column][frame[column].isna().to_numpy() & text[column].notna().to_numpy()]
        if len(words):
            cells = "1 cell" if len(words) == 1 else f"{len(words)} cells"
            notes.append(
                f"{name}: {cells} of {column!r} with the word {' or '.join(sorted(set(words)))} were read as missing;"
                " keep_default_na=False keeps such words."
            )
    return notes


def no_column(name: str, asked: str, columns: list[str]) -> str:
    """Say which columns there are, and which was meant."""
    shown = ", ".join(columns[:20]) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")
    near = difflib.get_close_matches(asked, columns, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"{name} has no column {asked!r}; the columns are {shown}.{hint}"


def _text_of_json(content: str, name: str) -> tuple[Any, tuple[str, ...]]:
    """The rows as text, with the types of the file in `attrs`."""
    names, rows, notes = rows_of_json(content, name)
    check_names(names, name)
    columns: dict[str, list[str | None]] = {}
    kinds: dict[str, str] = {}
    mixed = []
    for column in names:
        values = [row.get(column) for row in rows]
        found = {type(value) for value in values if value is not None}
        if found <= {Number}:
            kinds[column] = "number"
        elif found == {bool}:
            kinds[column] = "bool"
        else:
            kinds[column] = "text"
            mixed += [column] if len(found) > 1 else []
        columns[column] = [_written(value) for value in values]
    if mixed:
        notes = (*notes, f"{name}: {', '.join(mixed)} holds values of several types, which were read as text.")
    frame = _frame(columns)
    frame.attrs[KINDS] = kinds
    return frame, notes


def _written(value: Any) -> str | None:
    if value is None or value == "" or (isinstance(value, Number) and value == "NaN"):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
