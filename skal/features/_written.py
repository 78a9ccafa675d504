"""Numbers written as text: plain ones, with a sign of money or percent, with commas for thousands or decimals."""

from __future__ import annotations

from typing import Any, NamedTuple

_SIGNS = r"[\s%€$£¥'\u00a0\u202f]|\b(?:EUR|USD|GBP|CHF)\b"
_PATTERNS = {
    "point": r"^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$",  # 1,234.5
    "comma": r"^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$",  # 1.234,5
}
_ZEROS = r"^0\d+$"
_ENOUGH = 0.95
_FEW_WORDS = 3  # that stand for a missing number, such as "n/a" and "-"


class Written(NamedTuple):
    """How numbers are written.

    Attributes
    ----------
    style : str
        "plain", as Python writes them; "point" (1,234.5) or "comma" (1.234,5), both with signs of money or percent.
    why : str
        The same in words.
    """

    style: str
    why: str


def written_numbers(texts: Any) -> Written | None:
    """Find how numbers are written.

    Parameters
    ----------
    texts : Series of str
        Values without the missing ones.

    Returns
    -------
    Written or None
        None if the values are not numbers, as codes with leading zeros are not.
    """
    if texts.str.match(_ZEROS).any():
        return None
    if not texts.iloc[:1000].str.contains(r"\d").any():
        return None
    found = {}
    for style in ("plain", *_PATTERNS):
        numbers = parsed_numbers(texts, style)
        others = texts[numbers.isna()]
        few = others.nunique() <= _FEW_WORDS and numbers.nunique() > 10 and not others.str.contains(r"\d").any()
        allowed = 0.5 if few else 1 - _ENOUGH
        if len(others) <= allowed * len(texts) and numbers.nunique() > 1:
            words = " or ".join(repr(value) for value in others.unique()[:2])
            found[style] = (len(others), f"; {words} counts as missing" if len(others) else "")
        if style in found and style == "plain":
            break
    if not found:
        return None
    style = min(found, key=lambda one: found[one][0])  # the first of equals
    said = {"plain": "numbers written as text", "point": "numbers written like 1,234.5", "comma": "... like 1.234,5"}
    why = said[style].replace("...", "numbers written")
    if {"point", "comma"} <= set(found) and found["point"][0] == found["comma"][0] and texts.str.contains(",").any():
        why += " (commas could be decimals as well)"
    return Written(style, why + found[style][1])


def parsed_numbers(texts: Any, style: str) -> Any:
    """Return a Series of numbers; what is not written in the style is missing."""
    import pandas as pd

    if style == "plain":
        return pd.to_numeric(texts, errors="coerce")
    bare = texts.str.replace(_SIGNS, "", regex=True)
    bare = bare.where(bare.str.match(_PATTERNS[style]))
    if style == "comma":
        bare = bare.str.replace(".", "", regex=False)
    return pd.to_numeric(bare.str.replace(",", "" if style == "point" else ".", regex=False), errors="coerce")
