"""Masks of another size: the nearest label, for classes have no mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["resized_mask"]


def resized_mask(mask: ArrayLike, size: tuple[int, int]) -> NDArray[Any]:
    """Read a mask at another size, each pixel at the nearest one.

    Parameters
    ----------
    mask : array-like of shape (..., H, W)
        Labels of pixels.
    size : (h, w)
        Wanted.

    Returns
    -------
    ndarray of shape (..., h, w)
        A view where the size is that already.

    Examples
    --------
    >>> resized_mask([[1, 2], [3, 4]], (4, 2)).tolist()
    [[1, 2], [1, 2], [3, 4], [3, 4]]
    """
    array = np.asarray(mask)
    if array.shape[-2:] == tuple(size):
        return array
    rows, columns = (_nearest(source, target) for source, target in zip(array.shape[-2:], size, strict=True))
    return np.asarray(array[..., rows[:, None], columns])


def _nearest(source: int, target: int) -> NDArray[np.intp]:
    """Position that the centre of each of `target` pixels falls on, among `source`."""
    return ((np.arange(target) * 2 + 1) * source // (2 * target)).astype(np.intp)
