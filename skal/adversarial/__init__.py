"""Adversarial active learning: estimators that learn which rows are unlike the labelled ones."""

from skal.adversarial.sraal import SRAAL
from skal.adversarial.vaal import VAAL

__all__ = ["SRAAL", "VAAL"]
