"""Ranges of numeric options, for the ``ranges=`` of `skal.query.query_strategy` and `skal.query.score_strategy`."""

from __future__ import annotations

import functools
import math
import numbers
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["FINITE", "Range", "above", "at_least", "between", "one_of", "whole"]


@dataclass(frozen=True)
class Range:
    """Values that a numeric option may have.

    Attributes
    ----------
    words : str
        What the option must be, as messages say it.
    allows : callable
        Whether a number is in the range.
    whole : bool
        Whether it must be an int.
    """

    words: str
    allows: Callable[[Any], bool]
    whole: bool = False

    def holds(self, value: Any) -> bool:
        """Tell whether a value is a number of this range; truth values are none."""
        kind = numbers.Integral if self.whole else numbers.Real
        return not isinstance(value, (bool, np.bool_)) and isinstance(value, kind) and bool(self.allows(value))


def whole(least: int = 1) -> Range:
    """Make a range of ints."""
    return Range(f"an int >= {least}", _between(least, math.inf), whole=True)


def at_least(least: float) -> Range:
    """Make a range of finite numbers from a number on."""
    return Range(f"a finite number of at least {least:g}", _between(least, math.inf, open_end=True))


def above(least: float) -> Range:
    """Make a range of finite numbers larger than a number."""
    return Range(f"a finite number above {least:g}", _between(least, math.inf, open_start=True, open_end=True))


def between(least: float, most: float, *, open_end: bool = False) -> Range:
    """Make a range with two ends, of which the upper one may be left out."""
    return Range(f"in [{least:g}, {most:g}{')' if open_end else ']'}", _between(least, most, open_end=open_end))


def one_of(*values: float) -> Range:
    """Make a range of a few numbers."""
    return Range(" or ".join(f"{value:g}" for value in values), functools.partial(operator.contains, values))


FINITE = Range("a finite number", math.isfinite)


def _between(
    least: float, most: float, open_start: bool = False, open_end: bool = False
) -> functools.partial[
    bool
]:  # and no closure: a strategy that is pickled by what it is made of takes its ranges along
    return functools.partial(_is_between, least=least, most=most, open_start=open_start, open_end=open_end)


def _is_between(value: float, *, least: float, most: float, open_start: bool, open_end: bool) -> bool:
    begins = least < value if open_start else least <= value
    return bool(begins and (value < most if open_end else value <= most))
