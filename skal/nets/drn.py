"""Dilated residual nets, for segmentation.

Yu, Koltun & Funkhouser, "Dilated residual networks", CVPR 2017; DRN-D is of the authors' code (github.com/fyu/drn).
VAAL and SRAAL segment Cityscapes and BDD100K with a DRN.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from skal.nets._checks import checked_image, checked_int, checked_width
from skal.nets.init import kaiming_init

__all__ = ["DRN", "drn_c_26", "drn_d_22"]

_CHANNELS = (16, 32, 64, 128, 256, 512, 512, 512)  # of the eight levels


def drn_d_22(input_shape: Sequence[int], n_outputs: int, width: float = 1.0) -> DRN:
    """Build DRN-D-22 for segmentation: 15.9 million parameters for 19 classes.

    Parameters
    ----------
    input_shape : (C, H, W)
        Shape of one image. Only C is looked at: images of any size are taken.
    n_outputs : int
        Logits a pixel, one a class.
    width : float, default=1.0
        Multiplies all channels.

    Returns
    -------
    DRN
        Maps images (n, C, H, W) to logits (n, n_outputs, H, W), by maps of an eighth of the sides.

    References
    ----------
    .. [1] Yu, Koltun & Funkhouser, "Dilated residual networks", CVPR 2017.
    .. [2] github.com/fyu/drn, ``drn_d_22`` and ``DRNSeg``: plain convolutions in the place of the residual blocks
       before and after the four stages.

    Examples
    --------
    >>> import torch
    >>> tuple(drn_d_22((3, 36, 52), 19, width=0.125)(torch.zeros(1, 3, 36, 52)).shape)
    (1, 19, 36, 52)
    """
    return _drn("drn_d_22", input_shape, n_outputs, width)


def drn_c_26(input_shape: Sequence[int], n_outputs: int, width: float = 1.0) -> DRN:
    """Build DRN-C-26 for segmentation: 20.6 million parameters for 19 classes.

    Parameters
    ----------
    input_shape : (C, H, W)
        Shape of one image. Only C is looked at: images of any size are taken.
    n_outputs : int
        Logits a pixel, one a class.
    width : float, default=1.0
        Multiplies all channels.

    Returns
    -------
    DRN
        Maps images (n, C, H, W) to logits (n, n_outputs, H, W), by maps of an eighth of the sides.

    References
    ----------
    .. [1] Yu, Koltun & Funkhouser, "Dilated residual networks", CVPR 2017, section 4: the blocks after the stages
       have no shortcuts, against gridding.

    Examples
    --------
    >>> import torch
    >>> tuple(drn_c_26((3, 36, 52), 19, width=0.125)(torch.zeros(1, 3, 36, 52)).shape)
    (1, 19, 36, 52)
    """
    return _drn("drn_c_26", input_shape, n_outputs, width)


def _drn(who: str, input_shape: Sequence[int], n_outputs: int, width: float) -> DRN:
    n_channels = checked_image(input_shape, who)[0]
    factor = checked_width(width, who)
    channels = [max(1, round(factor * size)) for size in _CHANNELS]
    return DRN(n_channels, checked_int(n_outputs, "n_outputs", who), channels, plain=who == "drn_d_22")


class DRN(nn.Module):
    """Eight levels, of which the middle four are stages of two residual blocks; see `drn_d_22` and `drn_c_26`."""

    def __init__(self, n_channels: int, n_outputs: int, channels: Sequence[int], plain: bool) -> None:
        super().__init__()
        c = list(channels)

        def level(n_in: int, n_out: int, stride: int = 1, dilation: int = 1, shortcut: bool = True) -> nn.Module:
            """A level outside the stages: one convolution in DRN-D, one block in DRN-C."""
            if plain:
                return conv_norm_relu(n_in, n_out, 3, stride, dilation)
            return DilatedBlock(n_in, n_out, stride, dilation, shortcut)

        self.before = nn.Sequential(
            conv_norm_relu(n_channels, c[0], 7, 1, 1), level(c[0], c[0]), level(c[0], c[1], stride=2)
        )
        self.stages = nn.ModuleList(
            nn.Sequential(DilatedBlock(n_in, n_out, stride, dilation), DilatedBlock(n_out, n_out, 1, dilation))
            for n_in, n_out, stride, dilation in (
                (c[1], c[2], 2, 1),  # a quarter of the sides
                (c[2], c[3], 2, 1),  # an eighth
                (c[3], c[4], 1, 2),
                (c[4], c[5], 1, 4),
            )
        )
        self.after = nn.Sequential(
            level(c[5], c[6], dilation=2, shortcut=False), level(c[6], c[7], dilation=1, shortcut=False)
        )
        self.head = nn.Conv2d(c[7], n_outputs, 1)
        kaiming_init(self)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs, H, W) and the maps after each of the four stages."""
        height, width = x.shape[2:]
        h = self.before(x)
        stages = []
        for stage in self.stages:
            h = stage(h)
            stages.append(h)
        logits: Tensor = self.head(self.after(h))  # (n, n_outputs, H / 8, W / 8), rounded up
        logits = F.interpolate(logits, scale_factor=8, mode="bilinear")
        return logits[:, :, :height, :width], stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs, H, W) of images x."""
        return self.forward_stages(x)[0]


class DilatedBlock(nn.Module):
    """Two dilated convolutions 3 x 3, beside a shortcut unless there is none."""

    def __init__(self, n_in: int, n_out: int, stride: int, dilation: int, shortcut: bool = True) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *conv_norm_relu(n_in, n_out, 3, stride, dilation), *conv_norm_relu(n_out, n_out, 3, 1, dilation)[:2]
        )
        self.shortcut: nn.Module | None = None
        if shortcut:
            same = n_in == n_out and stride == 1
            self.shortcut = nn.Identity() if same else conv_norm_relu(n_in, n_out, 1, stride, 1)[:2]

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of `n_out` channels."""
        h = self.residual(x)
        return F.relu(h if self.shortcut is None else h + self.shortcut(x))


def conv_norm_relu(n_in: int, n_out: int, kernel: int, stride: int, dilation: int) -> nn.Sequential:
    """Convolution that keeps the size but for its stride, batch norm, ReLU."""
    padding = dilation * (kernel - 1) // 2
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, kernel, stride=stride, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(n_out),
        nn.ReLU(),
    )
