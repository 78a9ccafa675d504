"""Mirror images left to right."""

from __future__ import annotations

import torch
from torch import Tensor

from skal.augment._base import IMAGES, Augmentation
from skal.augment._checks import checked_number
from skal.augment._draws import chance

__all__ = ["Flip"]


class Flip(Augmentation):
    """Mirror each image left to right with probability p.

    Wrong for digits, letters and all else that has a left and a right: a mirrored 2 is no 2.

    Parameters
    ----------
    p : float in [0, 1], default=0.5
        Probability, for every image by itself.

    Notes
    -----
    Any range of pixels and any number of channels.

    Examples
    --------
    >>> import torch
    >>> Flip(p=1.0)(torch.tensor([[[[0.1, 0.2, 0.3]]]])).flatten()
    tensor([0.3000, 0.2000, 0.1000])
    """

    kinds = IMAGES
    on_masks = "moved"

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def _check_parameters(self) -> None:
        checked_number(self.p, "p", "Flip", 0, 1)

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        mirrored = chance(self.p, (len(x), 1, 1, 1), x, generator)
        return torch.where(mirrored, x.flip(-1), x)
