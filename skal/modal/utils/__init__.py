"""Helpers, as `modAL.utils`."""

from skal.modal.utils.combination import make_linear_combination, make_product, make_query_strategy
from skal.modal.utils.data import data_vstack
from skal.modal.utils.selection import multi_argmax, weighted_random
from skal.modal.utils.validation import check_class_labels, check_class_proba

__all__ = [
    "check_class_labels",
    "check_class_proba",
    "data_vstack",
    "make_linear_combination",
    "make_product",
    "make_query_strategy",
    "multi_argmax",
    "weighted_random",
]
