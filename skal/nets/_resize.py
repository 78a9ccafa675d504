"""Bilinear resizing as two matrix products, so that its gradient is the same on every run and device."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Resize"]


class Resize(nn.Module):
    """Resize maps (n, C, H, W) bilinearly; smaller maps are averages, not samples, of the larger ones.

    Equals ``torch.nn.functional.interpolate(mode="bilinear", antialias=True)``, whose gradient on a CUDA device is a
    sum in no fixed order.

    Parameters
    ----------
    source, target : (int, int)
        Height and width before and after. Equal: the maps are passed on.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, source: tuple[int, int], target: tuple[int, int]) -> None:
        super().__init__()
        self.is_needed = source != target
        # Made of the sizes alone, so no part of the weights that are saved.
        self.register_buffer("rows", _weights(source[0], target[0]), persistent=False)  # (h, H)
        self.register_buffer("columns", _weights(source[1], target[1]).T.contiguous(), persistent=False)  # (W, w)

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps (n, C, H, W) as (n, C, h, w)."""
        if not self.is_needed:
            return x
        return self.rows @ x @ self.columns  # (n, C, h, w)


def _weights(source: int, target: int) -> Tensor:
    """Weight of every source pixel in every target pixel along one axis: (target, source)."""
    step = source / target
    centers = (torch.arange(target) + 0.5) * step  # (target,), in source pixels
    distances = (torch.arange(source) + 0.5 - centers[:, None]).abs()  # (target, source)
    triangle = (1 - distances / max(step, 1.0)).clamp(min=0)
    return triangle / triangle.sum(dim=1, keepdim=True)
