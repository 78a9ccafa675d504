"""Uncertainty of a single model."""

from __future__ import annotations

from skal import scores
from skal.outputs import proba
from skal.query.door.table import NORMALIZE, REDUCE, Table

_TABLE = Table(__name__, "proba", proba, cost="One pass of the model over the pool; memory of one block of it.")
_DECISIONS = (
    "Of a classifier that has ``decision_function`` and no probabilities (LinearSVC, RidgeClassifier, SGDClassifier "
    "with the hinge loss) "
)

uncertainty_sampling = _TABLE.row(
    "uncertainty_sampling",
    scores.least_confident,
    "Pick the rows whose most likely class is least likely.",
    options=(REDUCE,),
    notes=_DECISIONS
    + "the score is minus the largest decision value; of two classes, minus half the distance to the "
    "boundary, in its units.",
    sources=('Lewis & Gale, "A sequential algorithm for training text classifiers", SIGIR 1994, section 3.',),
    decided_by=scores.least_decided,
)

margin_sampling = _TABLE.row(
    "margin_sampling",
    scores.margin,
    "Pick the rows with the smallest gap between the two most likely classes.",
    options=(REDUCE,),
    notes=_DECISIONS + "the gap is that of the two largest decision values; of two classes, the distance to the "
    "boundary, in its units.",
    sources=('Scheffer, Decomain & Wrobel, "Active hidden Markov models for information extraction", IDA 2001.',),
    decided_by=scores.decision_margin,
)

entropy_sampling = _TABLE.row(
    "entropy_sampling",
    scores.entropy,
    "Pick the rows whose predicted distribution has the largest entropy.",
    options=(NORMALIZE, REDUCE),
    notes="With many classes the entropy counts confusion among classes that are out of the running: compare "
    "`margin_sampling`.",
    sources=(
        'Settles, "Active learning literature survey", 2009, equation 4.',
        'Mittal, Tatarchenko, Cicek & Brox, "Parting with illusions about deep active learning", 2019, for the count '
        "of pixels above a threshold.",
    ),
)
