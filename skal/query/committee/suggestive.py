"""Uncertain rows that stand for the pool."""

from __future__ import annotations

from typing import Any

from skal import scores
from skal.data import n_rows
from skal.outputs import committee_proba
from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import query_strategy
from skal.query.ranges import whole
from skal.selection import facility_location, top_k


@query_strategy(reads=("committee", "embedding"), ranges={"n_candidates": whole()})
def suggestive_annotation(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    n_candidates: int | None = None,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick, of the rows on which a committee is least sure, those that together are most like the whole pool.

    Parameters
    ----------
    {common}
    n_candidates : int, default=None
        Rows of the largest variance over the members among which is picked; None: twice `n_instances`, the
        ratio of the paper (16 and 8).
    embedding : callable or transformer, default=None
        Gives the vectors that are compared by cosine; None: those of the members side by side, or the raw
        features.

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of every member over the pool; the likeness of all n rows, not of the candidates alone, to the picks
    is what counts: O(n_candidates n d) time, O(n d) memory and never a matrix of pairs. Scores are gains in the
    mean cosine of a row with its nearest pick. The authors train the members on bootstrap samples
    (``Committee.fit(bootstrap=True)``).

    References
    ----------
    .. [1] Yang et al., "Suggestive annotation: a deep active learning framework for biomedical image
       segmentation", MICCAI 2017, sections 2.2 and 2.3.
    """
    n_candidates = 2 * n_instances if n_candidates is None else n_candidates
    if not n_instances <= n_candidates:
        raise ValueError(
            f"suggestive_annotation: n_candidates must be at least n_instances={n_instances}, got {n_candidates}."
        )
    variance = committee_proba(learner, X_pool, then=scores.mean_variance)
    n_candidates = min(n_candidates, n_rows(X_pool))
    candidates, _ = top_k(variance, n_candidates, random_state, random_tie_break=random_tie_break)
    Z = read_embedding(learner, X_pool, embedding)
    return facility_location(Z, n_instances, candidates, random_state, random_tie_break=random_tie_break)
