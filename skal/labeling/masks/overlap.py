"""How well two masks agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling.masks.shapes import VOID


def overlap(truth: NDArray[Any], found: NDArray[Any]) -> float:
    """Return the mean over classes of the pixels in both masks over those in either, where `truth` is not void.

    Examples
    --------
    >>> overlap(np.array([[0, 0, 1, 255]]), np.array([[0, 1, 1, 0]]))
    0.5
    """
    shares, weights = overlap_by_class(truth, found, VOID)
    there = weights > 0
    return float(shares[there].mean()) if there.any() else 1.0


def overlap_by_class(
    truth: NDArray[Any], found: NDArray[Any], n_classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the overlap of each class, 0 where it is in neither mask, and the share of pixels in either.

    Pixels that are void in `truth` count for nothing.

    Examples
    --------
    >>> overlap_by_class(np.array([[0, 0, 1, 255]]), np.array([[0, 1, 1, 0]]), 3)
    (array([0.5, 0.5, 0. ]), array([0.5, 0.5, 0. ]))
    """
    known = truth != VOID
    one, other = truth[known].astype(np.intp), found[known].astype(np.intp)
    both = np.bincount(one[one == other], minlength=n_classes)[:n_classes]
    either = sum(np.bincount(labels, minlength=n_classes)[:n_classes] for labels in (one, other)) - both
    shares = np.divide(both, either, out=np.zeros(n_classes), where=either > 0)
    return shares, either / max(truth.size, 1)
