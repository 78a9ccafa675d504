"""How often a pixel of one class is taken for another, added up image by image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Confusion"]


class Confusion:
    """Confusion matrix of masks, with the scores that are read from it.

    Parameters
    ----------
    n_classes : int or None, default=None
        The labels are 0 to ``n_classes - 1``.
    ignore_label : int, default=255
        Pixels whose truth is this count nowhere.
    classes : array-like of shape (C,) or None, default=None
        The labels, where they are others; instead of `n_classes`.

    Attributes
    ----------
    classes : ndarray of shape (C,)
        Sorted labels.
    matrix : ndarray of int64 of shape (C, C)
        Pixels of the class of the row that were predicted as the class of the column.

    Notes
    -----
    Memory of one image; nothing but the matrix is kept.

    References
    ----------
    .. [1] Everingham et al., "The PASCAL visual object classes challenge: a retrospective", IJCV 2015, section 3.4:
       the intersection over union of a class is its true positives over all pixels that are of it or taken for it.

    Examples
    --------
    >>> confusion = Confusion(3)
    >>> confusion.add([[0, 0, 1, 255]], [[0, 1, 1, 2]]).iou().tolist()
    [0.5, 0.5, nan]
    >>> confusion.mean_iou()
    0.5
    """

    def __init__(self, n_classes: int | None = None, ignore_label: int = 255, *, classes: Any = None) -> None:
        if (n_classes is None) == (classes is None):
            raise ValueError("Confusion: give either n_classes or classes.")
        labels = np.arange(n_classes or 0) if classes is None else np.unique(np.asarray(classes))
        if len(labels) == 0 or labels.dtype.kind not in "iu":
            raise ValueError(f"Confusion: at least one class is needed, and whole numbers, got {labels!r}.")
        if ignore_label in labels:
            raise ValueError(f"Confusion: ignore_label={ignore_label} must not be among the classes.")
        self.classes: NDArray[np.int64] = labels.astype(np.int64)
        self.ignore_label = ignore_label
        self.matrix: NDArray[np.int64] = np.zeros((len(labels), len(labels)), dtype=np.int64)

    def add(self, truth: ArrayLike, prediction: ArrayLike) -> Confusion:
        """Count the pixels of one mask, or of several.

        Parameters
        ----------
        truth : array-like of shape (..., H, W)
            Labels, or `ignore_label`.
        prediction : array-like of the same shape
            Labels.

        Returns
        -------
        Confusion
            Itself.

        Raises
        ------
        ValueError
            If shapes differ, or a label is among no classes.
        """
        true, predicted = np.asarray(truth), np.asarray(prediction)
        if true.shape != predicted.shape:
            raise ValueError(
                f"Confusion: truth and prediction must have one shape, got {true.shape} and {predicted.shape}."
            )
        counted = true != self.ignore_label
        codes = [self._codes(labels[counted], name) for labels, name in ((true, "truth"), (predicted, "prediction"))]
        n = len(self.classes)
        self.matrix += np.bincount(codes[0] * n + codes[1], minlength=n * n).reshape(n, n)
        return self

    def iou(self) -> NDArray[np.float64]:
        """Intersection over union of each class, (C,); NaN for one that occurs in no truth and no prediction."""
        shared = np.diag(self.matrix)
        either = self.matrix.sum(axis=0) + self.matrix.sum(axis=1) - shared
        return np.divide(shared, either, out=np.full(len(shared), np.nan), where=either > 0)

    def mean_iou(self) -> float:
        """Mean over the classes that occur; NaN where none does."""
        values = self.iou()
        known = values[~np.isnan(values)]
        return float(known.mean()) if len(known) else float("nan")

    def pixel_accuracy(self) -> float:
        """Share of the counted pixels that are right; NaN where none was counted."""
        total = self.matrix.sum()
        return float(np.trace(self.matrix) / total) if total else float("nan")

    def _codes(self, labels: NDArray[Any], name: str) -> NDArray[np.int64]:
        """Positions of labels among the classes."""
        if labels.size == 0:
            return np.zeros(0, dtype=np.int64)
        n, least, most = len(self.classes), labels.min(), labels.max()
        if (
            self.classes[-1] == n - 1
            and self.classes[0] == 0
            and 0 <= least
            and most < n
            and labels.dtype.kind != "f"
        ):
            return labels.astype(np.int64)
        codes = np.searchsorted(self.classes, labels).clip(0, n - 1)
        unknown = np.unique(labels[self.classes[codes] != labels])
        if len(unknown):
            raise ValueError(
                f"Confusion: labels of {name} must be among {self.classes.tolist()}, got {unknown[:5].tolist()}."
            )
        return codes.astype(np.int64)
