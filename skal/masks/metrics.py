"""What is measured on test images: numbers of one confusion matrix of all their pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.data import blocks
from skal.masks.confusion import Confusion

__all__ = ["MaskMetric", "mask_metrics"]


@dataclass(frozen=True)
class MaskMetric:
    """A number read from the confusion matrix of all test pixels: void ones are left out, images are not averaged.

    Attributes
    ----------
    read : callable
        ``read(confusion)`` gives the number.
    classes : ndarray of shape (C,)
        All labels there are.
    """

    read: Callable[[Confusion], float]
    classes: NDArray[Any]

    def __call__(self, learner: Any, X: Any, y: Any) -> float:
        """Predict all test images, one block at a time, and read the number."""
        return self.read(self.gather(learner, X, y))

    @property
    def evidence(self) -> tuple[Any, ...]:
        """What tells metrics that read the same confusion matrix, so that it is made once for all of them."""
        return ("confusion", *np.asarray(self.classes).tolist())

    def gather(self, learner: Any, X: Any, y: Any) -> Confusion:
        """Count the pixels of all test images by their class and the predicted one."""
        confusion = Confusion(classes=self.classes)
        row = 0
        for block, keep in blocks(X):
            predicted = learner.predict(block)
            for mask in predicted if keep is None else predicted[keep]:
                confusion.add(y[row], mask)
                row += 1
        return confusion


@dataclass(frozen=True)
class _IoU:
    """Intersection over union of the class at a position."""

    place: int

    def __call__(self, confusion: Confusion) -> float:
        return float(confusion.iou()[self.place])


def mask_metrics(classes: ArrayLike, names: Sequence[str]) -> dict[str, MaskMetric]:
    """Return the metrics of masks by name.

    Parameters
    ----------
    classes : array-like of shape (C,)
        All labels there are, sorted.
    names : sequence of str
        What the classes are called.

    Returns
    -------
    dict of str to MaskMetric
        "miou", the mean intersection over union of the classes, "pixel_accuracy", and "iou:NAME" of each class.
    """
    labels = np.asarray(classes)
    found = {
        "miou": MaskMetric(Confusion.mean_iou, labels),
        "pixel_accuracy": MaskMetric(Confusion.pixel_accuracy, labels),
    }
    return {**found, **{f"iou:{name}": MaskMetric(_IoU(place), labels) for place, name in enumerate(names)}}
