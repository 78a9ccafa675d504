"""Read the argument `augment` of an estimator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from skal.augment._base import Augmentation
from skal.augment.auto_augment import AutoAugment
from skal.augment.chain import Chain
from skal.augment.cutout import Cutout
from skal.augment.gaussian_noise import GaussianNoise
from skal.augment.presets import Strong, Weak
from skal.augment.swap_features import SwapFeatures

__all__ = ["make_augmentation"]

_KINDS = {3: "images", 1: "tables"}
_NAMED: dict[tuple[str, str], Callable[[], Augmentation]] = {
    ("weak", "images"): Weak,
    ("strong", "images"): Strong,
    ("autoaugment", "images"): lambda: Chain((Weak(), AutoAugment(), Cutout())),
    ("weak", "tables"): GaussianNoise,
    ("strong", "tables"): lambda: Chain((GaussianNoise(), SwapFeatures())),
}
_ALLOWED = 'None, "off", "weak", "strong", "autoaugment", an instance from skal.augment, or a function of a batch'


def make_augmentation(
    augment: str | Callable[..., Tensor] | None, shape: Sequence[int]
) -> Callable[..., Tensor] | None:
    """Return the augmentation that an argument asks for, for rows of one shape.

    Parameters
    ----------
    augment : None, str or callable
        None or "off": none. "weak": `Weak` for images, `GaussianNoise` for tables. "strong": `Strong` for images,
        `GaussianNoise` and `SwapFeatures` for tables. "autoaugment": flip, crop, `AutoAugment` and `Cutout`, images
        only. An augmentation, or any function of a batch, is returned as it is. All three names mirror images left to
        right, which is wrong for digits and letters: pass ``Weak(flip=False)`` or ``Strong(flip=False)`` for those,
        or a `Chain` without `Flip`.
    shape : (C, H, W) or (d,)
        Of one row, without the batch axis.

    Returns
    -------
    callable or None
        Called with a batch, it returns one of the same shape and dtype.

    Raises
    ------
    ValueError
        If there is no such name, or it is not for rows of this shape.
    TypeError
        If `augment` is nothing that can be called with a batch.

    Examples
    --------
    >>> make_augmentation("weak", (3, 32, 32))
    Weak()
    >>> make_augmentation("weak", (10,))
    GaussianNoise()
    >>> make_augmentation("off", (10,)) is None
    True
    """
    if augment is None or augment == "off":
        return None
    kind = _KINDS.get(len(shape))
    if kind is None:
        raise ValueError(f"augment: rows must have shape (C, H, W) or (d,), got {tuple(shape)}. Pass augment=None.")
    if isinstance(augment, str):
        return _named(augment, kind, shape)
    if isinstance(augment, type) or not callable(augment):
        remedy = f" Pass {augment.__name__}()." if isinstance(augment, type) else ""
        raise TypeError(f"augment must be {_ALLOWED}, got {augment!r}.{remedy}")
    if isinstance(augment, Augmentation):
        augment._check_parameters()
        if kind not in augment.kinds:
            raise ValueError(_not_for(repr(augment), kind, shape))
    return augment


def _named(name: str, kind: str, shape: Sequence[int]) -> Augmentation:
    if (name, kind) in _NAMED:
        return _NAMED[name, kind]()
    if name in {known for known, _ in _NAMED}:
        raise ValueError(_not_for(repr(name), kind, shape))
    raise ValueError(f"augment must be {_ALLOWED}, got {name!r}.")


def _not_for(what: str, kind: str, shape: Sequence[int]) -> str:
    remedy = {
        "tables": 'For a table use "weak", "strong" or SwapFeatures; reshape images to (n, C, H, W).',
        "images": 'For images use "weak", "strong" or "autoaugment".',
    }
    return f"augment={what} is not for {kind}, and rows have shape {tuple(shape)}. {remedy[kind]}"
