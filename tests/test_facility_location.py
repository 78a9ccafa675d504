"""Facility location against its definition, and suggestive annotation on top of it."""

import itertools

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner, Committee, scores
from skal.outputs import committee_proba
from skal.query import suggestive_annotation
from skal.selection import facility_location, top_k


def cosines(Z):
    norms = np.linalg.norm(Z, axis=1, keepdims=True)
    units = Z / np.where(norms > 0, norms, 1)
    return units @ units.T


def represented(similar, chosen):
    """F of the definition: every row and its most similar chosen one."""
    return similar[:, list(chosen)].max(axis=1).sum()


def greedy_by_hand(Z, n, candidates):
    similar, picks, gains = cosines(Z), [], []
    for _ in range(n):
        before = represented(similar, picks) if picks else -len(Z)
        left = [c for c in candidates if c not in picks]
        values = [represented(similar, [*picks, c]) - before for c in left]
        picks.append(left[int(np.argmax(np.round(values, 9)))])
        gains.append(max(values) / len(Z))
    return picks, gains


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [1, 4, 12])
def test_picks_equal_brute_force_over_all_rows(seed, n):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(40, 3)) + 2 * rng.integers(0, 2, (40, 3))
    candidates = rng.choice(40, 12, replace=False)
    picks, gains = facility_location(Z, n, candidates, random_state=seed, random_tie_break=False)
    expected = greedy_by_hand(Z, n, sorted(candidates))
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(gains, expected[1], rtol=1e-9, atol=1e-12)


def test_rows_that_are_no_candidates_count():
    """Ten rows look one way: of two candidates, the one that is like them comes first."""
    Z = np.array([[0.0, 1.0], [1.0, 0.2]] + [[1.0, 0.0]] * 10)
    assert facility_location(Z, 1, [0, 1], random_state=0)[0].tolist() == [1]
    assert facility_location(Z[:2], 2, random_state=0)[0].shape == (2,)


@pytest.mark.parametrize("seed", range(5))
def test_the_greedy_is_as_good_as_promised(seed):
    Z = np.random.default_rng(seed).normal(size=(9, 2))
    similar = cosines(Z)
    best = max(represented(similar, some) for some in itertools.combinations(range(9), 3)) + 9
    picks, gains = facility_location(Z, 3, random_state=seed)
    assert represented(similar, picks) + 9 >= (1 - 1 / np.e) * best
    np.testing.assert_allclose(gains.sum() * 9, represented(similar, picks) + 9)


@pytest.mark.parametrize("Z", [np.random.default_rng(0).normal(size=(60, 4)), np.zeros((20, 2)), np.ones((20, 2))])
def test_gains_never_rise(Z):
    _, gains = facility_location(Z, len(Z), random_state=0)
    assert (np.diff(gains) <= 1e-12).all() and gains.min() >= 0


def test_lengths_do_not_count():
    Z = np.random.default_rng(0).normal(size=(30, 3))
    lengths = np.random.default_rng(1).uniform(0.1, 9, (30, 1))
    picks = [facility_location(rows, 6, random_state=0)[0].tolist() for rows in (Z, Z * lengths)]
    assert picks[0] == picks[1]


@pytest.mark.parametrize(
    ("candidates", "message"),
    [([0, 40], r"candidates must be positions in \[0, 39\]"), ([3, 4], "at most the number of candidates, 2, got 3")],
)
def test_wrong_candidates_are_refused(candidates, message):
    with pytest.raises(ValueError, match=message):
        facility_location(np.ones((40, 2)), 3, candidates)


# Suggestive annotation.


@pytest.fixture(scope="module")
def committee(table):
    X, y = table
    members = [ActiveLearner(LogisticRegression(), random_state=seed) for seed in range(4)]
    return Committee(members).fit(X[:40], y[:40], bootstrap=True)


def test_suggestions_are_among_twice_as_many_uncertain_rows(committee, table):
    pool = table[0][40:]
    variance = committee_proba(committee, pool, then=scores.mean_variance)
    uncertain = set(top_k(variance, 16, 0)[0].tolist())
    picks = suggestive_annotation(committee, pool, 8, random_state=0)[0]
    assert set(picks.tolist()) <= uncertain
    expected, _ = facility_location(pool, 8, sorted(uncertain), random_state=0)
    assert set(picks.tolist()) == set(expected.tolist())


def test_as_many_candidates_as_picks_are_the_uncertain_rows(committee, table):
    pool = table[0][40:]
    variance = committee_proba(committee, pool, then=scores.mean_variance)
    picks = suggestive_annotation(committee, pool, 8, n_candidates=8, random_state=0)[0]
    assert set(picks.tolist()) == set(top_k(variance, 8, 0)[0].tolist())
    with pytest.raises(ValueError, match="n_candidates must be at least n_instances=8, got 7"):
        suggestive_annotation(committee, pool, 8, n_candidates=7)
