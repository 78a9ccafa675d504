"""Values of a column: which are missing, which are truth values, and all of them as text or as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.features._written import parsed_numbers

MISSING = "(missing)"  # the category of missing values
_TRUE = ("true", "yes", "y", "t", "on", "ja", "oui", "si", "sí", "1", "1.0")
_FALSE = ("false", "no", "n", "f", "off", "nein", "non", "0", "0.0")


def missing(column: Any) -> Any:
    """Return a boolean Series: NaN, None, NA, NaT, and text without a character."""
    gaps = column.isna()
    if column.dtype.kind == "O" or str(column.dtype) in ("string", "str"):
        blank = column.map(lambda value: isinstance(value, str) and not value.strip(), na_action="ignore")
        gaps = gaps | blank.where(~gaps, False).astype(bool)
    return gaps.astype(bool)


def as_texts(present: Any) -> Any:
    """Return values that are there as a Series of plain str."""
    return present.astype(object).map(str)


def truth_values(texts: Any) -> dict[str, float] | None:
    """Return 0 and 1 for words such as yes and no, if the texts are two of them and nothing else."""
    words = {text.strip().lower() for text in texts.unique()[:20]}
    if not words <= {*_TRUE, *_FALSE} or len(words & set(_TRUE)) != 1 or len(words & set(_FALSE)) != 1:
        return None
    return {**dict.fromkeys(_TRUE, 1.0), **dict.fromkeys(_FALSE, 0.0)}


def category_texts(column: Any) -> NDArray[Any]:
    """Return categories of any type as text of shape (n, 1); missing ones are a word of their own."""
    texts = np.where(missing(column), MISSING, column.astype(object).map(str))
    return texts.astype(object).reshape(-1, 1)


def plain_texts(column: Any) -> list[str]:
    """Return a list of texts, empty where they are missing."""
    return ["" if gap else str(value) for value, gap in zip(column.astype(object), missing(column), strict=True)]


def floats(column: Any, style: str = "plain") -> NDArray[np.float64]:
    """Return numbers as float64, NaN where they are missing or no numbers; durations in seconds."""
    if column.dtype.kind == "m":
        return np.asarray(column.dt.total_seconds(), dtype=np.float64)
    if column.dtype.kind not in "biuf":
        texts = column.astype(object).map(str).where(~missing(column))
        column = parsed_numbers(texts, style)
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
