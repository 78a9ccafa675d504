"""BatchBALD: rows that are informative together."""

from __future__ import annotations

from typing import Any

from skal.outputs import sampled_proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import passes_by_row
from skal.query.ranges import whole
from skal.selection.batch_bald import batch_bald as jointly_informative


@query_strategy(reads=("sampled_proba",), ranges={"n_samples": whole(), "max_exact": whole(), "n_draws": whole()})
def batch_bald(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    n_samples: int = 10,
    max_exact: int = 10_000,
    n_draws: int = 1000,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows whose labels together tell the most about the model, not each by itself (BatchBALD).

    Parameters
    ----------
    {common}
    n_samples : int, default=10
        Passes with dropout; every pass has the same masks for all rows. A batch tells at most
        ``log(n_samples)``: once its picks tell that much, all further rows are alike. Take more passes for
        larger batches (the paper: 10 to 100).
    max_exact : int, default=10_000
        While the picks have at most this many joint labels, gains are exact.
    n_draws : int, default=1000
        Joint labels that are drawn once there are more.

    Returns
    -------
    {picks}

    Notes
    -----
    `n_samples` passes of the model over the pool, of which all probabilities are held; then the cost of
    `skal.selection.batch_bald`, which leaves most rows alone. Scores are gains in nats, the first the BALD score of
    the first pick. For batches of hundreds, `power_bald`.

    References
    ----------
    .. [1] Kirsch, van Amersfoort & Gal, "BatchBALD: efficient and diverse batch acquisition for deep Bayesian
       active learning", NeurIPS 2019, equations 8 to 14 and algorithm 1.
    """
    P = sampled_proba(learner, X_pool, n_samples, then=passes_by_row, random_state=random_state).swapaxes(0, 1)
    return jointly_informative(
        P, n_instances, random_state, max_exact=max_exact, n_draws=n_draws, random_tie_break=random_tie_break
    )
