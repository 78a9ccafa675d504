"""Models that judge their own predictions: by the loss they predict, or by a discriminator."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import RowView, n_rows
from skal.outputs import discriminator_score, predicted_loss
from skal.query.door.decorators import score_strategy
from skal.query.ranges import whole


@score_strategy(reads=("predicted_loss",), ranges={"subset": whole()})
def learning_loss_sampling(learner: Any, X_pool: Any, *, subset: int | None = None, random_state: Any = None) -> Any:
    """Pick the rows for which the model predicts the largest loss.

    Parameters
    ----------
    {common}
    subset : int, default=None
        Only this many rows, drawn at random, are scored, as in the paper (10 000 for 1 000 picks): the picks then
        differ more among themselves. Rows that were not drawn rank below all that were. None: the whole pool.

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the rows that are scored; memory of one block of it.

    References
    ----------
    .. [1] Yoo & Kweon, "Learning loss for active learning", CVPR 2019, section 3 and, for `subset`, section 4.1.
    """
    n = n_rows(X_pool)
    if subset is None or subset >= n:
        return predicted_loss(learner, X_pool)
    drawn = np.sort(random_state.choice(n, size=int(subset), replace=False))
    losses = predicted_loss(learner, RowView(X_pool, drawn))
    scores = np.full(n, np.nextafter(losses.min(), -np.inf))
    scores[drawn] = losses
    return scores


@score_strategy(reads=("discriminator_score",))
def discriminator_score_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows whose predictions look least like labels to the model's own discriminator (SSL-D-score).

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    Reads ``discriminator_score`` of a model that is trained against a discriminator, such as
    `skal.semi_supervised.S4GANSegmenter`, and asks for the lowest: scores are their negatives. One pass of model and
    discriminator over the pool; memory of one block.

    References
    ----------
    .. [1] Mittal, Tatarchenko, Cicek & Brox, "Parting with illusions about deep active learning", 2019.
    .. [2] Mittal, Tatarchenko & Brox, "Semi-supervised semantic segmentation with high- and low-level consistency",
       PAMI 2019.
    """
    return -discriminator_score(learner, X_pool)
