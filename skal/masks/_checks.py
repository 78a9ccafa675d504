"""What a mask must be, said with its number and a remedy, and which classes masks hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.data import take
from skal.masks._containers import unlabeled_images

__all__ = ["checked_mask", "labels_in", "mask_classes"]


def checked_mask(
    mask: Any,
    shape: tuple[int, ...] | None = None,
    classes: ArrayLike | None = None,
    ignore_label: int = 255,
    who: str = "mask",
    *,
    row: int | None = None,
    allow_void: bool = False,
) -> NDArray[Any]:
    """Return a mask as an array of whole numbers, or raise.

    Parameters
    ----------
    mask : array-like of shape (H, W)
        Labels of pixels.
    shape : (H, W) or None, default=None
        Size of its image; None: any.
    classes : array-like of shape (C,) or None, default=None
        Labels there are, without `ignore_label`; None: any.
    ignore_label : int, default=255
        Label of void pixels.
    who : str, default="mask"
        In front of the message.
    row : int or None, default=None
        Number of the image, for the message.
    allow_void : bool, default=False
        Whether the mask may be void throughout.

    Returns
    -------
    ndarray of int of shape (H, W)
        The mask itself where it holds ints already.

    Raises
    ------
    ValueError
        If it has not two axes, or another size than its image, if a label is no whole number or among no classes, or
        if all pixels are void.

    Examples
    --------
    >>> checked_mask([[0.0, 255.0]], shape=(1, 2), classes=[0, 1])
    array([[  0, 255]])
    """
    which = "the mask" if row is None else f"mask {row}"
    array = np.asarray(mask)
    if array.ndim != 2:
        raise ValueError(f"{who}: {which} must have shape (H, W), one label a pixel, got {array.shape}.")
    if shape is not None and array.shape != tuple(shape):
        raise ValueError(
            f"{who}: {which} must have the size of its image, {tuple(shape)}, got {array.shape}. Resize the mask to "
            "the nearest pixel (skal.masks.resized_mask), never by interpolation."
        )
    array = _whole(array, who, which)
    labels = labels_in(array, ignore_label)
    if len(labels) == 0 and not allow_void:
        raise ValueError(
            f"{who}: {which} is void throughout (ignore_label={ignore_label}), so it says nothing. Label a pixel, or "
            "give None in the place of the mask where the image is not labelled."
        )
    if classes is not None:
        unknown = np.setdiff1d(labels, np.asarray(classes))
        if len(unknown):
            raise ValueError(
                f"{who}: labels of {which} must be among classes={np.asarray(classes).tolist()} or "
                f"ignore_label={ignore_label}, got {unknown[:5].tolist()}."
            )
    return array


def mask_classes(y: Any, ignore_label: int = 255) -> NDArray[Any]:
    """Find the classes that masks hold.

    Parameters
    ----------
    y : array (n, H, W), or sequence of n masks and None
        Masks of n images.
    ignore_label : int, default=255
        Label of void pixels, which is no class.

    Returns
    -------
    ndarray of int of shape (C,)
        Sorted; empty where nothing is labelled.

    Notes
    -----
    Masks are read one at a time.

    Examples
    --------
    >>> mask_classes([np.array([[0, 255]]), None, np.array([[3, 0]])]).tolist()
    [0, 3]
    """
    found: set[int] = set()
    for row in np.flatnonzero(~unlabeled_images(y)):
        mask = _whole(np.asarray(take(y, int(row))), "mask_classes", f"mask {row}")
        found.update(labels_in(mask, ignore_label).tolist())
    return np.array(sorted(found), dtype=np.int64)


def labels_in(mask: NDArray[Any], ignore_label: int) -> NDArray[Any]:
    """Sorted labels of a mask of whole numbers, without that of void pixels."""
    bytes_ = mask.dtype == np.uint8  # counting is quicker than sorting
    labels = np.flatnonzero(np.bincount(mask.ravel(), minlength=256)) if bytes_ else np.unique(mask)
    return labels[labels != ignore_label].astype(np.int64)


def _whole(mask: NDArray[Any], who: str, which: str) -> NDArray[Any]:
    """Return a mask as ints, or raise where a label is none."""
    if mask.dtype.kind in "iu":
        return mask
    if mask.dtype.kind == "b":
        return mask.astype(np.uint8)
    try:
        numbers = mask.astype(np.float64)
    except (TypeError, ValueError):
        numbers = np.full(mask.shape, np.nan)
    if mask.dtype.kind not in "fO" or not np.isfinite(numbers).all() or (numbers != np.floor(numbers)).any():
        raise ValueError(
            f"{who}: labels of {which} must be whole numbers, got {mask.dtype} with others. Pixels that nobody "
            "labelled are ignore_label; an image without a mask is None."
        )
    return numbers.astype(np.int64)
