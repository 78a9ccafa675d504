"""The numbers that labelled rows have, checked once for all strategies that read them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import to_numpy
from skal.outputs import InvalidOutput, UnfittedLearner


def labeled_numbers(y_labeled: Any) -> NDArray[np.float64]:
    """Return labels as finite floats, one a row, or raise."""
    y = to_numpy(y_labeled)
    if y.ndim != 1:
        remedy = "Pass y.ravel()." if y.ndim == 2 and y.shape[1] == 1 else "Take one column of them."
        raise InvalidOutput(f"y_labeled must hold one number a row, (m,), got shape {y.shape}. {remedy}")
    if len(y) == 0:
        raise UnfittedLearner("nothing is labelled yet.")
    try:
        numbers = y.astype(np.float64)
    except (TypeError, ValueError):
        raise InvalidOutput(
            f"y_labeled must hold numbers, got {y[0]!r}: classes have no distance. Take a strategy that reads class "
            "probabilities, such as margin_sampling."
        ) from None
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise InvalidOutput(
            f"y_labeled must be finite, got NaN or infinity in {len(bad)} of {len(y)} rows, first row {bad[0]}."
        )
    return numbers
