"""Wide residual nets, WRN-28-2 by default.

Zagoruyko & Komodakis, "Wide residual networks", BMVC 2016: blocks that normalise before they convolve, dropout
between their two convolutions. WRN-28-2 is the task net of Mittal et al., "Parting with illusions about deep active
learning", 2019.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from skal.nets._checks import checked_dropout, checked_image, checked_int
from skal.nets.init import kaiming_init

__all__ = ["WideResNet", "wide_resnet"]


def wide_resnet(
    input_shape: Sequence[int] = (3, 32, 32),
    n_outputs: int = 10,
    depth: int = 28,
    width: int = 2,
    dropout: float = 0.0,
) -> WideResNet:
    """Build a wide residual net: WRN-28-2 has 1,467,610 parameters for ten classes.

    Parameters
    ----------
    input_shape : (C, H, W), default=(3, 32, 32)
        Shape of one image, with sides of at least 8.
    n_outputs : int, default=10
        Logits a row, one a class.
    depth : int, default=28
        Convolutions in all: 4 plus a multiple of 6.
    width : int, default=2
        Multiplier of the channels 16-32-64 of the three stages.
    dropout : float, default=0.0
        Probability of dropping a value between the two convolutions of a block.

    Returns
    -------
    WideResNet
        With `forward_stages`, whose four maps are those of the stem and of the three stages: at width 2, 16, 32, 64
        and 128 channels at 32, 32, 16 and 8 pixels.

    Raises
    ------
    ValueError
        If `depth` is no depth of such a net.

    References
    ----------
    .. [1] Zagoruyko & Komodakis, "Wide residual networks", BMVC 2016, table 1.

    Examples
    --------
    >>> sum(weights.numel() for weights in wide_resnet().parameters())
    1467610
    """
    n_channels, *_ = checked_image(input_shape, "wide_resnet", side=8)
    depth = checked_int(depth, "depth", "wide_resnet", at_least=10)
    if depth % 6 != 4:
        raise ValueError(f"wide_resnet: depth must be 4 plus a multiple of 6, such as 10, 16, 22 or 28, got {depth}.")
    return WideResNet(
        n_channels,
        checked_int(n_outputs, "n_outputs", "wide_resnet"),
        (depth - 4) // 6,
        checked_int(width, "width", "wide_resnet"),
        checked_dropout(dropout, "wide_resnet"),
    )


class WideResNet(nn.Module):
    """Stem, three stages of pre-activated blocks, batch norm, global average, head; see `wide_resnet`."""

    def __init__(self, n_channels: int, n_outputs: int, n_blocks: int, width: int, dropout: float) -> None:
        super().__init__()
        sizes = [16, 16 * width, 32 * width, 64 * width]
        self.stem = nn.Conv2d(n_channels, 16, 3, padding=1, bias=False)
        self.stages = nn.ModuleList(
            nn.Sequential(
                WideBlock(n_in, n_out, stride, dropout),
                *(WideBlock(n_out, n_out, 1, dropout) for _ in range(n_blocks - 1)),
            )
            for n_in, n_out, stride in zip(sizes[:-1], sizes[1:], (1, 2, 2), strict=True)
        )
        self.norm = nn.BatchNorm2d(sizes[-1])
        self.head = nn.Linear(sizes[-1], n_outputs)
        kaiming_init(self)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs) and the maps of the stem and the three stages, the last one normalised."""
        stages = [self.stem(x)]  # (n, 16, 32, 32)
        for layer in self.stages:
            stages.append(layer(stages[-1]))  # (n, 32, 32, 32), (n, 64, 16, 16), (n, 128, 8, 8) at width 2
        stages[-1] = F.relu(self.norm(stages[-1]))
        embedding = stages[-1].mean(dim=(2, 3))  # (n, 128)
        return self.head(embedding), stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs) of images x."""
        return self.forward_stages(x)[0]


class WideBlock(nn.Module):
    """Batch norm, ReLU, convolution, twice, beside a shortcut; where channels change, both share the first norm."""

    def __init__(self, n_in: int, n_out: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(n_in), nn.ReLU())
        self.residual = nn.Sequential(
            nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
        )
        same = n_in == n_out and stride == 1
        self.shortcut = None if same else nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of `n_out` channels."""
        h = self.before(x)
        kept = x if self.shortcut is None else self.shortcut(h)
        out: Tensor = kept + self.residual(h)
        return out
