"""What a request may hold: every key is known, every value of its type and length; anything else is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from skal.label_page._problem import Problem

Check = Callable[[str, Any], Any]

_REQUEST = re.compile(r"[A-Za-z0-9-]{8,64}")
LONGEST = 10_000  # letters of a note or an id
MOST_ROWS = 5000  # of an area of the map
_DEEPEST = 12
_MOST_LABELS = 500


def parsed(body: bytes) -> dict[str, Any]:
    """Read a request.

    Raises
    ------
    Problem
        If it is not one object of JSON, or repeats a key, or nests deeper than any request of the page.
    """
    try:
        found = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_float
        )
    except Problem:
        raise
    except (ValueError, RecursionError):
        raise Problem("malformed", "The request is not JSON.") from None
    if not isinstance(found, dict):
        raise Problem("malformed", "The request is not an object of JSON.")
    if _depth(found) > _DEEPEST:
        raise Problem("malformed", "The request is nested too deep.")
    return found


def checked(given: Mapping[str, Any], needed: Mapping[str, Check], allowed: Mapping[str, Check]) -> dict[str, Any]:
    """Return the values of a request.

    Parameters
    ----------
    given : mapping
        What came.
    needed, allowed : mapping of str to callable
        By key what checks the value, and returns it. Allowed values that are missing or null are left out.
    """
    known = {**needed, **allowed}
    for name in given:
        if name not in known:
            raise Problem("malformed", f"There is no key {_shown(name)} here; there are {', '.join(known)}.")
    found = {}
    for name, check in known.items():
        if given.get(name) is None:
            if name in needed:
                raise Problem("malformed", f"The key {name!r} is missing.")
            continue
        found[name] = check(name, given[name])
    return found


def request_id(name: str, value: Any) -> str:
    """Check the number of a request."""
    if not isinstance(value, str) or not _REQUEST.fullmatch(value):
        raise Problem("malformed", f"{name} must be 8 to 64 letters, digits and hyphens.")
    return value


def text(longest: int = LONGEST) -> Check:
    """Return the check of a text."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise Problem("malformed", f"{name} must be a text of at most {longest} letters.")
        return _clean(name, value)

    return check


def flag(name: str, value: Any) -> bool:
    """Check a yes or no."""
    if not isinstance(value, bool):
        raise Problem("malformed", f"{name} must be true or false.")
    return value


def number(low: float, high: float) -> Check:
    """Return the check of a number."""

    def check(name: str, value: Any) -> float:
        right = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
        if not right or not math.isfinite(value):
            raise Problem("malformed", f"{name} must be a number from {low:g} to {high:g}.")
        return float(value)

    return check


def texts(most: int, longest: int = LONGEST) -> Check:
    """Return the check of a list of texts."""
    one = text(longest)

    def check(name: str, value: Any) -> list[str]:
        if not isinstance(value, list) or len(value) > most:
            raise Problem("malformed", f"{name} must be a list of at most {most} texts.")
        return [one(name, part) for part in value]

    return check


def label(name: str, value: Any) -> Any:
    """Check an answer: a text, several, a number, or the parts of a mask, which their kind of answers reads."""
    if isinstance(value, str):
        return text()(name, value)
    if isinstance(value, list):
        return texts(_MOST_LABELS)(name, value)
    if isinstance(value, dict):
        return _clean_all(name, value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Problem("malformed", f"{name} must be a text, a list of texts, or a number.")
    if isinstance(value, int) and abs(value) > 10**18:
        raise Problem("malformed", f"{name} is too large a number.")
    return value


def _clean_all(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _clean(name, value)
    if isinstance(value, list):
        return [_clean_all(name, part) for part in value]
    if isinstance(value, dict):
        return {_clean(name, key): _clean_all(name, part) for key, part in value.items()}
    return value


def _clean(name: str, value: str) -> str:
    """Refuse what cannot be written as UTF-8, and NUL, at which other programs end a text."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Problem("malformed", f"{name} holds half of a character.") from None
    if "\0" in value:
        raise Problem("malformed", f"{name} holds a NUL character.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem("malformed", "The request holds a key twice.")
    return found


def _no_constant(name: str) -> float:
    raise Problem("malformed", "The request holds a number that is not finite.")


def _float(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _no_constant(digits)


def _depth(value: Any) -> int:
    """Depth of nesting, without recursion."""
    deepest, left = 0, [(value, 1)]
    while left:
        one, depth = left.pop()
        deepest = max(deepest, depth)
        if isinstance(one, dict):
            left += [(part, depth + 1) for part in one.values()]
        elif isinstance(one, list):
            left += [(part, depth + 1) for part in one]
    return deepest


def _shown(name: str) -> str:
    return ascii(name[:40])
