"""Learners: modAL's ActiveLearner, BayesianOptimizer, Committee and CommitteeRegressor, repaired."""

from skal.learners.active_learner import ActiveLearner
from skal.learners.bayesian_optimizer import BayesianOptimizer
from skal.learners.committee import Committee
from skal.learners.committee_regressor import CommitteeRegressor

__all__ = ["ActiveLearner", "BayesianOptimizer", "Committee", "CommitteeRegressor"]
