"""Shears, shifts and rotations of a batch, one matrix an image, in one pass over all of them.

A matrix says where in the image a pixel of the result is read: both places in pixels from the centre of the image, x
to the right and y down. The nearest pixel is read, as in the published codes of AutoAugment, UDA and FixMatch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from skal.augment._fill import filling
from skal.augment._pixels import are_inside, pixels_at

__all__ = ["resampled", "rotate", "shear_x", "shear_y", "translate_x", "translate_y"]


def shear_x(share: Tensor, height: int, width: int) -> Tensor:
    """Read a pixel further right by a share of its distance from the upper edge."""
    one, zero = torch.ones_like(share), torch.zeros_like(share)
    return _matrices(one, share, share * height / 2, zero, one, zero)


def shear_y(share: Tensor, height: int, width: int) -> Tensor:
    """Read a pixel further down by a share of its distance from the left edge."""
    one, zero = torch.ones_like(share), torch.zeros_like(share)
    return _matrices(one, zero, zero, share, one, share * width / 2)


def translate_x(share: Tensor, height: int, width: int) -> Tensor:
    """Move right by a share of the width, in whole pixels."""
    one, zero = torch.ones_like(share), torch.zeros_like(share)
    return _matrices(one, zero, -(share * width).trunc(), zero, one, zero)


def translate_y(share: Tensor, height: int, width: int) -> Tensor:
    """Move down by a share of the height, in whole pixels."""
    one, zero = torch.ones_like(share), torch.zeros_like(share)
    return _matrices(one, zero, zero, zero, one, -(share * height).trunc())


def rotate(degrees: Tensor, height: int, width: int) -> Tensor:
    """Turn counter-clockwise about the centre."""
    angle = torch.deg2rad(degrees)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    return _matrices(cos, -sin, zero, sin, cos, zero)


def _matrices(*entries: Tensor) -> Tensor:
    """Six columns (b,) as matrices (b, 2, 3)."""
    return torch.stack(entries, dim=1).view(-1, 2, 3)


def resampled(x: Tensor, matrices: Tensor, fill: str | float) -> Tensor:
    """Images (b, C, H, W) read at the places of their matrices (b, 2, 3); fill stands where there is no pixel."""
    height, width = x.shape[2:]
    center_x, center_y = (width - 1) / 2, (height - 1) / 2
    across = torch.arange(width, device=x.device) - center_x
    down = (torch.arange(height, device=x.device) - center_y)[:, None]
    m = matrices[:, :, :, None, None]  # (b, 2, 3, 1, 1)
    # Sums and no matrix product, so that neither autocast nor TensorFloat-32 rounds places to another pixel.
    columns = (m[:, 0, 0] * across + m[:, 0, 1] * down + m[:, 0, 2] + center_x).round().long()  # (b, H, W)
    rows = (m[:, 1, 0] * across + m[:, 1, 1] * down + m[:, 1, 2] + center_y).round().long()
    return torch.where(are_inside(x, rows, columns), pixels_at(x, rows, columns), filling(x, fill))
