"""The operations of AutoAugment and RandAugment by name, and a batch in which each row goes through its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from skal.augment import _affine, _color

__all__ = ["GEOMETRIC_OPERATIONS", "MOST", "OPERATIONS", "are_geometric", "operated"]

_MATRICES: dict[str, Callable[[Tensor, int, int], Tensor]] = {
    "shear_x": _affine.shear_x,
    "shear_y": _affine.shear_y,
    "translate_x": _affine.translate_x,
    "translate_y": _affine.translate_y,
    "rotate": _affine.rotate,
}
_COLORS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "brightness": _color.brightness,
    "color": _color.color,
    "contrast": _color.contrast,
    "sharpness": _color.sharpness,
    "posterize": _color.posterize,
    "solarize": _color.solarize,
    "auto_contrast": _color.auto_contrast,
    "equalize": _color.equalize,
    "invert": _color.invert,
}

GEOMETRIC_OPERATIONS = ("identity", *_MATRICES)
OPERATIONS = (*GEOMETRIC_OPERATIONS, *_COLORS)

# Largest amounts: shares of the distance (shear) and of the side (10 pixels of 32, as in AutoAugment's code for
# CIFAR-10), and degrees.
MOST = {"shear_x": 0.3, "shear_y": 0.3, "translate_x": 10 / 32, "translate_y": 10 / 32, "rotate": 30.0}


def are_geometric(names: Sequence[str]) -> bool:
    """Whether these operations only move pixels, so that any range of them will do."""
    return set(names) <= set(GEOMETRIC_OPERATIONS)


def operated(x: Tensor, operations: Tensor, amounts: Tensor, fill: str | float) -> Tensor:
    """Put each image through operations of its own, one after the other.

    Parameters
    ----------
    x : Tensor of shape (b, C, H, W)
        Images; in [0, 1] where colours are changed.
    operations : Tensor of shape (n, b), int64
        Positions in `OPERATIONS`: first operation of every image, second, ...
    amounts : Tensor of shape (n, b)
        In the operation's own unit.
    fill : "mean" or float
        What comes in from outside of the image.

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Notes
    -----
    Images are sorted by operation, so each operation runs once on a block; all that move pixels are one block. The
    host waits once for the device, for the sizes of the blocks.
    """
    dtype = x.dtype
    # Half precision cannot count to 255 in steps of one everywhere.
    x = x.float() if dtype in (torch.float16, torch.bfloat16) else x
    sizes = one_hot(operations, len(OPERATIONS)).sum(dim=1).tolist()  # (n, operations)
    for operation, amount, size in zip(operations, amounts, sizes, strict=True):
        order = operation.argsort()
        blocks = torch.split(x.index_select(0, order), size)
        block_amounts = torch.split(amount.index_select(0, order), size)
        x = torch.cat(_each_by_its_own(blocks, block_amounts, fill)).index_select(0, order.argsort())
    return x.to(dtype)


def _each_by_its_own(blocks: Sequence[Tensor], amounts: Sequence[Tensor], fill: str | float) -> list[Tensor]:
    """Blocks in the order of `OPERATIONS`, each put through its operation."""
    n_moved = len(GEOMETRIC_OPERATIONS)
    moved = torch.cat(list(blocks[1:n_moved]))
    height, width = moved.shape[2:]
    if len(moved):
        pairs = zip(_MATRICES.values(), amounts[1:n_moved], strict=True)
        moved = _affine.resampled(moved, torch.cat([matrix(amount, height, width) for matrix, amount in pairs]), fill)
    triples = zip(_COLORS.values(), blocks[n_moved:], amounts[n_moved:], strict=True)
    return [blocks[0], moved, *(change(block, amount) if len(block) else block for change, block, amount in triples)]
