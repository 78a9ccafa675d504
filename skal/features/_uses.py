"""What each column of a table is used as: decided on the whole table, with the reason, or said by the user."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from skal.features._dates import ISO, DateFormats, date_formats
from skal.features._frames import as_frame
from skal.features._values import as_texts, missing, truth_values
from skal.features._written import written_numbers

KINDS = ("number", "category", "text", "date", "boolean", "id", "constant", "drop")
LEFT_OUT = ("id", "constant", "drop")

_FEW = 50  # different values that are always categories if they repeat
_LOOKED_AT = 5000  # values whose form is looked at; how many are different is counted over all
_UNIQUE = 0.95  # share of different values from which a column is nearly unique
_ID_NAME = re.compile(r"(?:^|[\W_])(?:id|ids|uuid|guid|index|idx|key)$|^unnamed: 0$|[a-z](?:ID|Id|UUID)$")
_UUID = re.compile(r"^[{(]?[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}[)}]?$")
_URL = re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)
_CODE = re.compile(r"^[\x21-\x7e]+$")  # one printable ASCII token without blanks


class ColumnUse(NamedTuple):
    """What a column is used as.

    Attributes
    ----------
    kind : str
        "number", "category", "text", "date" or "boolean"; or "id", "constant" or "drop", which are left out of the
        features.
    why : str
        What spoke for it; "as you said" for what was said.
    """

    kind: str
    why: str


def column_uses(
    frame: Any, said: Mapping[str, str] | None = None, leave_out: Collection[str] = ()
) -> dict[str, ColumnUse]:
    """Decide what each column of a table is used as.

    Parameters
    ----------
    frame : DataFrame of pandas or polars, dict of columns, or texts
        The whole table: on a few labelled rows a text looks like an id, and a category like a constant.
    said : dict of str to str, default=None
        Kinds of some columns: ``{"body": "text", "ticket_id": "drop"}``. They come before what is found.
    leave_out : collection of str, default=()
        Columns that are no features, such as the target and the identifier: they become "drop".

    Returns
    -------
    dict of str to ColumnUse
        Kind and reason of every column, in the order of the table.

    Raises
    ------
    ValueError
        If a column or a kind that was said does not exist; the message has the nearest names.

    Notes
    -----
    Strings that are nearly unique are never categories: several words are a text, single tokens with digits an id.
    Whole numbers are an id if they number the rows, or if the name of the column says so; a measurement with as many
    different values stays a number. One pass over the table.

    Examples
    --------
    >>> import pandas as pd
    >>> shop = ["web", "web", "mail", "web"]
    >>> table = pd.DataFrame({"ticket_id": [17, 4, 8, 9], "price": [2.5, 1.0, 7.5, 3.0], "shop": shop})
    >>> {name: use.kind for name, use in column_uses(table).items()}
    {'ticket_id': 'id', 'price': 'number', 'shop': 'category'}
    >>> column_uses(table, {"shop": "drop"})["shop"]
    ColumnUse(kind='drop', why='as you said')
    """
    frame = as_frame(frame)
    names = list(frame.columns)
    said = {str(name): kind for name, kind in (said or {}).items()}
    check_said(said, names)
    uses = {}
    for place, name in enumerate(names):
        if name in said:
            uses[name] = ColumnUse(said[name], "as you said")
        elif name in {str(one) for one in leave_out}:
            uses[name] = ColumnUse("drop", "left out: not a feature")
        else:
            uses[name] = _use_of(name, frame.iloc[:, place])
    return uses


def check_said(said: Mapping[str, str], names: Collection[str]) -> None:
    """Refuse columns and kinds that do not exist; everything wrong is reported at once.

    Raises
    ------
    ValueError
        With the nearest names.
    """
    problems = []
    for name, kind in said.items():
        if name not in names:
            problems.append(f"There is no column {name!r}{_near(name, names)}; the columns are {_some(names)}.")
        if kind not in KINDS:
            problems.append(
                f"Column {name!r} cannot be {kind!r}{_near(str(kind), KINDS)}; it can be {', '.join(KINDS)}."
            )
    if problems:
        raise ValueError(" ".join(problems))


def uses_as_text(uses: Mapping[str, ColumnUse]) -> str:
    """Return the short table of what columns are used as, one line for each.

    Parameters
    ----------
    uses : dict of str to ColumnUse
        As `column_uses` gives it.

    Returns
    -------
    str
        Lines of name, kind and reason. Of a wide table, columns of one kind and reason share a line.

    Examples
    --------
    >>> print(uses_as_text({"body": ColumnUse("text", "as you said"), "n": ColumnUse("constant", "one value")}))
    column  used as   why
    body    text      as you said
    n       constant  one value; left out
    """
    lines = [("column", "used as", "why")]
    many = len(uses) > 40
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, use in uses.items():
        out = use.kind in LEFT_OUT and "left out" not in use.why and use.kind != "drop"
        why = f"{use.why}; left out" if out else use.why
        groups.setdefault((use.kind,) if many else (name, use.kind, why), []).append(name)
    for key, names in groups.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        lines.append((shown, key[0], f"{len(names)} columns") if many else (key[0], key[1], key[2]))
    first, second = (max(len(line[place]) for line in lines) for place in (0, 1))
    return "\n".join(f"{a:<{first}}  {b:<{second}}  {c}".rstrip() for a, b, c in lines)


def _use_of(name: str, column: Any) -> ColumnUse:
    gaps = missing(column)
    present = column[~gaps]
    if len(present) == 0:
        return ColumnUse("constant", "no value in any row")
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else getattr(column.dtype, "kind", "O")
    if is_date(column.dtype):
        return ColumnUse("date", "dates") if present.nunique() > 1 else _single(gaps)
    if kind in "biufm" and not hasattr(column, "cat"):
        return _number(name, column, present, gaps)
    texts = as_texts(present)
    if texts.nunique() == 1:
        return _single(gaps)
    if hasattr(column, "cat") and texts.nunique() < _UNIQUE * len(texts):
        return ColumnUse("category", f"{texts.nunique()} categories")
    return _of_texts(name, texts)


def _single(gaps: Any) -> ColumnUse:
    if gaps.any():
        return ColumnUse("category", f"one value, {_missing_in(gaps)}")
    return ColumnUse("constant", "one value in all rows")


def _missing_in(gaps: Any) -> str:
    n = int(gaps.sum())
    return f"missing in {n} row{'s' * (n > 1)}"


def _number(name: str, column: Any, present: Any, gaps: Any) -> ColumnUse:
    n, n_values = len(present), int(present.nunique())
    if n_values == 1:
        return _single(gaps)
    if column.dtype.kind == "b":
        return ColumnUse("boolean", "true or false")
    if column.dtype.kind == "m":
        return ColumnUse("number", "durations")
    values = present.to_numpy(dtype=float)
    whole = bool((np.isfinite(values) & (values == np.floor(values))).all())
    if whole and n_values == 2 and set(values.tolist()) == {0.0, 1.0}:
        return ColumnUse("boolean", "0 or 1")
    if whole and n_values == n and (why := _numbering(name, values)):
        return ColumnUse("id", why)
    missed = f", {_missing_in(gaps)}" if gaps.any() else ""
    if whole and n_values <= 10:
        return ColumnUse("number", f"{n_values} different whole numbers, read as amounts{missed}")
    return ColumnUse("number", f"numbers{missed}")


def _numbering(name: str, values: Any) -> str:
    """Why distinct whole numbers are an id; empty if they may be a measurement."""
    n = len(values)
    if _ID_NAME.search(name) or _ID_NAME.search(name.lower()):
        return "all different, and named as an id"
    if n >= 20 and values.max() - values.min() < 1.1 * n:
        return "they number the rows"
    return ""


def _of_texts(name: str, texts: Any) -> ColumnUse:
    n, n_values = len(texts), int(texts.nunique())
    if truth_values(texts) is not None:
        return ColumnUse("boolean", " or ".join(sorted(texts.unique())[:2]))
    if (found := date_formats(texts)) is not None:
        return ColumnUse("date", _said_of_dates(found))
    written = written_numbers(texts)
    if written is not None and not (n_values == n and _ID_NAME.search(name.lower())):
        return ColumnUse("number", written.why)
    share = n_values / n
    some = texts if len(texts) <= _LOOKED_AT else texts.sample(_LOOKED_AT, random_state=0)
    words = some.str.split().str.len().mean()
    if n_values <= _FEW and share <= 0.5:
        return ColumnUse("category", f"{n_values} different values in {n} rows")
    if some.str.match(_URL).mean() > 0.9 and share > 0.5:
        return ColumnUse("text", "addresses (URLs), read by their parts")
    if some.str.match(_UUID).mean() > 0.9 and share > 0.5:
        return ColumnUse("id", "UUIDs")
    one_token = float(some.str.match(_CODE).mean()) > 0.9
    with_digits = float(some.str.contains(r"\d").mean()) > 0.5
    if share >= _UNIQUE and one_token and (with_digits or _ID_NAME.search(name.lower())):
        return ColumnUse("id", "nearly all different")
    if words >= 3 or (share > 0.5 and not (one_token and with_digits)):
        length = "sentences" if words >= 3 else "short texts"
        return ColumnUse("text", f"{length}, {n_values} different in {n} rows")
    if share >= _UNIQUE:
        return ColumnUse("id", "nearly all different")
    return ColumnUse("category", f"{n_values} different values in {n} rows")


def _said_of_dates(found: DateFormats) -> str:
    ways = ["in ISO format" if one == ISO else f"written as {one}" for one in found.formats]
    return f"dates {' or '.join(ways)}" + (f" ({found.also} would fit as well)" if found.also else "")


def is_date(dtype: Any) -> bool:
    return getattr(dtype, "kind", "") == "M" or str(dtype).startswith(("date", "timestamp"))


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=2)
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def _some(names: Collection[str]) -> str:
    shown = list(names)
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20} more" if len(shown) > 20 else "")
