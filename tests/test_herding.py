"""Generalised coverage against its definition, and the three strategies that are made of it."""

import importlib
import itertools

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import cosine_similarity

from skal import ActiveLearner, scores
from skal.outputs import proba
from skal.query import facility_location, max_herding, uncertainty_herding
from skal.selection import facility_location as facility_location_of_the_pool
from skal.selection import unit_rows
from skal.selection.herding import herding, nearest_pair

MODULE = importlib.import_module("skal.selection.herding")


NOTHING = {"rbf": 0.0, "cosine": -1.0}  # likeness to no point at all: the smallest there is


def likeness(Z, others, kernel, width):
    if kernel == "cosine":
        return cosine_similarity(Z, others)
    return np.exp(-((pairwise_distances(Z, others) / width) ** 2))


def coverage(Z, chosen, weights, kernel, width):
    """The definition: weighted mean of the likeness of each row to its nearest chosen point."""
    if len(chosen) == 0:
        return NOTHING[kernel] * weights.sum() / len(Z)
    return (weights * likeness(Z, chosen, kernel, width).max(axis=1)).sum() / len(Z)


def greedy_by_hand(Z, n, centers, weights, kernel, width, candidates=None):
    picks, gains = [], []
    best = likeness(Z, centers, kernel, width).max(axis=1) if len(centers) else np.full(len(Z), NOTHING[kernel])
    like = likeness(Z, Z, kernel, width)
    for _ in range(n):
        now = np.maximum(best, like[:, picks].max(axis=1)) if picks else best
        left = np.setdiff1d(np.arange(len(Z)) if candidates is None else candidates, picks)
        values = [(weights * (np.maximum(now, like[:, row]) - now)).sum() / len(Z) for row in left]
        picks.append(int(left[np.argmax(np.round(values, 11))]))
        gains.append(max(values))
    return picks, gains


@pytest.mark.parametrize("kernel", ["rbf", "cosine"])
@pytest.mark.parametrize("m", [0, 4])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("block", [8, 2**17])
def test_picks_and_gains_are_those_of_the_definition(monkeypatch, kernel, m, weighted, block):
    monkeypatch.setattr(MODULE, "_BLOCK", block)
    for seed in range(2):
        rng = np.random.default_rng(seed)
        Z = rng.normal(size=(30, 3)) + 2 * rng.integers(0, 2, (30, 3))
        weights = rng.uniform(0, 3, 30) * (rng.random(30) < 0.7) if weighted else np.ones(30)
        args = Z[:m] + 0.1, weights, kernel, 1.3
        picks, gains = herding(
            Z,
            12,
            args[0],
            weights if weighted else None,
            random_state=0,
            kernel=kernel,
            width=1.3,
            random_tie_break=False,
        )
        expected = greedy_by_hand(Z, 12, *args)
        assert picks.tolist() == expected[0]
        np.testing.assert_allclose(gains, expected[1], atol=1e-10)


def test_few_gains_are_taken_anew(monkeypatch):
    taken = []
    gains = MODULE._Coverage.gains
    monkeypatch.setattr(
        MODULE._Coverage, "gains", lambda self, rows, *more: taken.append(len(rows)) or gains(self, rows, *more)
    )
    Z = np.random.default_rng(0).normal(size=(2000, 8))
    herding(Z, 50, random_state=0, width=3.0)
    assert taken[0] == 2000 and sum(taken[1:]) < 50 * 2000 / 10


@pytest.mark.parametrize("seed", range(5))
def test_the_greedy_is_as_good_as_promised(seed):
    Z = np.random.default_rng(seed).normal(size=(9, 2))
    best = max(coverage(Z, Z[list(some)], np.ones(9), "rbf", 1.0) for some in itertools.combinations(range(9), 3))
    assert herding(Z, 3, random_state=seed)[1].sum() >= (1 - 1 / np.e) * best


@pytest.mark.parametrize("kernel", ["rbf", "cosine"])
@pytest.mark.parametrize("Z", [np.random.default_rng(0).normal(size=(60, 4)), np.zeros((20, 2)), np.ones((20, 9))])
@pytest.mark.parametrize("width", [1e-6, 1.0, 1e6])
def test_gains_never_rise_and_all_rows_can_be_had(Z, kernel, width):
    picks, gains = herding(Z, len(Z), random_state=0, kernel=kernel, width=width)
    assert sorted(picks) == list(range(len(Z)))
    assert (np.diff(gains) <= 1e-12).all() and gains.min() >= 0


@pytest.mark.parametrize("width", [1e-4, 1.0])
def test_equal_rows_have_equal_gains(width):
    """Far from the origin and in any block: the order of the file must not win."""
    Z = np.repeat(np.random.default_rng(0).normal(size=(1, 33)), 300, axis=0) + 1e4
    firsts = {int(herding(Z, 1, random_state=seed, width=width)[0][0]) for seed in range(5)}
    assert len(firsts) > 1
    picks, gains = herding(Z, 2, random_state=0, width=width)
    np.testing.assert_allclose(gains, [1, 0], atol=1e-6)


def test_nothing_is_gained_where_labels_are_or_no_weight_is():
    Z = np.array([[0.0], [0.0], [9.0], [9.0], [9.0], [20.0]])
    assert herding(Z, 1, [[9.0]], random_state=0)[0][0] in (0, 1)
    picks, gains = herding(Z, 6, [[9.0]], [0, 0, 1, 1, 1, 1], random_state=0)
    assert picks[0] == 5
    np.testing.assert_allclose(gains, [1 / 6, 0, 0, 0, 0, 0], atol=1e-12)
    assert sorted(herding(Z, 6, None, np.zeros(6), random_state=0)[0]) == list(range(6))


def test_the_scale_of_weights_changes_nothing_but_the_gains():
    Z = np.random.default_rng(0).normal(size=(40, 3))
    w = np.random.default_rng(1).uniform(size=40)
    picks, gains = herding(Z, 9, None, w, random_state=0)
    tiny_picks, tiny_gains = herding(Z, 9, None, w * 1e-14, random_state=0)
    assert picks.tolist() == tiny_picks.tolist()
    np.testing.assert_allclose(tiny_gains, gains * 1e-14)


def test_the_cosine_is_facility_location():
    Z = np.random.default_rng(0).normal(size=(80, 4))
    expected = greedy_by_hand(Z, 15, np.empty((0, 4)), np.ones(80), "cosine", 1.0)
    for picks, gains in (
        facility_location_of_the_pool(Z, 15, random_state=3),
        herding(Z, 15, random_state=3, kernel="cosine"),
    ):
        assert picks.tolist() == expected[0]
        np.testing.assert_allclose(gains, expected[1], atol=1e-10)


@pytest.mark.parametrize("kernel", ["rbf", "cosine"])
@pytest.mark.parametrize("m", [0, 4])
def test_only_candidates_are_picked_and_all_rows_count(kernel, m):
    rng = np.random.default_rng(1)
    Z, weights = rng.normal(size=(45, 3)), rng.uniform(size=45)
    candidates = rng.choice(45, 12, replace=False)
    args = Z[:m] + 0.1, weights, kernel, 1.3
    picks, gains = herding(Z, 12, *args[:2], random_state=0, kernel=kernel, width=1.3, candidates=candidates)
    expected = greedy_by_hand(Z, 12, *args, candidates=candidates)
    assert sorted(picks.tolist()) == sorted(candidates.tolist())
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(gains, expected[1], atol=1e-10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "linear"}, "kernel must be 'rbf' or 'cosine', got 'linear'"),
        ({"width": 0.0}, "width must be positive and finite, got 0.0"),
        ({"weights": np.ones(4)}, r"weights must have shape \(5,\), got \(4,\)"),
        ({"weights": [1, 1, -1, 1, 1]}, "weights must be at least 0, got -1.0 in row 2"),
        ({"candidates": [0, 5]}, r"candidates must be positions in \[0, 4\]"),
        ({"candidates": [3]}, "n must be at most the number of candidates, 1, got 2"),
        ({"weights": [1, 1, np.nan, 1, 1]}, "weights must be finite, got NaN or infinity in 1 of 5 rows"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=f"herding: {message}"):
        herding(np.ones((5, 2)), 2, **options)


def test_nearest_pair():
    Z = np.random.default_rng(0).normal(size=(30, 3)) + 1e4
    pairs = pairwise_distances(Z - 1e4)[np.triu_indices(30, 1)]
    np.testing.assert_allclose(nearest_pair(np.repeat(Z, 2, axis=0)), pairs.min(), rtol=1e-6)
    assert nearest_pair(np.ones((4, 2))) is None and nearest_pair(np.empty((0, 2))) is None
    with pytest.raises(ValueError, match="Rescale the rows"):  # too near to have a square
        nearest_pair([[0.0], [1e-200], [0.0]])


# The strategies.


@pytest.fixture(scope="module")
def learner(table):
    X, y = table
    return ActiveLearner(LogisticRegression(), X_training=X[:30], y_training=y[:30])


@pytest.mark.parametrize("normalize", [False, True])
def test_max_herding_counts_labels(learner, table, normalize):
    X = table[0]
    Z, known = (unit_rows(X[30:]), unit_rows(X[:30])) if normalize else (X[30:], X[:30])
    expected = greedy_by_hand(Z, 5, known, np.ones(len(Z)), "rbf", 0.7)
    picks, gains = max_herding(learner, X[30:], 5, random_state=0, width=0.7, normalize=normalize)
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(gains, expected[1], atol=1e-10)


def test_uncertainty_herding_weighs_by_the_margin_and_shrinks_with_the_labels(learner, table):
    X = table[0]
    Z, known = unit_rows(X[30:]), unit_rows(X[:30])
    weights = proba(learner, X[30:], then=scores.margin)
    width = pairwise_distances(known)[np.triu_indices(30, 1)].min()
    expected = greedy_by_hand(Z, 5, known, weights, "rbf", width)
    picks, gains = uncertainty_herding(learner, X[30:], 5, random_state=0)
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(gains, expected[1], atol=1e-10)
    narrow = uncertainty_herding(learner, X[30:], 5, random_state=0, width=1e-9)[0]
    assert narrow.tolist() == np.argsort(-weights)[:5].tolist()


@pytest.mark.parametrize("metric", ["cosine", "rbf"])
def test_facility_location_counts_labels(learner, table, metric):
    X = table[0]
    expected = greedy_by_hand(X[30:], 5, X[:30], np.ones(len(X) - 30), metric, 2.0)
    picks, _ = facility_location(learner, X[30:], 5, metric=metric, width=2.0, random_state=0)
    assert picks.tolist() == expected[0]


def test_the_cosine_is_k_medoids_with_squared_distances_of_unit_rows():
    """What facility location gains is half of what the summed squared distances to the medoids lose."""
    Z = unit_rows(np.random.default_rng(0).normal(size=(50, 3)))
    picks, gains = herding(Z, 6, random_state=0, kernel="cosine")
    loss = [(pairwise_distances(Z, Z[picks[:k]]).min(axis=1) ** 2).mean() for k in range(1, 7)]
    np.testing.assert_allclose(gains[1:], -0.5 * np.diff(loss))
