"""QUIRE: rows that are uncertain and unlike labelled ones, by one number from a worst case."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import score_strategy
from skal.query.embedding.kernel_ridge import KernelRidge, spread_gamma
from skal.query.embedding.labeled_classes import labeled_classes
from skal.query.ranges import above

Array = NDArray[np.float64]


@score_strategy(reads=("embedding",), ranges={"gamma": above(0), "ridge": above(0)})
def quire(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    kernel: Literal["rbf", "linear"] = "rbf",
    gamma: float | None = None,
    ridge: float = 1.0,
    embedding: Any = None,
) -> Any:
    """Pick rows that leave the least loss whatever their label turns out to be, other labels at their best (QUIRE).

    Parameters
    ----------
    {common}
    kernel : {"rbf", "linear"}, default="rbf"
        ``exp(-gamma |z - z'|^2)``, or the product of two vectors.
    gamma : float, default=None
        Of "rbf"; None: one over the sum of the columns' variances in pool and labelled rows.
    ridge : float, default=1.0
        Weight of the penalty on the size of the function that is fitted, positive: lambda of the paper.
    embedding : callable or transformer, default=None
        Gives the vectors of rows; None: the transform steps of a Pipeline, an estimator's ``transform``, or the raw
        features. Standardise columns of unlike units.

    Returns
    -------
    {picks}

    Notes
    -----
    Exactly the paper's criterion, without its inverse of a matrix of all n rows: with the labels of the other pool
    rows at their best (the paper lets them be any numbers) these rows drop out of it, since the Schur complement of
    their block in the inverse of ``K + ridge I`` is the inverse of what is left of ``K + ridge I``. What remains of a
    row is ``(1 + |f|)^2 / s``: f is what kernel ridge regression on the labels predicts there, and s is the variance
    of a Gaussian process given the labelled rows, noise included. So the pool enters by the width of the kernel
    alone. Scores are minus that number. Of more than two classes each has a function, and the worst class for a row
    counts, the squares summed over the functions; with two this is the paper's. Time O(m^3 + n m (m + d)) and memory
    O(m^2 + n d) for m labelled rows, where the paper's takes O(n^3) and O(n^2); the task model is not asked. A batch
    takes the highest scores.

    With logistic regression on five tables and 20 to 80 labels it was better than random on none, and worse on two.

    References
    ----------
    .. [1] Huang, Jin & Zhou, "Active learning by querying informative and representative examples", IEEE Transactions
       on Pattern Analysis and Machine Intelligence 36, 2014 (NIPS 2010), the min-max criterion and its closed form.
    """
    if kernel not in ("rbf", "linear"):
        raise ValueError(f"quire: kernel must be 'rbf' or 'linear', got {kernel!r}.")
    columns, classes = labeled_classes(learner, y_labeled)
    Z = read_embedding(learner, X_pool, embedding).astype(np.float64)
    known = read_embedding(learner, X_labeled, embedding).astype(np.float64)
    width = None if kernel == "linear" else spread_gamma(Z, known) if gamma is None else gamma
    targets = np.where(columns[:, None] == np.arange(len(classes)), 1.0, -1.0)  # (m, C)
    if len(classes) == 2:
        targets = targets[:, 1:]  # the other one is its negative
    fitted = KernelRidge(known, targets, width, ridge)
    return -_worst(fitted.predict(Z)) / fitted.variance(Z)


def _worst(f: Array) -> Array:
    """Squared distance of predictions (n, C) from the targets of the class that they are farthest from."""
    if f.shape[1] == 1:
        return np.asarray((1.0 + np.abs(f[:, 0])) ** 2)
    # The target is 1 for the class and -1 for others: 4 f less for the class itself, so the least f is the worst.
    return np.asarray(((f + 1.0) ** 2).sum(axis=1) - 4.0 * f.min(axis=1))
