"""What a file of an adversarial estimator holds."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

__all__ = ["SavedNets"]


class SavedNets(nn.Module):
    """Both nets side by side, as one state, with the numbers of labelled rows that scores are computed from.

    Parameters
    ----------
    autoencoder, discriminator : Module
        Shared, not copied.
    labeled_gaussians : ndarray or None, default=None
        See `skal.adversarial._ablations.nearest_gaussian`.
    """

    labeled_gaussians: torch.Tensor | None

    def __init__(
        self, autoencoder: nn.Module, discriminator: nn.Module, labeled_gaussians: NDArray[Any] | None = None
    ) -> None:
        super().__init__()
        self.autoencoder = autoencoder
        self.discriminator = discriminator
        self.register_buffer(
            "labeled_gaussians", None if labeled_gaussians is None else torch.as_tensor(labeled_gaussians)
        )
