"""The evidence lower bound of a variational autoencoder with a Gaussian decoder, term by term."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

Likelihood = Literal["calibrated", "unit"]
LIKELIHOODS = ("calibrated", "unit")

LEAST_VARIANCE = 1e-6  # rows that are reproduced exactly do not end in log 0


def elbo_terms(
    x: Tensor, x_hat: Tensor, mu: Tensor, logvar: Tensor, variance: Tensor | float = 1.0
) -> tuple[Tensor, Tensor]:
    """Compute both parts of the negative bound, in nats a row.

    Parameters
    ----------
    x, x_hat : Tensor of shape (n, ...)
        Inputs, and the decoder's output for one draw of each row's latent; d numbers a row.
    mu, logvar : Tensor of shape (n, k)
        The encoder's Gaussians.
    variance : Tensor of shape () or float, default=1.0
        Of the decoder's Gaussian.

    Returns
    -------
    reconstruction : Tensor of shape (n,)
        ``-log N(x; x_hat, variance)``, summed over the inputs.
    kl : Tensor of shape (n,)
        Divergence of the row's Gaussian from N(0, 1), summed over the latent.

    Notes
    -----
    Both are sums, so that one weighs against the other as the bound has it, whatever the sizes of rows and batch.
    A mean of squares beside a sum of divergences, as in some public codes, makes the divergence d times too heavy,
    and the latent carries nothing.

    References
    ----------
    .. [1] Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, equation 10 and appendices B and C.2.
    """
    squares = (x_hat.float() - x.float()).square().flatten(1)  # (n, d)
    variance = torch.as_tensor(variance, dtype=squares.dtype, device=squares.device)
    constant = 0.5 * squares.shape[1] * (math.log(2 * math.pi) + variance.log())
    mu, logvar = mu.float(), logvar.float()
    kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar)  # (n, k)
    return 0.5 * squares.sum(dim=1) / variance + constant, kl.sum(dim=1)


def best_variance(x: Tensor, x_hat: Tensor) -> Tensor:
    """Variance of the decoder under which a batch is most likely: its mean of squares, of shape ().

    Notes
    -----
    Held fixed within a step, it gives `elbo_terms` the gradient of d/2 log(mean of squares) [1]_.

    References
    ----------
    .. [1] Rybkin, Daniilidis & Levine, "Simple and effective VAE training with calibrated decoders", ICML 2021,
       section 3.2.
    """
    return (x_hat.detach().float() - x.float()).square().mean().clamp_min(LEAST_VARIANCE)


__all__ = ["LEAST_VARIANCE", "LIKELIHOODS", "Likelihood", "best_variance", "elbo_terms"]
