"""How numbers and verdicts are written: in reports, in notebooks and on a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skal.pages import shortened

MARKS = {
    "better than random": "▲",
    "worse than random": "▼",
    "not distinguishable from random": "·",
    "too few trials to tell": "?",
}
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Unit:
    """How values of a metric are written.

    Attributes
    ----------
    factor : float
        100 for shares, which are written in percent, else 1.
    digits : int
        After the point, of a difference; values have as many.
    name : str
        Of a difference: "points" of percent, or nothing.
    """

    factor: float
    digits: int
    name: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Unit:
        """Choose by what was measured: percent where all values are shares."""
        everything = np.concatenate([np.ravel(array) for array in values.values()])
        if everything.min() >= 0 and everything.max() <= 1:
            return cls(100.0, 2, "points")
        spread = float(np.ptp(everything)) or float(np.abs(everything).max()) or 1.0
        return cls(1.0, max(0, 2 - math.floor(math.log10(spread))), "")

    @property
    def sign(self) -> str:
        """What follows a value."""
        return " %" if self.factor == 100 else ""

    def value(self, number: float) -> str:
        """Write a value."""
        return fixed(self.factor * number, self.digits)

    def difference(self, number: float) -> str:
        """Write a difference with its sign."""
        return signed(self.factor * number, self.digits)

    def amount(self, number: float) -> str:
        """Write the size of a difference with its unit."""
        return f"{fixed(abs(self.factor * number), self.digits)} {self.name}".strip()

    def interval(self, low: float, high: float) -> str:
        """Write an interval of a difference."""
        return interval(self.factor * low, self.factor * high, self.digits)


def fixed(number: float, digits: int) -> str:
    """Write a number with so many digits after the point; a dash if there is none."""
    if math.isnan(number):
        return "–"
    if math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    text = f"{number:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def signed(number: float, digits: int) -> str:
    """Write a number with its sign, also plus."""
    text = fixed(number, digits)
    return f"+{text}" if number > 0 and text.strip("0.") else text


def tick(number: float) -> str:
    """Write a round number with no more digits than it needs."""
    text = fixed(number, 9)
    return text.rstrip("0").rstrip(".") or "0"


def signed_tick(number: float) -> str:
    """Write a round number with its sign and no more digits than it needs."""
    return f"+{tick(number)}" if number > 0 else tick(number)


def interval(low: float, high: float, digits: int) -> str:
    """Write an interval; nothing if there is none."""
    return "" if math.isnan(low) else f"[{signed(low, digits)}, {signed(high, digits)}]"


def p_value(p: float) -> str:
    """Write a p-value: four digits, and never zero."""
    return "<0.0001" if p < 0.0001 else fixed(p, 4)


def seconds_format(largest: float) -> tuple[float, int, str]:
    """Return factor, digits and unit for times up to the largest."""
    return (1000.0, 1, "ms") if largest < 1 else (1.0, 2, "s")


def plural(number: int, noun: str, many: str = "") -> str:
    """Write "1 trial", "2 trials"."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def short(text: str, most: int) -> str:
    """Put a text into one line, without its middle where that is too long."""
    return shortened(" ".join(text.split()), most)


def told(text: str) -> str:
    """Drop "than random" from a verdict."""
    return text.replace(" than random", "").replace(" from random", "")
