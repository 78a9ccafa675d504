"""What augmentations share: a batch is checked, and an empty one is passed on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

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
    on_masks : {"moved", "kept"} or None
        What becomes of masks in `with_masks`: pixels move, by whole pixels, and a mask moves like another channel; or
        a mask stays as it is; None: neither is known.

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
    on_masks: ClassVar[Literal["moved", "kept"] | None] = None

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

    def with_masks(
        self, x: Tensor, masks: Tensor, generator: torch.Generator | None = None, void: int = 255
    ) -> tuple[Tensor, Tensor]:
        """Return images and their masks, changed alike.

        Parameters
        ----------
        x : Tensor of shape (b, C, H, W), floating
            Images.
        masks : Tensor of int of shape (b, H, W)
            Labels of their pixels, on the device of x.
        generator : torch.Generator or None, default=None
            As in a call.
        void : int, default=255
            What a mask gets where no pixel comes from.

        Returns
        -------
        x, masks : Tensor
            Where pixels are moved, masks are moved with them, to the nearest pixel; where only colours change, or
            squares are cut out, masks stay.

        Raises
        ------
        TypeError
            If it is not known of the augmentation what becomes of a mask.
        """
        self._check_parameters()
        if self.on_masks is None:
            raise TypeError(
                f"{type(self).__name__}: it is not known what becomes of masks, for colours and places are drawn "
                "together. Chain Flip, Crop, ResizedCrop, Cutout and functions of colours instead."
            )
        checked_batch(x, type(self).__name__, self.kinds)
        if self.on_masks == "kept" or x.numel() == 0:
            return self(x, generator), masks
        moved = self._augment(torch.cat([x, masks[:, None].to(x.dtype)], dim=1), generator)
        return moved[:, :-1], moved[:, -1].round().to(masks.dtype)

    def _check_parameters(self) -> None:
        """Raise if a parameter is out of its range."""

    @abstractmethod
    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        """Return a checked, non-empty batch changed."""
