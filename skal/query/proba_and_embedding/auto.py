"""One strategy from no label to thousands: typical rows, a mixture, and margin."""

from __future__ import annotations

from typing import Any

from skal import scores
from skal.outputs import embedding as read_embedding
from skal.outputs import is_fitted, proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.proba_and_embedding.auto_choice import SHARE, chosen_way
from skal.query.proba_and_embedding.temperature import tempered
from skal.selection import herding, nearest_pair, top_k, unit_rows
from skal.selection.typiclust import typiclust as typical_rows
from skal.warning import warn


@query_strategy(reads=("proba", "embedding"), ranges={"accuracy": SHARE})
def auto_sampling(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    accuracy: float | None = None,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick typical rows while labels are few, then a mixture of uncertain and typical ones, then by margin.

    Parameters
    ----------
    {common}
    accuracy : float, default=None
        Share of rows that the model gets right, from 0 to 1, where audit rows or held-out rows say it; None: the
        share of labelled rows whose nearest other labelled row is of their class, for which nothing is trained.
    embedding : callable or transformer, default=None
        Gives the vectors that are compared; None: the transform steps of a Pipeline, an estimator's ``transform`` (a
        net's last hidden layer), or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    What is done is decided anew at each query, by the labelled rows; `skal.query.auto_choice` says it in a sentence.

    - Below four labels a class, with one class, or with a model that is not fitted: `typiclust`.
    - After that greedy coverage, as of `uncertainty_herding`, of rows that weigh ``(1 - trust) + trust * u``. Here u
      is one minus the gap of the two most likely classes, by probabilities at the temperature at which the mean of
      the highest equals the accuracy. The trust is the square root of ``(accuracy - guess) / (1 - guess)``, guess
      being the share of the largest class among the labels; it is 0 where guessing does as well.
    - From fifty labels a class on, if that fraction is at least a half: `margin_sampling`.

    Vectors are of length one. Nothing is trained, and the model reads the pool once for each output, vectors and
    probabilities. Time of typical rows that of one k-means, of the mixture O(n (n + m) d) for m labelled rows, of
    margin O(n); memory O(n (C + d)). Scores are those of the way that is taken, and not to be compared between
    queries. The numbers four, fifty and a half were set after trials on half of the sets of a benchmark;
    docs/auto_sampling.md has them, and what came out on the other half.

    References
    ----------
    .. [1] Hacohen, Dekel & Weinshall, "Active learning on a budget: opposite strategies suit high and low budgets",
       ICML 2022: typical rows first.
    .. [2] Bae, Oliveira & Sutherland, "Uncertainty herding: one active learning method for all label budgets",
       ICLR 2025: the uncertainty coverage, and a temperature that ties it to calibration.
    .. [3] Doucet et al., "Bridging diversity and uncertainty in active learning with self-supervised pre-training",
       2024: typical rows first, margin later.
    """
    Z = unit_rows(read_embedding(learner, X_pool, embedding))
    centers = unit_rows(read_embedding(learner, X_labeled, embedding))
    choice = chosen_way(learner, centers, y_labeled, accuracy)
    ties = {"random_state": random_state, "random_tie_break": random_tie_break}
    if not is_fitted(learner):
        warn("auto_sampling: the model is not fitted. Typical rows are picked (cold start).")
    if choice.way == "typical":
        return typical_rows(Z, n_instances, centers, **ties)
    P = proba(learner, X_pool, then=one_a_row)
    if choice.way == "margin":
        return top_k(scores.margin(P), n_instances, **ties)
    uncertainty = scores.margin(tempered(P, choice.accuracy))
    weights = (1.0 - choice.trust) + choice.trust * uncertainty
    return herding(Z, n_instances, centers, weights, width=nearest_pair(centers) or 1.0, **ties)
