"""Draws for the rows of a batch, on its device."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["chance", "integers", "shares"]


def shares(shape: tuple[int, ...], x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Uniform draws in [0, 1) on the device of x; half precision is too coarse for rates, so they are float32."""
    return torch.rand(shape, dtype=torch.float32, device=x.device, generator=generator)


def chance(p: float, shape: tuple[int, ...], x: Tensor, generator: torch.Generator | None) -> Tensor:
    """True with probability p: never for 0, always for 1."""
    return shares(shape, x, generator) < p


def integers(low: int, high: int, shape: tuple[int, ...], x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Uniform integers from low to high, both included."""
    return torch.randint(low, high + 1, shape, device=x.device, generator=generator)
