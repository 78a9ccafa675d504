"""Small convolutional net for small images and few labels, quick on a CPU.

Three blocks in the manner of Simonyan & Zisserman, "Very deep convolutional networks for large-scale image
recognition", ICLR 2015, with batch norm (Ioffe & Szegedy, ICML 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod

from torch import Tensor, nn

from skal.nets._checks import checked_dropout, checked_image, checked_int
from skal.nets.init import kaiming_init

__all__ = ["SmallCNN"]


class SmallCNN(nn.Module):
    """Three blocks of convolution, batch norm and ReLU; a hidden linear layer with dropout; a linear head.

    Parameters
    ----------
    input_shape : (C, H, W)
        Shape of one image, made for 8 x 8 to 64 x 64; sides of at least 4.
    n_outputs : int
        Logits a row, one a class.
    width : int, default=32
        Channels of the first block; the second and third have twice as many, the hidden layer four times.
    dropout : float, default=0.25
        Probability of dropping an input of the hidden layer or of the head.

    Notes
    -----
    A block is followed by a 2 x 2 max pool, rounded up, while the larger side is more than 4, so 8 x 8, 28 x 28 and
    32 x 32 all end at 4 x 4; what is still larger, such as the 8 x 8 that 64 x 64 ends at, is averaged to that. With
    few labels it pays to keep where in the image a stroke is: a global average instead costs more than 10 points of
    accuracy at 30 labels of digits and of Fashion-MNIST.

    References
    ----------
    .. [1] Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015.
    .. [2] Ioffe & Szegedy, "Batch normalization", ICML 2015.

    Examples
    --------
    >>> import torch
    >>> tuple(SmallCNN((1, 8, 8), 10)(torch.zeros(5, 1, 8, 8)).shape)
    (5, 10)
    """

    def __init__(self, input_shape: Sequence[int], n_outputs: int, width: int = 32, dropout: float = 0.25) -> None:
        super().__init__()
        n_channels, *size = checked_image(input_shape, "SmallCNN", side=4)
        n_outputs = checked_int(n_outputs, "n_outputs", "SmallCNN")
        width = checked_int(width, "width", "SmallCNN")
        dropout = checked_dropout(dropout, "SmallCNN")
        self.blocks = nn.ModuleList()
        for n_in, n_out in ((n_channels, width), (width, 2 * width), (2 * width, 2 * width)):
            block = [nn.Conv2d(n_in, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]
            if max(size) > 4:
                block.append(nn.MaxPool2d(2, ceil_mode=True))
                size = [ceil(side / 2) for side in size]
            self.blocks.append(nn.Sequential(*block))
        window = [ceil(side / 4) for side in size]  # an average over windows: at most 4 x 4 are left
        size = [ceil(side / step) for side, step in zip(size, window, strict=True)]
        self.hidden = nn.Sequential(
            nn.AvgPool2d((window[0], window[1]), ceil_mode=True),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(2 * width * prod(size), 4 * width),
            nn.ReLU(),
            nn.Dropout(dropout),
        )
        self.head = nn.Linear(4 * width, n_outputs)
        kaiming_init(self)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs) and the maps after each of the three blocks."""
        stages = []
        for block in self.blocks:
            x = block(x)  # (n, width or 2 width, h, w)
            stages.append(x)
        return self.head(self.hidden(x)), stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs) of images x."""
        return self.forward_stages(x)[0]
