"""Kinds of answers: one class of several, sets of labels, numbers, masks, regions of images.

A project asks its kind what an answer means: how it is read and kept, which of several holds, what a model learns
from it and which model that is. Nobody else looks at what an answer is.
"""

from skal.labeling._cleaning import Cleaned
from skal.labeling.kinds.base import AnswerKind
from skal.labeling.kinds.classes import ClassAnswers
from skal.labeling.kinds.label_sets import SetAnswers
from skal.labeling.kinds.masks import MaskAnswers
from skal.labeling.kinds.number import NumberAnswers
from skal.labeling.kinds.regions import RegionAnswers
from skal.labeling.kinds.registry import answer_kind, answer_names

__all__ = [
    "AnswerKind",
    "ClassAnswers",
    "Cleaned",
    "MaskAnswers",
    "NumberAnswers",
    "RegionAnswers",
    "SetAnswers",
    "answer_kind",
    "answer_names",
]
