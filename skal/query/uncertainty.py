"""Uncertainty of a single model."""

from __future__ import annotations

from typing import Any

from skal import scores
from skal.outputs import proba
from skal.query._contract import score_strategy


@score_strategy(reads=("proba",))
def uncertainty_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows whose most likely class is least likely.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994, section 3.
    """
    return proba(learner, X_pool, then=scores.least_confident)


@score_strategy(reads=("proba",))
def margin_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows with the smallest gap between the two most likely classes.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Scheffer, Decomain & Wrobel, "Active hidden Markov models for information extraction", IDA 2001.
    """
    return proba(learner, X_pool, then=scores.margin)


@score_strategy(reads=("proba",))
def entropy_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows whose predicted distribution has the largest entropy.

    Parameters
    ----------
    {common}

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
    """
    return proba(learner, X_pool, then=scores.entropy)
