"""The annotator: who gives the labels, how often they are wrong, and which classes the first ones hold."""

from skal.annotation.groups import CIFAR100_SUPERCLASSES, groups_by_position
from skal.annotation.noisy import NoisyOracle
from skal.annotation.oracle import Oracle
from skal.annotation.pools import biased_pool

__all__ = ["CIFAR100_SUPERCLASSES", "NoisyOracle", "Oracle", "biased_pool", "groups_by_position"]
