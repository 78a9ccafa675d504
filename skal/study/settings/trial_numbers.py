"""Which trials are run: ``3-5``, ``2`` or ``1,4-6``, counted from 1."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["TRIALS_IN_WORDS", "read_trials", "write_trials"]

TRIALS_IN_WORDS = "numbers of trials, counted from 1, such as 3-5 or 1,4-6"
_LAST = 100_000  # nobody runs more; a range of 1-10**9 would fill the memory
_RANGE = re.compile(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?")


def read_trials(value: Any) -> tuple[int, ...] | None:
    """Return the numbers of trials, counted from 0.

    Parameters
    ----------
    value : None, str, int, or iterable of int
        Counted from 1: ``"3-5"``, ``"2"``, ``"1,4-6"``, ``2``, ``[1, 4, 5, 6]``. None: all, however many there are.

    Returns
    -------
    tuple of int, or None
        Sorted, each once, **counted from 0**; None for None.

    Raises
    ------
    ValueError
        If it is something else, a number is below 1 or above 100000, or a range runs backwards.

    Examples
    --------
    >>> read_trials("1,4-6"), read_trials(2), read_trials(None)
    ((0, 3, 4, 5), (1,), None)
    """
    if value is None:
        return None
    if isinstance(value, str):
        found = [number for part in value.split(",") for number in _of_part(part.strip())]
    elif _is_whole(value):
        found = [int(value)]
    elif isinstance(value, Iterable) and not isinstance(value, (bytes, dict)):
        listed = list(value)
        if not all(_is_whole(number) for number in listed):
            raise ValueError(f"trials must be {TRIALS_IN_WORDS}.")
        found = [int(number) for number in listed]
    else:
        found = []
    if not found or min(found) < 1 or max(found) > _LAST:
        raise ValueError(f"trials must be {TRIALS_IN_WORDS}.")
    return tuple(sorted({number - 1 for number in found}))


def write_trials(numbers_from_0: Iterable[int]) -> str:
    """Write numbers of trials, counted from 0, so that `read_trials` reads them; the result counts from 1.

    Examples
    --------
    >>> write_trials([0, 3, 4, 5])
    '1,4-6'
    """
    parts: list[list[int]] = []
    for number in sorted({int(number) + 1 for number in numbers_from_0}):
        if parts and parts[-1][-1] == number - 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join("-".join(map(str, part)) for part in parts)


def _of_part(part: str) -> Iterable[int]:
    match = _RANGE.fullmatch(part)
    if match is None:
        return [0]
    first, last = int(match[1]), int(match[2] or match[1])
    return range(first, last + 1) if first <= last <= _LAST else [0]


def _is_whole(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
