"""What a study does with its targets: labels of rows, or masks of images."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.masks import is_masks, mask_classes

__all__ = ["LabelTargets", "MaskTargets", "Targets", "targets_of"]


@dataclass(frozen=True, eq=False)
class LabelTargets:
    """One label a row.

    Attributes
    ----------
    y : ndarray of shape (n,)
        Labels.
    classes : ndarray of shape (C,)
        Sorted.
    """

    y: NDArray[Any]
    classes: NDArray[Any]
    unit = "labels"

    @property
    def strata(self) -> NDArray[Any] | None:
        """What a split is stratified by."""
        return self.y

    def counts(self, rows: NDArray[np.intp]) -> list[int]:
        """How many of these rows are of each class."""
        return [int((self.y[rows] == label).sum()) for label in self.classes]


@dataclass(frozen=True, eq=False)
class MaskTargets:
    """One mask an image.

    Attributes
    ----------
    y : ndarray of shape (n, H, W), or of objects of shape (n,)
        Masks.
    classes : ndarray of shape (C,)
        Sorted, without the label of void pixels.
    """

    y: NDArray[Any]
    classes: NDArray[Any]
    unit = "images"

    @property
    def strata(self) -> NDArray[Any] | None:
        """Images hold many classes: splits are not stratified."""
        return None

    def counts(self, rows: NDArray[np.intp]) -> list[int]:
        """How many pixels of these images are of each class."""
        return self.counts_in(self.y[row] for row in rows)

    def counts_in(self, masks: Iterable[Any]) -> list[int]:
        """How many pixels of masks are of each class."""
        totals = np.zeros(len(self.classes), dtype=np.int64)
        for mask in masks:
            labels, n_pixels = np.unique(np.asarray(mask), return_counts=True)
            known = np.isin(labels, self.classes)
            totals[np.searchsorted(self.classes, labels[known])] += n_pixels[known]
        return totals.tolist()


Targets = LabelTargets | MaskTargets


def targets_of(y: Any) -> Targets:
    """Say what kind of targets these are, and find their classes.

    Parameters
    ----------
    y : array-like of shape (n,), (n, H, W), or a sequence of masks
        Labels, or masks whose void pixels are 255.
    """
    if is_masks(y):
        masks = y if isinstance(y, np.ndarray) else _objects(y)
        return MaskTargets(masks, np.asarray(mask_classes(masks)))
    labels = np.asarray(y)
    return LabelTargets(labels, np.unique(labels))


def _objects(masks: Any) -> NDArray[Any]:
    out = np.empty(len(masks), dtype=object)
    for place, mask in enumerate(masks):
        out[place] = np.asarray(mask)
    return out
