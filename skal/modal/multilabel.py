"""Several labels a row, as `modAL.multilabel`."""

from skal import query
from skal.modal._forms import in_modals_form

__all__ = [
    "SVM_binary_minimum",
    "avg_confidence",
    "avg_score",
    "max_loss",
    "max_score",
    "mean_max_loss",
    "min_confidence",
]

SVM_binary_minimum = in_modals_form(query.SVM_binary_minimum, __name__)
max_loss = in_modals_form(query.max_loss, __name__)
mean_max_loss = in_modals_form(query.mean_max_loss, __name__)
min_confidence = in_modals_form(query.min_confidence, __name__)
avg_confidence = in_modals_form(query.avg_confidence, __name__)
max_score = in_modals_form(query.max_score, __name__)
avg_score = in_modals_form(query.avg_score, __name__)
