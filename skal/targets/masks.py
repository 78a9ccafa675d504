"""One mask an image: a class for each pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skal.data import concatenate, n_rows, take
from skal.masks import checked_mask, is_masks, labeled_masks, mask_classes, mask_metrics, unlabeled_images
from skal.targets.kind import FEATURES, PROBABILITIES, Metric, Reading, TargetKind
from skal.warning import warn

__all__ = ["Masks"]


class Masks(TargetKind):
    """Masks of images, `skal.masks`: an image is a row, and holds many classes as a rule.

    A study of masks does not split by class, counts pixels, and may ask for regions of images.
    """

    name: ClassVar[str] = "masks"
    holds: ClassVar[str] = "masks"
    unit: ClassVar[str] = "images"
    reading: ClassVar[Reading] = "pixels"
    reads: ClassVar[frozenset[str]] = FEATURES | PROBABILITIES
    default_metrics: ClassVar[tuple[str, ...]] = ("miou",)
    default_estimator: ClassVar[str | None] = "unet"
    takes_scorers: ClassVar[bool] = False
    tells_classes: ClassVar[bool] = True
    counted: ClassVar[str] = "pixels that were asked for"
    refused: ClassVar[Mapping[str, str]] = {
        "initial_left_out": "initial_left_out is for labels; images hold many classes",
        "stratified": "initial={way!r} is for labels: an image holds many classes. Take 'random'",
        "class_balanced": "initial={way!r} is for labels: an image holds many classes. Take 'random'",
        "wrong_labels": "wrong labels are for rows of one class each, and y holds masks: oracle=None",
    }

    def recognises(self, y: Any) -> bool:
        """Tell whether these are masks (n, H, W), or a sequence of masks and None."""
        return is_masks(y)

    def missing(self, y: Any, missing_label: Any = "auto") -> NDArray[np.bool_]:
        """Tell which images have no mask; no label is looked for in one."""
        return unlabeled_images(y)

    def labeled(self, y: Any, missing_label: Any = "auto") -> tuple[NDArray[np.intp], Any]:
        """Return the labelled images and their masks as they are."""
        return labeled_masks(y)

    def with_missing(self, y: Any, n_missing: int, *, as_numbers: bool = False) -> NDArray[Any]:
        """Return masks followed by so many None, as objects."""
        out = np.full(n_rows(y) + n_missing, None, dtype=object)
        for row in range(n_rows(y)):  # one by one: each is an array itself
            out[row] = take(y, row)
        return out

    def joined(self, known: Any, new: Any) -> Any:
        """Put masks behind those that are known; masks of several sizes or kinds become a list."""
        shapes = [getattr(y, "shape", ()) for y in (known, new)]
        if all(len(shape) == 3 for shape in shapes) and shapes[0][1:] == shapes[1][1:]:
            return concatenate(known, new)
        return [take(y, row) for y in (known, new) for row in range(n_rows(y))]

    def as_array(self, y: Any) -> NDArray[Any]:
        """Return masks as they are if they are an array, else as an array of objects."""
        if isinstance(y, np.ndarray):
            return y
        out = np.empty(len(y), dtype=object)
        for place, mask in enumerate(y):
            out[place] = np.asarray(mask)
        return out

    def check_batch(self, X: Any, y: Any, y_known: Any, classes: Any, ignore_label: int, who: str) -> None:
        """Refuse masks that do not fit their images, or the classes that are named; warn of new ones.

        A mask that is void throughout passes: pixels may be labelled later, and the estimator says if nothing is.
        """
        for row in range(n_rows(y)):
            mask = np.asarray(take(y, row))
            checked_mask(mask, _size(X, row), classes, ignore_label, who, row=row, allow_void=True)
        if classes is None and y_known is not None:
            new = np.setdiff1d(mask_classes(y, ignore_label), mask_classes(y_known, ignore_label)).tolist()
            if new:
                warn(
                    f"{who}: new classes {new} in masks. If these are mistakes, name all labels there are by "
                    "classes= when the learner is made, and the like will be refused.",
                )

    def distinct(self, y: Any) -> NDArray[Any] | None:
        """Say nothing: one mask holds several classes as a rule."""
        return None

    def fold_labels(self, labels: Any) -> Any:
        """Return as many different numbers as there are images: there is nothing to stratify by."""
        return np.linspace(0.0, 1.0, n_rows(labels))

    def classes(self, y: Any) -> NDArray[Any]:
        """Return the classes that pixels are of, sorted, without that of void pixels."""
        return np.asarray(mask_classes(y))

    def groups(self, y: Any) -> NDArray[Any]:
        """Return the classes."""
        return self.classes(y)

    def counts(self, labels: Any, groups: NDArray[Any]) -> list[int]:
        """Return how many pixels of masks are of each class."""
        totals = np.zeros(len(groups), dtype=np.int64)
        for mask in labels:
            found, n_pixels = np.unique(np.asarray(mask), return_counts=True)
            known = np.isin(found, groups)
            totals[np.searchsorted(groups, found[known])] += n_pixels[known]
        return totals.tolist()

    def check_classifier(self, y: Any, who: str) -> None:
        """Refuse: a mask is not one class."""
        raise ValueError(
            f"{who}: y must hold one class for each row, shape (n,), got masks. skal.compare, or skal.loop.rounds "
            "with a segmenter, play the loop with masks."
        )

    def metrics(self, classes: NDArray[Any], names: Sequence[str]) -> dict[str, Metric]:
        """Return "miou", "pixel_accuracy", and "iou:NAME" of each class."""
        return dict(mask_metrics(classes, names))


def _size(X: Any, row: int) -> tuple[int, ...] | None:
    """Height and width of an image (C, H, W); None where rows are none."""
    shape = getattr(X, "shape", None)
    image = shape[1:] if shape is not None and len(shape) > 1 else np.shape(take(X, row))
    return tuple(image[-2:]) if len(image) == 3 else None
