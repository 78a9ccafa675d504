"""Files as tables: CSV, JSON lines, Parquet, and arrays of NumPy.

One reader for all that people keep rows in. Whatever it decides for the caller (a separator, an encoding, a line that
it leaves out) is in `Table.notes`; whatever it cannot decide is an error that names the line and the remedy.
pandas and pyarrow are imported when a table is read. Nothing that is read can run code.
"""

from skal.tables._array import ARRAYS, read_array
from skal.tables._export import (
    CONFLICT,
    LABELED_BY,
    LABELLED,
    OPEN,
    PREDICTED,
    PROBABILITY,
    ROW_ID,
    SKIPPED,
    SOUGHT,
    STATE,
    UNLABELLED,
    export_columns,
)
from skal.tables._read import TABLES, Table, no_column, read_table
from skal.tables._text import decode_text
from skal.tables._typed import typed

__all__ = [
    "ARRAYS",
    "CONFLICT",
    "LABELED_BY",
    "LABELLED",
    "OPEN",
    "PREDICTED",
    "PROBABILITY",
    "ROW_ID",
    "SKIPPED",
    "SOUGHT",
    "STATE",
    "TABLES",
    "UNLABELLED",
    "Table",
    "decode_text",
    "export_columns",
    "no_column",
    "read_array",
    "read_table",
    "typed",
]
