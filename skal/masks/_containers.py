"""What a target of masks is, and which of its images have none."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import n_rows, take

__all__ = ["is_masks", "labeled_masks", "unlabeled_images"]


def is_masks(y: Any) -> bool:
    """Tell whether a target holds masks.

    Parameters
    ----------
    y : array-like or None
        Labels of any kind.

    Returns
    -------
    bool
        True for an array with three axes, and for a sequence whose first item that is present has two.

    Notes
    -----
    Nothing but the first mask is looked at.

    Examples
    --------
    >>> is_masks(np.zeros((5, 4, 4), dtype=int)), is_masks([None, np.zeros((4, 4))]), is_masks([0, 1, None])
    (True, True, False)
    """
    shape = getattr(y, "shape", None)
    if y is None or isinstance(y, (str, bytes, dict)) or (shape is None and not isinstance(y, (list, tuple))):
        return False
    if shape is not None and (len(shape) != 1 or _kind(y) not in "O?"):
        return len(shape) == 3
    for row in range(n_rows(y)):
        item = _item(y, row)
        if not _is_absent(item):
            return _n_axes(item) == 2
    return False


def unlabeled_images(y: Any) -> NDArray[np.bool_]:
    """Tell which images have no mask.

    Parameters
    ----------
    y : array (n, H, W), or sequence of n masks and None
        Masks of n images.

    Returns
    -------
    ndarray of bool of shape (n,)
        True where the mask is None, or NaN throughout. A mask of `ignore_label` throughout is a mask.

    Notes
    -----
    Only masks of floats are looked into, one at a time, and those whose first pixel is NaN to the end.

    Examples
    --------
    >>> unlabeled_images([np.zeros((2, 2)), None, np.full((2, 2), np.nan), np.full((2, 2), 255)]).tolist()
    [False, True, True, False]
    """
    n = n_rows(y)
    if len(getattr(y, "shape", ())) == 3 and _kind(y) not in "fO?":
        return np.zeros(n, dtype=bool)
    return np.array([_is_unlabeled(_item(y, row)) for row in range(n)], dtype=bool)


def labeled_masks(y: Any) -> tuple[NDArray[np.intp], Any]:
    """Return the labelled images and their masks.

    Parameters
    ----------
    y : array (n, H, W), or sequence of n masks and None
        Masks of n images.

    Returns
    -------
    rows : ndarray of int of shape (m,)
        Positions of the labelled images, rising.
    masks : container of m masks
        `y` itself where all are labelled; else those of an array as an array, of anything else as an object array.

    Raises
    ------
    ValueError
        If no image has a mask.
    """
    missing = unlabeled_images(y)
    rows = np.flatnonzero(~missing)
    if len(rows) == 0:
        raise ValueError(f"labeled_masks: at least one image must have a mask, got {len(missing)} missing ones.")
    if not missing.any():
        return rows, y
    if len(getattr(y, "shape", ())) == 3:
        return rows, take(y, rows)
    masks = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows.tolist()):
        masks[place] = _item(y, row)
    return rows, masks


def _kind(y: Any) -> str:
    """Kind of the numbers of a container, "?" where it does not tell."""
    return str(getattr(getattr(y, "dtype", None), "kind", "?"))


def _item(y: Any, row: int) -> Any:
    return take(y, row)


def _is_absent(item: Any) -> bool:
    """Tell whether nothing stands in the place of a mask: None, NaN or pandas.NA."""
    if item is None or type(item).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(item, numbers.Real) and item != item


def _is_unlabeled(item: Any) -> bool:
    if _is_absent(item):
        return True
    mask = np.asarray(item)
    if mask.dtype.kind != "f" or mask.size == 0 or mask.flat[0] == mask.flat[0]:
        return False
    return bool(np.isnan(mask).all())


def _n_axes(item: Any) -> int:
    shape = getattr(item, "shape", None)
    if shape is not None:
        return len(shape)
    return np.ndim(item) if isinstance(item, (list, tuple)) else 0
