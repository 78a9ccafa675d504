"""The baseline that every other strategy has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import n_rows
from skal.query.door.decorators import score_strategy


@score_strategy
def random_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick rows uniformly at random.

    The learner is not read, so it need not be fitted. All scores are equal; the picks are the first of the
    permutation that orders equals, so ``random_tie_break=False`` picks the first rows of the pool.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    Time and memory O(n).

    References
    ----------
    .. [1] Mittal et al., "Parting with illusions about deep active learning", 2019: why it is the yardstick.
    """
    return np.zeros(n_rows(X_pool))
