"""Expected error reduction: what labelling a row would do to the rest of the pool."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from skal import scores
from skal.cloning import fresh, seeded_fit
from skal.data import concatenate, n_rows, take
from skal.encoding import fit_labels
from skal.outputs import MissingOutput, proba, task_model
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import whole
from skal.selection import top_k

_LOSSES = {"binary": scores.least_confident, "log": scores.entropy}


@query_strategy(reads=("proba",), ranges={"n_candidates": whole()})
def expected_error_reduction(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    loss: Literal["binary", "log"] = "binary",
    n_candidates: int | None = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick the rows after whose labelling a retrained model is expected to err least on the pool.

    This strategy trains: for each candidate and each class a fresh copy of the task model is fitted to the
    labelled data and that candidate. The task model itself is left alone.

    Parameters
    ----------
    {common}
    loss : {"binary", "log"}, default="binary"
        Expected error of a retrained model on a row: one minus its largest probability, or its entropy.
    n_candidates : int, default=None
        Only this many random rows are tried (never fewer than `n_instances`); None: the whole pool.

    Returns
    -------
    {picks}

    Notes
    -----
    ``n_candidates * C`` fits and passes over the pool: for small pools or few candidates. Scores are the
    negative of the expected loss a row.

    References
    ----------
    .. [1] Roy & McCallum, "Toward optimal active learning through sampling estimation of error reduction",
       ICML 2001, equations 2 and 3.
    """
    model = task_model(learner)
    if not hasattr(model, "fit"):
        raise MissingOutput(f"needs a single estimator to refit, got {type(learner).__name__}.")
    if loss not in _LOSSES:
        raise ValueError(f"expected_error_reduction: loss must be one of {sorted(_LOSSES)}, got {loss!r}.")
    P = proba(learner, X_pool, then=one_a_row)
    n = n_rows(X_pool)
    candidates = np.arange(n)
    if n_candidates is not None and n_candidates < n:
        candidates = random_state.choice(n, size=max(n_candidates, n_instances), replace=False)
    seed = int(random_state.randint(2**31 - 1))  # one seed for all copies: they differ by their data alone
    expected = np.zeros(len(candidates))
    for position, row in enumerate(candidates):
        X_with = concatenate(X_labeled, take(X_pool, [row]))
        for column, label in enumerate(model.classes_):
            y_with = concatenate(y_labeled, np.asarray([label]))
            with seeded_fit(model, seed):
                retrained = fit_labels(fresh(model, seed), X_with, y_with)
            errors = proba(retrained, X_pool, then=_LOSSES[loss])
            expected[position] += P[row, column] * (errors.sum() - errors[row]) / max(n - 1, 1)
    picks, gains = top_k(-expected, n_instances, random_state, random_tie_break=random_tie_break)
    return candidates[picks], gains
