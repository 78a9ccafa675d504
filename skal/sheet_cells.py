"""Cells that a spreadsheet would run as formulas, written so that it shows them."""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"^[=+\-@\t\r]")
_MARKED = re.compile(r"^'[=+\-@\t\r']")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?$")


def safe_cell(value: Any) -> Any:
    """Return a cell that a spreadsheet shows and does not run: an apostrophe before = + - @ and tab, but for numbers.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("-5"), safe_cell("@home"), safe_cell("'quoted'")
    ("'=1+1", '-5', "'@home", "'quoted'")
    """
    if not isinstance(value, str) or _NUMBER.match(value):
        return value
    return f"'{value}" if _FORMULA.match(value) or _MARKED.match(value) else value


def plain_cell(value: Any) -> Any:
    """Return what `safe_cell` was given.

    Examples
    --------
    >>> plain_cell("'=1+1"), plain_cell("'quoted'")
    ('=1+1', "'quoted'")
    """
    return value[1:] if isinstance(value, str) and _MARKED.match(value) else value


def safe_frame(frame: Any) -> tuple[Any, int]:
    """Return a table whose cells and names are safe, and how many of its cells had to be changed."""
    changed = 0
    out = frame.copy()
    for name in frame.columns:
        if frame[name].dtype.kind in "biufcM":
            continue
        cells = [safe_cell(cell) for cell in frame[name]]
        different = sum(isinstance(a, str) and a != b for a, b in zip(cells, frame[name], strict=True))
        if different:
            changed += different
            out[name] = cells
    return out.rename(columns=safe_cell), changed
