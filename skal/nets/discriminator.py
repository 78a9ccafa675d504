"""Discriminator between labelled and unlabelled latents.

Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, equation 4 (three linear layers in
the authors' code, five in the paper); Zhang et al., "State-relabeling adversarial active learning", CVPR 2020,
section 3.2 (five in the authors' code).
"""

from __future__ import annotations

from torch import nn

from skal.nets._checks import checked_int
from skal.nets.init import kaiming_init
from skal.nets.mlp_vae import linear_relu

__all__ = ["discriminator"]


def discriminator(latent_dim: int, n_layers: int = 3, hidden: int = 512) -> nn.Sequential:
    """Build the net that predicts the state of latents: 0 labelled, 1 unlabelled.

    Parameters
    ----------
    latent_dim : int
        Dimension d of the latents.
    n_layers : int, default=3
        Linear layers: 3 as in VAAL's code, 5 as in VAAL's paper and SRAAL's code.
    hidden : int, default=512
        Size of the layers between the first and the last.

    Returns
    -------
    torch.nn.Sequential
        Maps latents (n, d) to the logits (n,) of the state; a sigmoid makes them probabilities. Kaiming's initial
        weights.

    References
    ----------
    .. [1] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, equation 4.
    .. [2] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, equation 5.

    Examples
    --------
    >>> import torch
    >>> tuple(discriminator(16)(torch.zeros(5, 16)).shape)
    (5,)
    """
    latent_dim = checked_int(latent_dim, "latent_dim", "discriminator")
    n_layers = checked_int(n_layers, "n_layers", "discriminator", at_least=2)
    hidden = checked_int(hidden, "hidden", "discriminator")
    layers = linear_relu(latent_dim, (n_layers - 1) * (hidden,))
    return kaiming_init(nn.Sequential(*layers, nn.Linear(hidden, 1), nn.Flatten(0)))
