"""Rows whose number would change the model most."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal import scores
from skal.cloning import fresh, seeded_fit
from skal.data import n_rows, take
from skal.outputs import MissingOutput, committee_predictions, is_committee, predictions, task_model
from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import score_strategy
from skal.query.ranges import whole
from skal.query.regression.labeled_numbers import labeled_numbers


@score_strategy(reads=("prediction", "embedding"), ranges={"n_members": whole(2)})
def expected_model_change(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    n_members: int = 4,
    embedding: Any = None,
    random_state: Any = None,
) -> Any:
    """Pick the rows whose label is expected to change a regressor most (EMCM).

    This strategy trains where the model is no committee: `n_members` fresh copies of the task model, each on a
    bootstrap sample of the labelled data. The task model itself is left alone.

    Parameters
    ----------
    {common}
    n_members : int, default=4
        Copies that say which labels a row may have, at least 2, as in the paper; without effect where the learner is
        a committee, a forest or a bag, whose own members say it.
    embedding : callable or transformer, default=None
        Gives the input of the last, linear layer; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    The gradient of the squared loss of a linear last layer with a bias is ``(f - y) (z, 1)`` for prediction f, label
    y and embedding z. Its length is averaged over the members' predictions in the place of y. `n_members` fits a
    query and as many passes over the pool; memory O(n (d + n_members)). Long vectors draw this rule strongly: scale
    the features. In twelve studies of 20 trials (docs/results/regression.md) it was worse than random sampling in
    eight and better in one.

    References
    ----------
    .. [1] Cai, Zhang & Zhou, "Maximizing expected model change for active learning in regression", ICDM 2013,
       equation 8 and algorithm 1.
    """
    f = predictions(learner, X_pool)
    Z = read_embedding(learner, X_pool, embedding)
    if is_committee(learner):
        F = committee_predictions(learner, X_pool)
    else:
        F = _of_bootstrap(task_model(learner), X_pool, X_labeled, labeled_numbers(y_labeled), n_members, random_state)
    return scores.expected_change(f, F, Z)


def _of_bootstrap(
    model: Any, X_pool: Any, X_labeled: Any, y: NDArray[np.float64], n_members: int, rng: Any
) -> NDArray[np.float64]:
    """Predictions (n_members, n) of copies of a model, each trained on labelled rows drawn with replacement."""
    if not hasattr(model, "fit"):
        raise MissingOutput(f"needs an estimator to refit, or a committee, got {type(model).__name__}.")
    found = np.empty((n_members, n_rows(X_pool)))
    for row in found:
        drawn = rng.randint(len(y), size=len(y))
        seed = int(rng.randint(2**31 - 1))
        with seeded_fit(model, seed):
            copy = fresh(model, seed).fit(take(X_labeled, drawn), y[drawn])
        row[:] = predictions(copy, X_pool)
    return found
