"""Cut a square out of images."""

from __future__ import annotations

import torch
from torch import Tensor

from skal.augment._base import IMAGES, Augmentation
from skal.augment._checks import checked_fill, checked_number
from skal.augment._draws import integers
from skal.augment._fill import filling

__all__ = ["Cutout"]


class Cutout(Augmentation):
    """Overwrite one square of each image; its centre is any pixel, so it may hang over the border.

    Parameters
    ----------
    size : float in [0, 1], default=0.5
        Side of the square as a share of the image's shorter side: 16 pixels of 32. Rounded to whole pixels, at least
        one; 0: nothing is cut.
    fill : "mean" or float, default="mean"
        What stands in the square: the mean of each channel of the image, or a number.

    Notes
    -----
    Any range of pixels and any number of channels. The authors write zeros into images whose mean over the data
    set was taken away; an image's own mean stands for that here, in whatever units it comes.

    References
    ----------
    .. [1] DeVries & Taylor, "Improved regularization of convolutional neural networks with cutout", 2017: 16 pixels
       of 32 for CIFAR-10.
    .. [2] Xie et al., "Unsupervised data augmentation for consistency training", NeurIPS 2020, and Sohn et al.,
       "FixMatch", NeurIPS 2020, whose codes cut out 16 pixels after all other operations.

    Examples
    --------
    >>> import torch
    >>> (Cutout(size=1.0, fill=0.0)(torch.ones(1, 1, 8, 8)) == 0).sum() >= 16
    tensor(True)
    """

    kinds = IMAGES
    on_masks = "kept"

    def __init__(self, size: float = 0.5, fill: str | float = "mean") -> None:
        self.size = size
        self.fill = fill

    def _check_parameters(self) -> None:
        checked_number(self.size, "size", "Cutout", 0, 1)
        checked_fill(self.fill, "Cutout", "mean")

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        if self.size == 0:
            return x
        side = max(1, round(self.size * min(x.shape[2:])))
        rows, columns = (self._is_cut(side, length, x, generator) for length in x.shape[2:])
        return torch.where(rows[:, None, :, None] & columns[:, None, None, :], filling(x, self.fill), x)

    @staticmethod
    def _is_cut(side: int, length: int, x: Tensor, generator: torch.Generator | None) -> Tensor:
        """Positions of an axis that the square covers: (b, length)."""
        center = integers(0, length - 1, (len(x), 1), x, generator)
        offset = torch.arange(length, device=x.device) - (center - side // 2)
        return (offset >= 0) & (offset < side)
