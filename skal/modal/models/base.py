"""The classes that learners are known by, as `modAL.models.base`."""

from skal.learners import ActiveLearner as BaseLearner
from skal.learners import BaseCommittee

__all__ = ["BaseCommittee", "BaseLearner"]
