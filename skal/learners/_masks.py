"""Masks as labels that are taught: what is checked of them, and how they are put together."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from skal.data import concatenate, n_rows, take
from skal.masks import checked_mask, is_masks, mask_classes
from skal.outputs import task_model
from skal.warning import warn

_IGNORE = 255


def ignore_label_of(estimator: Any) -> int:
    """Label of void pixels to an estimator, or to the last step of a Pipeline; 255 where it does not say."""
    model = task_model(estimator)
    model = model.steps[-1][1] if isinstance(model, Pipeline) else model
    return int(getattr(model, "ignore_label", _IGNORE))


def check_masks(X: Any, y: Any, y_known: Any, classes: Any, ignore_label: int, who: str) -> None:
    """Raise if masks do not fit their images, or the classes that are named; warn of new ones.

    A mask that is void throughout passes: pixels may be labelled later, and the estimator says if nothing is.
    """
    for row in range(n_rows(y)):
        mask = np.asarray(take(y, row))
        checked_mask(mask, _size(X, row), classes, ignore_label, who, row=row, allow_void=True)
    if classes is None and y_known is not None:
        new = np.setdiff1d(mask_classes(y, ignore_label), mask_classes(y_known, ignore_label)).tolist()
        if new:
            warn(
                f"{who}: new classes {new} in masks. If these are mistakes, name all labels there are by classes= "
                "when the learner is made, and the like will be refused.",
            )


def joined_labels(known: Any, new: Any) -> Any:
    """Put labels behind those that are known, in their dtype; masks of several sizes or kinds become a list."""
    if not is_masks(new):
        return concatenate(known, _in_dtype_of(known, new))
    shapes = [getattr(y, "shape", ()) for y in (known, new)]
    if all(len(shape) == 3 for shape in shapes) and shapes[0][1:] == shapes[1][1:]:
        return concatenate(known, new)
    return [take(y, row) for y in (known, new) for row in range(n_rows(y))]


def _in_dtype_of(known: Any, new: Any) -> Any:
    """New labels in the dtype of those that are known, where that changes none of them: classes keep their type."""
    if not (isinstance(known, np.ndarray) and isinstance(new, np.ndarray)) or known.dtype == new.dtype:
        return new
    kinds = known.dtype.kind, new.dtype.kind
    if kinds[0] in "iu" and kinds[1] == "f" and (new == np.floor(new)).all():
        return new.astype(known.dtype)
    if kinds == ("U", "O") and all(isinstance(label, str) for label in new.ravel()):
        return new.astype(str)
    return new


def _size(X: Any, row: int) -> tuple[int, ...] | None:
    """Height and width of an image (C, H, W); None where rows are none."""
    shape = getattr(X, "shape", None)
    image = shape[1:] if shape is not None and len(shape) > 1 else np.shape(take(X, row))
    return tuple(image[-2:]) if len(image) == 3 else None
