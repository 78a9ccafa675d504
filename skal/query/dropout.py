"""Monte Carlo dropout: a committee made of random passes of one net."""

from __future__ import annotations

from functools import partial
from typing import Any

from skal import scores
from skal.outputs import sampled_proba
from skal.query._contract import score_strategy
from skal.query._docs import Reduction
from skal.query._ranges import whole


@score_strategy(reads=("sampled_proba",), ranges={"n_samples": whole()})
def mc_dropout_entropy(
    learner: Any, X_pool: Any, *, n_samples: int = 10, reduction: Reduction = "mean", random_state: Any = None
) -> Any:
    """Pick the rows whose mean distribution over passes with dropout has the largest entropy.

    Parameters
    ----------
    {common}
    {passes}
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    {cost_of_passes}

    References
    ----------
    .. [1] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3, item 1.
    """
    score = partial(scores.consensus_entropy, reduction=reduction)
    return sampled_proba(learner, X_pool, n_samples, then=score, random_state=random_state)


@score_strategy(reads=("sampled_proba",), ranges={"n_samples": whole()})
def bald(
    learner: Any, X_pool: Any, *, n_samples: int = 10, reduction: Reduction = "mean", random_state: Any = None
) -> Any:
    """Pick the rows on which passes with dropout differ most: mutual information of label and weights (BALD).

    Parameters
    ----------
    {common}
    {passes}
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    {cost_of_passes} Unlike
    `mc_dropout_entropy` it leaves rows alone on which every pass is equally unsure, as where classes overlap. With
    few passes it is estimated too high, alike for all rows.

    References
    ----------
    .. [1] Houlsby et al., "Bayesian active learning for classification and preference learning", 2011,
       equation 2.
    .. [2] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3, item 2.
    """
    score = partial(scores.bald, reduction=reduction)
    return sampled_proba(learner, X_pool, n_samples, then=score, random_state=random_state)


@score_strategy(reads=("sampled_proba",), ranges={"n_samples": whole()})
def mc_dropout_variation_ratio(
    learner: Any, X_pool: Any, *, n_samples: int = 10, reduction: Reduction = "mean", random_state: Any = None
) -> Any:
    """Pick the rows where the fewest passes with dropout vote for the most voted class.

    Parameters
    ----------
    {common}
    {passes}
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    {cost_of_passes} There are at most
    `n_samples` distinct scores, so ties are common and broken at random.

    References
    ----------
    .. [1] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3, item 3.
    """
    score = partial(scores.variation_ratio, reduction=reduction)
    return sampled_proba(learner, X_pool, n_samples, then=score, random_state=random_state)


@score_strategy(reads=("sampled_proba",), ranges={"n_samples": whole()})
def mc_dropout_mean_std(
    learner: Any, X_pool: Any, *, n_samples: int = 10, reduction: Reduction = "mean", random_state: Any = None
) -> Any:
    """Pick the rows whose probabilities vary most over passes with dropout, on the mean of the classes.

    Parameters
    ----------
    {common}
    {passes}
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    {cost_of_passes}

    References
    ----------
    .. [1] Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3, item 4.
    """
    score = partial(scores.mean_std, reduction=reduction)
    return sampled_proba(learner, X_pool, n_samples, then=score, random_state=random_state)
