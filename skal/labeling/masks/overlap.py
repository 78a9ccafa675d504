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
    known = truth != VOID
    classes = np.union1d(truth[known], found[known])
    classes = classes[classes != VOID]
    if len(classes) == 0:
        return 1.0
    shares = []
    for label in classes:
        one, other = truth[known] == label, found[known] == label
        shares.append((one & other).sum() / (one | other).sum())
    return float(np.mean(shares))
