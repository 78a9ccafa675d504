"""What is left of VAAL when a part is taken out, for comparisons with the whole."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from torch import Tensor, nn

__all__ = ["NoAutoencoder", "nearest_gaussian"]


class NoAutoencoder(nn.Module):
    """Rows themselves as latents, so that the discriminator sees pixels."""

    def __init__(self, input_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.latent_dim = prod(input_shape)
        # There is nothing to learn, but an optimizer wants a parameter, and the device is where the parameters are.
        self.nothing = nn.Parameter(torch.zeros(0))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows (n, d) and a log variance of minus infinity."""
        mu = x.flatten(1)
        return mu, torch.full_like(mu, -torch.inf)

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """Return the rows."""
        return mu


def nearest_gaussian(latents: NDArray[Any], labeled: NDArray[Any]) -> NDArray[np.float64]:
    """Squared 2-Wasserstein distance of each row's latent Gaussian to that of the nearest labelled row.

    Parameters
    ----------
    latents : ndarray of shape (n, 2 d)
        Means and standard deviations side by side: between diagonal Gaussians the distance is the squared Euclidean
        one of these.
    labeled : ndarray of shape (m, 2 d)
        The same of labelled rows.

    Returns
    -------
    ndarray of shape (n,)
        Non-negative.
    """
    distances, _ = NearestNeighbors(n_neighbors=1).fit(labeled).kneighbors(latents)
    return distances[:, 0].astype(np.float64) ** 2
