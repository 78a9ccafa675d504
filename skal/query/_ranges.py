"""Which values the numeric options of a strategy may have: said once for each, checked at the door of all."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


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
    return Range(f"an int >= {least}", lambda value: value >= least, whole=True)


def at_least(least: float) -> Range:
    """Make a range of finite numbers from a number on."""
    return Range(f"a finite number of at least {least:g}", lambda value: least <= value < math.inf)


def above(least: float) -> Range:
    """Make a range of finite numbers larger than a number."""
    return Range(f"a finite number above {least:g}", lambda value: least < value < math.inf)


def between(least: float, most: float, *, open_end: bool = False) -> Range:
    """Make a range with two ends, of which the upper one may be left out."""
    if open_end:
        return Range(f"in [{least:g}, {most:g})", lambda value: least <= value < most)
    return Range(f"in [{least:g}, {most:g}]", lambda value: least <= value <= most)


def one_of(*values: float) -> Range:
    """Make a range of a few numbers."""
    return Range(" or ".join(f"{value:g}" for value in values), lambda value: value in values)


FINITE = Range("a finite number", lambda value: math.isfinite(value))


def check_ranges(
    name: str, given: Mapping[str, Any], ranges: Mapping[str, Range], own: Sequence[inspect.Parameter]
) -> None:
    """Raise ValueError where an option is out of its range; None passes where it is the default, or annotated."""
    with_none = {one.name for one in own if one.default is None or "None" in str(one.annotation)}
    for option, range_ in ranges.items():
        if option not in given:
            continue
        value, may_be_none = given[option], option in with_none
        if not (value is None and may_be_none) and not range_.holds(value):
            words = f"None or {range_.words}" if may_be_none else range_.words
            raise ValueError(f"{name}: {option} must be {words}, got {value!r}.")
