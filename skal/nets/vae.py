"""Convolutional variational autoencoder of VAAL.

Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, section 3; layers as in the
authors' code. The same trunk and decoder serve the two-headed net of SRAAL.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from skal.nets._checks import checked_image, checked_int, checked_width
from skal.nets._gaussian_vae import GaussianVAE
from skal.nets._resize import Resize
from skal.nets.init import kaiming_init

__all__ = ["ConvVAE"]


class ConvVAE(GaussianVAE):
    """VAE of four strided convolutions and three transposed ones, with Kaiming's initial weights.

    Parameters
    ----------
    input_shape : (C, H, W)
        Shape of one image: any channel count, any size, square or not.
    latent_dim : int, default=32
        Dimension d of the latent.
    width : float, default=1.0
        Multiplier of all channel counts: 1 is the published net, with channels 128-256-512-1024 and about 23
        million parameters; 0.125 or 0.25 suit a CPU.

    Notes
    -----
    The layers are made for 32 x 32 or 64 x 64 pixels. Images of another size are resized bilinearly to 32 x 32, or
    to 64 x 64 where the larger side is nearer to that (more than 48), and what is decoded is resized back to the
    size of the input. So 8 x 8 and 28 x 28 are seen at 32 x 32, and 224 x 224 at 64 x 64 (the authors took ImageNet
    at 32 x 32).

    At width 1 an image of 32 x 32 costs about half a billion multiplications forward, in proportion to the square
    of the width.

    References
    ----------
    .. [1] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, section 3.1, equation 1.

    Examples
    --------
    >>> import torch
    >>> vae = ConvVAE((1, 28, 28), latent_dim=8, width=0.125)
    >>> mu, logvar = vae.encode(torch.zeros(5, 1, 28, 28))
    >>> tuple(mu.shape), tuple(vae.decode(mu).shape)
    ((5, 8), (5, 1, 28, 28))
    """

    def __init__(self, input_shape: Sequence[int], latent_dim: int = 32, width: float = 1.0) -> None:
        shape = checked_image(input_shape, "ConvVAE")
        width = checked_width(width, "ConvVAE")
        latent_dim = checked_int(latent_dim, "latent_dim", "ConvVAE")
        trunk = ConvTrunk(shape, width)
        super().__init__(trunk, trunk.n_features, latent_dim, ConvDecoder(shape, latent_dim, width))
        kaiming_init(self)


class ConvTrunk(nn.Module):
    """Four convolutions 4 x 4 of stride 2, each with batch norm and ReLU: images to (n, n_features)."""

    def __init__(self, input_shape: tuple[int, int, int], width: float = 1.0) -> None:
        super().__init__()
        n_channels, *size = input_shape
        side = working_side(size)
        c1, c2, c3, c4 = channels(width)
        self.resize = Resize((size[0], size[1]), (side, side))
        self.layers = nn.Sequential(  # sizes at 32 x 32
            *down(n_channels, c1),  # (n, 128, 16, 16)
            *down(c1, c2),  # (n, 256, 8, 8)
            *down(c2, c3),  # (n, 512, 4, 4)
            *down(c3, c4),  # (n, 1024, 2, 2)
        )
        self.n_features = c4 * (side // 16) ** 2

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (n, n_features) of images (n, C, H, W)."""
        h: Tensor = self.layers(self.resize(x))
        return h.flatten(1)


class ConvDecoder(nn.Module):
    """A linear layer, then three transposed convolutions 4 x 4 of stride 2: latents to images."""

    def __init__(self, input_shape: tuple[int, int, int], latent_dim: int, width: float = 1.0) -> None:
        super().__init__()
        n_channels, *size = input_shape
        side = working_side(size)
        c1, c2, c3, c4 = channels(width)
        self.layers = nn.Sequential(  # sizes at 32 x 32
            nn.Linear(latent_dim, c4 * (side // 8) ** 2),
            nn.Unflatten(1, (c4, side // 8, side // 8)),  # (n, 1024, 4, 4)
            *up(c4, c3),  # (n, 512, 8, 8)
            *up(c3, c2),  # (n, 256, 16, 16)
            *up(c2, c1),  # (n, 128, 32, 32)
            nn.ConvTranspose2d(c1, n_channels, kernel_size=1),  # (n, C, 32, 32)
        )
        self.resize = Resize((side, side), (size[0], size[1]))

    def forward(self, z: Tensor) -> Tensor:
        """Return the images (n, C, H, W) of latents (n, d)."""
        x_hat: Tensor = self.resize(self.layers(z))
        return x_hat


def working_side(size: Sequence[int]) -> int:
    """Side at which images of that height and width are encoded: 32 or 64, whichever the larger side is nearer to."""
    return 32 if max(size) <= 48 else 64


def channels(width: float) -> tuple[int, int, int, int]:
    """Channel counts after each of the four strided convolutions."""
    first, second, third, fourth = (max(1, round(width * n)) for n in (128, 256, 512, 1024))
    return first, second, third, fourth


def down(n_in: int, n_out: int) -> list[nn.Module]:
    """Half the size: no bias, since the batch norm has one."""
    return [nn.Conv2d(n_in, n_out, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]


def up(n_in: int, n_out: int) -> list[nn.Module]:
    """Double the size."""
    return [nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]
