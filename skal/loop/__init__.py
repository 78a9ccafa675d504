"""The loop: initial labels, rounds, and the whole of it as one estimator."""

from skal.loop._initial import initial_pool
from skal.loop._rounds import Round, rounds
from skal.loop.classifier import ActiveLearningClassifier

__all__ = ["ActiveLearningClassifier", "Round", "initial_pool", "rounds"]
