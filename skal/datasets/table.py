"""Tables with a target column: CSV and Parquet."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from skal.datasets._dataset import Dataset
from skal.datasets._labels import encoded

SEPARATORS = {".csv": ",", ".tsv": "\t"}
PARQUET = (".parquet", ".pq")


def load_table(path: str | Path, target: str | None = None, **options: Any) -> Dataset:
    r"""Load a table from a CSV (``.csv``, ``.tsv``) or Parquet (``.parquet``, ``.pq``) file.

    Parameters
    ----------
    path : str or Path
        The file; its ending tells the format.
    target : str
        Column of the labels. If it is not given, the error names the columns.
    **options
        Passed on to `pandas.read_csv` or `pandas.read_parquet`.

    Returns
    -------
    Dataset
        `X` is a DataFrame of the other columns, with its dtypes, categories and missing values as pandas reads
        them; the estimators of `skal.study.make_estimator` take it as it is. `y` holds positions in `classes`,
        the sorted labels.

    Raises
    ------
    ValueError
        If the target is no column, has missing or fractional labels, if there is no other column or no row, or
        if the file is no such table.
    ImportError
        If pandas, or pyarrow for Parquet, is not installed.
    FileNotFoundError
        If there is no such file.

    Notes
    -----
    Memory: the table.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skal.datasets import load_table
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "fruit.csv")
    ...     _ = file.write_text("colour,weight,kind\nred,150,apple\nyellow,,banana\n")
    ...     load_table(file, target="kind")
    Dataset('fruit', X: (2, 2) DataFrame, 2 classes)
    """
    path = Path(path)
    frame = _read(path, options)
    columns = [str(column) for column in frame.columns]
    if target not in columns:
        raise ValueError(_no_target(path.name, target, columns))
    if len(columns) == 1 or len(frame) == 0:
        raise ValueError(f"{path.name} has {len(frame)} rows and {len(columns) - 1} columns besides {target!r}.")
    place = columns.index(target)
    y, classes = encoded(frame.iloc[:, place], f"{path.name}: column {target!r}")
    X = frame.drop(columns=frame.columns[place])
    return Dataset(path.stem, X, y, classes=classes, feature_names=tuple(map(str, X.columns)))


def _read(path: Path, options: dict[str, Any]) -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(f"{path.name}: tables are read with pandas: pip install pandas.") from error
    ending = path.suffix.lower()
    if ending in PARQUET and "engine" not in options:
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise ImportError(f"{path.name}: Parquet is read with pyarrow: pip install pyarrow.") from error
    if ending not in (*SEPARATORS, *PARQUET):
        raise ValueError(f"{path.name}: a table ends in {', '.join((*SEPARATORS, *PARQUET))}.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    try:
        if ending in PARQUET:
            return pd.read_parquet(path, **options)
        return pd.read_csv(path, **{"sep": SEPARATORS[ending], **options})
    except ValueError as error:  # pandas and pyarrow derive theirs from it
        raise ValueError(f"{path.name} cannot be read as a table: {error}") from error


def _no_target(name: str, target: str | None, columns: list[str]) -> str:
    shown = ", ".join(columns[:20]) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")
    if target is None:
        return f"{name} needs target=, the column of the labels; the columns are {shown}."
    near = difflib.get_close_matches(target, columns, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"{name} has no column {target!r}; the columns are {shown}.{hint}"
