"""Small U-Net for segmentation with few labels, quick on a CPU.

Ronneberger, Fischer & Brox, "U-Net: convolutional networks for biomedical image segmentation", MICCAI 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skal.nets._checks import checked_dropout, checked_image, checked_int
from skal.nets.init import kaiming_init

__all__ = ["UNet"]


class UNet(nn.Module):
    """Down to small maps of many channels and up again, each way up beside the maps of the same size on the way down.

    Parameters
    ----------
    input_shape : (C, H, W)
        Shape of one image. Only C is looked at: images of any size are taken.
    n_outputs : int
        Logits a pixel, one a class.
    width : int, default=16
        Channels of the first level; every level down has twice as many. 64 in the paper.
    depth : int, default=4
        Levels below the first, at least 1.
    stride : int, default=2
        Of the first convolution, 1, 2 or 4: the net works on maps that are so much smaller than the image, and its
        logits are resized to the image bilinearly. 2 costs a quarter of 1.
    dropout : float, default=0.0
        Probability of dropping a channel of the lowest maps and of those on the way up; above 0 for `sampled_proba`.

    Notes
    -----
    Convolutions are padded, so that sides need not shrink, and followed by batch norm [2]_, unlike the paper's. Sides
    that the levels do not divide are filled up with zeros on the right and below, and the logits are cut. An image of
    180 x 240 pixels takes 0.57 thousand million multiplications with the default sizes, 2.14 with a stride of 1 and
    0.14 with one of 4.

    References
    ----------
    .. [1] Ronneberger, Fischer & Brox, "U-Net: convolutional networks for biomedical image segmentation",
       MICCAI 2015, section 2 and figure 1.
    .. [2] Ioffe & Szegedy, "Batch normalization", ICML 2015.

    Examples
    --------
    >>> import torch
    >>> tuple(UNet((3, 45, 60), 11)(torch.zeros(2, 3, 45, 60)).shape)
    (2, 11, 45, 60)
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        n_outputs: int,
        width: int = 16,
        depth: int = 4,
        stride: int = 2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        n_channels = checked_image(input_shape, "UNet")[0]
        n_outputs = checked_int(n_outputs, "n_outputs", "UNet")
        width = checked_int(width, "width", "UNet")
        depth = checked_int(depth, "depth", "UNet")
        dropout = checked_dropout(dropout, "UNet")
        if stride not in (1, 2, 4):
            raise ValueError(f"UNet: stride must be 1, 2 or 4, got {stride!r}.")
        self.stride = stride
        self.step = stride * 2**depth  # sides must be multiples of it
        widths = [width * 2**level for level in range(depth + 1)]
        self.stem = _block(n_channels, width, stride)
        self.down = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), _block(upper, lower)) for upper, lower in pairwise(widths)
        )
        self.dropout = nn.Dropout2d(dropout)
        pairs = list(zip(widths[:0:-1], widths[-2::-1], strict=True))  # (below, above), from the lowest level up
        self.up = nn.ModuleList(nn.ConvTranspose2d(below, above, 2, stride=2) for below, above in pairs)
        self.merge = nn.ModuleList(_block(2 * above, above) for _, above in pairs)
        self.head = nn.Conv2d(width, n_outputs, 1)
        kaiming_init(self)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs, H, W) and the maps on the way down, the first level's to the lowest."""
        height, width = x.shape[2:]
        x = F.pad(x, (0, -width % self.step, 0, -height % self.step))
        stages = [self.stem(x)]
        for level in self.down:
            stages.append(level(stages[-1]))  # (n, width * 2**level, h, w)
        x = self.dropout(stages[-1])
        for up, merge, beside in zip(self.up, self.merge, stages[-2::-1], strict=True):
            x = self.dropout(merge(torch.cat([beside, up(x)], dim=1)))
        logits: Tensor = self.head(x)
        if self.stride > 1:
            logits = F.interpolate(logits, scale_factor=self.stride, mode="bilinear")
        return logits[:, :, :height, :width], stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs, H, W) of images x (n, C, H, W)."""
        return self.forward_stages(x)[0]


def _block(n_in: int, n_out: int, stride: int = 1) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with batch norm and ReLU."""
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(n_out),
        nn.ReLU(inplace=True),
        nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(n_out),
        nn.ReLU(inplace=True),
    )
