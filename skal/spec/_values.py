"""Plain values: read from a text, checked for depth, shown in a message, and names that are near another."""

from __future__ import annotations

import difflib
import re
import reprlib
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

_DEEPEST = 20  # no setting needs more than five; thousands end in a RecursionError somewhere behind the door


# Numbers that TOML wants a digit for: .5 and 1.
_BARE_POINT = re.compile(r"[+-]?([0-9]{1,300}\.|\.[0-9]{1,300})([eE][+-]?[0-9]{1,3})?")
_ZEROS = re.compile(r"([+-]?)0+(?=[0-9])")


class _Short(reprlib.Repr):
    """Representations that stay readable in a message: long texts and deep containers are cut."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother, self.maxlong = 4, 200, 200, 60
        self.maxlist = self.maxtuple = self.maxdict = 8


_SHORT = _Short()


def shown(value: Any) -> str:
    """Return the representation of a value for a message, cut if it is long or deep."""
    return _SHORT.repr(value)


def value_of_text(text: str) -> Any:
    """Read a text as a TOML value, or a number such as ``.5``, else keep it as it is.

    Parameters
    ----------
    text : str
        Such as ``"3"``, ``"0.5"``, ``"true"``, ``"[1, 2]"``, or any other text.

    Returns
    -------
    bool, int, float, list, dict, date, or str
        The value; `text` itself if it is not one.

    Examples
    --------
    >>> [value_of_text(text) for text in ("3", "nan", "true", "margin", ".5")]
    [3, nan, True, 'margin', 0.5]
    """
    try:
        content = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return float(text) if _BARE_POINT.fullmatch(text) else text
    return content["value"] if list(content) == ["value"] else text


def number_of_text(text: str) -> Any:
    """Read a text where a number is meant, as `value_of_text` does: zeros in front of it do not count.

    Examples
    --------
    >>> [number_of_text(text) for text in ("02", "00.5", ".5", "0", "x")]
    [2, 0.5, 0.5, 0, 'x']
    """
    return (
        value_of_text(_ZEROS.sub(r"\1", text.strip(), count=1)) if _ZEROS.match(text.strip()) else value_of_text(text)
    )


def check_depth(value: Any, who: str) -> None:
    """Refuse containers within containers within containers, of which no setting needs more than a few.

    Parameters
    ----------
    value : object
        Lists, tuples and dicts are looked into, without recursion.
    who : str
        Begins the message.

    Raises
    ------
    ValueError
        If there are more than 20 levels.
    """
    level, here = 0, [value]
    while here := [inner for outer in here for inner in _inside(outer)]:
        level += 1
        if level > _DEEPEST:
            raise ValueError(f"{who}: values may be nested at most {_DEEPEST} deep, and these are deeper.")


def near_names(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """Return the known names that look like another one, the nearest first, then those that contain it."""
    known = list(known)
    near = [other for other in known if other.lower() == name.lower()]
    near += [other for other in difflib.get_close_matches(name, known, n=n) if other not in near]
    near += [other for other in known if len(name) > 2 and name in other and other not in near]
    return near[:n]


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()
