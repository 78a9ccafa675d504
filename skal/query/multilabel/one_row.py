"""Scores of one row with several labels, by itself.

The scores are modAL's, so that a change of import keeps the picks; mind that the higher confidences and
scores of the models come first there, whatever one would expect of an uncertainty.
"""

from __future__ import annotations

from skal.outputs import multilabel_decisions, multilabel_proba
from skal.query.door.table import Table
from skal.scores import multilabel as scores

_TABLE = Table(
    __name__,
    "multilabel",
    multilabel_proba,
    cost="One pass of the model over the pool; memory of one block of it.",
)
_OF_DECISIONS = Table(
    __name__,
    "multilabel",
    multilabel_decisions,
    cost="One pass of the model's decision function over the pool; memory of one block of it.",
)
_LI = 'Li, Wang & Sung, "Multilabel SVM active learning for image classification", ICIP 2004.'
_ESULI = 'Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.'
_FORMULA = "The formula is that of `skal.scores.multilabel."
_LOSES = (
    "Two data sets, two models, 20 trials each (docs/results/several_labels.md): worse than random sampling in {} of "
    "four, better in none. It is here so that a change of import from modAL keeps the picks."
)

SVM_binary_minimum = _OF_DECISIONS.row(
    "SVM_binary_minimum",
    scores.binary_minimum,
    "Pick the rows where some label is nearest to its own boundary.",
    more="The model is OneVsRestClassifier around an SVM, or any other with a decision function for each label.",
    notes="Decision values of two labels are compared as they are, so the labels' models should be of one kind.",
    sources=('Brinker, "On active learning in multi-label classification", 2006, section 3.',),
)

max_margin_uncertainty = _TABLE.row(
    "max_margin_uncertainty",
    scores.separation_margin,
    "Pick the rows whose predicted labels stand out least from the others.",
    more=f"{_FORMULA}separation_margin`.",
    sources=('Li & Guo, "Active learning with multi-label SVM classification", IJCAI 2013, section 3.1.',),
)

max_loss = _TABLE.row(
    "max_loss",
    scores.max_loss,
    'Pick the rows of the largest hinge loss against "only the most probable label applies".',
    more=f"{_FORMULA}max_loss`.",
    sources=(_LI,),
)

mean_max_loss = _TABLE.row(
    "mean_max_loss",
    scores.mean_max_loss,
    'Pick the rows of the largest hinge loss against "only label k applies", averaged over k.',
    more=f"{_FORMULA}mean_max_loss`.",
    notes=_LOSES.format("two"),
    sources=(_LI,),
)

min_confidence = _TABLE.row(
    "min_confidence",
    scores.min_confidence,
    "Pick the rows whose least probable label is least probable.",
    more=f"{_FORMULA}min_confidence`.",
    notes=_LOSES.format("three"),
    sources=(_ESULI,),
)

avg_confidence = _TABLE.row(
    "avg_confidence",
    scores.avg_confidence,
    "Pick the rows whose labels are most probable on the mean.",
    more=f"{_FORMULA}avg_confidence`.",
    notes=_LOSES.format("three"),
    sources=(_ESULI,),
)

max_score = _TABLE.row(
    "max_score",
    scores.max_score,
    "Pick the rows with the largest signed label probability.",
    more=f"{_FORMULA}max_score`.",
    notes=_LOSES.format("three"),
    sources=(_ESULI,),
)

avg_score = _TABLE.row(
    "avg_score",
    scores.avg_score,
    "Pick the rows with the largest mean signed label probability.",
    more=f"{_FORMULA}avg_score`.",
    notes=_LOSES.format("three"),
    sources=(_ESULI,),
)
