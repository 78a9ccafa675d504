"""Discriminator of maps of classes: whether a person drew them, or a net predicted them.

Mittal, Tatarchenko & Brox, "Semi-supervised semantic segmentation with high- and low-level consistency", TPAMI 2021.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from skal.nets._checks import checked_dropout, checked_int

__all__ = ["MaskDiscriminator"]

_LEAST_SIDE = 16  # four halvings


class MaskDiscriminator(nn.Module):
    """Four convolutions, a mean over pixels, and one number an image.

    Parameters
    ----------
    n_classes : int
        Channels of a map of classes: probabilities, or ones and zeros.
    n_channels : int, default=3
        Channels of the image, which comes beside the map.
    width : int, default=64
        Channels of the first convolution; every further one has twice as many.
    dropout : float, default=0.5
        Probability of dropping a channel, after each convolution but the last.

    Notes
    -----
    The mean is over whatever pixels are left, where the public code averages windows of a fixed size for one size of
    images; for that size they are the same. 2,778,561 parameters for 21 classes.

    References
    ----------
    .. [1] Mittal, Tatarchenko & Brox, TPAMI 2021, section 3.1; the layers are of github.com/sud0301/semisup-semseg.

    Examples
    --------
    >>> import torch
    >>> logits, features = MaskDiscriminator(4, width=8)(torch.zeros(2, 7, 50, 70))
    >>> tuple(logits.shape), tuple(features.shape)
    ((2,), (2, 64))
    """

    def __init__(self, n_classes: int, n_channels: int = 3, width: int = 64, dropout: float = 0.5) -> None:
        super().__init__()
        n_in = checked_int(n_classes, "n_classes", "MaskDiscriminator")
        n_in += checked_int(n_channels, "n_channels", "MaskDiscriminator", at_least=0)
        width = checked_int(width, "width", "MaskDiscriminator")
        dropout = checked_dropout(dropout, "MaskDiscriminator")
        sizes = [n_in, width, 2 * width, 4 * width, 8 * width]
        layers: list[nn.Module] = []
        for level in range(4):
            layers += [nn.Conv2d(sizes[level], sizes[level + 1], 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
            layers += [nn.Dropout2d(dropout)] if level < 3 else []
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(8 * width, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n,) of being drawn by a person, and features (n, 8 * width), of maps beside their images.

        Sides of less than 16 pixels are filled up with zeros.
        """
        height, width = x.shape[2:]
        x = F.pad(x, (0, max(_LEAST_SIDE - width, 0), 0, max(_LEAST_SIDE - height, 0)))
        features = self.layers(x).mean(dim=(2, 3))  # (n, 8 * width)
        logits: Tensor = self.head(features)
        return logits.squeeze(1), features
