"""What every augmentation asks of its parameters and of a batch before it draws."""

from __future__ import annotations

import math
import numbers
from typing import Any

import torch
from torch import Tensor

__all__ = ["checked_batch", "checked_fill", "checked_int", "checked_number", "checked_one_of", "checked_unit_range"]

_AXES = {4: "images", 2: "tables"}
_SHAPES = {"images": "images of shape (b, C, H, W)", "tables": "tables of shape (b, d)"}
_SLACK = 1e-4  # of half precision and of resizing; less than half a grey level


def checked_batch(x: Tensor, who: str, kinds: frozenset[str]) -> Tensor:
    """Return a float batch of images or tables, whichever of them is in `kinds`, or raise."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{who}: x must be a torch tensor, got {type(x).__name__}. Pass torch.from_numpy(x).")
    if not x.is_floating_point():
        raise TypeError(
            f"{who}: x must be floats, images in [0, 1], got {x.dtype}. Divide bytes by 255: x.float() / 255."
        )
    if _AXES.get(x.ndim) not in kinds:
        allowed = " or ".join(_SHAPES[kind] for kind in sorted(kinds)) or "nothing: its steps fit no batch together"
        remedy = " Reshape grey images to (b, 1, H, W)." if x.ndim == 3 else ""
        raise ValueError(f"{who} takes {allowed}, got shape {tuple(x.shape)}.{remedy}")
    return x


def checked_unit_range(x: Tensor, who: str, remedy: str) -> None:
    """Raise unless all pixels lie in [0, 1]; on a GPU the host waits for the answer."""
    low, high = (float(value) for value in torch.aminmax(x.detach()))
    if not (low >= -_SLACK and high <= 1 + _SLACK):  # also where they are NaN
        raise ValueError(
            f"{who}: operations on colours need pixels in [0, 1], got values from {low:.4g} to {high:.4g}. "
            f"Divide bytes by 255 and let the module standardise them, or {remedy}."
        )


def checked_number(value: Any, name: str, who: str, low: float, high: float = math.inf) -> float:
    """Return value as a float in [low, high], or raise."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{who}: {name} must be a number, got {value!r}.")
    number = float(value)
    if not (low <= number <= high and math.isfinite(number)):
        limits = f"in [{low:g}, {high:g}]" if math.isfinite(high) else f"a finite number of at least {low:g}"
        raise ValueError(f"{who}: {name} must be {limits}, got {value!r}.")
    return number


def checked_int(value: Any, name: str, who: str, at_least: int = 0) -> int:
    """Return value as an int of at least `at_least`, or raise."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{who}: {name} must be an int, got {value!r}.")
    if value < at_least:
        raise ValueError(f"{who}: {name} must be at least {at_least}, got {value}.")
    return int(value)


def checked_one_of(value: Any, name: str, who: str, allowed: tuple[str, ...]) -> str:
    """Return value if it is one of the allowed words, or raise."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{who}: {name} must be one of {', '.join(map(repr, allowed))}, got {value!r}.")
    return value


def checked_fill(fill: Any, who: str, word: str) -> float | str:
    """Return fill as a number or as the one word that is allowed, or raise."""
    if isinstance(fill, str) or fill is None:
        if fill != word:
            raise ValueError(f"{who}: fill must be {word!r} or a number, got {fill!r}.")
        return word
    return checked_number(fill, "fill", who, -math.inf)
