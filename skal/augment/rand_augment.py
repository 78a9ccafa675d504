"""A few operations out of fourteen for each image, at one strength: RandAugment."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from skal.augment._base import IMAGES, Augmentation
from skal.augment._checks import checked_fill, checked_int, checked_number, checked_unit_range
from skal.augment._draws import chance, integers, shares
from skal.augment._operations import MOST, OPERATIONS, are_geometric, operated

__all__ = ["RandAugment"]

_STRONGEST = 10.0  # of the scale of magnitudes
# Amount without effect, change of it at the strongest, and whether it goes either way.
_RANGES: dict[str, tuple[float, float, bool]] = {
    **{name: (0.0, most, True) for name, most in MOST.items()},
    **{name: (1.0, 0.9, True) for name in ("brightness", "color", "contrast", "sharpness")},
    "posterize": (8.0, -4.0, False),
    "solarize": (256.0, -256.0, False),
}
_WITHOUT_AMOUNT = (0.0, 0.0, False)
# Those of the paper; invert is AutoAugment's.
_OPERATIONS = tuple(name for name in OPERATIONS if name != "invert")


class RandAugment(Augmentation):
    """Put each image through operations drawn for it alone.

    The defaults are those of FixMatch's and UDA's code: two draws, each carried out with probability one half at a
    strength that is drawn as well. ``RandAugment(magnitude=m, p=1.0, drawn=False)`` is the method of the paper.

    Parameters
    ----------
    n_ops : int, default=2
        Operations drawn for each image, with replacement, one applied after the other.
    magnitude : float in [0, 10], default=10
        Largest strength. At 10: shears of 0.3, shifts of 10 / 32 of the side (in whole pixels), rotations of 30
        degrees, factors of 0.1 or 1.9 for brightness, color, contrast and sharpness, four bits for posterize, all
        pixels inverted by solarize. auto_contrast and equalize have no strength.
    p : float in [0, 1], default=0.5
        Probability with which an operation that was drawn is carried out.
    drawn : bool, default=True
        Draw each strength uniformly from 0 to `magnitude`; False: every one is `magnitude`.
    operations : tuple of str or None, default=None
        Names out of `skal.augment.OPERATIONS`. None: the fourteen of the paper; for images without three channels
        color is left out, which would do nothing to grey ones.
    fill : "mean" or float, default="mean"
        What comes in from outside of the image: the mean of each of its channels, or a number. The codes of UDA and
        FixMatch fill with the middle grey of the data set, torchvision and many others with black, 0.0.

    Notes
    -----
    Strengths have a random sign where there are two directions. Pixels must lie in [0, 1] unless `operations` holds
    only `skal.augment.GEOMETRIC_OPERATIONS`. The nearest pixel is read. equalize needs 255 pixels, so it does nothing
    to images of 8 x 8. FixMatch's code draws whole strengths from 1 to 9; here they are real numbers.

    References
    ----------
    .. [1] Cubuk et al., "RandAugment: practical automated data augmentation with a reduced search space", NeurIPS
       2020.
    .. [2] Sohn et al., "FixMatch: simplifying semi-supervised learning with consistency and confidence", NeurIPS
       2020.

    Examples
    --------
    >>> import torch
    >>> images = torch.rand(4, 3, 32, 32)
    >>> generator = torch.Generator().manual_seed(0)
    >>> tuple(RandAugment()(images, generator).shape)
    (4, 3, 32, 32)

    Images that were standardised already:

    >>> from skal.augment import GEOMETRIC_OPERATIONS
    >>> tuple(RandAugment(operations=GEOMETRIC_OPERATIONS)(torch.randn(4, 3, 32, 32)).shape)
    (4, 3, 32, 32)
    """

    kinds = IMAGES

    def __init__(
        self,
        n_ops: int = 2,
        magnitude: float = 10,
        *,
        p: float = 0.5,
        drawn: bool = True,
        operations: Sequence[str] | None = None,
        fill: str | float = "mean",
    ) -> None:
        self.n_ops = n_ops
        self.magnitude = magnitude
        self.p = p
        self.drawn = drawn
        self.operations = operations
        self.fill = fill

    def _check_parameters(self) -> None:
        checked_int(self.n_ops, "n_ops", "RandAugment")
        checked_number(self.magnitude, "magnitude", "RandAugment", 0, _STRONGEST)
        checked_number(self.p, "p", "RandAugment", 0, 1)
        checked_fill(self.fill, "RandAugment", "mean")
        names = self.operations
        if names is not None and (isinstance(names, str) or not len(names)):
            raise ValueError(f"RandAugment: operations must be names in a tuple, got {names!r}.")
        unknown = [name for name in names or () if name not in OPERATIONS]
        if unknown:
            raise ValueError(f"RandAugment: no operation {unknown[0]!r}; there are {', '.join(OPERATIONS)}.")

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        names = self._names(x.shape[1])
        if not are_geometric(names):
            checked_unit_range(x, "RandAugment", "pass operations=skal.augment.GEOMETRIC_OPERATIONS")
        shape = (self.n_ops, len(x))
        # Everything is drawn always, so that a parameter does not change the draws that come after.
        pick = integers(0, len(names) - 1, shape, x, generator)
        is_done = chance(self.p, shape, x, generator)
        strength = shares(shape, x, generator)
        sign = chance(0.5, shape, x, generator) * 2.0 - 1.0
        strength = (strength if self.drawn else torch.ones_like(strength)) * (self.magnitude / _STRONGEST)
        neutral, span, has_sign = torch.tensor([_RANGES.get(name, _WITHOUT_AMOUNT) for name in names]).to(x.device).T
        amounts = neutral[pick] + span[pick] * strength * torch.where(has_sign[pick] > 0, sign, 1.0)
        positions = torch.tensor([OPERATIONS.index(name) for name in names]).to(x.device)
        return operated(x, torch.where(is_done, positions[pick], 0), amounts, self.fill)

    def _names(self, channels: int) -> tuple[str, ...]:
        """Operations that fit images of so many channels."""
        if self.operations is None:
            return tuple(name for name in _OPERATIONS if channels == 3 or name != "color")
        if channels != 3 and "color" in self.operations:
            raise ValueError(
                f"RandAugment: color needs three channels, got {channels}. Leave it out of operations, or pass "
                "operations=None."
            )
        return tuple(self.operations)
