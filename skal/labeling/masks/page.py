"""Stored masks in the form in which a page reads them: runs of equal pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling.masks.store import MaskStore
from skal.labeling.masks.votes import PREFIX


def mask_on_page(store: MaskStore, label: str, classes: Sequence[str]) -> dict[str, Any]:
    """Return a stored mask: its digest, its size [width, height], and runs."""
    mask = store.in_classes(label, classes)
    return {"mask": label.removeprefix(PREFIX), "size": [mask.shape[1], mask.shape[0]], "runs": runs(mask)}


def drawn_on_page(store: MaskStore, label: str, classes: Sequence[str]) -> dict[str, Any]:
    """Return the shapes of an answer, and the stored masks that they start from.

    A mask without shapes, or of classes that are gone, is itself what one starts from.
    """
    stored = store.read(label)
    names = {shape.get("class") for shape in stored.shapes} - {None}
    if not stored.shapes or not names <= set(classes):
        start = label.removeprefix(PREFIX)
        return {"shapes": [{"kind": "start", "mask": start}], "starts": {start: mask_on_page(store, label, classes)}}
    starts = [shape["mask"] for shape in stored.shapes if shape["kind"] == "start"]
    return {
        "shapes": stored.shapes,
        "starts": {start: mask_on_page(store, PREFIX + start, classes) for start in starts},
    }


def runs(mask: NDArray[np.uint8]) -> list[list[int]]:
    """Return [value, number of pixels] of each run of equal pixels, row by row.

    Examples
    --------
    >>> runs(np.array([[1, 1, 2], [2, 2, 0]]))
    [[1, 2], [2, 3], [0, 1]]
    """
    flat = mask.ravel()
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(np.concatenate([starts, [flat.size]]))
    return [[int(value), int(length)] for value, length in zip(flat[starts], lengths, strict=True)]
