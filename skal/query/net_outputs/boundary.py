"""Distance to the decision boundary, measured by an attack on the model."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.outputs import boundary_distance
from skal.query.door.decorators import score_strategy
from skal.query.ranges import at_least, one_of, whole


@score_strategy(
    reads=("boundary",),
    ranges={"max_iter": whole(), "overshoot": at_least(0), "n_classes": whole(2), "norm": one_of(2, np.inf)},
)
def adversarial_deepfool(
    learner: Any,
    X_pool: Any,
    *,
    max_iter: int = 50,
    overshoot: float = 0.02,
    n_classes: int | None = 10,
    norm: float = 2,
) -> Any:
    """Pick the rows that the smallest change would give another predicted class (DFAL).

    Parameters
    ----------
    {common}
    max_iter : int, default=50
        Steps of DeepFool a row, at most.
    overshoot : float, default=0.02
        Share of the change that is added to step over the boundary.
    n_classes : int or None, default=10
        Only this many classes, the most probable of the row, are tried; None: all.
    norm : 2 or inf, default=2
        In which changes are measured.

    Returns
    -------
    {picks}

    Notes
    -----
    At most ``max_iter * n_classes`` forward and backward passes over the pool, batch by batch; most rows are done
    in a few steps. Scores are ``1 / (1 + distance)``; a row that never changes its class, for which the
    authors' code has the small change it came to, is 0 and so comes last.

    The changed rows are not added to the labelled ones, as the authors do under the labels of the rows
    they were made from.

    References
    ----------
    .. [1] Ducoffe & Precioso, "Adversarial active learning for deep networks: a margin based approach", 2018,
       section 3.
    .. [2] Moosavi-Dezfooli, Fawzi & Frossard, "DeepFool: a simple and accurate method to fool deep neural
       networks", CVPR 2016, algorithm 2.
    """
    options = {"max_iter": max_iter, "overshoot": overshoot, "n_classes": n_classes, "norm": norm}
    return np.asarray(1.0 / (1.0 + boundary_distance(learner, X_pool, **options)))
