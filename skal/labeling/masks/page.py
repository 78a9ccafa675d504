"""Stored masks in the form in which a page reads them: runs of equal pixels, as two texts.

A list of a million runs would keep the server's other threads waiting while it is written as JSON; a text does not.
"""

from __future__ import annotations

import base64
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


def runs(mask: NDArray[np.uint8]) -> dict[str, str]:
    """Return the runs of equal pixels, row by row.

    Parameters
    ----------
    mask : ndarray of uint8 of shape (H, W)
        Not empty.

    Returns
    -------
    dict
        ``values``, a byte a run, and ``lengths``, four bytes a run, the lowest first, in base64 each.

    Examples
    --------
    >>> found = runs(np.array([[1, 1, 2], [2, 2, 0]], dtype=np.uint8))
    >>> list(base64.b64decode(found["values"])), list(base64.b64decode(found["lengths"]))
    ([1, 2, 0], [2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0])
    """
    flat = mask.ravel()
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(np.concatenate([starts, [flat.size]]))
    return {"values": _text(flat[starts].astype(np.uint8)), "lengths": _text(lengths.astype("<u4"))}


def _text(numbers: NDArray[Any]) -> str:
    return base64.b64encode(numbers.tobytes()).decode("ascii")
