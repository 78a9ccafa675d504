"""The policies that were learned for CIFAR-10 and SVHN: AutoAugment."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from skal.augment._base import IMAGES, Augmentation
from skal.augment._checks import checked_fill, checked_one_of, checked_unit_range
from skal.augment._draws import chance, integers, shares
from skal.augment._operations import MOST, OPERATIONS, operated

__all__ = ["AutoAugment"]

_POLICIES = ("cifar10", "svhn")
_NAMES = {
    **{"ShearX": "shear_x", "ShearY": "shear_y", "TranslateX": "translate_x", "TranslateY": "translate_y"},
    **{"Rotate": "rotate", "Brightness": "brightness", "Color": "color", "Contrast": "contrast"},
    **{"Sharpness": "sharpness", "Posterize": "posterize", "Solarize": "solarize", "Invert": "invert"},
    **{"AutoContrast": "auto_contrast", "Equalize": "equalize"},
}
# Amounts at level 0 and at level 10, as in the authors' code but for posterize, which is that of the paper.
_LEVELS: dict[str, tuple[float, float]] = {
    **{name: (0.0, most) for name, most in MOST.items()},
    **{name: (0.1, 1.9) for name in ("brightness", "color", "contrast", "sharpness")},
    "posterize": (8.0, 4.0),
    "solarize": (256.0, 0.0),
}


class AutoAugment(Augmentation):
    """Put each image through one of 25 pairs of operations that were found by search.

    Parameters
    ----------
    policy : {"cifar10", "svhn"}, default="cifar10"
        Whose policy. "svhn" is for digits and signs: much shearing and inverting, no change of colours.
    fill : "mean" or float, default="mean"
        What comes in from outside of the image: the mean of each of its channels, or a number. The authors' code
        fills with the mean of the data set.

    Notes
    -----
    The pairs, with their probabilities and levels, are those of torchvision; its first use imports torchvision.
    Levels mean what they mean in the authors' code, level / 10 of a range: factors of brightness, color, contrast and
    sharpness run from 0.1 to 1.9, so that level 3 of color is paler and level 7 stronger (torchvision draws a sign
    instead); shears to 0.3, shifts to 10 / 32 of the side, rotations to 30 degrees, either way. The bits of posterize
    run from 8 to 4, as printed in the paper; the code goes from 4 to 0. That code also holds more pairs for CIFAR-10,
    95 of them. Pixels must lie in [0, 1]. For images without three channels color does nothing. In UDA and in Mittal
    et al. (2019) flip, crop and cutout go with it: the name "autoaugment".

    References
    ----------
    .. [1] Cubuk et al., "AutoAugment: learning augmentation strategies from data", CVPR 2019, appendix.
    .. [2] Xie et al., "Unsupervised data augmentation for consistency training", NeurIPS 2020.

    Examples
    --------
    >>> import torch
    >>> tuple(AutoAugment("svhn")(torch.rand(4, 1, 28, 28)).shape)
    (4, 1, 28, 28)
    """

    kinds = IMAGES

    def __init__(self, policy: str = "cifar10", fill: str | float = "mean") -> None:
        self.policy = policy
        self.fill = fill

    def _check_parameters(self) -> None:
        checked_one_of(self.policy, "policy", "AutoAugment", _POLICIES)
        checked_fill(self.fill, "AutoAugment", "mean")

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        checked_unit_range(x, "AutoAugment", "pass RandAugment(operations=skal.augment.GEOMETRIC_OPERATIONS)")
        table = torch.tensor(_table(self.policy)).to(x.device)  # (25, 2, 3)
        pair = integers(0, len(table) - 1, (len(x),), x, generator)
        shape = (2, len(x))
        draw = shares(shape, x, generator)
        sign = chance(0.5, shape, x, generator) * 2.0 - 1.0
        operation, probability, amount = table[pair].permute(2, 1, 0)  # (2, b) each
        is_done = draw < probability
        if x.shape[1] != 3:
            is_done &= operation != OPERATIONS.index("color")
        goes_either_way = operation <= len(MOST)  # those that move pixels stand first, behind identity
        amount = amount * torch.where(goes_either_way, sign, 1.0)
        return operated(x, torch.where(is_done, operation, 0).long(), amount, self.fill)


@functools.lru_cache
def _table(policy: str) -> list[list[list[float]]]:
    """For each of 25 pairs and both of its operations: position in `OPERATIONS`, probability, amount."""
    from torchvision.transforms import autoaugment  # seconds to import, and only needed here

    pairs = autoaugment.AutoAugment(autoaugment.AutoAugmentPolicy(policy)).policies
    return [[_entry(*operation) for operation in pair] for pair in pairs]


def _entry(name: str, probability: float, level: int | None) -> list[float]:
    """Position, probability and amount of an operation that torchvision names."""
    low, high = _LEVELS.get(_NAMES[name], (0.0, 0.0))
    return [OPERATIONS.index(_NAMES[name]), probability, low + (high - low) * (level or 0) / 10]
