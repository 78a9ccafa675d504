"""Masks as a net is trained on them: checked once, and encoded batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skal.data import n_rows, take
from skal.masks import checked_mask, mask_classes, resized_mask, unlabeled_images
from skal.targets import kind_of
from skal.training.batches import Labeled
from skal.training.image_inputs import ImageInputs, image_sizes
from skal.training.inputs import Rows
from skal.warning import warn

__all__ = [
    "CLASS_WEIGHTS",
    "VOID",
    "MaskedImages",
    "class_weights",
    "draw_weights",
    "image_batch",
    "labeled_image_masks",
]

CLASS_WEIGHTS = ("balanced", "sqrt")
_WHITE = 255
VOID = -1  # code of void pixels; classes are 0 to C - 1


def labeled_image_masks(
    X: Any, y: Any, classes: Any, ignore_label: int, who: str
) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[np.float64]]:
    """Find the images that can be trained on, the classes, and how much of them is labelled; every mask is checked.

    Parameters
    ----------
    X : container of n images
        Only their sizes are looked at, of those that are labelled.
    y : array (n, H, W), or sequence of n masks and None
        Masks, some of them missing.
    classes : array-like or None
        All labels there are; None: those that are found.
    ignore_label : int
        Of void pixels.
    who : str
        For messages.

    Returns
    -------
    rows : ndarray of intp of shape (m,)
        Images with a mask that is not void throughout, rising.
    classes : ndarray of int of shape (C,)
        Sorted labels.
    shares : ndarray of shape (m,)
        Of the pixels of each of these masks that are labelled, in (0, 1].
    """
    if y is None:
        raise ValueError(f"This {who} estimator requires y to be passed, but the target y is None.")
    n = n_rows(X)
    if n_rows(y) != n:
        raise ValueError(f"{who}: as many masks as images are needed, got {n_rows(y)} masks for {n} images.")
    if kind_of(y).reading != "pixels":
        if len(y) and not hasattr(y, "shape") and all(mask is None for mask in y):
            raise ValueError(f"{who}: at least one image must have a mask, got {n} missing ones.")
        raise ValueError(
            f"{who}: y must hold a mask (H, W) for each image, an array (n, H, W) or a list with None for images "
            f"that are not labelled, got {np.asarray(y, dtype=object).dtype if not hasattr(y, 'shape') else y.shape}."
        )
    known = None if classes is None else np.unique(np.asarray(classes))
    if known is not None and (known.dtype.kind not in "iu" or len(known) == 0 or ignore_label in known):
        raise ValueError(
            f"{who}: classes must be whole numbers, ignore_label={ignore_label} not among them, got {classes!r}."
        )
    rows = np.flatnonzero(~unlabeled_images(y))
    if len(rows) == 0:
        raise ValueError(f"{who}: at least one image must have a mask, got {n} missing ones.")
    shares = []
    for row, size in zip(rows.tolist(), image_sizes(_part(X, rows)), strict=True):
        mask = checked_mask(take(y, row), size, known, ignore_label, who, row=row, allow_void=True)
        shares.append(np.count_nonzero(mask != ignore_label) / mask.size)
    labeled = np.asarray(shares)
    void = rows[labeled == 0].tolist()
    if len(void) == len(rows):
        raise ValueError(
            f"{who}: every mask is void throughout (ignore_label={ignore_label}), so there is nothing to learn: "
            f"masks {void[:5]}. Label a pixel of one of them."
        )
    if known is None and ignore_label == _WHITE and _black_and_white(_part(y, rows)):
        warn(
            f"{who}: masks hold 0 and {_WHITE} alone, and ignore_label={_WHITE} makes the second void, so that one "
            f"class is left and nothing is learnt. If {_WHITE} is the object, pass (masks == {_WHITE}).astype("
            "numpy.uint8), or ignore_label=-1; if it is void, name the classes: classes=[0, 1]."
        )
    if void:
        warn(f"{who}: masks {void[:5]} are void throughout (ignore_label={ignore_label}) and teach nothing.")
    found = mask_classes(_part(y, rows), ignore_label) if known is None else known.astype(np.int64)
    if known is None and (found < 0).any():
        low = int(found[0])
        warn(
            f"{who}: masks hold {low}, which is taken for a class like others. If it marks void pixels, pass "
            f"ignore_label={low}."
        )
    return rows[labeled > 0], found, labeled[labeled > 0]


def _black_and_white(masks: Any) -> bool:
    """Tell whether masks hold 0 and 255 and nothing else, as tools write an object and what is around it."""
    seen: set[int] = set()
    for row in range(n_rows(masks)):
        seen |= set(np.unique(np.asarray(take(masks, row))).tolist())
        if seen - {0, _WHITE}:
            return False
    return seen == {0, _WHITE}


def _part(container: Any, rows: NDArray[np.intp]) -> Any:
    """Rows of a container, or itself where they are all: a memory map is not copied."""
    return container if len(rows) == n_rows(container) else take(container, rows)


def image_batch(images: Rows, rows: torch.Tensor) -> Any:
    """Images at positions as a tensor (b, C, H, W), or where their sizes differ as a list of (1, C, H_i, W_i)."""
    return images.batch(rows) if images.inputs.is_uniform else [images.batch(row) for row in rows.split(1)]


def draw_weights(shares: NDArray[np.float64]) -> torch.Tensor | None:
    """How often a pass draws each image, (m,), by the shares of its pixels that are labelled; None: all once.

    Counted as whole images, some hundred with one labelled region each would crowd the few whole masks out of a
    training (issue 7; docs/results/segmentation.md). A mask with half the labelled pixels of the fullest counts as
    whole, so that what is void in any mask changes nothing.
    """
    weights = np.minimum(1, 2 * shares / shares.max())
    return None if (weights == 1).all() else torch.from_numpy(weights)


class MaskedImages(Labeled):
    """Images and the codes of their masks.

    Parameters
    ----------
    rows : Rows
        Of n images.
    masks : container of n masks
        Checked; read and encoded when a batch is asked for, so that files on disk cost one batch.
    classes : ndarray of int of shape (C,)
        Sorted labels; all others are void.
    weights : Tensor of shape (n,) or None, default=None
        How often a pass draws each image; None: once.
    """

    def __init__(self, rows: Rows, masks: Any, classes: NDArray[Any], weights: torch.Tensor | None = None) -> None:
        self.rows = rows
        self.weights = weights
        self.masks = masks
        self.classes = classes
        small = np.searchsorted(classes, np.arange(256)).clip(0, len(classes) - 1)
        self._codes = np.where(classes[small] == np.arange(256), small, VOID).astype(np.int16)

    def __getitem__(self, row: int) -> Any:
        x, masks = self.batch(torch.tensor([row]))
        return x[0], masks[0]

    def batch(self, rows: torch.Tensor) -> Any:
        """Images (b, C, H, W) and codes (b, H, W) of int16 at positions; lists of them one by one if sizes differ."""
        x = image_batch(self.rows, rows)
        return x, [self._codes_of(row) for row in rows.split(1)] if isinstance(x, list) else self._codes_of(rows)

    def _codes_of(self, rows: torch.Tensor) -> torch.Tensor:
        codes = np.stack([self._encoded(take(self.masks, int(row))) for row in rows])
        return torch.from_numpy(codes).to(self.rows.device, non_blocking=True)

    def _encoded(self, mask: Any) -> NDArray[np.int16]:
        labels = np.asarray(mask)
        inputs = self.rows.inputs
        if isinstance(inputs, ImageInputs) and inputs.size is not None:
            labels = resized_mask(labels, inputs.size)
        if labels.dtype == np.uint8:
            return self._codes[labels]
        codes = np.searchsorted(self.classes, labels).clip(0, len(self.classes) - 1)
        return np.where(self.classes[codes] == labels, codes, VOID).astype(np.int16)

    def pixels_of_classes(self) -> NDArray[np.int64]:
        """Pixels of each class in all masks, (C,); one mask at a time."""
        counts = np.zeros(len(self.classes) + 1, dtype=np.int64)
        for row in range(n_rows(self.masks)):
            counts += np.bincount(self._encoded(take(self.masks, row)).ravel() + 1, minlength=len(counts))
        return counts[1:]


def class_weights(wanted: Any, data: MaskedImages, who: str) -> torch.Tensor | None:
    """Weights of the classes in the loss, (C,), or None for equal ones.

    Parameters
    ----------
    wanted : {"balanced", "sqrt"}, array-like of shape (C,) or None
        In inverse proportion to a class's pixels, or to their root, with a mean of 1 over the classes that are there;
        a class that is not gets 1.
    data : MaskedImages
        Whose masks are counted.
    who : str
        For messages.
    """
    if wanted is None:
        return None
    if isinstance(wanted, str):
        counts = data.pixels_of_classes()
        known = counts > 0
        weights = np.ones(len(counts))
        weights[known] = counts[known] ** (-1.0 if wanted == "balanced" else -0.5)
        weights[known] /= weights[known].mean()
    else:
        weights = np.asarray(wanted, dtype=np.float64)
        if weights.shape != data.classes.shape or not (np.isfinite(weights) & (weights > 0)).all():
            raise ValueError(
                f"{who}: class_weight must be {len(data.classes)} positive numbers, one a class, got {wanted!r}."
            )
    return torch.tensor(weights, dtype=torch.float32, device=data.rows.device)
