"""Rows that are most likely of some classes: for finding them, not for learning where they end."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.outputs import proba
from skal.query.door.decorators import score_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.sought import Sought


@score_strategy(reads=("proba",))
def most_likely_sampling(learner: Any, X_pool: Any, *, y_labeled: Any = None, find: Any = None) -> Any:
    """Pick the rows that are most likely of the classes to be found.

    Parameters
    ----------
    {common}
    find : label or sequence of labels, default=None
        The classes to be found; None: the class with the fewest labelled rows.

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it. The score is the sum of the probabilities of the
    classes. While the model knows none of them, all scores are 0, and ties decide: `find_sampling` has an answer to
    that. What is asked is what the model believes already, so a group of rows that it does not know of stays unseen.

    References
    ----------
    .. [1] Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994, section 7: relevance
       sampling.
    """
    sought = Sought.read(learner, y_labeled, find)

    def likely(P: Any) -> Any:
        return np.asarray(one_a_row(P)[:, sought.columns(P.shape[1])].sum(axis=1))

    return proba(learner, X_pool, then=likely)
