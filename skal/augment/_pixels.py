"""Read images at whole pixels of their own choice, and say where there are none."""

from __future__ import annotations

from torch import Tensor

__all__ = ["are_inside", "pixels_at"]


def pixels_at(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Images (b, C, H, W) read at positions that broadcast to (b, H, W); outside, the nearest pixel is read."""
    height, width = x.shape[2:]
    source = rows.clamp(0, height - 1) * width + columns.clamp(0, width - 1)  # (b, H, W)
    index = source.flatten(1)[:, None].expand(-1, x.shape[1], -1)  # (b, C, H * W)
    return x.flatten(2).gather(2, index).view(x.shape)


def are_inside(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Whether there is a pixel, (b, 1, H, W), for every channel the same."""
    height, width = x.shape[2:]
    return ((rows >= 0) & (rows < height) & (columns >= 0) & (columns < width))[:, None]
