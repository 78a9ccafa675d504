"""DeepLabv2: a dilated ResNet and a classifier that looks at four scales at once.

Chen, Papandreou, Kokkinos, Murphy & Yuille, "DeepLab: semantic image segmentation with deep convolutional nets,
atrous convolution and fully connected CRFs", TPAMI 2018; here without multi-scale inputs and without the CRF, as
Mittal et al. use it (github.com/sud0301/semisup-semseg).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from skal.nets._checks import checked_image, checked_int, checked_sizes
from skal.nets.init import kaiming_init

__all__ = ["DeepLabV2"]

_RATES = (6, 12, 18, 24)  # dilations of the classifier


class DeepLabV2(nn.Module):
    """ResNet of bottleneck blocks whose last two stages are dilated, and a sum of four dilated classifiers.

    Parameters
    ----------
    input_shape : (C, H, W)
        Shape of one image. Only C is looked at: images of any size are taken.
    n_outputs : int
        Logits a pixel, one a class.
    blocks : sequence of four int, default=(3, 4, 23, 3)
        Blocks of each stage: (3, 4, 23, 3) is ResNet-101, (3, 4, 6, 3) ResNet-50, (1, 1, 1, 1) a small backbone.
    width : int, default=64
        Channels of the stem; the maps of the last stage have 32 times as many.
    frozen_norm : bool, default=True
        Whether scale and shift of batch norm are not trained, as in the paper; its running means are all the same.

    Notes
    -----
    The maps are an eighth of the sides, and their logits are resized bilinearly, corner on corner. 44.0 million
    parameters for 21 classes. The classifier of the public code returns inside its loop, after two of the four
    dilations; here all four are summed, as in the paper.

    References
    ----------
    .. [1] Chen et al., "DeepLab", TPAMI 2018, section 3 and figure 7.
    .. [2] Mittal et al., "Semi-supervised semantic segmentation with high- and low-level consistency", TPAMI 2021.

    Examples
    --------
    >>> import torch
    >>> net = DeepLabV2((3, 33, 40), 21, blocks=(1, 1, 1, 1), width=4)
    >>> tuple(net(torch.zeros(2, 3, 33, 40)).shape)
    (2, 21, 33, 40)
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        n_outputs: int,
        blocks: Sequence[int] = (3, 4, 23, 3),
        width: int = 64,
        frozen_norm: bool = True,
    ) -> None:
        super().__init__()
        n_channels = checked_image(input_shape, "DeepLabV2")[0]
        n_outputs = checked_int(n_outputs, "n_outputs", "DeepLabV2")
        counts = checked_sizes(blocks, "blocks", "DeepLabV2")
        if len(counts) != 4:
            raise ValueError(f"DeepLabV2: blocks must be four numbers, one a stage, got {blocks!r}.")
        width = checked_int(width, "width", "DeepLabV2")
        self.stem = nn.Sequential(
            nn.Conv2d(n_channels, width, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
        )
        self.stages = nn.ModuleList()
        n_in = width
        for level, (count, stride, dilation) in enumerate(zip(counts, (1, 2, 1, 1), (1, 1, 2, 4), strict=True)):
            middle = width * 2**level
            first = Bottleneck(n_in, middle, stride, dilation)
            n_in = 4 * middle
            self.stages.append(
                nn.Sequential(first, *(Bottleneck(n_in, middle, 1, dilation) for _ in range(count - 1)))
            )
        kaiming_init(self)
        self.head = nn.ModuleList(nn.Conv2d(n_in, n_outputs, 3, padding=rate, dilation=rate) for rate in _RATES)
        for layer in self.head:
            nn.init.normal_(layer.weight, std=0.01)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        if frozen_norm:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.requires_grad_(False)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs, H, W) and the maps after each of the four stages."""
        h = self.stem(x)
        stages = []
        for stage in self.stages:
            h = stage(h)
            stages.append(h)
        logits = sum((layer(h) for layer in self.head[1:]), self.head[0](h))  # (n, n_outputs, H / 8, W / 8)
        return F.interpolate(logits, size=x.shape[2:], mode="bilinear", align_corners=True), stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs, H, W) of images x."""
        return self.forward_stages(x)[0]


class Bottleneck(nn.Module):
    """Convolutions 1 x 1 with the stride, 3 x 3 dilated, 1 x 1 to four times the channels, beside a shortcut."""

    def __init__(self, n_in: int, middle: int, stride: int, dilation: int) -> None:
        super().__init__()
        n_out = 4 * middle
        self.residual = nn.Sequential(
            nn.Conv2d(n_in, middle, 1, stride=stride, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(),
            nn.Conv2d(middle, middle, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(),
            nn.Conv2d(middle, n_out, 1, bias=False),
            nn.BatchNorm2d(n_out),
        )
        self.shortcut = (
            nn.Identity()
            if n_in == n_out and stride == 1
            else nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False), nn.BatchNorm2d(n_out))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of four times `middle` channels."""
        return F.relu(self.residual(x) + self.shortcut(x))
