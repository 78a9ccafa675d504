"""Partly labelled targets: what a missing label is, and models, folds and scores that know."""

from skal.labels.folds import LabeledKFold
from skal.labels.labeled_only import LabeledOnlyClassifier
from skal.labels.missing import labeled_part, learns_from_unlabeled, partly_labeled, plain_labels, unlabeled_mask
from skal.labels.numbers import labeled_numbers, one_number_a_row
from skal.labels.rows import ScoresLabeledRows, labeled_rows
from skal.labels.scorer import masked_scorer

__all__ = [
    "LabeledKFold",
    "LabeledOnlyClassifier",
    "ScoresLabeledRows",
    "labeled_numbers",
    "labeled_part",
    "labeled_rows",
    "learns_from_unlabeled",
    "masked_scorer",
    "one_number_a_row",
    "partly_labeled",
    "plain_labels",
    "unlabeled_mask",
]
