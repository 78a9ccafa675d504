"""What stands where an image has nothing to show."""

from __future__ import annotations

from torch import Tensor

__all__ = ["filling"]


def filling(x: Tensor, fill: str | float) -> Tensor:
    """One value a channel, (b, C, 1, 1): the mean of the image's own, or the number given."""
    if isinstance(fill, str):
        return x.mean(dim=(2, 3), keepdim=True)
    return x.new_tensor(fill).view(1, 1, 1, 1)
