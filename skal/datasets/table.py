"""Tables with a target column: CSV, JSON lines and Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skal.datasets._dataset import Dataset
from skal.datasets._labels import encoded
from skal.tables import no_column, read_table


def load_table(
    path: str | Path,
    target: str | None = None,
    *,
    missing_label: Any = "auto",
    numbers: bool | None = None,
    **options: Any,
) -> Dataset:
    r"""Load a table from a CSV (``.csv``, ``.tsv``), JSON lines (``.jsonl``) or Parquet (``.parquet``) file.

    Parameters
    ----------
    path : str or Path
        The file; its ending tells the format.
    target : str
        Column of the labels. If it is not given, the error names the columns.
    missing_label : scalar, default="auto"
        "auto": NaN, None, pandas.NA and blank text are missing labels. Any other value, such as -1, is one too.
    numbers : bool, default=None
        Whether labels are numbers to predict. None: if one of them is a fraction; whole numbers are classes, and many
        different ones are a note.
    **options
        Of `skal.tables.read_table`: ``encoding``, ``separator``, ``as_text``, ``keep_default_na`` and others.

    Returns
    -------
    Dataset
        `X` is a DataFrame of the other columns, with their types, categories and missing values; the estimators of
        `skal.study.make_estimator` take it as it is. `y` holds positions in `classes`, the sorted labels; or numbers
        to predict, and `classes` is empty. Rows without a label are in `X_unlabeled`, and are counted in `notes`.

    Raises
    ------
    ValueError
        If the target is no column, has no label at all or others than `numbers` says, if there is no other column or
        no row, or if the file is no such table; see `skal.tables.read_table`.
    ImportError
        If pandas, or pyarrow for Parquet, is not installed.
    FileNotFoundError
        If there is no such file.

    Notes
    -----
    Memory: the table, and while it is read several times the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skal.datasets import load_table
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "fruit.csv")
    ...     _ = file.write_text("colour,weight,kind\nred,150,apple\nyellow,,banana\ngreen,90,\n")
    ...     load_table(file, target="kind")
    Dataset('fruit', X: (2, 2) DataFrame, 2 classes, 1 unlabelled)
    """
    path = Path(path)
    table = read_table(path, **options)
    frame, columns = table.frame, list(table.frame.columns)
    if target is None:
        shown = ", ".join(columns[:20]) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")
        raise ValueError(f"{path.name} needs target=, the column of the labels; the columns are {shown}.")
    if target not in columns:
        raise ValueError(no_column(path.name, target, columns))
    if len(columns) == 1 or len(frame) == 0:
        raise ValueError(f"{path.name} has {len(frame)} rows and {len(columns) - 1} columns besides {target!r}.")
    labels = encoded(frame[target], f"{path.name}: column {target!r}", missing_label, numbers)
    X, X_unlabeled = frame.drop(columns=target), None
    if not labels.labeled.all():
        X_unlabeled = X[~labels.labeled].reset_index(drop=True)
        X = X[labels.labeled].reset_index(drop=True)
    return Dataset(
        path.stem,
        X,
        labels.y,
        classes=labels.classes,
        feature_names=tuple(X.columns),
        notes=(*table.notes, *labels.notes),
        X_unlabeled=X_unlabeled,
    )
