"""Parquet, as text and with its types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skal.tables._csv import check_names
from skal.tables._typed import KINDS, text_column

ENDINGS = (".parquet", ".pq")


def frames_of_parquet(path: Path, columns: list[str] | None = None) -> tuple[Any, Any, tuple[str, ...]]:
    """Read a file: its rows as text, its rows with their types, and notes."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError(f"{path.name}: Parquet is read with pyarrow: pip install pyarrow.") from error
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    damage = (pa.ArrowException, ValueError, OSError, EOFError, LookupError, TypeError)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read(columns=columns)
        names = table.column_names
    except damage as error:
        raise _damaged(path, error) from error
    check_names(names, path.name)
    if unknown := [column for column in columns or () if column not in names]:
        raise ValueError(f"{path.name} has no column {unknown[0]!r}; the columns are {', '.join(names[:20])}.")
    try:
        natural, notes = _natural(table, path.name)
        text = _as_text(table.select(list(natural.columns)))
    except damage as error:
        raise _damaged(path, error) from error
    kinds = {name: _kind(natural[name].dtype) for name in natural.columns}
    for column in (column for column, kind in kinds.items() if kind == "text"):
        natural[column] = text[column]  # lists, decimals, bytes as well
    text.attrs[KINDS] = kinds
    return text, natural, notes


def _damaged(path: Path, error: Exception) -> Exception:
    if isinstance(error, PermissionError):
        return error
    reason = str(error).strip().partition("\n")[0].rstrip(".")
    return ValueError(f"{path.name} is damaged, or is not a Parquet file: {reason}.")


def _natural(table: Any, name: str) -> tuple[Any, tuple[str, ...]]:
    """The rows with their types; an index with a name is a column, one without is left out."""
    import pandas as pd
    import pyarrow as pa

    unnamed = [column for column in table.column_names if column.startswith("__index_level_")]
    notes = (f"{name} has an index without a name, which was left out.",) if unnamed else ()
    table = table.drop_columns(unnamed).replace_schema_metadata(None)
    frame = table.to_pandas(date_as_object=False)
    for column in table.column_names:
        values = table[column]
        if not values.null_count:
            continue
        if pa.types.is_boolean(values.type):
            frame[column] = values.to_pandas(types_mapper={values.type: pd.BooleanDtype()}.get)
        elif pa.types.is_integer(values.type) and (frame[column].abs() >= 2**53).any():
            # As floats they would not be the same numbers.
            frame[column] = values.to_pandas(types_mapper={values.type: pd.Int64Dtype()}.get)
    frame.index = pd.RangeIndex(len(frame))
    return frame, notes


def _kind(dtype: Any) -> str:
    """What `typed` is to make of text again."""
    import pandas as pd
    from pandas.api import types

    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if types.is_bool_dtype(dtype) or types.is_numeric_dtype(dtype) or types.is_datetime64_any_dtype(dtype):
        return str(dtype)
    return "text"


def _as_text(table: Any) -> Any:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {}
    for name in table.column_names:
        values = table[name]
        if pa.types.is_dictionary(values.type):
            values = pc.cast(values, values.type.value_type)
        if pa.types.is_floating(values.type):
            values = pc.if_else(pc.is_nan(values), None, values)
        try:
            cells = pc.cast(values, pa.large_string()).to_pylist()
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # lists, structs, bytes
            cells = [None if value is None else _json(value) for value in values.to_pylist()]
        columns[name] = text_column([cell or None for cell in cells])
    return pd.DataFrame(columns, index=pd.RangeIndex(len(table)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
