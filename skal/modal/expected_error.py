"""Expected error reduction, as `modAL.expected_error`."""

from __future__ import annotations

import math
from typing import Any, Literal

from skal import query
from skal.data import n_rows
from skal.modal._forms import Pair

__all__ = ["expected_error_reduction"]


def expected_error_reduction(
    learner: Any,
    X: Any,
    loss: Literal["binary", "log"] = "binary",
    p_subsample: float = 1.0,
    n_instances: int = 1,
    random_tie_break: bool = False,
    *,
    random_state: Any = None,
) -> Pair:
    """Pick the rows after which a retrained model is expected to err least.

    Parameters
    ----------
    learner : ActiveLearner
        Is trained again, in a copy, for each candidate and class.
    X : container of n rows
        Pool.
    loss : {"binary", "log"}, default="binary"
        As of `skal.query.expected_error_reduction`.
    p_subsample : float, default=1.0
        Share of the pool that is tried, rounded up.
    n_instances : int, default=1
        How many.
    random_tie_break : bool, default=False
        Whether equal rows come at random.
    random_state : int, RandomState or None, default=None
        Draws candidates and seeds.

    Returns
    -------
    indices, scores : ndarray of shape (n_instances,)
        Best first.
    """
    if not 0.0 <= p_subsample <= 1.0:
        raise ValueError(f"expected_error_reduction: p_subsample must be in [0, 1], got {p_subsample!r}.")
    n_candidates = max(math.ceil(p_subsample * n_rows(X)), 1)
    return query.expected_error_reduction.select(
        learner,
        X,
        n_instances,
        random_tie_break,
        random_state=random_state,
        loss=loss,
        n_candidates=n_candidates,
    )
