"""Rows that arrive one by one: whether to ask for the label of each is decided at once, under a budget.

A rule decides by how sure the model is, a budget says whether there is anything to spend, and `StreamLearner` puts
the two in front of a model that learns row by row. Rules and budgets know nothing of models: they take numbers.
"""

from skal.stream.budgets import ExactBudget, RunningBudget
from skal.stream.learner import StreamLearner
from skal.stream.rules import (
    FixedUncertainty,
    RandomizedVariableUncertainty,
    RandomLabels,
    SplitUncertainty,
    VariableUncertainty,
)

__all__ = [
    "ExactBudget",
    "FixedUncertainty",
    "RandomLabels",
    "RandomizedVariableUncertainty",
    "RunningBudget",
    "SplitUncertainty",
    "StreamLearner",
    "VariableUncertainty",
]
