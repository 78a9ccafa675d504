"""Variational autoencoder of linear layers, for tables and for small images taken as rows of numbers.

Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix C.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import nn

from skal.nets._checks import checked_int, checked_shape, checked_sizes
from skal.nets._gaussian_vae import GaussianVAE

__all__ = ["MLPVAE"]


class MLPVAE(GaussianVAE):
    """VAE of linear layers with ReLU; the decoder mirrors the encoder.

    Parameters
    ----------
    input_shape : sequence of int
        Shape of one row: (d,), or any other, which is flattened and restored.
    latent_dim : int, default=16
        Dimension of the latent.
    hidden : sequence of int, default=(256, 128)
        Sizes of the encoder's hidden layers, from the input on.

    Notes
    -----
    No batch norm and no dropout: a row's latent depends on that row alone in training as well, and a batch of one
    row trains.

    References
    ----------
    .. [1] Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix C.

    Examples
    --------
    >>> import torch
    >>> vae = MLPVAE((30,), latent_dim=4)
    >>> x_hat, mu, logvar = vae(torch.zeros(5, 30))
    >>> tuple(x_hat.shape), tuple(mu.shape), tuple(logvar.shape)
    ((5, 30), (5, 4), (5, 4))
    """

    def __init__(self, input_shape: Sequence[int], latent_dim: int = 16, hidden: Sequence[int] = (256, 128)) -> None:
        shape = checked_shape(input_shape, "MLPVAE")
        latent_dim = checked_int(latent_dim, "latent_dim", "MLPVAE")
        hidden = checked_sizes(hidden, "hidden", "MLPVAE")
        super().__init__(mlp_trunk(shape, hidden), hidden[-1], latent_dim, mlp_decoder(shape, latent_dim, hidden))


def mlp_trunk(input_shape: tuple[int, ...], hidden: Sequence[int]) -> nn.Sequential:
    """Rows of any shape to (n, hidden[-1])."""
    return nn.Sequential(nn.Flatten(), *linear_relu(prod(input_shape), hidden))


def mlp_decoder(input_shape: tuple[int, ...], latent_dim: int, hidden: Sequence[int]) -> nn.Sequential:
    """Latents (n, d) to rows of any shape, through the hidden sizes in reverse."""
    return nn.Sequential(
        *linear_relu(latent_dim, hidden[::-1]),
        nn.Linear(hidden[0], prod(input_shape)),
        nn.Unflatten(1, input_shape),
    )


def linear_relu(n_in: int, sizes: Sequence[int]) -> list[nn.Module]:
    """Linear layers of these sizes, each with its ReLU."""
    layers: list[nn.Module] = []
    for n_out in sizes:
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        n_in = n_out
    return layers
