"""Losses of s4GAN: what the discriminator is shown, and what it teaches.

Mittal, Tatarchenko & Brox, "Semi-supervised semantic segmentation with high- and low-level consistency", TPAMI 2021,
section 3.1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from skal.training import VOID

__all__ = ["discriminator_loss", "drawn_maps", "feature_matching", "self_training", "shown", "unit_scaled"]


def unit_scaled(x: Tensor) -> Tensor:
    """Images (b, C, H, W) scaled to [0, 1], each by its own least and largest number.

    The public code takes those of the batch, so that what the discriminator says of an image depends on the others.
    """
    low, high = x.amin(dim=(1, 2, 3), keepdim=True), x.amax(dim=(1, 2, 3), keepdim=True)
    return (x - low) / (high - low).clamp_min(1e-12)


def drawn_maps(masks: Tensor, n_classes: int) -> Tensor:
    """Codes (b, H, W) as maps of ones and zeros (b, C, H, W); all are 0 where a pixel is void."""
    seen = masks != VOID
    maps = F.one_hot(torch.where(seen, masks, 0).long(), n_classes).movedim(-1, 1)  # (b, C, H, W)
    return maps.float() * seen[:, None]


def shown(maps: Tensor, images: Tensor, seen: Tensor | None = None) -> Tensor:
    """Put maps beside their images, as a discriminator sees them, (b, C + channels, H, W).

    Parameters
    ----------
    maps : Tensor of shape (b, C, H, W)
        Probabilities, or ones and zeros.
    images : Tensor of shape (b, channels, H, W)
        Their images.
    seen : Tensor of bool of shape (m, H, W) or None, default=None
        Pixels that are shown; all else is 0, in map and image. None: all are. Image i gets those of row ``i % m``.
    """
    both = torch.cat([maps, unit_scaled(images)], dim=1)
    if seen is None:
        return both
    rows = torch.arange(len(both), device=seen.device) % len(seen)
    return both * seen[rows, None]


def feature_matching(drawn: Tensor, predicted: Tensor) -> Tensor:
    """Mean distance of the mean features of drawn maps from those of predicted ones; both (b, d), of any b."""
    return (drawn.mean(dim=0) - predicted.mean(dim=0)).abs().mean()


def self_training(logits: Tensor, trusted: Tensor) -> Tensor:
    """Mean cross-entropy of trusted images' pixels with their own most probable classes; 0 where none is trusted.

    Parameters
    ----------
    logits : Tensor of shape (b, C, H, W)
        Of the segmentation net.
    trusted : Tensor of bool of shape (b,)
        Which images count.
    """
    losses = F.cross_entropy(logits.float(), logits.detach().argmax(dim=1), reduction="none")  # (b, H, W)
    per_image = losses.flatten(1).mean(dim=1)
    return (per_image * trusted).sum() / trusted.sum().clamp(min=1)


def discriminator_loss(drawn: Tensor, predicted: Tensor) -> Tensor:
    """Half the sum of the cross-entropies of drawn maps with 1 and of predicted ones with 0, of logits (b,)."""
    real = F.binary_cross_entropy_with_logits(drawn, torch.ones_like(drawn))
    fake = F.binary_cross_entropy_with_logits(predicted, torch.zeros_like(predicted))
    return 0.5 * (real + fake)
