"""Selections that take a while say how far they are, and end when they are told to."""

import itertools

import numpy as np
import pytest

from skal.selection import (
    GradientEmbedding,
    batch_bald,
    herding,
    k_center,
    kmeans_plusplus,
    prob_cover,
    typiclust,
)

RNG = np.random.default_rng(0)
Z, CENTERS = RNG.normal(size=(400, 3)), RNG.normal(size=(10, 3))
P = RNG.dirichlet(np.ones(3), size=(4, 400))
N = 60

SELECTIONS = {
    "k_center": lambda **options: k_center(Z, N, CENTERS, 0, **options),
    "k_center, nothing labelled": lambda **options: k_center(Z, N, None, 0, **options),
    "kmeans_plusplus": lambda **options: kmeans_plusplus(Z, N, CENTERS, 0, **options),
    "kmeans_plusplus, nothing labelled": lambda **options: kmeans_plusplus(Z, N, None, 0, **options),
    "kmeans_plusplus, equal rows": lambda **options: kmeans_plusplus(np.ones((N, 2)), N, None, 0, **options),
    "badge": lambda **options: kmeans_plusplus(GradientEmbedding(P[0], Z), N, None, 0, first="largest", **options),
    "typiclust": lambda **options: typiclust(Z, N, CENTERS, 0, **options),
    "prob_cover": lambda **options: prob_cover(Z, N, 0.5, CENTERS, 0, **options),
    "prob_cover, all covered": lambda **options: prob_cover(Z, N, 3.0, CENTERS, 0, **options),
    "herding": lambda **options: herding(Z, N, CENTERS, None, 0, **options),
    "herding, cosine": lambda **options: herding(Z, N, CENTERS, None, 0, kernel="cosine", **options),
    "batch_bald": lambda **options: batch_bald(P, N, 0, max_exact=50, n_draws=50, **options),
}
BEFORE = ("typiclust", "prob_cover", "herding")  # what is told before a pick, too


class Stop(BaseException):
    """As KeyboardInterrupt, no Exception."""


@pytest.mark.parametrize("name", SELECTIONS)
def test_counts_rise_to_n_and_change_no_pick(name):
    told = []
    found = SELECTIONS[name](progress=lambda picked, n: told.append((picked, n)))
    expected = SELECTIONS[name]()
    counts = [picked for picked, _ in told]
    assert {n for _, n in told} == {N} and counts[-1] == N
    some = [count for count in counts if count]
    assert all(first < second for first, second in itertools.pairwise(some))
    n_before = len(counts) - len(some)
    assert counts == [0] * n_before + some
    assert (n_before > 0) == name.startswith(BEFORE)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


@pytest.mark.parametrize("name", SELECTIONS)
def test_what_it_raises_ends_the_selection(name):
    calls = []

    def stop(picked, n):
        calls.append(picked)
        if len(calls) == 2 or picked == n:
            raise Stop

    with pytest.raises(Stop):
        SELECTIONS[name](progress=stop)
    assert len(calls) <= 2


@pytest.mark.parametrize("name", ["typiclust", "prob_cover", "herding"])
def test_it_can_end_before_the_first_pick(name):
    def stop(picked, n):
        assert picked == 0
        raise Stop

    with pytest.raises(Stop):
        SELECTIONS[name](progress=stop)


def test_each_pick_is_told_where_it_takes_long():
    for name in ("typiclust", "herding", "batch_bald"):
        told = []
        SELECTIONS[name](progress=lambda picked, n, told=told: told.append(picked))
        assert [count for count in told if count] == list(range(1, N + 1))
