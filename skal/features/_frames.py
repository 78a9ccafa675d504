"""Rows of any kind as a pandas DataFrame with named columns, or as plain arrays."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

_ONE_TEXT = "text"  # the column of rows that are texts


def is_table_of_columns(X: Any) -> bool:
    """Tell rows with columns of their own kinds (or texts) from arrays of numbers and images."""
    sparse = sys.modules.get("scipy.sparse")  # whoever has such rows has loaded it
    if sparse is not None and sparse.issparse(X):
        return False
    if hasattr(X, "select_dtypes") or hasattr(X, "iloc") or _is_polars(X) or isinstance(X, dict):
        return True
    if isinstance(X, (list, tuple)):
        return len(X) > 0 and isinstance(X[0], str)
    dtype = getattr(X, "dtype", None)
    return isinstance(X, np.ndarray) and dtype is not None and (dtype.kind in "UST" or _holds_words(X))


def as_frame(X: Any) -> Any:
    """Return a pandas DataFrame whose columns have unique names of type str.

    Raises
    ------
    ImportError
        If pandas is not installed.
    ValueError
        If two columns have one name.
    """
    pd = _pandas()
    if hasattr(X, "select_dtypes"):
        frame = X
    elif hasattr(X, "iloc"):  # a Series
        frame = X.to_frame(name=_ONE_TEXT if X.name is None else X.name)
    elif _is_polars(X):
        columns = {X.name or _ONE_TEXT: X} if type(X).__name__ == "Series" else {name: X[name] for name in X.columns}
        frame = pd.DataFrame({name: _of_polars(column) for name, column in columns.items()})
    elif isinstance(X, dict):
        frame = pd.DataFrame(X)
    else:
        rows = np.asarray(X, dtype=object)
        frame = pd.DataFrame({_ONE_TEXT: rows}) if rows.ndim == 1 else pd.DataFrame(rows).infer_objects()
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"Columns must have different names, got {', '.join(map(repr, twice))} more than once.")
    return frame if list(frame.columns) == names else frame.set_axis(names, axis=1)


def _of_polars(column: Any) -> Any:
    """A column of polars, without pyarrow, which polars' own conversion needs."""
    pd = _pandas()
    kind = str(column.dtype)
    if column.dtype.is_numeric() and not column.null_count():
        return pd.Series(column.to_numpy())
    if column.dtype.is_numeric():
        return pd.Series(column.to_list(), dtype="Float64" if column.dtype.is_float() else "Int64")
    if kind.startswith(("Date", "Duration")):
        return pd.Series(pd.to_datetime(column.to_list()) if kind.startswith("Date") else column.to_list())
    return pd.Series(column.to_list(), dtype="boolean" if kind == "Boolean" else object)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("Tables with columns are read with pandas: pip install pandas.") from error
    return pandas


def _is_polars(X: Any) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(X, (polars.DataFrame, polars.Series))


def _holds_words(X: Any) -> bool:
    """An array of objects, of which some are no numbers."""
    if X.dtype.kind != "O" or X.ndim > 2 or X.size == 0:
        return False
    return any(isinstance(value, str) for value in X.ravel()[:1000])
