"""Variational autoencoder whose latents join the features of a task net.

Godwin et al., "Incorporating task-agnostic information in task-based active learning using a variational
autoencoder", SciPy 2022: an encoder of four downsampling convolutions and two linear layers, a decoder of one
upsampling convolution and four that keep the size.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from skal.nets._checks import checked_image, checked_int
from skal.nets._gaussian_vae import GaussianVAE

__all__ = ["AugmentedVAE"]


class AugmentedVAE(GaussianVAE):
    """VAE with a decoder that goes to full size in one step and refines from there.

    Parameters
    ----------
    input_shape : (C, H, W)
        Shape of one image, of any size.
    latent_dim : int, default=32
        Dimension d of the latent.
    width : int, default=32
        Channels of the first convolution and of the whole decoder.

    Notes
    -----
    The paper says how many layers there are and of which kind, and no more. Chosen here: kernels 3 x 3, stride 2 and
    channels 32-64-128-256 in the encoder, an upsampling convolution whose kernel is the image, from 1 x 1 to full
    size in one step, channels 32 in the decoder, ReLU between, no batch norm, PyTorch's initial weights.

    The upsampling convolution has d x 32 x H x W weights, and the decoder works on 32 channels at full size: meant
    for small images, such as the 28 x 28 of the paper.

    References
    ----------
    .. [1] Godwin et al., "Incorporating task-agnostic information in task-based active learning using a variational
       autoencoder", SciPy 2022.

    Examples
    --------
    >>> import torch
    >>> x_hat, mu, logvar = AugmentedVAE((1, 28, 28), latent_dim=8)(torch.zeros(5, 1, 28, 28))
    >>> tuple(x_hat.shape), tuple(mu.shape)
    ((5, 1, 28, 28), (5, 8))
    """

    def __init__(self, input_shape: Sequence[int], latent_dim: int = 32, width: int = 32) -> None:
        shape = checked_image(input_shape, "AugmentedVAE")
        latent_dim = checked_int(latent_dim, "latent_dim", "AugmentedVAE")
        width = checked_int(width, "width", "AugmentedVAE")
        n_channels, height, w = shape
        for _ in range(4):
            height, w = (height + 1) // 2, (w + 1) // 2
        trunk = nn.Sequential(  # sizes at 28 x 28
            *down(n_channels, width),  # (n, 32, 14, 14)
            *down(width, 2 * width),  # (n, 64, 7, 7)
            *down(2 * width, 4 * width),  # (n, 128, 4, 4)
            *down(4 * width, 8 * width),  # (n, 256, 2, 2)
            nn.Flatten(),
        )
        super().__init__(trunk, 8 * width * height * w, latent_dim, AugmentedDecoder(shape, latent_dim, width))


class AugmentedDecoder(nn.Module):
    """One transposed convolution to full size, four convolutions that keep it."""

    def __init__(self, input_shape: tuple[int, int, int], latent_dim: int, width: int) -> None:
        super().__init__()
        n_channels, height, w = input_shape
        self.layers = nn.Sequential(
            nn.Unflatten(1, (latent_dim, 1, 1)),
            *(nn.ConvTranspose2d(latent_dim, width, (height, w)), nn.ReLU()),  # (n, 32, H, W)
            *(nn.Conv2d(width, width, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(width, width, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(width, width, 3, padding=1), nn.ReLU()),
            nn.Conv2d(width, n_channels, 3, padding=1),  # (n, C, H, W)
        )

    def forward(self, z: Tensor) -> Tensor:
        """Return the images (n, C, H, W) of latents (n, d)."""
        x_hat: Tensor = self.layers(z)
        return x_hat


def down(n_in: int, n_out: int) -> list[nn.Module]:
    """Half the size, rounded up."""
    return [nn.Conv2d(n_in, n_out, 3, stride=2, padding=1), nn.ReLU()]
