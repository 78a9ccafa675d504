"""Batches that are drawn: the law of the draws, and what they are drawn from."""

from functools import partial
from itertools import permutations

import numpy as np
import pytest
from made_contract import OF_ROWS, keeps_the_contract
from scipy.stats import chisquare
from sklearn.linear_model import LogisticRegression

from skal import scores
from skal.outputs import InvalidOutput
from skal.query import (
    combine,
    core_set,
    entropy_sampling,
    falcun,
    margin_sampling,
    pool_scores,
    power_bald,
    power_sampling,
    score_strategy,
    select,
)
from skal.selection.power import power


def test_strategy_keeps_the_contract():
    checks = [name for name in OF_ROWS if name != "check_prefers_the_unknown"]
    keeps_the_contract(power_sampling(margin_sampling, 2.0), checks)  # margins of certain rows are far from 0
    keeps_the_contract(power_sampling(entropy_sampling, 4.0), ["check_prefers_the_unknown"])


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 3.0])
def test_draws_follow_the_powers_one_after_another(beta):
    """Chi-square of ordered pairs against their law, 5000 draws; the seed was not chosen."""
    values = np.array([0.1, 0.4, 0.2, 0.3])
    weights = values**beta
    rng = np.random.RandomState(0)
    draws = [tuple(power(values, 2, rng, beta=beta)[0]) for _ in range(5000)]
    pairs = list(permutations(range(4), 2))
    law = [weights[a] / weights.sum() * weights[b] / (weights.sum() - weights[a]) for a, b in pairs]
    assert chisquare([draws.count(pair) for pair in pairs], 5000 * np.array(law)).pvalue > 1e-3


def test_rows_of_score_zero_come_last_and_at_random():
    values = np.array([0.0, 1e-300, 0.0, 5.0, 0.0])
    firsts = set()
    for seed in range(30):
        indices, drawn = power(values, 5, random_state=seed)
        assert set(indices[:2]) == {1, 3} and sorted(indices) == list(range(5))
        assert (drawn == values[indices]).all()
        firsts.add(indices[2])
    assert firsts == {0, 2, 4}
    assert {int(power(values, 1, random_state=seed, beta=0)[0][0]) for seed in range(40)} == set(range(5))


def test_a_large_power_takes_the_highest_and_a_batch_begins_a_longer_one():
    values = np.random.RandomState(0).rand(50)
    assert power(values, 3, random_state=0, beta=1e6)[0].tolist() == np.argsort(-values)[:3].tolist()
    assert power(values, 3, random_state=1)[0].tolist() == power(values, 9, random_state=1)[0][:3].tolist()


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([0.1, -0.2], {}, r"at least 0 to have a power, got -0.2 in row 1\. Use a score"),
        ([0.1, np.nan], {}, "NaN or infinity in 1 of 2 rows, first row 1"),
        ([[0.1]], {}, r"shape \(n_pool,\), got \(1, 1\)"),
        ([0.1], {"beta": -1}, "beta must be a finite number of at least 0, got -1"),
        ([0.1], {"beta": np.inf}, "beta must be a finite number"),
        ([0.1], {"beta": True}, "beta must be a finite number"),
    ],
)
def test_wrong_arguments_are_refused(values, options, message):
    with pytest.raises(ValueError, match=message):
        power(values, 1, **options)


@pytest.fixture
def model(table):
    return LogisticRegression().fit(*table)


def test_power_sampling_draws_by_the_scores_of_its_part(model, table):
    X, _ = table
    entropies = pool_scores(entropy_sampling, model, X)
    picks, drawn = select(power_sampling(entropy_sampling, 1e6), model, X, 5, random_state=0)
    assert picks.tolist() == np.argsort(-entropies)[:5].tolist()
    np.testing.assert_allclose(drawn, entropies[picks])
    one = [
        entropies[select(power_sampling(entropy_sampling, 1.0), model, X, 30, random_state=s)[0]].mean()
        for s in range(5)
    ]
    assert np.mean(one) > entropies.mean()
    combined = power_sampling(combine("sum", margin_sampling, entropy_sampling))
    assert len(select(combined, model, X, 5, random_state=0)[0]) == 5


@score_strategy
def negative(learner, X_pool):
    """Score all rows below zero."""
    return -np.ones(len(X_pool))


def test_power_sampling_refuses_what_has_no_power(model, table):
    with pytest.raises(TypeError, match="power_sampling: core_set selects rows together"):
        power_sampling(core_set)
    with pytest.raises(InvalidOutput, match="scores of negative cannot be raised to a power: they reach -1"):
        power_sampling(negative)(model, table[0])


def test_power_bald_draws_by_bald():
    class Two:
        def sampled_proba(self, X, n_samples, random_state):
            P = np.full((2, 3, 2), 0.5)
            P[:, 1], P[:, 2] = [[0.9, 0.1], [0.1, 0.9]], [[0.6, 0.4], [0.4, 0.6]]
            return P

    values = scores.bald(Two().sampled_proba(None, 2, 0))
    counts = np.zeros(3)
    for seed in range(400):
        counts[power_bald(Two(), np.zeros((3, 1)), n_samples=2, random_state=seed)[0]] += 1
    assert counts[0] == 0
    np.testing.assert_allclose(counts[2] / 400, values[2] / values.sum(), atol=0.03)


class Given:
    """A model of given probabilities: its rows are positions."""

    def __init__(self, P):
        self.P = np.asarray(P)

    def predict_proba(self, X):
        return self.P[np.asarray(X)[:, 0].astype(int)]


def test_falcun_by_hand():
    """With a large gamma the most relevant row is taken each time."""
    P = np.array([[0.5, 0.5, 0.0], [0.5, 0.49, 0.01], [0.0, 0.45, 0.55], [1.0, 0.0, 0.0]])
    X = np.arange(4.0)[:, None]
    picks, relevance = select(partial(falcun, gamma=1e4), Given(P), X, 3, random_state=0)
    # Margins are 1, 0.99, 0.9, 0, and so are distances at first; L1 to row 0 is 0, 0.02, 1.1, 1. The smaller of the
    # two, over its largest, 0.9, is 0, 0.022, 1, 0. After row 2 only row 1 is at any distance: at the largest, 1.
    assert picks.tolist() == [0, 2, 1]
    np.testing.assert_allclose(relevance, [2.0, 1.9, 1.99])


def test_falcun_draws_uniformly_without_gamma():
    P = np.array([[0.5, 0.5], [1.0, 0.0], [0.9, 0.1]])
    picks = [falcun(Given(P), np.arange(3.0)[:, None], gamma=0.0, random_state=s)[0] for s in range(300)]
    assert chisquare(np.bincount(picks, minlength=3)).pvalue > 1e-3
