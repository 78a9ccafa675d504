"""Numbers with their nouns."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """Return a number and its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(2, "row")
    ('1 row', '2 rows')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
