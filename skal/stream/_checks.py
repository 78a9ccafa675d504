"""Ranges of the settings of rules and budgets."""

from __future__ import annotations

import numbers
from typing import Any


def check_share(value: Any, name: str, who: Any, *, one_too: bool = True) -> None:
    """Refuse what is no number above 0 and up to 1, or below it."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 < value <= 1 or (value == 1 and not one_too):
        raise ValueError(
            f"{type(who).__name__}: {name} must be a number above 0 and {'up to' if one_too else 'below'} 1, "
            f"got {value!r}."
        )
