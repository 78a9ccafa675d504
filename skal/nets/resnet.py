"""ResNet-18 for images of 32 x 32 pixels.

He et al., "Deep residual learning for image recognition", CVPR 2016: the basic block and the four stages of
ResNet-18, behind a 3 x 3 stem without a pool, the form that active learning on CIFAR settled on (Yoo & Kweon,
"Learning loss for active learning", CVPR 2019).
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from skal.nets._checks import checked_dropout, checked_image, checked_int
from skal.nets.init import kaiming_init

__all__ = ["ResNet", "resnet18_cifar"]


def resnet18_cifar(
    input_shape: Sequence[int] = (3, 32, 32), n_outputs: int = 10, width: int = 64, dropout: float = 0.0
) -> ResNet:
    """Build the CIFAR form of ResNet-18: 11,173,962 parameters for ten classes.

    Parameters
    ----------
    input_shape : (C, H, W), default=(3, 32, 32)
        Shape of one image, with sides of at least 8.
    n_outputs : int, default=10
        Logits a row, one a class.
    width : int, default=64
        Channels of the first stage; each further stage has twice as many.
    dropout : float, default=0.0
        Probability of dropping an input of the head; the published net has none. What needs draws of the net, such
        as MC dropout, needs one above 0.

    Returns
    -------
    ResNet
        With `forward_stages`, whose four maps have 64, 128, 256 and 512 channels at 32, 16, 8 and 4 pixels.

    References
    ----------
    .. [1] He et al., "Deep residual learning for image recognition", CVPR 2016, table 1 and section 4.2.

    Examples
    --------
    >>> import torch
    >>> logits, stages = resnet18_cifar(width=4).forward_stages(torch.zeros(2, 3, 32, 32))
    >>> [tuple(stage.shape[1:]) for stage in stages]
    [(4, 32, 32), (8, 16, 16), (16, 8, 8), (32, 4, 4)]
    """
    n_channels, *_ = checked_image(input_shape, "resnet18_cifar", side=8)
    return ResNet(
        n_channels,
        checked_int(n_outputs, "n_outputs", "resnet18_cifar"),
        checked_int(width, "width", "resnet18_cifar"),
        checked_dropout(dropout, "resnet18_cifar"),
    )


class ResNet(nn.Module):
    """Stem, four stages of two basic blocks, global average, dropout, linear head; see `resnet18_cifar`."""

    def __init__(self, n_channels: int, n_outputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(n_channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.stages = nn.ModuleList(  # sizes at 32 x 32
            [
                stage(width, width, stride=1),  # (n, 64, 32, 32)
                stage(width, 2 * width, stride=2),  # (n, 128, 16, 16)
                stage(2 * width, 4 * width, stride=2),  # (n, 256, 8, 8)
                stage(4 * width, 8 * width, stride=2),  # (n, 512, 4, 4)
            ]
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(8 * width, n_outputs)
        kaiming_init(self)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs) and the maps after each of the four stages."""
        stages = []
        h = self.stem(x)
        for layer in self.stages:
            h = layer(h)
            stages.append(h)
        embedding = h.mean(dim=(2, 3))  # (n, 512)
        return self.head(self.dropout(embedding)), stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs) of images x."""
        return self.forward_stages(x)[0]


class BasicBlock(nn.Module):
    """Two convolutions 3 x 3 beside a shortcut, which is a 1 x 1 convolution where shapes differ."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
            nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
        )
        self.shortcut = (
            nn.Identity()
            if n_in == n_out and stride == 1
            else nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False), nn.BatchNorm2d(n_out))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of `n_out` channels."""
        return F.relu(self.residual(x) + self.shortcut(x))


def stage(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    """Two blocks, the first of which changes channels and size."""
    return nn.Sequential(BasicBlock(n_in, n_out, stride), BasicBlock(n_out, n_out, 1))
