"""Rows by which the pool is alike something that is known: generalised coverage, and facility location."""

from __future__ import annotations

from typing import Any, Literal

from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import query_strategy
from skal.query.ranges import above
from skal.selection import herding, unit_rows


@query_strategy(reads=("embedding",), ranges={"width": above(0)})
def max_herding(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    normalize: bool = True,
    width: float = 1.0,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, each making the pool most alike to its nearest labelled or picked row (MaxHerding).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors that are compared; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features. The paper's are self-supervised.
    normalize : bool, default=True
        Divide vectors by their length, as the authors do; False: as they are.
    width : float, default=1.0
        Rows are alike by ``exp(-(distance / width)**2)``; a ball instead of this bell is `prob_cover`.

    Returns
    -------
    {picks}

    Notes
    -----
    Time O(n (n + m) d) for the first gains with m labelled rows, in blocks, and a few gains a pick after that; memory
    O(n d). Scores are gains in the mean likeness.

    References
    ----------
    .. [1] Bae, Noh & Sutherland, "Generalized coverage for more robust low-budget active learning", ECCV 2024,
       the generalised coverage C_k and its greedy.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    if normalize:
        Z, centers = unit_rows(Z), unit_rows(centers)
    return herding(Z, n_instances, centers, None, random_state, width=width, random_tie_break=random_tie_break)


@query_strategy(reads=("embedding",), ranges={"width": above(0)})
def facility_location(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    embedding: Any = None,
    metric: Literal["cosine", "rbf"] = "cosine",
    width: float = 1.0,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows one by one, so that each row of the pool has a labelled or picked one like it (facility location).

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the vectors that are compared; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.
    metric : {"cosine", "rbf"}, default="cosine"
        How alike two rows are: their cosine, or ``exp(-(distance / width)**2)`` of the vectors as they are.
    width : float, default=1.0
        For "rbf", in the units of the vectors.

    Returns
    -------
    {picks}

    Notes
    -----
    With the cosine this is greedy k-medoids: the squared distance of two vectors of length one is two minus twice
    their cosine, so the picks are the medoids whose summed squared distance to the rows is made small. With the RBF
    and vectors of length one it is `max_herding`.

    Time O(n (n + m) d) for the first gains with m labelled rows, in blocks, and a few gains a pick after that; memory
    O(n d). Scores are gains in the mean likeness, counted from cosines of -1 with nothing labelled.

    References
    ----------
    .. [1] Wei, Iyer & Bilmes, "Submodularity in data subset selection and active learning", ICML 2015,
       the facility location function.
    .. [2] Mirzasoleiman, Karbasi, Sarkar & Krause, "Distributed submodular maximization: identifying representative
       elements in massive data", NeurIPS 2013, the reduction of k-medoids.
    """
    Z = read_embedding(learner, X_pool, embedding)
    centers = read_embedding(learner, X_labeled, embedding)
    return herding(
        Z, n_instances, centers, None, random_state, kernel=metric, width=width, random_tie_break=random_tie_break
    )
