"""Generalised coverage of the rows on which the model is unsure."""

from __future__ import annotations

from typing import Any

from skal import scores
from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.ranges import above
from skal.selection import herding, nearest_pair, unit_rows


@query_strategy(reads=("proba", "embedding"), ranges={"width": above(0)})
def uncertainty_herding(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    normalize: bool = True,
    width: float | None = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each making uncertain rows most alike to a labelled or picked row (UHerding).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors that are compared; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.
    normalize : bool, default=True
        Divide vectors by their length, as the authors do; False: as they are.
    width : float, default=None
        Rows are alike by ``exp(-(distance / width)**2)``; None: the smallest distance above 0 between two labelled
        rows, so that it shrinks as labels come, and 1 with fewer than two of them.

    Returns
    -------
    {picks}

    Notes
    -----
    A row counts by its margin uncertainty, one minus the gap of the two most likely classes. With few labels and a
    wide bell this is `max_herding`, with many and a narrow one `margin_sampling`. The authors scale
    probabilities by a temperature first, for which they need labelled rows held out: wrap the model in
    CalibratedClassifierCV where it is overconfident.

    One pass of the model over the pool, time O(n (n + m) d) for the first gains with m labelled rows, in blocks, and
    a few gains a pick after that; memory O(n d). Scores are gains in the mean weighted likeness.

    References
    ----------
    .. [1] Bae, Oliveira & Sutherland, "Uncertainty herding: one active learning method for all label budgets",
       ICLR 2025, the uncertainty coverage and its greedy.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    if normalize:
        Z, centers = unit_rows(Z), unit_rows(centers)
    if width is None:
        width = nearest_pair(centers) or 1.0
    uncertainty = proba(learner, X_pool, then=scores.margin)
    return herding(Z, n_instances, centers, uncertainty, random_state, width=width, random_tie_break=random_tie_break)
