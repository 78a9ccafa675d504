"""Learners, as `modAL.models`."""

from skal.modal.models.learners import ActiveLearner, BayesianOptimizer, Committee, CommitteeRegressor

__all__ = ["ActiveLearner", "BayesianOptimizer", "Committee", "CommitteeRegressor"]
