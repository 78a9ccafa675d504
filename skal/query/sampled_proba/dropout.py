"""Monte Carlo dropout: a committee made of random passes of one net."""

from __future__ import annotations

from skal import scores
from skal.outputs import sampled_proba
from skal.query.door.table import N_SAMPLES, REDUCE, Table

_TABLE = Table(
    __name__,
    "sampled_proba",
    sampled_proba,
    cost="`n_samples` passes of the model over the pool; memory of as many blocks of probabilities.",
    options=(N_SAMPLES,),
    seeded=True,
)
_GAL = 'Gal, Islam & Ghahramani, "Deep Bayesian active learning with image data", ICML 2017, section 3, item '

mc_dropout_entropy = _TABLE.row(
    "mc_dropout_entropy",
    scores.consensus_entropy,
    "Pick the rows whose mean distribution over passes with dropout has the largest entropy.",
    options=(REDUCE,),
    sources=(f"{_GAL}1.",),
)

bald = _TABLE.row(
    "bald",
    scores.bald,
    "Pick the rows on which passes with dropout differ most: mutual information of label and weights (BALD).",
    options=(REDUCE,),
    notes="Unlike `mc_dropout_entropy` it leaves rows alone on which every pass is equally unsure, as where classes "
    "overlap. With few passes it is estimated too high, alike for all rows.",
    sources=(
        'Houlsby et al., "Bayesian active learning for classification and preference learning", 2011, equation 2.',
        f"{_GAL}2.",
    ),
)

mc_dropout_variation_ratio = _TABLE.row(
    "mc_dropout_variation_ratio",
    scores.variation_ratio,
    "Pick the rows where the fewest passes with dropout vote for the most voted class.",
    options=(REDUCE,),
    notes="There are at most `n_samples` distinct scores, so ties are common and broken at random.",
    sources=(f"{_GAL}3.",),
)

mc_dropout_mean_std = _TABLE.row(
    "mc_dropout_mean_std",
    scores.mean_std,
    "Pick the rows whose probabilities vary most over passes with dropout, on the mean of the classes.",
    options=(REDUCE,),
    sources=(f"{_GAL}4.",),
)
