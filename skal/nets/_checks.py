"""What every net asks of its arguments before it builds a layer."""

from __future__ import annotations

import numbers
from collections.abc import Sequence

__all__ = ["checked_dropout", "checked_image", "checked_int", "checked_shape", "checked_sizes", "checked_width"]


def checked_int(value: int, name: str, who: str, at_least: int = 1) -> int:
    """Return value as an int of at least `at_least`, or raise."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{who}: {name} must be an int, got {value!r}.")
    if value < at_least:
        raise ValueError(f"{who}: {name} must be at least {at_least}, got {value}.")
    return int(value)


def checked_sizes(values: Sequence[int], name: str, who: str, at_least: int = 1) -> tuple[int, ...]:
    """Return layer sizes as a tuple of ints, `at_least` of them, or raise."""
    try:
        sizes = tuple(values)
    except TypeError:
        raise TypeError(f"{who}: {name} must be a sequence of ints such as (128, 128), got {values!r}.") from None
    if len(sizes) < at_least:
        raise ValueError(f"{who}: {name} must have at least {at_least} entry, got {values!r}.")
    return tuple(checked_int(size, f"every entry of {name}", who) for size in sizes)


def checked_shape(input_shape: Sequence[int], who: str) -> tuple[int, ...]:
    """Return the shape of one row, without the batch axis, or raise."""
    return checked_sizes(input_shape, "input_shape (one row, without the batch axis)", who, at_least=1)


def checked_image(input_shape: Sequence[int], who: str, side: int = 1) -> tuple[int, int, int]:
    """Return (C, H, W) with H and W of at least `side`, or raise."""
    shape = checked_shape(input_shape, who)
    if len(shape) != 3 or min(shape[1:]) < side:
        smallest = f", H and W at least {side}" if side > 1 else ""
        remedy = (
            "For a table use a net such as MLP or MLPVAE."
            if len(shape) == 1
            else "Reshape the rows to (n, C, H, W)."
            if len(shape) != 3
            else "Pad or resize the images, or use a net for smaller ones, such as SmallCNN."
        )
        raise ValueError(f"{who}: input_shape must be (C, H, W){smallest}, got {shape}. {remedy}")
    channels, height, width = shape
    return channels, height, width


def checked_dropout(dropout: float, who: str) -> float:
    """Return the probability of dropping in [0, 1), or raise."""
    if not 0.0 <= dropout < 1.0:
        raise ValueError(f"{who}: dropout must be in [0, 1), got {dropout!r}.")
    return float(dropout)


def checked_width(width: float, who: str) -> float:
    """Return a multiplier of channel counts greater than 0, or raise."""
    if not 0.0 < width < float("inf"):
        raise ValueError(f"{who}: width must be a number greater than 0, got {width!r}.")
    return float(width)
