"""Columns of text as numbers, booleans and text."""

from __future__ import annotations

import csv
import io
from typing import Any

KINDS = "skal.tables"  # in `frame.attrs`: the types that the file itself gives to its columns
OPTIONS = (
    *("date_format", "dayfirst", "decimal", "dtype", "false_values", "keep_default_na", "na_values", "parse_dates"),
    *("thousands", "true_values"),
)
_LEADING_ZERO = r"\s*[+-]?0\d"
_TOO_LONG = r"\s*[+-]?\d{16,}\s*$"  # beyond 2**53 a float has not all whole numbers


def typed(frame: Any, **options: Any) -> Any:
    """Give the columns of a table that was read as text the types that `read_table` gives by default.

    Parameters
    ----------
    frame : DataFrame
        Columns of text and missing cells, as ``read_table(path, as_text=True)`` returns them, or some of its rows.
    **options
        As in `read_table`.

    Returns
    -------
    DataFrame
        Of the same rows, index and columns. Of CSV: numbers where all cells that are not missing are numbers;
        "boolean" or bool where all are true or false; the rest text. Whole numbers with leading zeros (007), and
        those of 16 digits and more in a column with gaps, stay text, since as numbers they would not be the same. Of
        JSON lines and Parquet: the types of the file.

    Notes
    -----
    Memory: the result, and the table once more as CSV.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = typed(pd.DataFrame({"code": ["007", "010"], "n": ["1", "2"], "x": ["1.5", "NA"]}))
    >>> frame["code"].tolist(), frame["n"].dtype.name, frame["x"].tolist()
    (['007', '010'], 'int64', [1.5, nan])
    """
    kinds = frame.attrs.get(KINDS)
    out = _typed_csv(frame, options) if kinds is None else _typed_by(frame, kinds)
    out.index = frame.index
    out.columns = frame.columns
    return out


def check_options(options: dict[str, Any], name: str, known: tuple[str, ...]) -> None:
    """Refuse options that the reader does not have."""
    if unknown := sorted(set(options) - set(known)):
        raise ValueError(
            f"{name}: there is no option {', '.join(unknown)}; there are as_text, encoding, separator, "
            f"{', '.join(known)}."
        )


def text_column(cells: Any) -> Any:
    """Text and None as the text column of this pandas."""
    import pandas as pd

    return pd.Series(cells, dtype="str" if _is_pandas_3() else object)


def _is_pandas_3() -> bool:
    import pandas as pd

    return int(pd.__version__.partition(".")[0]) >= 3


def _typed_csv(frame: Any, options: dict[str, Any]) -> Any:
    import pandas as pd

    check_options(options, "typed", OPTIONS)
    if len(frame) == 0:
        return frame.copy()
    options = {**options, "na_values": _with_empty(options.get("na_values"))}
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, quoting=csv.QUOTE_ALL, lineterminator="\n")
    buffer.seek(0)
    if not _is_pandas_3():  # from then on floats are read exactly, and the option is no more
        options["float_precision"] = "round_trip"
    found = pd.read_csv(buffer, index_col=False, low_memory=False, **options)
    columns = {}
    for place, name in enumerate(frame.columns):
        columns[place] = _column(frame[name], found.iloc[:, place].set_axis(frame.index), options)
    return pd.DataFrame(columns)


def _with_empty(words: Any) -> Any:
    """An empty cell is missing whatever else is."""
    if words is None:
        return [""]
    if isinstance(words, dict):
        return words
    return ["", *([words] if isinstance(words, (str, int, float)) else words)]


def _column(text: Any, found: Any, options: dict[str, Any]) -> Any:
    from pandas.api import types

    if types.is_bool_dtype(found.dtype) or "dtype" in options:
        return found
    if types.is_numeric_dtype(found.dtype):
        codes = text.str.match(_LEADING_ZERO, na=False)
        if codes.any() and not text.str.contains(".", regex=False, na=False).any():
            return text.mask(found.isna())
        if types.is_float_dtype(found.dtype) and text.str.match(_TOO_LONG, na=False).any():
            return text.mask(found.isna())
        return found
    if types.is_datetime64_any_dtype(found.dtype):
        return found
    values = found.dropna()
    if len(values) and values.map(lambda value: isinstance(value, bool)).all():
        return found.astype("boolean")
    return text.mask(found.isna())


def _typed_by(frame: Any, kinds: dict[str, str]) -> Any:
    """Columns by the types that their file gave them."""
    import pandas as pd

    columns = {}
    for place, name in enumerate(frame.columns):
        column, kind = frame[name], kinds.get(str(name), "text")
        if kind == "category":
            column = column.astype("category")
        elif kind.startswith("datetime"):
            column = pd.to_datetime(column, utc="UTC" in kind, format="ISO8601").astype(kind)
        elif "bool" in kind.lower():
            column = column.map({"true": True, "false": False}, na_action="ignore")
            column = column.astype("boolean" if column.isna().any() else bool)
        elif kind != "text":
            column = _number(column, kind)
        columns[place] = column
    return pd.DataFrame(columns)


def _number(column: Any, kind: str) -> Any:
    import pandas as pd

    found = pd.to_numeric(column)
    if found.dtype.kind == "f":  # older versions of pandas miss the last digit of some
        found = column.astype("float64")
    if kind == "number":
        return column if found.dtype.kind == "f" and column.str.match(_TOO_LONG, na=False).any() else found
    return found if found.isna().any() and kind.startswith(("int", "uint")) else found.astype(kind)
