"""The losses of the game between an autoencoder and a discriminator of states.

The state of a row is 0 where it is labelled and 1 where it is not (SRAAL: its uncertainty u). VAAL's paper names them
the other way round; a discriminator's logit is then the negative of ours and every formula is its mirror image.
"""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from skal.training import best_variance, elbo_terms

Likelihood = Literal["calibrated", "unit", "mean"]
LIKELIHOODS = ("calibrated", "unit", "mean")


def bound_terms(
    x: Tensor, x_hat: Tensor, mu: Tensor, logvar: Tensor, likelihood: Likelihood
) -> tuple[Tensor, Tensor]:
    """Reconstruction and divergence of a batch, means over its rows.

    Parameters
    ----------
    x, x_hat : Tensor of shape (n, ...)
        Inputs and reconstructions.
    mu, logvar : Tensor of shape (n, k)
        The encoder's Gaussians.
    likelihood : {"calibrated", "unit", "mean"}
        "calibrated": Gaussian with the variance that fits the batch best [1]_: in nats whatever the scale of the
        inputs. "unit": Gaussian of variance 1. "mean": mean of squares over rows and inputs, as VAAL's and SRAAL's
        codes have it.

    Returns
    -------
    reconstruction, kl : Tensor of shape ()
        To be minimised; see `skal.training.elbo.elbo_terms`.

    References
    ----------
    .. [1] Rybkin, Daniilidis & Levine, "Simple and effective VAE training with calibrated decoders", ICML 2021,
       section 3.2.
    """
    variance = best_variance(x, x_hat) if likelihood == "calibrated" else 1.0
    reconstruction, kl = elbo_terms(x, x_hat, mu, logvar, variance)
    if likelihood == "mean":
        return (x_hat.float() - x.float()).square().mean(), kl.mean()
    return reconstruction.mean(), kl.mean()


def generator_loss(labeled: Tensor, unlabeled: Tensor) -> Tensor:
    """Loss of the encoder, which wants every row to look labelled.

    Parameters
    ----------
    labeled, unlabeled : Tensor of shape (n,)
        Logits of the states that the discriminator predicts.

    Returns
    -------
    Tensor of shape ()
        ``-E[log(1 - D(z_L))] - E[log(1 - D(z_U))]`` [1]_ [2]_.

    References
    ----------
    .. [1] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, equation 3.
    .. [2] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, equation 6.
    """
    return F.softplus(labeled.float()).mean() + F.softplus(unlabeled.float()).mean()


def discriminator_loss(labeled: Tensor, unlabeled: Tensor, states: Tensor) -> Tensor:
    """Loss of the discriminator: cross-entropy with state 0 of labelled and the given states of unlabelled rows.

    Parameters
    ----------
    labeled, unlabeled : Tensor of shape (n,)
        Logits of the states that it predicts.
    states : Tensor of shape (n,)
        Of the unlabelled rows: 1, or an uncertainty in [0, 1].

    Returns
    -------
    Tensor of shape ()
        Least where D is u p_U / (p_L + p_U).

    Notes
    -----
    Equation 5 of [1]_ as printed, ``-log(u - D)``, is least at D = 0 whatever u is; this is the reading under which
    its text (labelled 0, unlabelled 1 relabelled to u) holds.

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, equation 5.
    .. [2] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, equation 4.
    """
    # A logit's cross-entropy with 0 is its softplus.
    return F.softplus(labeled.float()).mean() + F.binary_cross_entropy_with_logits(unlabeled.float(), states)


def states_told_apart(labeled: Tensor, unlabeled: Tensor) -> Tensor:
    """Share of a batch that the discriminator puts on the right side, both states counting equally."""
    return 0.5 * ((labeled < 0).float().mean() + (unlabeled >= 0).float().mean())


def detached(losses: dict[str, Tensor]) -> dict[str, Tensor]:
    """Losses to be kept for the history, without the graph and without waiting for the device."""
    return {name: value.detach() for name, value in losses.items()}


__all__ = [
    "LIKELIHOODS",
    "Likelihood",
    "bound_terms",
    "detached",
    "discriminator_loss",
    "generator_loss",
    "states_told_apart",
]
