"""The label sets that labelled rows have, checked once for all strategies that read them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import to_numpy
from skal.outputs import InvalidOutput, UnfittedLearner


def labeled_sets(y_labeled: Any, n_labels: int) -> NDArray[np.int64]:
    """Return label sets (m, L) of 0 and 1, or raise."""
    Y = to_numpy(y_labeled)
    if len(Y) == 0:
        raise UnfittedLearner("nothing is labelled yet.")
    if Y.ndim != 2 or Y.shape[1] != n_labels:
        raise InvalidOutput(
            f"y_labeled must hold a 0 or 1 for each of {n_labels} labels a row, (m, {n_labels}), got shape {Y.shape}."
        )
    try:
        fits = bool(np.isin(Y.astype(np.float64), (0, 1)).all())
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise InvalidOutput("y_labeled must hold 0 where a label does not apply to a row and 1 where it does.")
    return Y.astype(np.int64)
