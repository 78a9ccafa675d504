"""Uncertainty of a single model."""

from __future__ import annotations

from functools import partial
from typing import Any

from skal import scores
from skal.outputs import decision_values, has_decisions_alone, proba
from skal.query._contract import score_strategy
from skal.query._docs import Reduction


@score_strategy(reads=("proba",), takes_decisions=True)
def uncertainty_sampling(learner: Any, X_pool: Any, *, reduction: Reduction = "mean") -> Any:
    """Pick the rows whose most likely class is least likely.

    Parameters
    ----------
    {common}
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it. Of a classifier that has ``decision_function`` and
    no probabilities (LinearSVC, RidgeClassifier, SGDClassifier with the hinge loss) the score is minus the largest
    decision value; of two classes, minus half the distance to the boundary, in its units.

    References
    ----------
    .. [1] Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994, section 3.
    """
    if has_decisions_alone(learner):
        return decision_values(learner, X_pool, then=scores.least_decided)
    return proba(learner, X_pool, then=partial(scores.least_confident, reduction=reduction))


@score_strategy(reads=("proba",), takes_decisions=True)
def margin_sampling(learner: Any, X_pool: Any, *, reduction: Reduction = "mean") -> Any:
    """Pick the rows with the smallest gap between the two most likely classes.

    Parameters
    ----------
    {common}
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it. Of a classifier that has ``decision_function`` and
    no probabilities (LinearSVC, RidgeClassifier, SGDClassifier with the hinge loss) the gap is that of the two
    largest decision values; of two classes, the distance to the boundary, in its units.

    References
    ----------
    .. [1] Scheffer, Decomain & Wrobel, "Active hidden Markov models for information extraction", IDA 2001.
    """
    if has_decisions_alone(learner):
        return decision_values(learner, X_pool, then=scores.decision_margin)
    return proba(learner, X_pool, then=partial(scores.margin, reduction=reduction))


@score_strategy(reads=("proba",))
def entropy_sampling(learner: Any, X_pool: Any, *, normalized: bool = False, reduction: Reduction = "mean") -> Any:
    """Pick the rows whose predicted distribution has the largest entropy.

    Parameters
    ----------
    {common}
    normalized : bool, default=False
        Whether entropies are shares of log C instead of nats: what a threshold of `reduction` means.
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it. With many classes the entropy counts
    confusion among classes that are out of the running: compare `margin_sampling`.

    References
    ----------
    .. [1] Settles, "Active learning literature survey", 2009, equation 4.
    .. [2] Mittal, Tatarchenko, Cicek & Brox, "Parting with illusions about deep active learning", 2019, for the count
       of pixels above a threshold.
    """
    return proba(learner, X_pool, then=partial(scores.entropy, normalized=normalized, reduction=reduction))
