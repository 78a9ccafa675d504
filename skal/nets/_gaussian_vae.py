"""What all variational autoencoders share: a trunk, two heads, a decoder and the reparameterised draw.

Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["GaussianVAE"]


class GaussianVAE(nn.Module):
    """Encoder to a diagonal Gaussian, and a decoder of its draws.

    Parameters
    ----------
    trunk : torch.nn.Module
        Maps rows to (n, n_features).
    n_features : int
        Width of what the trunk returns.
    latent_dim : int
        Dimension d of the latent.
    decoder : torch.nn.Module
        Maps latents (n, d), or their first part, to rows.

    References
    ----------
    .. [1] Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, section 2.4 and appendix C.2.
    """

    def __init__(self, trunk: nn.Module, n_features: int, latent_dim: int, decoder: nn.Module) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.trunk = trunk
        self.mean = nn.Linear(n_features, latent_dim)
        self.log_variance = nn.Linear(n_features, latent_dim)
        self.decoder = decoder

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, both (n, d), of the latents of rows x."""
        features = self.trunk(x)  # (n, n_features)
        return self.mean(features), self.log_variance(features)

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """Draw latents (n, d) from the Gaussians, differentiable in mean and log variance."""
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    def decode(self, z: Tensor) -> Tensor:
        """Return the rows of latents z (n, d), in the shape of the input and with no output nonlinearity."""
        x_hat: Tensor = self.decoder(z)
        return x_hat

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the reconstruction of a draw, the mean and the log variance."""
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar
