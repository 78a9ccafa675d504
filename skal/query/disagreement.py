"""Disagreement among the members of a committee."""

from __future__ import annotations

from typing import Any

from skal import scores
from skal.outputs import committee_proba
from skal.query._contract import score_strategy


@score_strategy(reads=("committee",))
def vote_entropy_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows on which the members' votes are most evenly split.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of every member over the pool; memory of T blocks of probabilities. A vote takes few distinct
    values, so ties are common and broken at random.

    References
    ----------
    .. [1] Dagan & Engelson, "Committee-based sampling for training probabilistic classifiers", ICML 1995,
       equation 3.
    """
    return committee_proba(learner, X_pool, then=scores.vote_entropy)


@score_strategy(reads=("committee",))
def consensus_entropy_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows whose mean distribution over the members has the largest entropy.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of every member over the pool; memory of T blocks of probabilities.

    References
    ----------
    .. [1] Settles, "Active learning literature survey", 2009, section 3.2.
    """
    return committee_proba(learner, X_pool, then=scores.consensus_entropy)


@score_strategy(reads=("committee",))
def max_disagreement_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows where one member is farthest from the consensus, in Kullback-Leibler divergence.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of every member over the pool; memory of T blocks of probabilities.

    References
    ----------
    .. [1] McCallum & Nigam, "Employing EM and pool-based active learning for text classification",
       ICML 1998, section 4 (there the mean over members; modAL takes the largest, and so do we).
    """
    return committee_proba(learner, X_pool, then=scores.max_disagreement)


@score_strategy(reads=("committee",))
def variation_ratio_sampling(learner: Any, X_pool: Any) -> Any:
    """Pick the rows where the fewest members vote for the most voted class.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of every member over the pool; memory of T blocks of probabilities. T members give at most T
    distinct scores, so ties are common and broken at random.

    References
    ----------
    .. [1] Beluch et al., "The power of ensembles for active learning in image classification", CVPR 2018,
       equation 5.
    """
    return committee_proba(learner, X_pool, then=scores.variation_ratio)


@score_strategy(reads=("committee",))
def ensemble_variation_ratio(learner: Any, X_pool: Any) -> Any:
    """Pick the rows where the fewest members vote for the most voted class, the less sure ones first among equals.

    This is `variation_ratio_sampling`, but for ties: the votes of five members give at most five distinct scores,
    and rows of equal votes come here in the order of the mean of the members' entropies, not at random.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of every member over the pool; memory of T blocks of probabilities. The entropy adds at
    most half a vote to the score.

    References
    ----------
    .. [1] Beluch et al., "The power of ensembles for active learning in image classification", CVPR 2018,
       equation 5.
    """
    return committee_proba(learner, X_pool, then=_variation_ratio_then_entropy)


def _variation_ratio_then_entropy(P: Any) -> Any:
    return scores.variation_ratio(P, entropy_ties=True)
