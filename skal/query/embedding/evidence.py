"""Strategies that count the labels around a row: how little is known there, and what a label would be worth."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from skal import scores
from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import score_strategy
from skal.query.embedding.labeled_classes import labeled_classes
from skal.query.embedding.parzen import kernel_blocks, label_counts, mean_criterion
from skal.query.ranges import above, whole

Likelihood = Literal["parzen", "logistic"]


@score_strategy(reads=("embedding",), ranges={"gamma": above(0), "C": above(0)})
def epistemic_sampling(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    likelihood: Likelihood = "parzen",
    gamma: float | None = None,
    C: float = 1.0,
    embedding: Any = None,
) -> Any:
    """Pick rows of whose class too little is known, not those whose class is a toss-up for certain.

    Parameters
    ----------
    {common}
    likelihood : {"parzen", "logistic"}, default="parzen"
        What explains the labels: "parzen", the share of each class among the labels around a row, or "logistic", a
        logistic regression, of which all that fit the labels are asked. The task model itself is not.
    gamma : float, default=None
        Of "parzen": labels count for ``exp(-gamma |z - z'|^2)``. None: by the spread of pool and labelled rows, the
        mean criterion of Chaudhuri et al.
    C : float, default=1.0
        Of "logistic": inverse strength of the penalty. Columns should be standardised.
    embedding : callable or transformer, default=None
        Gives the vectors of rows; None: the transform steps of a Pipeline, an estimator's ``transform``, or the raw
        features.

    Returns
    -------
    {picks}

    Notes
    -----
    `skal.scores.epistemic_of_counts` or `skal.scores.epistemic_of_logistic`; more than two classes are taken one by
    one against the rest, and the largest score counts. "parzen" costs O(n m d) for m labelled rows and memory O(n d);
    "logistic" some dozens of solutions of k equations a row and class, k = min(m, d + 1): a second for 1 000 rows of
    20 columns, four for 64. With "parzen" the rows farthest from all labels score 1, so that the first picks are
    those of an exploration, as of `core_set`.

    References
    ----------
    .. [1] Nguyen, Destercke & Hüllermeier, "Epistemic uncertainty sampling", DS 2019, equations 5 to 13.
    .. [2] Nguyen, Shaker & Hüllermeier, "How to measure uncertainty in uncertainty sampling for active learning",
       Machine Learning 111, 2022, sections 3 and 4.
    .. [3] Chaudhuri et al., "The mean and median criteria for kernel bandwidth selection for support vector data
       description", ICDM workshops 2017.
    """
    if likelihood not in ("parzen", "logistic"):
        raise ValueError(f"epistemic_sampling: likelihood must be 'parzen' or 'logistic', got {likelihood!r}.")
    columns, classes = labeled_classes(learner, y_labeled)
    Z = read_embedding(learner, X_pool, embedding).astype(np.float64)
    known = read_embedding(learner, X_labeled, embedding).astype(np.float64)
    if likelihood == "parzen":
        width = mean_criterion(np.vstack([Z, known])) if gamma is None else gamma
        return scores.epistemic_of_counts(label_counts(Z, known, columns, len(classes), width))
    of_each = range(len(classes) if len(classes) > 2 else 1)  # of two classes one says all
    found = [scores.epistemic_of_logistic(Z, known, columns == c, C=C) for c in of_each]
    return np.max(found, axis=0)


@score_strategy(reads=("embedding",), ranges={"m_max": whole(), "gamma": above(0), "prior": above(0)})
def mcpal(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    m_max: int = 2,
    prior: float = 1.0,
    gamma: float | None = None,
    embedding: Any = None,
) -> Any:
    """Pick rows whose label is expected to raise accuracy most, around them and by how many rows lie there (McPAL).

    Parameters
    ----------
    {common}
    m_max : int, default=2
        Labels that are imagined at once, at most; time grows with the ways to split them among the classes.
    prior : float, default=1.0
        Added to the labels of every class around a row, positive.
    gamma : float, default=None
        Labels, and rows, count for ``exp(-gamma |z - z'|^2)``. None: by the spread of pool and labelled rows, the
        mean criterion of Chaudhuri et al.
    embedding : callable or transformer, default=None
        Gives the vectors of rows; None: the transform steps of a Pipeline, an estimator's ``transform``, or the raw
        features.

    Returns
    -------
    {picks}

    Notes
    -----
    `skal.scores.probabilistic_gain` of the labels around a row, times the mean kernel value of the row to all rows,
    pool and labelled. The task model is not asked. Time O(n (n + m) d) for m labelled rows and the ways to split
    m_max labels; memory O(n d), and 32 MB for kernel values. A batch takes the highest scores, which may lie side by
    side. With logistic regression on five tables and 20 to 80 labels it was better than random on none, worse on one.

    References
    ----------
    .. [1] Kottke, Krempl, Lang, Teschner & Spiliopoulou, "Multi-class probabilistic active learning", ECAI 2016,
       equations 7 to 11.
    .. [2] Chaudhuri et al., "The mean and median criteria for kernel bandwidth selection for support vector data
       description", ICDM workshops 2017.
    """
    columns, classes = labeled_classes(learner, y_labeled)
    Z = read_embedding(learner, X_pool, embedding).astype(np.float64)
    known = read_embedding(learner, X_labeled, embedding).astype(np.float64)
    every = np.vstack([Z, known])
    width = mean_criterion(every) if gamma is None else gamma
    counts = label_counts(Z, known, columns, max(len(classes), 2), width)  # there is always another class
    density = np.concatenate([K.mean(axis=1) for K in kernel_blocks(Z, every, width)])
    return density * scores.probabilistic_gain(counts, m_max=m_max, prior=prior)
