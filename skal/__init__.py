"""skal tells you which samples to label next, and proves whether the choice paid.

Names are loaded on first use, so that ``import skal`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skal.displays import ActiveLearningCurveDisplay, QueryDisplay, active_learning_curve
    from skal.explain import explain_query
    from skal.labels import LabeledKFold, LabeledOnlyClassifier, labeled_part, masked_scorer, unlabeled_mask
    from skal.learners import ActiveLearner, BayesianOptimizer, Committee, CommitteeRegressor
    from skal.loop import ActiveLearningClassifier, ActiveLearningRegressor
    from skal.study import compare

__version__ = "0.1.0"

_HOME = {
    "ActiveLearningCurveDisplay": "displays",
    "QueryDisplay": "displays",
    "active_learning_curve": "displays",
    "explain_query": "explain",
    "ActiveLearner": "learners",
    "ActiveLearningClassifier": "loop",
    "ActiveLearningRegressor": "loop",
    "BayesianOptimizer": "learners",
    "Committee": "learners",
    "CommitteeRegressor": "learners",
    "LabeledKFold": "labels",
    "LabeledOnlyClassifier": "labels",
    "compare": "study",
    "labeled_part": "labels",
    "masked_scorer": "labels",
    "unlabeled_mask": "labels",
}
_ROOMS = (
    "adversarial",
    "annotation",
    "augment",
    "compat",
    "data",
    "datasets",
    "displays",
    "estimators",
    "explain",
    "features",
    "label_page",
    "labeling",
    "labels",
    "learners",
    "loop",
    "masks",
    "metrics",
    "modal",
    "nets",
    "neural",
    "outputs",
    "query",
    "recipes",
    "report",
    "scores",
    "selection",
    "semi_supervised",
    "statistics",
    "stream",
    "study",
    "tables",
    "targets",
    "testing",
)

__all__ = [
    "ActiveLearner",
    "ActiveLearningClassifier",
    "ActiveLearningCurveDisplay",
    "ActiveLearningRegressor",
    "BayesianOptimizer",
    "Committee",
    "CommitteeRegressor",
    "LabeledKFold",
    "LabeledOnlyClassifier",
    "QueryDisplay",
    "active_learning_curve",
    "compare",
    "explain_query",
    "labeled_part",
    "masked_scorer",
    "unlabeled_mask",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"skal.{_HOME[name]}"), name)
    if name in _ROOMS:
        return importlib.import_module(f"skal.{name}")
    raise AttributeError(f"module 'skal' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS, "__version__"])
