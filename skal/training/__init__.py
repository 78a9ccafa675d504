"""The room in which nets are trained: rows to batches, seeded draws, skorch's verbs, schedules, devices, files.

It knows no estimator that a user would name: `neural`, `adversarial` and `semi_supervised` are made of it.
"""

from skal.training.batches import EpochBatches, Labeled, Stream, one_pass
from skal.training.contract import as_pair, check_module_output, is_of_tokens, logits_of
from skal.training.elbo import LEAST_VARIANCE, LIKELIHOODS, Likelihood, best_variance, elbo_terms
from skal.training.estimator import MAX_SEED, EmbeddingMixin, NeuralEstimator, epochs_for, epochs_of
from skal.training.files import all_or_nothing, load_weights, save_weights, unchanged_if_it_fails
from skal.training.forms import check_form
from skal.training.image_inputs import ImageInputs, image_sizes, is_dataset, pixels_of, sizes_may_differ
from skal.training.inputs import Inputs, Rows, Standardize
from skal.training.labeled_training import LabeledTraining
from skal.training.labels import label_facts, labeled_targets, loaded_labels
from skal.training.mask_net import MaskVerbs, SegmenterNet, pixel_loss, pixel_losses
from skal.training.masked_images import (
    CLASS_WEIGHTS,
    VOID,
    MaskedImages,
    class_weights,
    draw_weights,
    image_batch,
    labeled_image_masks,
)
from skal.training.module import module_of
from skal.training.net import Augmentation, ClassifierNet, NeuralNet, SeededVerbs, class_softmax, unweighted
from skal.training.reading import read, read_batches, scoring_batch
from skal.training.row_weights import row_weights
from skal.training.schedule import SCHEDULES, Schedule
from skal.training.seeded_draws import CountedDraws, SeededDraws
from skal.training.shared_dropout import SharedDropout, refuse_hidden_dropout
from skal.training.steps import StepVerbs, epochs_of_steps

__all__ = [
    "CLASS_WEIGHTS",
    "LEAST_VARIANCE",
    "LIKELIHOODS",
    "MAX_SEED",
    "SCHEDULES",
    "VOID",
    "Augmentation",
    "ClassifierNet",
    "CountedDraws",
    "EmbeddingMixin",
    "EpochBatches",
    "ImageInputs",
    "Inputs",
    "Labeled",
    "LabeledTraining",
    "Likelihood",
    "MaskVerbs",
    "MaskedImages",
    "NeuralEstimator",
    "NeuralNet",
    "Rows",
    "Schedule",
    "SeededDraws",
    "SeededVerbs",
    "SegmenterNet",
    "SharedDropout",
    "Standardize",
    "StepVerbs",
    "Stream",
    "all_or_nothing",
    "as_pair",
    "best_variance",
    "check_form",
    "check_module_output",
    "class_softmax",
    "class_weights",
    "draw_weights",
    "elbo_terms",
    "epochs_for",
    "epochs_of",
    "epochs_of_steps",
    "image_batch",
    "image_sizes",
    "is_dataset",
    "is_of_tokens",
    "label_facts",
    "labeled_image_masks",
    "labeled_targets",
    "load_weights",
    "loaded_labels",
    "logits_of",
    "module_of",
    "one_pass",
    "pixel_loss",
    "pixel_losses",
    "pixels_of",
    "read",
    "read_batches",
    "refuse_hidden_dropout",
    "row_weights",
    "save_weights",
    "scoring_batch",
    "sizes_may_differ",
    "unchanged_if_it_fails",
    "unweighted",
]
