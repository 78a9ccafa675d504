"""Acquisition scores: plain mathematics on probabilities, one number a row, higher = ask first.

Single-model scores read ``P`` of shape (n, C, ...); committee scores read ``P`` of shape (T, n, C, ...);
`skal.scores.multilabel` reads (n, L), `decision_margin` and `least_decided` read decision values (n, C),
`prediction_variance` and `expected_change` read predicted numbers (T, n), `epistemic_of_counts` and
`probabilistic_gain` read counts of labels (n, C). Spatial axes (pixels) are reduced to one
number a row by `reduction`: "mean", "max", `count_above` or a callable. Logarithms are natural (nats). Non-finite
input raises: a NaN that is ranked is a label lost.

``P`` is an array or a torch tensor: a tensor is scored on its device and the scores stay there (`density`, `epig`,
`multilabel`, the scores of decision values and those of predicted numbers take arrays). Arrays are scored in blocks
that stay in the cache, large tables by compiled code where numba is installed (``pip install skal[fast]``): the same
scores but for the last digits.
"""

from skal.scores import multilabel
from skal.scores._reductions import count_above
from skal.scores.cost_embedding import cost_embedding
from skal.scores.decisions import decision_margin, least_decided
from skal.scores.density import density
from skal.scores.disagreement import (
    bald,
    consensus_entropy,
    max_disagreement,
    mean_entropy,
    mean_std,
    mean_variance,
    variation_ratio,
    vote_entropy,
)
from skal.scores.epig import epig
from skal.scores.evidence import epistemic_of_counts, probabilistic_gain
from skal.scores.expected_cost import cost_margin, least_expected_cost
from skal.scores.improvement import expected_improvement, probability_of_improvement, upper_confidence_bound
from skal.scores.indicator import oui, std
from skal.scores.logistic_evidence import epistemic_of_logistic
from skal.scores.numbers import expected_change, prediction_variance
from skal.scores.uncertainty import entropy, least_confident, margin

__all__ = [
    "bald",
    "consensus_entropy",
    "cost_embedding",
    "cost_margin",
    "count_above",
    "decision_margin",
    "density",
    "entropy",
    "epig",
    "epistemic_of_counts",
    "epistemic_of_logistic",
    "expected_change",
    "expected_improvement",
    "least_confident",
    "least_decided",
    "least_expected_cost",
    "margin",
    "max_disagreement",
    "mean_entropy",
    "mean_std",
    "mean_variance",
    "multilabel",
    "oui",
    "prediction_variance",
    "probabilistic_gain",
    "probability_of_improvement",
    "std",
    "upper_confidence_bound",
    "variation_ratio",
    "vote_entropy",
]
