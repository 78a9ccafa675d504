"""What augmentations share: a batch is checked, and an empty one is passed on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from skal.augment._checks import checked_batch

__all__ = ["IMAGES", "TABLES", "Augmentation"]

IMAGES = frozenset({"images"})
TABLES = frozenset({"tables"})


class Augmentation(BaseEstimator, ABC):  # type: ignore[misc]
    """Base of augmentations: parameters as in scikit-learn, no state, rows that are independent.

    A class of your own stores its parameters in ``__init__``, names in `kinds` what it takes, and writes
    ``_augment(x, generator)``. A plain function of a batch does as well wherever an augmentation is asked for.

    Attributes
    ----------
    kinds : frozenset of {"images", "tables"}
        Which batches are taken: (b, C, H, W), (b, d), or both.

    Examples
    --------
    >>> import torch
    >>> class Darken(Augmentation):
    ...     kinds = frozenset({"images"})
    ...
    ...     def __init__(self, least=0.5):
    ...         self.least = least
    ...
    ...     def _augment(self, x, generator):
    ...         light = torch.rand(len(x), 1, 1, 1, device=x.device, generator=generator)
    ...         return x * (self.least + (1 - self.least) * light)
    >>> tuple(Darken(0.2)(torch.ones(3, 1, 8, 8)).shape)
    (3, 1, 8, 8)
    """

    kinds: ClassVar[frozenset[str]] = IMAGES | TABLES

    def __call__(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return the batch, changed at random.

        Parameters
        ----------
        x : Tensor of shape (b, C, H, W) or (b, d), floating
            Images in [0, 1] or a standardised table, on any device; it is not changed itself.
        generator : torch.Generator or None, default=None
            On the device of x. None: that of the estimator that is training, else torch's global one.

        Returns
        -------
        Tensor
            Of the same shape, dtype and device.

        Raises
        ------
        TypeError
            If x is no tensor of floats.
        ValueError
            If x has the wrong shape or range, or a parameter is out of its range.
        """
        self._check_parameters()
        checked_batch(x, type(self).__name__, self.kinds)
        return x if x.numel() == 0 else self._augment(x, generator)

    def _check_parameters(self) -> None:
        """Raise if a parameter is out of its range."""

    @abstractmethod
    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        """Return a checked, non-empty batch changed."""
