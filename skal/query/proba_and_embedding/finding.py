"""A search for the rows of rare classes: the model, a balanced linear one, and the neighbours of what was found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import at_least
from skal.query.sought import Sought
from skal.selection import top_k, typiclust, unit_rows


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
    with balanced weights, and the likeness to the nearest row that was found. Each is brought to mean 0 and deviation
    1 over the pool, and their weighted sum is the score. As long as no labelled row is of these classes, typical rows
    of clusters without a label are picked instead (`typiclust`).

    Parameters
    ----------
    {common}
    find : label or sequence of labels, default=None
        The classes to be found; None: the class with the fewest labelled rows.
    linear : float, default=1.0
        Weight of the linear model, at least 0; that of the model's probability is 1.
    near : float, default=1.0
        Weight of the likeness to the nearest row that was found, at least 0; with both 0 this is
        `most_likely_sampling`.
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
    One pass of the model over the pool, a logistic regression on the m labelled rows, and O(n f d) for f rows that
    were found; memory O(n (d + f)). The three err for different reasons: the model may have seen no row of a group,
    the linear one takes a rare class as seriously as the others, and neighbours need no model. What they do together
    and alone is in docs/results/find.md.

    References
    ----------
    .. [1] Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994, section 7: relevance
       sampling.
    .. [2] Cormack & Grossman, "Evaluation of machine-learning protocols for technology-assisted review in electronic
       discovery", SIGIR 2014: continuous active learning, the likeliest rows first in every round.
    .. [3] Garnett, Krishnamurthy, Xiong, Schneider & Mann, "Bayesian optimal active search and surveying", ICML 2012:
       the search for rows of a class as a goal of its own, with a model of nearest neighbours.
    """
    Z, centers = read_embedding(learner, X_pool, embedding), read_embedding(learner, X_labeled, embedding)
    if normalize:
        Z, centers = unit_rows(Z), unit_rows(centers)
    sought = Sought.read(learner, y_labeled, find)
    if not sought.found.any():
        return typiclust(Z, n_instances, centers, random_state, random_tie_break=random_tie_break)

    def likely(P: Any) -> Any:
        return one_a_row(P)[:, sought.columns(P.shape[1])].sum(axis=1)

    score = _standard(proba(learner, X_pool, then=likely))
    if linear and not sought.found.all():
        model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000).fit(centers, sought.found)
        score += linear * _standard(model.decision_function(Z))
    if near:
        score += near * _standard(_likeness(Z, centers[sought.found]))
    return top_k(score, n_instances, random_state, random_tie_break=random_tie_break)


def _standard(values: Any) -> NDArray[np.float64]:
    """At mean 0 and deviation 1; zeros where all are equal."""
    centered = np.asarray(values, dtype=np.float64) - np.mean(values, dtype=np.float64)
    deviation = centered.std()
    return centered / deviation if deviation > 1e-12 else np.zeros(len(centered))


def _likeness(Z: NDArray[Any], found: NDArray[Any]) -> NDArray[np.float64]:
    """Minus the distance to the nearest row that was found."""
    lengths = np.einsum("nd,nd->n", Z, Z, dtype=np.float64)
    nearest = np.full(len(Z), np.inf)
    for row in found:
        np.minimum(nearest, lengths - 2.0 * (Z @ row) + float(row @ row), out=nearest)
    return -np.sqrt(np.maximum(nearest, 0.0))
