"""Learners: modAL's ActiveLearner and Committee, repaired."""

from skal.learners.active_learner import ActiveLearner
from skal.learners.committee import Committee

__all__ = ["ActiveLearner", "Committee"]
