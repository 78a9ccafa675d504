"""Uncertainty and unusual numbers of labels, weighed anew at each query by what a retrained model would say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.cloning import fresh, seeded_fit
from skal.data import concatenate, take
from skal.outputs import MissingOutput, multilabel_proba, task_model
from skal.query.door.decorators import query_strategy
from skal.query.multilabel.labeled_sets import labeled_sets
from skal.query.ranges import whole
from skal.scores import multilabel as scores
from skal.selection import top_k

_LEAST_MARGIN = 0.01  # smaller ones, as forests often have, would drown the number of labels at every weight


@query_strategy(reads=("multilabel",), ranges={"n_weights": whole(1)})
def adaptive_multilabel(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    n_weights: int = 11,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick the rows of small separation margins and unusual numbers of labels, weighed as helps most (Li & Guo).

    This strategy trains: for each weight a fresh copy of the task model is fitted to the labelled data and the best
    row by that weight with the labels that are predicted for it. The weight whose copy has the least loss on the pool
    is taken. The task model itself is left alone.

    Parameters
    ----------
    {common}
    n_weights : int, default=11
        Weights of uncertainty that are tried, from 0 to 1 in equal steps, as in the paper; with 1 it is one half, and
        nothing is trained.

    Returns
    -------
    {picks}

    Notes
    -----
    The score of a row is ``u ** b * c ** (1 - b)`` for a weight b: u is one over its separation margin
    (`skal.scores.multilabel.separation_margin`), or over 0.01 where that is smaller, c how far the number of its
    predicted labels is from the mean (`cardinality_inconsistency`). The loss of a copy is the sum over the rows of
    the pool of ``max(1 - f) over predicted labels + max(1 + f) over the others``, with ``f = 2 p - 1`` where the
    paper has decision values of an SVM. The paper asks for one row at a time; a batch is ranked by the weight that
    was taken. libact tries every row of equal score; here chance takes one.

    Up to `n_weights` fits a query, and as many passes over the pool.

    References
    ----------
    .. [1] Li & Guo, "Active learning with multi-label SVM classification", IJCAI 2013, equations 4 to 9.
    """
    model = task_model(learner)
    if not hasattr(model, "fit"):
        raise MissingOutput(f"needs a single estimator to refit, got {type(learner).__name__}.")
    P = multilabel_proba(learner, X_pool)
    known = labeled_sets(y_labeled, P.shape[1])
    u = 1.0 / np.maximum(-scores.separation_margin(P), _LEAST_MARGIN)
    c = scores.cardinality_inconsistency(P, known.sum(axis=1).mean())
    weights = np.linspace(0.0, 1.0, n_weights) if n_weights > 1 else [0.5]
    found = [
        top_k(u**weight * c ** (1.0 - weight), n_instances, random_state, random_tie_break=random_tie_break)
        for weight in weights
    ]
    if len(found) == 1:
        return found[0]
    seed = int(random_state.randint(2**31 - 1))  # one seed for all copies: they differ by their data alone
    losses: dict[int, float] = {}
    for (row, *_), _ in found:
        if row not in losses:
            X_with = concatenate(X_labeled, take(X_pool, [row]))
            with seeded_fit(model, seed):
                copy = fresh(model, seed).fit(X_with, np.concatenate([known, P[[row]] > 0.5]))
            losses[row] = _loss(multilabel_proba(copy, X_pool))
    return min(found, key=lambda picked: losses[picked[0][0]])


def _loss(P: NDArray[Any]) -> float:
    """How far predictions of a whole pool are from being clear."""
    f = 2.0 * P - 1.0
    predicted = np.where(f > 0, 1.0 - f, 0.0).max(axis=1)
    others = np.where(f > 0, 0.0, 1.0 + f).max(axis=1)
    return float((predicted + others).sum())
