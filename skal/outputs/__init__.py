"""Models: the one room that knows what kind of learner it holds and what can be read from it.

A learner is an ActiveLearner (skal's or modAL's), a Committee, a list of fitted estimators, or any fitted
estimator, Pipeline, search or skorch net. Pools are read block by block; what a model returns is checked
once, here: as many rows as went in, finite, and, for probabilities, adding up to one.
"""

from skal.outputs._class_columns import class_columns
from skal.outputs._committee import committee_proba
from skal.outputs._embedding import embedding
from skal.outputs._given import given_vectors
from skal.outputs._members import is_committee
from skal.outputs._missing import accepts_nan, refuse_nan
from skal.outputs._models import is_fitted, labeled_data, name_of, task_model
from skal.outputs._numbers import boundary_distance, discriminator_score, predicted_loss
from skal.outputs._predicted_numbers import (
    committee_predictions,
    is_classifier_like,
    offers_std,
    predicted_std,
    predictions,
)
from skal.outputs._proba import decision_values, has_decisions_alone, multilabel_decisions, multilabel_proba, proba
from skal.outputs._reading import InvalidOutput, MissingOutput, UnfittedLearner, is_regressor_like, transformed
from skal.outputs._rows import model_input
from skal.outputs._sampled import sampled_proba
from skal.outputs._watch import watching

__all__ = [
    "InvalidOutput",
    "MissingOutput",
    "UnfittedLearner",
    "accepts_nan",
    "boundary_distance",
    "class_columns",
    "committee_predictions",
    "committee_proba",
    "decision_values",
    "discriminator_score",
    "embedding",
    "given_vectors",
    "has_decisions_alone",
    "is_classifier_like",
    "is_committee",
    "is_fitted",
    "is_regressor_like",
    "labeled_data",
    "model_input",
    "multilabel_decisions",
    "multilabel_proba",
    "name_of",
    "offers_std",
    "predicted_loss",
    "predicted_std",
    "predictions",
    "proba",
    "refuse_nan",
    "sampled_proba",
    "task_model",
    "transformed",
    "watching",
]
