"""What every single learner is an instance of, as `modAL.models.base`; committees of skal share no public class."""

from skal.learners import ActiveLearner as BaseLearner

__all__ = ["BaseLearner"]
