"""Rows whose labels take away most of the loss, if as many apply as a second model says."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from skal.outputs import multilabel_proba
from skal.query.door.decorators import score_strategy
from skal.query.multilabel.labeled_sets import labeled_sets
from skal.scores import multilabel as scores


@score_strategy(reads=("multilabel",))
def mmc(learner: Any, X_pool: Any, *, X_labeled: Any = None, y_labeled: Any = None) -> Any:
    """Pick the rows of the largest reduction of loss, with the most confident guess of their labels (MMC).

    How many labels a row has is said by a logistic regression on the sorted probabilities, fitted to the labelled
    rows; the most probable labels are then taken to be those.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    The score is `skal.scores.multilabel.loss_reduction`. The paper's f is the decision value of an SVM; here it is
    ``2 p - 1``, as in libact, so that any model with a probability for each label serves. Where all labelled rows
    have the same number of labels, that number is taken.

    One pass of the model over the pool and one over the labelled rows, and a small fit.

    References
    ----------
    .. [1] Yang et al., "Effective multi-label active learning for text classification", KDD 2009, section 3.
    """
    P = multilabel_proba(learner, X_pool)
    known = labeled_sets(y_labeled, P.shape[1]).sum(axis=1)
    counts = np.full(len(P), known[0])
    if len(np.unique(known)) > 1:
        model = LogisticRegression(max_iter=1000).fit(_shares(multilabel_proba(learner, X_labeled)), known)
        counts = model.predict(_shares(P))
    return scores.loss_reduction(P, counts)


def _shares(P: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities of a row in falling order, divided by their sum; a row of zeros stays."""
    falling = -np.sort(-np.asarray(P, dtype=np.float64), axis=1)
    total = falling.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(falling, total, out=np.zeros_like(falling), where=total > 0))
