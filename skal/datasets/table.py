"""Tables with a target column: CSV, JSON lines and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from skal.datasets._dataset import Dataset
from skal.datasets._label_sets import sets_of_columns, sets_of_texts
from skal.datasets._labels import Encoded, encoded
from skal.tables import export_columns, no_column, read_table


def load_table(
    path: str | Path,
    target: str | Sequence[str] | None = None,
    *,
    missing_label: Any = "auto",
    numbers: bool | None = None,
    label_separator: str | None = None,
    **options: Any,
) -> Dataset:
    r"""Load a table from a CSV (``.csv``, ``.tsv``), JSON lines (``.jsonl``) or Parquet (``.parquet``) file.

    Parameters
    ----------
    path : str or Path
        The file; its ending tells the format.
    target : str or sequence of str
        Column of the labels. If it is not given, the error names the columns. Several columns, a list or a text with
        commas such as ``"happy,calm"``, are several labels a row: 0 and 1, or false and true.
    missing_label : scalar, default="auto"
        "auto": NaN, None, pandas.NA and blank text are missing labels. Any other value, such as -1, is one too.
    numbers : bool, default=None
        Whether labels are numbers to predict. None: if one of them is a fraction; whole numbers are classes, and many
        different ones are a note.
    label_separator : str, default=None
        What stands between the names where one column holds several labels a row, such as ``";"`` of
        ``"happy; calm"``; ``"(none)"`` says that none applies. None: a text is one class.
    **options
        Of `skal.tables.read_table`: ``encoding``, ``separator``, ``as_text``, ``keep_default_na`` and others.

    Returns
    -------
    Dataset
        `X` is a DataFrame of the other columns, with their types, categories and missing values; the estimators of
        `skal.study.make_estimator` take it as it is. `y` holds positions in `classes`, the sorted labels; or numbers
        to predict, and `classes` is empty; or, of several labels a row, 0 and 1 for each of `classes`. Rows without a
        label are in `X_unlabeled`, and are counted in `notes`. What `skal export` adds is left out, with a note.

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
    targets = _columns_of(target, columns)
    if unknown := [name for name in targets if name not in columns]:
        raise ValueError(no_column(path.name, unknown[0], columns))
    if len(columns) == len(targets) or len(frame) == 0:
        named = ", ".join(map(repr, targets))
        raise ValueError(
            f"{path.name} has {len(frame)} rows and {len(columns) - len(targets)} columns besides {named}."
        )
    labels = _labels(frame, targets, path.name, missing_label, numbers, label_separator)
    added = [name for name in export_columns(frame) if name not in targets]
    note = f"{path.name} is an export of a labelling project: {', '.join(added)} say nothing of the rows themselves, "
    notes = [f"{note}and were left out."] if added and len(columns) > len(targets) + len(added) else []
    X, X_unlabeled = frame.drop(columns=[*targets, *added] if notes else targets), None
    if not labels.labeled.all():
        X_unlabeled = X[~labels.labeled].reset_index(drop=True)
        X = X[labels.labeled].reset_index(drop=True)
    return Dataset(
        path.stem,
        X,
        labels.y,
        classes=labels.classes,
        feature_names=tuple(X.columns),
        notes=(*table.notes, *notes, *labels.notes),
        X_unlabeled=X_unlabeled,
    )


def _columns_of(target: str | Sequence[str], columns: list[str]) -> list[str]:
    """Names of the target columns; a column that is really called so, with its commas, comes first."""
    if not isinstance(target, str):
        return list(target)
    several = [name.strip() for name in target.split(",")]
    return [target] if target in columns or len(several) == 1 else several


def _labels(
    frame: Any, targets: list[str], name: str, missing_label: Any, numbers: bool | None, separator: str | None
) -> Encoded:
    """Labels of one column or of several; what several labels a row go together with is checked here."""
    several = len(targets) > 1
    if numbers and (several or separator is not None):
        raise ValueError(
            f"{name}: several labels a row are no numbers to predict: leave out numbers=True and the regressor, or "
            "name one column of numbers as target."
        )
    if several and separator is not None:
        raise ValueError(
            f"{name}: label_separator is for one column of names, and target names {len(targets)} columns. Leave one "
            "of them out."
        )
    if several:
        return sets_of_columns(frame[targets], f"{name}: columns {', '.join(targets)}", missing_label)
    source = f"{name}: column {targets[0]!r}"
    if separator is not None:
        return sets_of_texts(frame[targets[0]], separator, source, missing_label)
    return encoded(frame[targets[0]], source, missing_label, numbers)
