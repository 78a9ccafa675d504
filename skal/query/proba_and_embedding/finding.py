"""A search for the rows of rare classes: the model, a balanced linear one, and the neighbours of what was found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression

from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import at_least
from skal.query.sought import Sought
from skal.selection import herding, top_k, unit_rows

_OFFSET = 60  # of ranks, as in the paper


@query_strategy(reads=("proba", "embedding"), ranges={"linear": at_least(0), "near": at_least(0)})
def find_sampling(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    find: Any = None,
    linear: float = 1.0,
    near: float = 1.0,
    embedding: Any = None,
    normalize: bool = True,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick the rows that most likely are of the classes to be found, by three opinions of them.

    The opinions are the probability that the model gives, the decision of a linear model that is fitted to embeddings
    with balanced weights, and how much nearer a row is to one that was found than to any other labelled row. Each
    ranks the pool, and a row's score is the weighted sum of 1 / (60 + rank): what one of them puts first comes early.
    As long as no labelled row is of these classes, rows are picked that make the pool most alike to a labelled row
    (`max_herding`).

    Parameters
    ----------
    {common}
    find : label or sequence of labels, default=None
        The classes to be found; None: the class with the fewest labelled rows.
    linear : float, default=1.0
        Weight of the linear model, at least 0; that of the model's probability is 1.
    near : float, default=1.0
        Weight of the neighbours, at least 0; with both 0 this is `most_likely_sampling`.
    embedding : callable or transformer, default=None
        Gives the vectors that are compared; None: the transform steps of a Pipeline, an estimator's
        ``transform``, or the raw features.
    normalize : bool, default=True
        Divide vectors by their length; False: as they are.

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool, a logistic regression on the m labelled rows, and O(n m d) for the
    neighbours; memory O(n d). The three err for different reasons: the model may have seen no row of a group, the
    linear one takes a rare class as seriously as the others, and neighbours need no model. What they do is in
    docs/results/find.md.

    References
    ----------
    .. [1] Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994, section 7: relevance
       sampling.
    .. [2] Cormack & Grossman, "Evaluation of machine-learning protocols for technology-assisted review in electronic
       discovery", SIGIR 2014: continuous active learning, the likeliest rows first in every round.
    .. [3] Garnett, Krishnamurthy, Xiong, Schneider & Mann, "Bayesian optimal active search and surveying", ICML 2012:
       the search for rows of a class as a goal of its own, with a model of nearest neighbours.
    .. [4] Cormack, Clarke & Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
       methods", SIGIR 2009: the sum of 1 / (60 + rank).
    """
    Z, centers = read_embedding(learner, X_pool, embedding), read_embedding(learner, X_labeled, embedding)
    if normalize:
        Z, centers = unit_rows(Z), unit_rows(centers)
    sought = Sought.read(learner, y_labeled, find)
    if not sought.found.any():
        return herding(Z, n_instances, centers, None, random_state, width=1.0, random_tie_break=random_tie_break)

    def likely(P: Any) -> Any:
        return one_a_row(P)[:, sought.columns(P.shape[1])].sum(axis=1)

    score = _by_rank(proba(learner, X_pool, then=likely))
    if linear and not sought.found.all():
        model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000).fit(centers, sought.found)
        score += linear * _by_rank(model.decision_function(Z))
    if near:
        to_found, to_others = (_nearest(Z, centers[rows]) for rows in (sought.found, ~sought.found))
        score += near * _by_rank(to_others / (to_found + to_others + 1e-12))
    return top_k(score, n_instances, random_state, random_tie_break=random_tie_break)


def _by_rank(values: Any) -> NDArray[np.float64]:
    """1 / (60 + rank), the largest first; equal values have equal ranks."""
    return np.asarray(1.0 / (_OFFSET + rankdata(-np.asarray(values, dtype=np.float64), method="min")))


def _nearest(Z: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
    """Distance to the nearest of some rows; 1 where there are none."""
    if not len(rows):
        return np.ones(len(Z))
    lengths, nearest = np.einsum("nd,nd->n", Z, Z, dtype=np.float64), np.full(len(Z), np.inf)
    for row in rows:
        np.minimum(nearest, lengths - 2.0 * (Z @ row) + float(row @ row), out=nearest)
    return np.sqrt(np.maximum(nearest, 0.0))
