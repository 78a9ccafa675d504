"""How labels go wrong: which ones, and what they are taken for. Labels are positions among the classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.intp]


def flipped(positions: Positions, group_of: Positions, n_wrong: int, rng: np.random.RandomState) -> Positions:
    """Move exactly `n_wrong` labels to another class of their group, each as likely; `group_of` has shape (C,)."""
    by_group = np.argsort(group_of, kind="stable")  # classes, group after group
    sizes = np.bincount(group_of)
    starts = np.cumsum(sizes) - sizes
    place = np.empty(len(by_group), dtype=np.intp)  # of a class within its group
    place[by_group] = np.arange(len(by_group)) - starts[group_of[by_group]]
    answers = positions.copy()
    wrong = rng.permutation(len(positions))[:n_wrong]
    if len(wrong):
        true = positions[wrong]
        group = group_of[true]
        step = rng.randint(1, sizes[group])  # round the group, never back to the true class
        answers[wrong] = by_group[starts[group] + (place[true] + step) % sizes[group]]
    return answers


def confused(positions: Positions, confusion: NDArray[np.float64], rng: np.random.RandomState) -> Positions:
    """Give each class its shares of answers: systematic counts, then the rows of a class in random order."""
    answers = positions.copy()
    for true, shares in enumerate(confusion):
        own = np.flatnonzero(positions == true)
        ends = np.cumsum(shares)
        # One random offset for all ends: each count is its share rounded up or down, unbiased, and they add up.
        ends = np.floor(len(own) * (ends / ends[-1]) + rng.random_sample()).astype(np.intp)
        counts = np.diff(ends, prepend=0)
        answers[rng.permutation(own)] = np.repeat(np.arange(len(shares)), counts)
    return answers
