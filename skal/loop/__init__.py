"""The loop: initial labels, rounds, and the whole of it as one estimator."""

from skal.loop._initial import INITIAL, Initial, initial_pool
from skal.loop._pool import fitted_to_pool
from skal.loop._region_rounds import RegionRound, region_rounds
from skal.loop._round import Round
from skal.loop._rounds import rounds
from skal.loop._steps import Labels, ask_round, fit_round, seeds_of
from skal.loop.classifier import ActiveLearningClassifier
from skal.loop.regressor import ActiveLearningRegressor

__all__ = [
    "INITIAL",
    "ActiveLearningClassifier",
    "ActiveLearningRegressor",
    "Initial",
    "Labels",
    "RegionRound",
    "Round",
    "ask_round",
    "fit_round",
    "fitted_to_pool",
    "initial_pool",
    "region_rounds",
    "rounds",
    "seeds_of",
]
