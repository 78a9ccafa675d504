"""Labels as positions in a tuple of class names, and which rows have none."""

from __future__ import annotations

import numbers as numbers_of
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skal.labels import unlabeled_mask

MISSING = -1  # among positions
_TRUTH = (bool, np.bool_)
_SEPARATORS = (";", "|", ",")  # what may stand between labels of one row
_MANY, _ROWS_A_CLASS = 20, 20  # more different whole numbers, each of fewer rows: these may be no classes


class Encoded(NamedTuple):
    """A column of labels of any kind."""

    labeled: NDArray[np.bool_]  # which rows have a label
    y: NDArray[Any]  # of those rows: positions in classes, int64; or numbers to predict, float64
    classes: tuple[str, ...]  # sorted; none of numbers
    notes: tuple[str, ...]


def positions(
    y: Any, classes: Sequence[str], n_rows: int, source: str, missing_label: Any = "auto"
) -> NDArray[np.int64]:
    """Check labels that are positions already, and return them as int64, `MISSING` where they are missing.

    Floats are taken only if NaN among them is the reason.
    """
    y = np.asarray(y)
    missing = np.isnan(y) if y.dtype.kind == "f" else np.zeros(y.shape, dtype=bool)
    if missing.any() and (y[~missing] == np.floor(y[~missing])).all():
        y = np.where(missing, MISSING, y).astype(np.int64)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError(f"{source} must be whole numbers of shape (n,), got {y.dtype} of shape {y.shape}.")
    if len(y) != n_rows:
        raise ValueError(f"{source} must have one label for each of {n_rows} rows, got {len(y)}.")
    mark = _mark(missing_label, y)
    if not isinstance(mark, str):
        missing |= y == mark
    wrong = np.flatnonzero(~missing & ((y < 0) | (y >= len(classes))))
    if len(wrong):
        hint = " Pass missing_label=-1 if -1 marks a missing label." if y[wrong[0]] == -1 else ""
        raise ValueError(
            f"{source} must hold positions in {len(classes)} classes, got {y[wrong[0]]} in row {wrong[0]} "
            f"({len(wrong)} rows are wrong).{hint}"
        )
    return np.where(missing, MISSING, y.astype(np.int64))  # bytes hold no -1


def encoded(column: Any, source: str, missing_label: Any = "auto", numbers: bool | None = None) -> Encoded:
    """Turn a column of labels of any kind into positions and sorted class names, or into numbers to predict.

    Parameters
    ----------
    column : array-like of shape (n,)
        NaN, None, pandas.NA and blank text are missing labels.
    source : str
        What messages call it.
    missing_label : scalar, default="auto"
        Another mark of a missing label, such as -1; as text it also stands for the number.
    numbers : bool, default=None
        True: all must be numbers to predict. False: all are classes, and fractions are refused. None: they are
        numbers if one of them is a fraction; whole numbers are classes.

    Raises
    ------
    ValueError
        If no row has a label, or labels are not what `numbers` says.
    """
    values = column.astype(object).to_numpy() if hasattr(column, "iloc") else np.asarray(column).astype(object)
    values = np.array([None if isinstance(v, str) and not v.strip() else v for v in values], dtype=object)
    missing = unlabeled_mask(values, _mark(missing_label, values))
    if missing.all():
        raise ValueError(unlabeled_message(source, len(values)))
    labels = values[~missing]
    kinds = {type(label) for label in labels}
    are_numbers = all(issubclass(kind, numbers_of.Real) and kind not in _TRUTH for kind in kinds)
    if numbers or (numbers is None and are_numbers and (np.asarray(labels, float) % 1 != 0).any()):
        return Encoded(~missing, as_numbers(labels, source), (), _left_out_of(source, missing))
    if all(issubclass(kind, (float, np.floating)) for kind in kinds):
        if any(label != round(label) for label in labels.tolist()):
            raise ValueError(
                f"{source} holds fractions, which are numbers to predict and no classes: pass numbers=True, and a "
                "regressor."
            )
        labels = np.array([int(label) for label in labels], dtype=object)
    try:
        found = sorted(set(labels))
    except TypeError:  # labels of several types have an order only as text
        labels = np.array([str(label) for label in labels], dtype=object)
        found = sorted(set(labels))
    place = {label: position for position, label in enumerate(found)}
    y = np.array([place[label] for label in labels], dtype=np.int64)
    classes = tuple(str(label) for label in found)
    notes = [*_left_out_of(source, missing), *alike(source, classes), *_may_be_sets(source, labels)]
    if numbers is None:
        notes += _may_be_numbers(source, found, len(y))
    return Encoded(~missing, y, classes, tuple(notes))


def as_numbers(labels: Any, source: str) -> NDArray[np.float64]:
    """Return labels as finite floats, or raise with the first that is none."""
    values = np.asarray(labels)
    if values.dtype.kind not in "fiu":
        wrong = [label for label in values.ravel().tolist() if isinstance(label, bool) or not _is_number(label)]
        if wrong:
            raise ValueError(
                f"{source} must hold numbers to predict, got {wrong[0]!r} and {len(wrong)} such labels: leave out "
                "numbers=True and the regressor, if these are classes."
            )
    found = values.astype(np.float64)
    if found.ndim != 1:
        raise ValueError(f"{source} must hold one number a row, (n,), got shape {found.shape}.")
    if not np.isfinite(found).all():
        place = int(np.flatnonzero(~np.isfinite(found))[0])
        raise ValueError(f"{source} must hold finite numbers, got {found[place]} in label {place}.")
    return found


def _is_number(label: Any) -> bool:
    try:
        float(label)
    except (TypeError, ValueError):
        return False
    return True


def _left_out_of(source: str, missing: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(left_out(source, int(missing.sum()), len(missing)))


def _may_be_numbers(source: str, found: Sequence[Any], n: int) -> list[str]:
    """Say that many different whole numbers were taken for classes."""
    whole = all(isinstance(label, numbers_of.Integral) and not isinstance(label, bool) for label in found)
    if not whole or len(found) <= _MANY or n >= _ROWS_A_CLASS * len(found):
        return []
    return [
        f"{source} holds {len(found)} different whole numbers, which were taken for classes. If they are numbers to "
        "predict, pass a regressor (--estimator forest_regressor), or numbers=True where data are loaded."
    ]


def _may_be_sets(source: str, labels: NDArray[Any]) -> list[str]:
    """Say that texts look like several names with a separator between them, whose parts come again elsewhere."""
    texts = [label for label in labels if isinstance(label, str)]
    for mark in _SEPARATORS:
        joined = [text for text in texts if mark in text]
        parts = {part.strip() for text in texts for part in text.split(mark) if part.strip()}
        if len(joined) > 1 and 2 <= len(parts) < len(set(texts)):
            return [
                f"{source}: {len(joined)} labels hold {mark!r}, such as {joined[0]!r}, and each different text was "
                f"taken for a class. If several labels apply to a row, pass label_separator={mark!r}; on the command "
                f"line it is part of --data: {source.partition(':')[0]}?label_separator={mark}"
            ]
    return []


def left_out(source: str, n_missing: int, n_rows: int, what: str = "rows") -> list[str]:
    """Say how many rows have no label; nothing where all have."""
    return [f"{source}: {n_missing} of {n_rows} {what} have no label, and were left out."] if n_missing else []


def unlabeled_message(source: str, n_rows: int, what: str = "rows") -> str:
    """Say that there is nothing to rehearse on."""
    return (
        f"{source}: none of {n_rows} {what} has a label, and a comparison needs rows whose labels are known. To "
        "choose the rows that are to be labelled first, use skal next."
    )


def _mark(missing_label: Any, values: NDArray[Any]) -> Any:
    """The mark as a number if it is written as one and labels are numbers; as text if labels are text."""
    are_text = any(isinstance(label, str) for label in values)
    if missing_label == "auto" or isinstance(missing_label, str) == are_text:
        return missing_label
    if are_text:
        return str(missing_label)
    try:
        return float(missing_label)
    except ValueError:
        return missing_label


def alike(source: str, classes: Sequence[str], what: str = "classes") -> list[str]:
    """Say which classes differ by blanks or capitals alone; they are not made one."""
    groups: dict[str, list[str]] = {}
    for name in classes:
        groups.setdefault(" ".join(name.split()).casefold(), []).append(name)
    return [
        f"{source}: {' and '.join(map(repr, group))} differ by blanks or capital letters alone, and are "
        f"{len(group)} {what}."
        for group in groups.values()
        if len(group) > 1
    ]
