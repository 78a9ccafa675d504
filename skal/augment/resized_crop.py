"""Cut windows out of images at random places and show them in one size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from skal.augment._base import IMAGES, Augmentation
from skal.augment._checks import checked_int, checked_number
from skal.augment._draws import shares

__all__ = ["ResizedCrop"]


class ResizedCrop(Augmentation):
    """Cut a window out of each image, at a place and a zoom of its own, and resize it.

    Parameters
    ----------
    size : int, (int, int) or None, default=None
        Height and width that windows are resized to, one number for both; None: those of the images.
    zoom : (float, float), default=(1.0, 1.5)
        Things come out between the first and the second times as large as in the image. A window is ``size / zoom``
        pixels high and wide, and never larger than the image: nothing is filled up, so an image that is smaller than
        `size` is enlarged.

    Notes
    -----
    The logarithm of the zoom is uniform, and so is the place of the window inside the image. Images are read
    bilinearly, masks at the nearest pixel. Any range of pixels and any number of channels.

    References
    ----------
    .. [1] Chen et al., "DeepLab: semantic image segmentation with deep convolutional nets, atrous convolution and
       fully connected CRFs", TPAMI 2018, section 4.1: images are scaled by 0.5 to 1.5 and cut.

    Examples
    --------
    >>> import torch
    >>> tuple(ResizedCrop(24, zoom=(0.5, 1.5))(torch.rand(5, 3, 32, 48)).shape)
    (5, 3, 24, 24)
    """

    kinds = IMAGES

    def __init__(self, size: int | Sequence[int] | None = None, zoom: tuple[float, float] = (1.0, 1.5)) -> None:
        self.size = size
        self.zoom = zoom

    def _check_parameters(self) -> None:
        if self.size is not None:
            self._target((1, 1))
        limits: Any = self.zoom
        if not isinstance(limits, (tuple, list)) or len(limits) != 2:
            raise ValueError(f"ResizedCrop: zoom must be a pair such as (0.5, 1.5), got {limits!r}.")
        low, high = (checked_number(limit, "zoom", "ResizedCrop", 1e-3, 1e3) for limit in limits)
        if low > high:
            raise ValueError(f"ResizedCrop: zoom must be (smallest, largest), got {limits!r}.")

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        return self._cut(x, self._windows(x, generator), "bilinear")

    def with_masks(
        self, x: Tensor, masks: Tensor, generator: torch.Generator | None = None, void: int = 255
    ) -> tuple[Tensor, Tensor]:
        """Cut the same windows out of images and masks; see `Augmentation.with_masks`."""
        self._check_parameters()
        windows = self._windows(x, generator)
        cut = self._cut(masks[:, None].float(), windows, "nearest")  # exact: labels are small whole numbers
        return self._cut(x, windows, "bilinear"), cut[:, 0].round().to(masks.dtype)

    def _target(self, shape: Sequence[int]) -> tuple[int, int]:
        """Height and width of what comes out of images of a shape (..., H, W)."""
        if self.size is None:
            return int(shape[-2]), int(shape[-1])
        sides = self.size if isinstance(self.size, Sequence) else (self.size, self.size)
        if len(sides) != 2:
            raise ValueError(f"ResizedCrop: size must be a number or (height, width), got {self.size!r}.")
        height, width = (checked_int(side, "size", "ResizedCrop", at_least=1) for side in sides)
        return height, width

    def _windows(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        """Heights, widths and centres of the windows, (b, 4), the image reaching from -1 to 1."""
        low, high = (math.log(limit) for limit in self.zoom)
        draws = shares((len(x), 3), x, generator)
        zoom = torch.exp(low + (high - low) * draws[:, 0])
        sides = [
            (target / (zoom * side)).clamp(max=1.0)
            for target, side in zip(self._target(x.shape), x.shape[2:], strict=True)
        ]
        centers = [(2 * draws[:, 1 + axis] - 1) * (1 - side) for axis, side in enumerate(sides)]
        return torch.stack([*sides, *centers], dim=1)

    def _cut(self, x: Tensor, windows: Tensor, mode: str) -> Tensor:
        theta = torch.zeros(len(x), 2, 3, device=x.device, dtype=torch.float32)
        theta[:, 0, 0], theta[:, 1, 1] = windows[:, 1], windows[:, 0]
        theta[:, 0, 2], theta[:, 1, 2] = windows[:, 3], windows[:, 2]
        grid = F.affine_grid(theta, [len(x), x.shape[1], *self._target(x.shape)], align_corners=False)
        return F.grid_sample(x, grid.to(x.dtype), mode=mode, padding_mode="border", align_corners=False)
