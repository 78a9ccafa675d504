"""The weak and the strong augmentation of images in FixMatch."""

from __future__ import annotations

import torch
from torch import Tensor

from skal.augment._base import IMAGES, Augmentation
from skal.augment.chain import Chain
from skal.augment.crop import Crop
from skal.augment.cutout import Cutout
from skal.augment.flip import Flip
from skal.augment.rand_augment import RandAugment

__all__ = ["Strong", "Weak"]


class Weak(Augmentation):
    """Flip and crop: what "weak" is for images.

    Half of the images are mirrored left to right, which is wrong for digits, letters and all else that has a left and
    a right: pass ``Weak(flip=False)`` for those.

    Parameters
    ----------
    flip : bool, default=True
        Mirror images.
    padding : float in [0, 1], default=0.125
        Largest shift as a share of the side, the border mirrored; see `Crop`.

    References
    ----------
    .. [1] Sohn et al., "FixMatch", NeurIPS 2020, whose code flips no images of SVHN, which are digits.

    Examples
    --------
    >>> import torch
    >>> tuple(Weak(flip=False)(torch.rand(5, 1, 8, 8)).shape)
    (5, 1, 8, 8)
    """

    kinds = IMAGES

    def __init__(self, flip: bool = True, padding: float = 0.125) -> None:
        self.flip = flip
        self.padding = padding

    def _steps(self) -> Chain:
        crop = Crop(padding=self.padding)
        return Chain((Flip(), crop) if self.flip else (crop,))

    def _check_parameters(self) -> None:
        self._steps()._check_parameters()

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        return self._steps()(x, generator)

    def with_masks(
        self, x: Tensor, masks: Tensor, generator: torch.Generator | None = None, void: int = 255
    ) -> tuple[Tensor, Tensor]:
        """Flip and crop images and masks alike."""
        return self._steps().with_masks(x, masks, generator, void)


class Strong(Augmentation):
    """Flip, crop, RandAugment and cutout: what "strong" is for images.

    Half of the images are mirrored left to right, which is wrong for digits, letters and all else that has a left and
    a right: pass ``Strong(flip=False)`` for those.

    Parameters
    ----------
    flip : bool, default=True
        Mirror images.
    padding : float in [0, 1], default=0.125
        Largest shift as a share of the side, the border mirrored; see `Crop`.
    n_ops : int, default=2
        Operations drawn for each image; see `RandAugment`.
    magnitude : float in [0, 10], default=10
        Largest strength of an operation; see `RandAugment`.
    cutout : float in [0, 1], default=0.5
        Side of the square that is cut out, as a share of the image's shorter side; see `Cutout`.

    Notes
    -----
    Pixels must lie in [0, 1]. Memory of a few copies of the batch. For images that were standardised already, make a
    `Chain` of your own with ``RandAugment(operations=GEOMETRIC_OPERATIONS)``.

    References
    ----------
    .. [1] Sohn et al., "FixMatch", NeurIPS 2020, with RandAugment.

    Examples
    --------
    >>> import torch
    >>> tuple(Strong(flip=False)(torch.rand(5, 1, 8, 8)).shape)
    (5, 1, 8, 8)
    """

    kinds = IMAGES

    def __init__(
        self,
        flip: bool = True,
        padding: float = 0.125,
        n_ops: int = 2,
        magnitude: float = 10,
        cutout: float = 0.5,
    ) -> None:
        self.flip = flip
        self.padding = padding
        self.n_ops = n_ops
        self.magnitude = magnitude
        self.cutout = cutout

    def _steps(self) -> Chain:
        weak = Weak(flip=self.flip, padding=self.padding)
        return Chain((weak, RandAugment(self.n_ops, self.magnitude), Cutout(self.cutout)))

    def _check_parameters(self) -> None:
        self._steps()._check_parameters()

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        return self._steps()(x, generator)
