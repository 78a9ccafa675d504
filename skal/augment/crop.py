"""Pad images and cut them out again at a random place: a shift by a few pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from skal.augment._base import IMAGES, Augmentation
from skal.augment._checks import checked_fill, checked_number
from skal.augment._draws import integers
from skal.augment._pixels import are_inside, pixels_at

__all__ = ["Crop", "shifted"]


class Crop(Augmentation):
    """Shift each image by up to a share of its sides, as padding and cutting out at random does.

    Parameters
    ----------
    padding : float in [0, 1], default=0.125
        Largest shift along each axis, as a share of that side: 4 pixels of 32, 1 of 8. Rounded to whole pixels, at
        least one; 0: no shift.
    fill : "reflect" or float, default="reflect"
        What comes in at the border: the image mirrored at its outermost pixels, or a number.

    Notes
    -----
    All shifts from -padding to +padding are equally likely, down and right drawn apart. Any range of pixels and any
    number of channels. A mirrored border is at most one pixel less than the side.

    References
    ----------
    .. [1] He et al., "Deep residual learning for image recognition", CVPR 2016, section 4.2: 4 pixels of zeros on
       CIFAR-10.
    .. [2] Sohn et al., "FixMatch", NeurIPS 2020: 12.5 % of the side; the authors' code mirrors the border.

    Examples
    --------
    >>> import torch
    >>> digits = torch.rand(5, 1, 8, 8)
    >>> tuple(Crop()(digits).shape)
    (5, 1, 8, 8)
    """

    kinds = IMAGES

    def __init__(self, padding: float = 0.125, fill: str | float = "reflect") -> None:
        self.padding = padding
        self.fill = fill

    def _check_parameters(self) -> None:
        checked_number(self.padding, "padding", "Crop", 0, 1)
        checked_fill(self.fill, "Crop", "reflect")

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        if self.padding == 0:
            return x
        down, right = (self._shifts(side, x, generator) for side in x.shape[2:])
        return shifted(x, down, right, self.fill)

    def with_masks(
        self, x: Tensor, masks: Tensor, generator: torch.Generator | None = None, void: int = 255
    ) -> tuple[Tensor, Tensor]:
        """Shift images and masks alike; where a number comes in at the border of the image, the mask is void."""
        self._check_parameters()
        if self.padding == 0 or x.numel() == 0:
            return x, masks
        down, right = (self._shifts(side, x, generator) for side in x.shape[2:])
        fill = self.fill if isinstance(self.fill, str) else float(void)
        moved = shifted(masks[:, None], down, right, fill)[:, 0]
        return shifted(x, down, right, self.fill), moved.to(masks.dtype)

    def _shifts(self, side: int, x: Tensor, generator: torch.Generator | None) -> Tensor:
        most = max(1, round(self.padding * side))
        most = min(most, side - 1) if self.fill == "reflect" else most
        return integers(-most, most, (len(x),), x, generator)


def shifted(x: Tensor, down: Tensor, right: Tensor, fill: str | float) -> Tensor:
    """Images (b, C, H, W) moved by whole pixels (b,) of their own; fill as in `Crop`."""
    height, width = x.shape[2:]
    rows = (torch.arange(height, device=x.device) - down[:, None])[:, :, None]  # (b, H, 1): where a row comes from
    columns = (torch.arange(width, device=x.device) - right[:, None])[:, None, :]  # (b, 1, W)
    if isinstance(fill, str):
        return pixels_at(x, _mirrored(rows, height), _mirrored(columns, width))
    return torch.where(are_inside(x, rows, columns), pixels_at(x, rows, columns), fill)


def _mirrored(position: Tensor, side: int) -> Tensor:
    """Positions mirrored at the outermost pixels, which are not doubled: -1 is 1."""
    return side - 1 - (side - 1 - position.abs()).abs()
