"""Learners, as `modAL.models.learners`: skal's own."""

from __future__ import annotations

from typing import Any

from skal.learners import ActiveLearner, BayesianOptimizer, Committee, CommitteeRegressor

__all__ = ["ActiveLearner", "BayesianOptimizer", "Committee", "CommitteeRegressor"]


def __getattr__(name: str) -> Any:
    if name == "DeepActiveLearner":
        raise AttributeError(
            "skal has no DeepActiveLearner: a net is an estimator, ActiveLearner(skal.neural.NeuralClassifier())."
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
