"""Scores of pixels as one score an image: the count above a threshold, by hand and as text."""

import math
import pickle
from functools import partial

import numpy as np
import pytest
import torch
from scipy import stats

from skal import scores
from skal.query import (
    bald,
    ensemble_entropy,
    entropy_sampling,
    margin_sampling,
    pool_scores,
    qbc,
    strategies,
    vote_entropy_sampling,
)
from skal.scores import count_above
from skal.study.strategies import describe_strategy, parse_strategy


class Pixels:
    """A model of images that are their own probabilities (n, C, H, W)."""

    def __init__(self, shift=0.0):
        self.shift = shift

    def predict_proba(self, X):
        P = np.asarray(X) + self.shift
        return P / P.sum(axis=1, keepdims=True)


def images(n=6, C=3, H=4, W=5, seed=0, sharpness=0.5):
    P = np.random.default_rng(seed).dirichlet(np.full(C, sharpness), size=(n, H, W))
    return np.ascontiguousarray(np.moveaxis(P, -1, 1))


def test_the_count_and_its_ties_by_hand():
    pixels = np.array([[0.9, 0.7, 0.1], [0.6, 0.5, 0.5], [0.6, 0.6, 0.6], [0.0, 0.0, 0.0]])
    tie = pixels.mean(axis=1) / (1 + pixels.mean(axis=1))
    np.testing.assert_allclose(count_above()(pixels), np.array([2, 0, 0, 0]) + tie)  # 0.6 itself is not above
    np.testing.assert_allclose(count_above(0.55)(pixels), np.array([2, 1, 3, 0]) + tie)
    np.testing.assert_allclose(count_above(0.55, fraction=True)(pixels), (np.array([2, 1, 3, 0]) + tie) / 3)


def test_ties_never_outweigh_a_pixel():
    """One pixel just above against all pixels just below, or huge scores below a huger threshold."""
    n = 400 * 400
    below, one = np.full(n, 0.6), np.zeros(n)
    one[0] = 0.61
    low, high = count_above(0.6)(np.stack([below, one]))
    assert low < high
    low, high = count_above(1e300)(np.array([[1e300] * 3, [0.0, 0.0, 2e300]]))
    assert low < 1 <= high
    assert count_above(0.6)(np.array([[-np.inf, 0.7], [np.inf, 0.0]])).tolist() == [-np.inf, np.inf]


@pytest.mark.parametrize("normalized", [False, True])
def test_entropies_above_a_threshold_are_counted(normalized):
    P = images(C=4)
    H = stats.entropy(P, axis=1) / (math.log(4) if normalized else 1)
    score = scores.entropy(P, normalized=normalized, reduction=count_above(0.6))
    assert np.floor(score).tolist() == (H > 0.6).sum(axis=(1, 2)).tolist()
    np.testing.assert_array_equal(scores.entropy(P, normalized=normalized, reduction="count_above"), score)
    np.testing.assert_array_equal(scores.entropy(P, normalized=normalized, reduction="count_above:0.6"), score)
    share = scores.entropy(P, normalized=normalized, reduction="count_above:0.6:fraction")
    np.testing.assert_allclose(share, score / 20)


def test_it_pickles_and_compares():
    reduction = count_above(0.4, fraction=True)
    assert pickle.loads(pickle.dumps(reduction)) == reduction != count_above(0.4)


@pytest.mark.parametrize(
    "text", ["median", "count", "count_above:", "count_above:high", "count_above:1:2", "count_above:nan", 3, None]
)
def test_what_is_no_reduction_is_refused_for_tables_too(text):
    for P in (images(), [[0.5, 0.5]]):
        with pytest.raises(
            ValueError, match="reduction must be 'mean', 'max', 'count_above', 'count_above:THRESHOLD'"
        ):
            scores.entropy(P, reduction=text)


@pytest.mark.parametrize("threshold", [np.nan, np.inf, "0.6", True, None])
def test_a_threshold_is_a_number(threshold):
    with pytest.raises(ValueError, match="count_above: threshold must be a finite number"):
        count_above(threshold)


@pytest.mark.parametrize("score", [scores.entropy, scores.margin, scores.oui])
def test_blocks_and_tensors_make_no_difference(score, monkeypatch):
    P = images(n=7).astype(np.float32)
    expected = score(P, reduction="count_above:0.3")
    found = score(torch.from_numpy(P), reduction="count_above:0.3")
    assert isinstance(found, torch.Tensor)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)
    monkeypatch.setattr("skal.scores._common._BLOCK_ELEMENTS", 64)
    np.testing.assert_allclose(score(P, reduction="count_above:0.3"), expected, rtol=1e-6)


@pytest.mark.parametrize("members", [0, 2])
def test_an_image_that_is_read_in_parts_counts_every_pixel_once(members):
    """More numbers than a block has: 3 classes of 160 x 150 pixels, so the last part is a short one."""
    P = np.random.default_rng(0).dirichlet(np.ones(3), (members or 1, 2, 160, 150)).transpose(0, 1, 4, 2, 3)
    pixels = stats.entropy(P.mean(axis=0), axis=1)  # (n, H, W)
    score, table = (scores.consensus_entropy, P) if members else (scores.entropy, P[0])
    np.testing.assert_allclose(score(table), pixels.mean(axis=(1, 2)), rtol=1e-12)
    np.testing.assert_allclose(score(table, reduction="max"), pixels.max(axis=(1, 2)), rtol=1e-12)
    counts = score(table, reduction="count_above:0.9")
    assert np.floor(counts).tolist() == (pixels > 0.9).sum(axis=(1, 2)).tolist()


def test_strategies_take_it_and_tables_are_not_changed(table):
    P = images()
    learner, committee = Pixels(), [Pixels(), Pixels(0.3), Pixels(0.1)]
    members = np.stack([member.predict_proba(P) for member in committee])
    for strategy, model, expected in (
        (entropy_sampling, learner, scores.entropy(P, reduction="count_above:0.4")),
        (margin_sampling, learner, scores.margin(P, reduction="count_above:0.4")),
        (vote_entropy_sampling, committee, scores.vote_entropy(members, reduction="count_above:0.4")),
        (ensemble_entropy, committee, scores.mean_entropy(members, reduction="count_above:0.4")),
        (qbc, committee, scores.bald(members, reduction="count_above:0.4")),
    ):
        np.testing.assert_allclose(pool_scores(strategy, model, P, reduction="count_above:0.4"), expected)
        assert strategy(model, P, 2, random_state=0, reduction="max").shape == (2,)
    flat = P[..., 0, 0]
    plain = pool_scores(entropy_sampling, learner, flat)
    np.testing.assert_array_equal(pool_scores(entropy_sampling, learner, flat, reduction="count_above"), plain)


def test_both_readings_of_the_entropy_of_an_ensemble():
    P = images(C=4)
    committee = [Pixels(), Pixels(0.5)]
    members = np.stack([member.predict_proba(P) for member in committee])
    of_members = np.mean([stats.entropy(member, axis=1) for member in members], axis=0).mean(axis=(1, 2))
    of_mean = stats.entropy(members.mean(axis=0), axis=1).mean(axis=(1, 2))
    np.testing.assert_allclose(pool_scores(ensemble_entropy, committee, P), of_members)
    np.testing.assert_allclose(pool_scores(ensemble_entropy, committee, P, entropy_of="mean"), of_mean)
    normalized = pool_scores(ensemble_entropy, committee, P, entropy_of="mean", normalized=True)
    np.testing.assert_allclose(normalized, of_mean / math.log(4))
    normalized = pool_scores(ensemble_entropy, committee, P, normalized=True)
    np.testing.assert_allclose(normalized, of_members / math.log(4))
    # What is between the two is the divergence that qbc asks for.
    np.testing.assert_allclose(pool_scores(qbc, committee, P), of_mean - of_members, atol=1e-12)
    with pytest.raises(ValueError, match="entropy_of must be 'members' or 'mean', got 'votes'"):
        ensemble_entropy(committee, P, entropy_of="votes")


def test_it_goes_through_the_command_line():
    label, strategy = parse_strategy("entropy_sampling:reduction=count_above:0.6,normalized=true")
    assert label == "entropy_sampling:reduction=count_above:0.6,normalized=true"
    assert isinstance(strategy, partial)
    assert strategy.keywords == {"reduction": "count_above:0.6", "normalized": True}
    assert describe_strategy(strategy)["reduction"] == "count_above:0.6"


def test_the_option_is_described_where_it_is():
    having = [name for name, strategy in strategies().items() if "reduction" in strategy.info.options]
    assert {entropy_sampling.__name__, bald.__name__, qbc.__name__} <= set(having) and len(having) == 16
    for name in having:
        text = strategies()[name].__doc__
        assert 'reduction : {"mean", "max", "count_above"} or callable, default="mean"' in text
        assert "without effect" in text and "{reduction}" not in text
