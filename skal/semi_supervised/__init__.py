"""Classifiers and segmenters that learn from unlabelled rows too."""

from skal.semi_supervised.fixmatch import FixMatchClassifier
from skal.semi_supervised.pseudo_label import PseudoLabelClassifier
from skal.semi_supervised.s4gan import S4GANSegmenter
from skal.semi_supervised.uda import UDAClassifier

__all__ = ["FixMatchClassifier", "PseudoLabelClassifier", "S4GANSegmenter", "UDAClassifier"]
