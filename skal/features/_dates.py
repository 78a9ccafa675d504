"""Dates written as text: which format they have, found on the whole column and not value by value."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# A date has a year of four digits or three parts of digits, or the name of a month. The cheap test comes first.
_LIKE_A_DATE = re.compile(
    r"^\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}\.?[ -]?[a-z]{3,9}\.?,?[ -]?\d{2,4}|[a-z]{3,9}\.? \d{1,2},? \d{4})\b",
    re.IGNORECASE,
)
_DAYS = (
    *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y/%m", "%d.%m.%y"),
    *("%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%d. %B %Y"),
    *("%a, %d %b %Y", "%b %d %Y", "%B %d %Y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f", " %H:%M:%S %z", ", %H:%M")
ISO = "ISO8601"
_ENOUGH = 0.95  # of the values; the others are missing dates
_MOST = 3  # formats in one column


class DateFormats(NamedTuple):
    """How dates are written.

    Attributes
    ----------
    formats : tuple of str
        As of `pandas.to_datetime`, the most frequent first; a value is read by the first one that fits.
    also : str
        Another order of day and month that fits the first as well; empty if there is none.
    """

    formats: tuple[str, ...]
    also: str = ""


def date_formats(texts: Any) -> DateFormats | None:
    """Find the formats of dates that are written as text.

    Parameters
    ----------
    texts : Series of str
        Values without the missing ones.

    Returns
    -------
    DateFormats or None
        None if the values are not dates.
    """
    some = texts if len(texts) <= 200 else texts.sample(200, random_state=0)
    if some.str.match(_LIKE_A_DATE).mean() < _ENOUGH:
        return None
    formats: list[str] = []
    also, rest, n = "", texts, len(texts)
    while len(rest) > (1 - _ENOUGH) * n:
        if len(formats) == _MOST or not (fitting := _fitting(rest)):
            return None
        read = parsed_dates(rest, (fitting[0],)).notna()
        if not formats:
            also = next((one for one in fitting[1:] if _differs(rest[read], fitting[0], one)), "")
        formats.append(fitting[0])
        rest = rest[~read]
    return DateFormats(tuple(formats), also)


def _fitting(texts: Any) -> list[str]:
    """Formats that fit as many of the texts as any, in the order of preference."""
    some = texts if len(texts) <= 200 else texts.sample(200, random_state=0)
    candidates = [ISO, *(day + time for day in _DAYS for time in _TIMES)]
    likely = {one: share for one in candidates if (share := _share(some, one)) > 0.1}
    # The best few on all values: a day beyond the twelfth may be in one row of a thousand.
    best = [one for one, share in likely.items() if share >= max(likely.values()) - 0.1]
    shares = {one: _share(texts, one) for one in best}
    return [one for one, share in shares.items() if share == max(shares.values())]


def parsed_dates(texts: Any, formats: tuple[str, ...]) -> Any:
    """Return a Series of UTC dates; what is of none of the formats is missing."""
    import pandas as pd

    first, *others = (pd.to_datetime(texts, format=one, errors="coerce", utc=True) for one in formats)
    for dates in others:
        first = first.fillna(dates)
    return first


def _differs(texts: Any, one: str, other: str) -> bool:
    """Whether both formats fit all texts, and they are other dates."""
    dates = parsed_dates(texts, (other,))
    return bool(dates.notna().all() and (dates != parsed_dates(texts, (one,))).any())


def _share(texts: Any, fmt: str) -> float:
    return float(parsed_dates(texts, (fmt,)).notna().mean())
