"""Kinds of targets: classes, masks of images, numbers, several labels a row, and those of one's own.

Whoever needs to know what labels mean asks the kind (`kind_of`), and a study asks a kind that is bound to its labels
(`targets_of`). Nobody else looks at the shape or the type of labels to tell what they are. A kind of one's own is one
class, made known by `register_kind`.
"""

from skal.targets.bound import Targets, targets_of
from skal.targets.classes import Classes
from skal.targets.kind import PREDICTIONS, TargetKind
from skal.targets.label_sets import LOSSES_OF_SETS, LabelSets
from skal.targets.masks import Masks
from skal.targets.numbers_to_predict import ERRORS, Numbers, finite_numbers
from skal.targets.registry import forget_kind, kind_named, kind_of, kind_of_metrics, register_kind
from skal.targets.values import is_missing, label_values, missing_entries, natural_type, present_labels

__all__ = [
    "ERRORS",
    "LOSSES_OF_SETS",
    "PREDICTIONS",
    "Classes",
    "LabelSets",
    "Masks",
    "Numbers",
    "TargetKind",
    "Targets",
    "finite_numbers",
    "forget_kind",
    "is_missing",
    "kind_named",
    "kind_of",
    "kind_of_metrics",
    "label_values",
    "missing_entries",
    "natural_type",
    "present_labels",
    "register_kind",
    "targets_of",
]
