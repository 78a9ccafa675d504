"""Several labels a row as 0 and 1: of columns, of one column with the names in it, or of an array."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.datasets._labels import Encoded, alike, left_out, unlabeled_message
from skal.labels import unlabeled_mask

_NONE = ("(none)", "none")  # said of a row to which no label applies


def sets_of_columns(columns: Any, source: str, missing_label: Any = "auto") -> Encoded:
    """Read one column of 0 and 1 for each label.

    Parameters
    ----------
    columns : DataFrame or array-like of shape (n, L)
        0 and 1, or false and true; a row is labelled or not as a whole.
    source : str
        What messages call it.
    missing_label : scalar, default="auto"
        Another mark of a missing label.

    Raises
    ------
    ValueError
        If there is another value, a row is labelled in part, none is labelled, or a label never differs.
    """
    names = tuple(map(str, columns.columns)) if hasattr(columns, "columns") else ()
    values = np.asarray(columns.astype(object) if hasattr(columns, "columns") else columns)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(f"{source} must have a column for each of two labels or more, got shape {values.shape}.")
    missing = unlabeled_mask(values, missing_label)
    if missing.all():
        raise ValueError(unlabeled_message(source, len(values)))
    return _encoded(_zeros_and_ones(values, ~missing, source, names), names, missing, source)


def sets_of_texts(column: Any, separator: str, source: str, missing_label: Any = "auto") -> Encoded:
    """Read one column that names the labels of a row, with a separator between them.

    Parameters
    ----------
    column : array-like of shape (n,)
        Such as "happy; calm"; "(none)" where no label applies. Blank text and missing values are no label sets.
    separator : str
        What stands between two names.
    source : str
        What messages call it.
    missing_label : scalar, default="auto"
        Another mark of a missing label.

    Raises
    ------
    ValueError
        If no row is labelled, there are fewer than two labels, a label never differs, or the separator is blank.
    """
    if not isinstance(separator, str) or not separator.strip():
        raise ValueError(f"{source}: label_separator must be a text such as ';', got {separator!r}.")
    values = np.array([None if isinstance(one, str) and not one.strip() else one for one in column], dtype=object)
    missing = unlabeled_mask(values, missing_label)
    if missing.all():
        raise ValueError(unlabeled_message(source, len(values)))
    found = [_names(str(text), separator) for text in values[~missing]]
    names = tuple(sorted({name for row in found for name in row}))
    if len(names) < 2:
        raise ValueError(
            f"{source} names {len(names)} label{'s' * (len(names) != 1)} between {separator!r}, and several labels a "
            "row need two: look whether labels are separated otherwise, or leave label_separator out for one class a "
            "row."
        )
    places = {name: place for place, name in enumerate(names)}
    Y = np.zeros((len(found), len(names)), dtype=np.int64)
    for row, of_row in zip(Y, found, strict=True):
        row[[places[name] for name in of_row]] = 1
    read = _encoded(Y, names, missing, source)
    return read._replace(notes=(*read.notes, *alike(source, names, "labels"), *_maybe_misspelt(source, Y, names)))


def _names(text: str, separator: str) -> list[str]:
    if text.strip().casefold() in _NONE:
        return []
    return [name.strip() for name in text.split(separator) if name.strip()]


def _maybe_misspelt(source: str, Y: NDArray[np.int64], names: Sequence[str]) -> list[str]:
    """Name labels of a single row that are written almost like a label of more rows."""
    counts = dict(zip(names, Y.sum(axis=0).tolist(), strict=True))
    known = [name for name, n in counts.items() if n > 1]
    near = {name: difflib.get_close_matches(name, known, n=1, cutoff=0.75) for name, n in counts.items() if n == 1}
    return [
        f"{source}: the label {name!r} applies to one row alone; is it {found[0]!r}, misspelt?"
        for name, found in near.items()
        if found and found[0].casefold() != name.casefold()  # that is told already
    ]


def _zeros_and_ones(
    values: NDArray[Any], labeled: NDArray[np.bool_], source: str, names: Sequence[str]
) -> NDArray[np.int64]:
    rows = np.flatnonzero(labeled)
    try:
        numbers = values[rows].astype(np.float64)
        wrong = ~np.isin(numbers, (0, 1))
    except (TypeError, ValueError):
        wrong = np.array([[one not in (0, 1) for one in row] for row in values[rows].tolist()])
        numbers = np.where(wrong, 0, values[rows]).astype(np.float64)
    if wrong.any():
        row, label = (int(place[0]) for place in np.nonzero(wrong))
        where = f"column {names[label]!r}" if names else f"label {label}"
        n_wrong = int(wrong.any(axis=1).sum())
        raise ValueError(
            f"{source} must hold 0 where a label does not apply to a row and 1 where it does, got "
            f"{values[rows][row, label]!r} in {where}, row {rows[row]} ({n_wrong} rows are wrong)."
        )
    return np.asarray(numbers.astype(np.int64))


def _encoded(Y: NDArray[np.int64], names: tuple[str, ...], missing: NDArray[np.bool_], source: str) -> Encoded:
    for same, rows in ((~Y.any(axis=0), "none"), (Y.all(axis=0), "all")):
        if names and same.any():  # of arrays, which may be a test part, nobody knows whether they are all there is
            listed = ", ".join(repr(names[place]) for place in np.flatnonzero(same)[:10])
            which = f"the label {listed} applies" if same.sum() == 1 else f"the labels {listed} apply"
            raise ValueError(
                f"{source}: {which} to {rows} of the {len(Y)} labelled rows, so there is nothing to learn. Leave "
                f"{'it' if same.sum() == 1 else 'them'} out."
            )
    names = names or tuple(f"label {place}" for place in range(Y.shape[1]))
    notes = left_out(source, int(missing.sum()), len(missing))
    if n_none := int((~Y.any(axis=1)).sum()):
        notes.append(f"{source}: no label applies to {n_none} of {len(Y)} rows, which is a label set like others.")
    return Encoded(~missing, Y, names, tuple(notes))
