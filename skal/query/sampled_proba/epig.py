"""EPIG: rows that tell about the labels of the rows that count."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from skal.data import RowView, n_rows
from skal.outputs import InvalidOutput, sampled_proba
from skal.query.door.decorators import score_strategy
from skal.query.door.one_distribution import passes_by_row
from skal.query.ranges import whole
from skal.scores.epig import epig as predictive_information


@score_strategy(reads=("sampled_proba",), ranges={"n_target": whole(), "n_samples": whole()})
def epig(
    learner: Any,
    X_pool: Any,
    *,
    X_target: Any = None,
    n_target: int = 100,
    n_samples: int = 10,
    random_state: Any = None,
) -> Any:
    """Pick the rows whose labels tell the most about the labels of target rows (EPIG).

    Parameters
    ----------
    {common}
    X_target : container, default=None
        Rows such as the model is meant for, without labels; None: `n_target` rows of the pool, drawn at random.
    n_target : int, default=100
        Rows to draw from the pool.
    n_samples : int, default=10
        Passes with dropout; every pass has the same masks for all rows, of the pool and of the target.

    Returns
    -------
    {picks}

    Notes
    -----
    `n_samples` passes of the model over pool and target rows, then O(n m C^2 n_samples) for m target rows;
    memory of the target's probabilities and one block. Unlike `bald` it leaves rows alone that tell
    about parts of the model that no target row needs, such as outliers.

    The estimate is biased upwards where passes are few: between two rows that have nothing to do with each other, ten
    passes find a chance agreement of some size, more of it for the rows on which passes scatter most. Take 50 to 100
    passes where the time allows.

    References
    ----------
    .. [1] Bickford Smith et al., "Prediction-oriented Bayesian active learning", AISTATS 2023, section 4.
    """
    seed = random_state.randint(2**31 - 1)  # the same passes for both
    if X_target is None:
        drawn = random_state.permutation(n_rows(X_pool))[:n_target]
        X_target = RowView(X_pool, np.sort(drawn))
    try:
        target = sampled_proba(learner, X_target, n_samples, then=passes_by_row, random_state=seed).swapaxes(0, 1)
    except InvalidOutput as error:  # whose rows are counted within the target
        raise InvalidOutput(f"of the target rows, {error}") from error
    score = functools.partial(predictive_information, P_target=target)
    return sampled_proba(learner, X_pool, n_samples, then=score, random_state=seed)
