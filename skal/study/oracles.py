"""The annotator of a trial. Oracles by name have moved to `skal.annotation`; they are still found here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.annotation import Oracle, OracleMaker, describe_oracle, read_oracle

__all__ = ["OracleMaker", "describe_oracle", "oracle_of_trial", "read_oracle"]


def oracle_of_trial(
    make: OracleMaker,
    y: NDArray[Any],
    pool: NDArray[np.intp],
    initial: NDArray[np.intp],
    classes: NDArray[Any],
    seed: int,
) -> Callable[[NDArray[np.intp]], Any]:
    """Return the annotator of a trial: the same for every strategy, and in every process that makes it."""
    if make is None:
        return Oracle(y)
    return make(y, candidates=pool, initial=initial, classes=classes, random_state=seed)
