"""Disagreement among the members of a committee."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from skal import scores
from skal.outputs import committee_proba
from skal.query.door.decorators import score_strategy
from skal.query.door.docs import Reduction
from skal.query.door.table import REDUCE, Option, Table

_TABLE = Table(
    __name__,
    "committee",
    committee_proba,
    cost="One pass of every member over the pool; memory of T blocks of probabilities.",
)
_BELUCH = (
    'Beluch et al., "The power of ensembles for active learning in image classification", CVPR 2018, equation 5.'
)
_ENTROPY_TIES = Option(
    "entropy_ties",
    "bool",
    False,
    """entropy_ties : bool, default=False
    Take rows of equal votes in the order of the mean of the members' entropies. False: at random.""",
)

vote_entropy_sampling = _TABLE.row(
    "vote_entropy_sampling",
    scores.vote_entropy,
    "Pick the rows on which the members' votes are most evenly split.",
    options=(REDUCE,),
    notes="A vote takes few distinct values, so ties are common and broken at random.",
    sources=(
        'Dagan & Engelson, "Committee-based sampling for training probabilistic classifiers", ICML 1995, equation 3.',
    ),
)

consensus_entropy_sampling = _TABLE.row(
    "consensus_entropy_sampling",
    scores.consensus_entropy,
    "Pick the rows whose mean distribution over the members has the largest entropy.",
    options=(REDUCE,),
    sources=('Settles, "Active learning literature survey", 2009, section 3.2.',),
)

max_disagreement_sampling = _TABLE.row(
    "max_disagreement_sampling",
    scores.max_disagreement,
    "Pick the rows where one member is farthest from the consensus, in Kullback-Leibler divergence.",
    options=(REDUCE,),
    sources=(
        'McCallum & Nigam, "Employing EM and pool-based active learning for text classification", ICML 1998, '
        "section 4 (there the mean over members; modAL takes the largest, and so do we).",
    ),
)

variation_ratio_sampling = _TABLE.row(
    "variation_ratio_sampling",
    scores.variation_ratio,
    "Pick the rows where the fewest members vote for the most voted class.",
    options=(REDUCE,),
    notes="T members give at most T distinct scores, so ties are common and broken at random.",
    sources=(_BELUCH,),
)

ensemble_variation_ratio = _TABLE.row(
    "ensemble_variation_ratio",
    scores.variation_ratio,
    "Pick the rows where the fewest nets of an ensemble vote for the most voted class.",
    more="This is `variation_ratio_sampling` with a choice of how ties are broken: the votes of five members give at "
    "most five distinct scores, so most picks are drawn from equals.",
    options=(_ENTROPY_TIES, REDUCE),
    notes="With `entropy_ties` the entropy adds at most half a vote to the score.\n\n"
    "At few labels the order by entropy does harm, as entropy alone does: it asks for rows of few classes. With some "
    "labels a class it need not: it was better than random with five convolutional nets from 100 and 200 labels on.",
    sources=(_BELUCH,),
)

qbc = _TABLE.row(
    "qbc",
    scores.bald,
    "Pick the rows on which a committee differs most: the Jensen-Shannon divergence of its members.",
    more="It is `bald` for members in the place of passes with dropout: the entropy of the mean less the mean of the "
    "entropies; of an image, as a rule, the mean over its pixels.",
    options=(REDUCE,),
    notes="The members are trained on bootstrap samples: ``Committee.fit(bootstrap=True)``, "
    "``EnsembleClassifier(bootstrap=True)``.",
    sources=(
        'Kuo et al., "Cost-sensitive active learning for intracranial hemorrhage detection", MICCAI 2018, as Sinha, '
        "Ebrahimi & Darrell (ICCV 2019) compare it; not read.",
    ),
)


@score_strategy(reads=("committee",))
def ensemble_entropy(
    learner: Any,
    X_pool: Any,
    *,
    entropy_of: Literal["members", "mean"] = "members",
    normalized: bool = False,
    reduction: Reduction = "mean",
) -> Any:
    """Pick the rows whose entropy, on the mean of a committee's members, is largest (ENS-ent).

    Parameters
    ----------
    {common}
    entropy_of : {"members", "mean"}, default="members"
        The mean of the members' entropies, or the entropy of their mean distribution, which is
        `consensus_entropy_sampling`: the paper's words can be read as either.
    normalized : bool, default=False
        Whether entropies are shares of log C instead of nats: what a threshold of `reduction` means.
    {reduction}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of every member over the pool; memory of T blocks of probabilities. The paper counts pixels:
    ``reduction="count_above:0.6"``; it does not tell how many members it has in segmentation.

    References
    ----------
    .. [1] Mittal, Tatarchenko, Cicek & Brox, "Parting with illusions about deep active learning", 2019.
    """
    if entropy_of not in ("members", "mean"):
        raise ValueError(f"ensemble_entropy: entropy_of must be 'members' or 'mean', got {entropy_of!r}.")
    score = scores.mean_entropy if entropy_of == "members" else scores.consensus_entropy
    return committee_proba(learner, X_pool, then=partial(score, normalized=normalized, reduction=reduction))
