"""Replace entries of a table by those of other rows."""

from __future__ import annotations

import torch
from torch import Tensor

from skal.augment._base import TABLES, Augmentation
from skal.augment._checks import checked_number
from skal.augment._draws import chance, integers

__all__ = ["SwapFeatures"]


class SwapFeatures(Augmentation):
    """Replace each number, with some probability, by the same column's value of another row of the batch.

    What comes in has the column's own distribution, whatever that is: counts stay counts, and codes of categories
    stay codes.

    Parameters
    ----------
    share : float in [0, 1], default=0.2
        Probability, for every number by itself.

    Notes
    -----
    The other row is drawn anew for every number, all others equally likely. A batch of one row has no other: it
    stays. Tables only: a pixel of another image in the same place says nothing. Memory of one index for each
    number.

    References
    ----------
    .. [1] Yoon et al., "VIME: extending the success of self- and semi-supervised learning to tabular domain",
       NeurIPS 2020: each number is masked with one probability and replaced by a value of its column.
    .. [2] Bahri et al., "SCARF: self-supervised contrastive learning using random feature corruption", ICLR 2022: a
       fixed share of each row's columns is replaced so.

    Examples
    --------
    >>> import torch
    >>> SwapFeatures(share=1.0)(torch.tensor([[1.0, 10.0], [2.0, 20.0]]))
    tensor([[ 2., 20.],
            [ 1., 10.]])
    """

    kinds = TABLES

    def __init__(self, share: float = 0.2) -> None:
        self.share = share

    def _check_parameters(self) -> None:
        checked_number(self.share, "share", "SwapFeatures", 0, 1)

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        n = len(x)
        if n == 1:
            return x
        is_swapped = chance(self.share, tuple(x.shape), x, generator)
        ahead = integers(1, n - 1, tuple(x.shape), x, generator)
        other = (torch.arange(n, device=x.device)[:, None] + ahead) % n
        return torch.where(is_swapped, x.gather(0, other), x)
