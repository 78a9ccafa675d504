"""The checks that costs, polygons and regions share."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np


def check_whole(value: Any, name: str, who: str, least: int) -> None:
    if not is_whole(value) or value < least:
        raise ValueError(f"{who}: {name} must be an int >= {least}, got {value!r}.")


def check_outlining(
    who: str, tolerance: Any, connectivity: Any, holes: Any, background: Any, ignore_label: Any
) -> None:
    """Check the settings of polygons, or raise."""
    real = isinstance(tolerance, numbers.Real) and not isinstance(tolerance, (bool, np.bool_))
    if not real or not 0 <= float(tolerance) < np.inf:
        raise ValueError(f"{who}: tolerance must be a number of pixels >= 0, got {tolerance!r}.")
    if connectivity not in (1, 2) or isinstance(connectivity, (bool, np.bool_)):
        raise ValueError(
            f"{who}: connectivity must be 1 (pixels meet at edges) or 2 (at corners too), got {connectivity!r}."
        )
    if not isinstance(holes, (bool, np.bool_)):
        raise ValueError(f"{who}: holes must be True or False, got {holes!r}.")
    if not (background is None or is_whole(background)):
        raise ValueError(f"{who}: background must be a class (an int) or None, got {background!r}.")
    if not is_whole(ignore_label):
        raise ValueError(f"{who}: ignore_label must be an int, got {ignore_label!r}.")


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number, such as a class."""
    return isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))


def left_out(background: int | None, ignore_label: int) -> tuple[int, ...]:
    """Classes that nobody clicks on."""
    return (ignore_label,) if background is None else (ignore_label, background)
