"""Add Gaussian noise to tables or images."""

from __future__ import annotations

import torch
from torch import Tensor

from skal.augment._base import Augmentation
from skal.augment._checks import checked_number

__all__ = ["GaussianNoise"]


class GaussianNoise(Augmentation):
    """Add noise from a normal distribution to every number.

    Parameters
    ----------
    scale : float, default=0.1
        Standard deviation of the noise, in units of x: of a column's deviation for a standardised table, of the range
        from black to white for images in [0, 1].

    Notes
    -----
    Images in [0, 1] stay there: noise is cut at 0 and 1, and where an image reaches further (it was standardised) at
    its own least and greatest value.

    References
    ----------
    .. [1] Bishop, "Training with noise is equivalent to Tikhonov regularization", Neural Computation 1995.

    Examples
    --------
    >>> import torch
    >>> noisy = GaussianNoise(scale=0.5)(torch.zeros(10_000, 2), torch.Generator().manual_seed(0))
    >>> round(float(noisy.std()), 1)
    0.5
    """

    def __init__(self, scale: float = 0.1) -> None:
        self.scale = scale

    def _check_parameters(self) -> None:
        checked_number(self.scale, "scale", "GaussianNoise", 0)

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        noisy = x + self.scale * torch.randn(x.shape, dtype=x.dtype, device=x.device, generator=generator)
        if x.ndim == 2:
            return noisy
        low, high = torch.aminmax(x.flatten(1), dim=1)
        return noisy.clamp(low.clamp(max=0)[:, None, None, None], high.clamp(min=1)[:, None, None, None])
