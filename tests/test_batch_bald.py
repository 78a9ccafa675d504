"""BatchBALD against the joint entropy written out, and what must hold of it."""

import importlib
from itertools import combinations, product

import numpy as np
import pytest
from scipy.special import entr

from skal import scores
from skal.selection.batch_bald import Beliefs, batch_bald

kernel = importlib.import_module("skal.selection.batch_bald")


def probabilities(n, T=6, C=3, seed=0, sharpness=2.0):
    rng = np.random.RandomState(seed)
    logits = sharpness * rng.normal(size=(T, n, C)) * rng.uniform(0.2, 1.5, size=(1, n, 1))
    P = np.exp(logits)
    return P / P.sum(axis=2, keepdims=True)


def joint_information(P, rows):
    """``H[y_1 .. y_b] - sum_i mean_k H[y_i | w_k]``, over every joint label."""
    T, _, C = P.shape
    joint = 0.0
    for labels in product(range(C), repeat=len(rows)):
        joint += entr(np.mean(np.prod([P[:, row, y] for row, y in zip(rows, labels, strict=True)], axis=0)))
    return joint - sum(entr(P[:, row]).sum() / T for row in rows)


def brute_force(P, n):
    picks, totals = [], []
    for _ in range(n):
        left = [row for row in range(P.shape[1]) if row not in picks]
        values = [joint_information(P, [*picks, row]) for row in left]
        picks.append(left[int(np.argmax(values))])
        totals.append(max(values))
    return picks, totals


@pytest.mark.parametrize("seed", range(5))
def test_picks_and_scores_are_those_of_the_joint_entropy(seed):
    P = probabilities(12, seed=seed)
    picks, totals = brute_force(P, 4)
    indices, gains = batch_bald(P, 4, random_state=0)
    assert indices.tolist() == picks
    np.testing.assert_allclose(np.cumsum(gains), totals, rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_one_pick_is_that_of_bald(dtype):
    P = probabilities(500, T=10, C=5).astype(dtype)
    expected = scores.bald(P)
    indices, gains = batch_bald(P, 1, random_state=0)
    assert indices[0] == expected.argmax()
    np.testing.assert_allclose(gains[0], expected.max(), rtol=1e-6)


def test_a_batch_tells_no_more_than_its_parts_and_no_less_than_the_best():
    P = probabilities(60, T=8, C=4)
    alone = scores.bald(P)
    indices, gains = batch_bald(P, 5, random_state=0)
    totals = np.cumsum(gains)
    assert (totals <= np.cumsum(alone[indices]) + 1e-12).all() and (totals >= alone.max() - 1e-12).all()
    assert totals[-1] <= np.log(8) and (np.diff(gains) <= 0).all()


def test_greedy_keeps_its_guarantee():
    P = probabilities(9, seed=3)
    best = max(joint_information(P, rows) for rows in combinations(range(9), 3))
    assert batch_bald(P, 3, random_state=0)[1].sum() >= (1 - np.exp(-1)) * best


@pytest.mark.parametrize("seed", range(6))
def test_equal_rows_without_noise_are_not_taken_together(seed):
    same = np.eye(2)[[0, 0, 1, 1]]  # every pass is certain, and they differ
    other = np.array([[0.6, 0.4], [0.4, 0.6], [0.6, 0.4], [0.4, 0.6]])
    P = np.stack([same, same, same, other], axis=1)
    indices, gains = batch_bald(P, 2, random_state=seed)
    assert indices[0] in (0, 1, 2) and indices[1] == 3
    np.testing.assert_allclose(gains, [np.log(2), scores.bald(P)[3]])
    assert (batch_bald(P[:, :3], 3, random_state=seed)[1][1:] == 0).all()


def test_lazy_picks_are_those_of_looking_at_every_row(monkeypatch):
    """Blocks and merged beliefs rule rows out; without them, every gain is taken anew."""
    P = probabilities(400, T=12, C=4, sharpness=1.0)
    monkeypatch.setattr(kernel, "_SUMMARIES", (4, 16))
    monkeypatch.setattr(kernel, "_BLOCK_ELEMENTS", 2000)
    looked = []
    gains_of = kernel._Pool.gains
    monkeypatch.setattr(
        kernel._Pool,
        "gains",
        lambda self, rows, b: looked.append(len(rows) * len(b.weights)) or gains_of(self, rows, b),
    )
    lazy = batch_bald(P, 5, random_state=0)
    work = sum(looked)
    monkeypatch.setattr(
        kernel, "_refine", lambda bounds, pool, b: bounds.__setitem__(...,
            np.where(np.isneginf(bounds), bounds, gains_of(pool, np.arange(pool.n), b)))
    )  # fmt: skip
    every = batch_bald(P, 5, random_state=0)
    assert lazy[0].tolist() == every[0].tolist()
    np.testing.assert_allclose(lazy[1], every[1], rtol=1e-9)
    assert work < 0.7 * 400 * (1 + 4 + 16 + 64 + 256)


def test_merged_beliefs_bound_the_gains():
    P = probabilities(50, T=10, C=4, sharpness=1.0)
    pool = kernel._Pool(P)
    beliefs = Beliefs(np.ones(1), np.full((1, 10), 0.1))
    for row in range(4):
        beliefs = beliefs.after(pool.row(row))
    assert len(beliefs.weights) == 4**4
    np.testing.assert_allclose(beliefs.weights.sum(), 1.0)
    exact = pool.gains(np.arange(50), beliefs)
    merged = pool.gains(np.arange(50), beliefs.merged(32))
    assert (merged >= exact - 1e-12).all() and merged.mean() < pool.gains(np.arange(50), beliefs.merged(2)).mean()


def test_drawn_beliefs_give_gains_that_are_right_on_average():
    P = probabilities(30, T=10, C=4, sharpness=1.0)
    pool = kernel._Pool(P)
    beliefs = Beliefs(np.ones(1), np.full((1, 10), 0.1))
    for row in range(4):
        beliefs = beliefs.after(pool.row(row))
    exact = pool.gains(np.arange(30), beliefs)
    rng = np.random.RandomState(0)
    draws = np.array([pool.gains(np.arange(30), beliefs.thinned(20, rng)) for _ in range(400)])
    error = draws.std(axis=0) / np.sqrt(400)
    assert (np.abs(draws.mean(axis=0) - exact) < 4.5 * error).all()
    assert all(abs(len(beliefs.thinned(20, rng).weights) - 20) <= 1 for _ in range(20))


def test_many_draws_are_near_the_exact_score():
    P = probabilities(40, T=8, C=3, sharpness=1.0)
    exact = batch_bald(P, 6, random_state=0)
    drawn = batch_bald(P, 6, random_state=0, max_exact=81, n_draws=81)
    np.testing.assert_allclose(np.cumsum(drawn[1])[-1], np.cumsum(exact[1])[-1], rtol=0.03)


def test_chances_add_up():
    for seed, limit in [(0, 5), (1, 1), (2, 99)]:
        values = np.random.RandomState(seed).exponential(size=100) ** 3
        chance = kernel._chances(values, limit)
        np.testing.assert_allclose(chance.sum(), limit)
        assert chance.max() <= 1 and (np.diff(chance[np.argsort(values)]) >= 0).all()


def test_one_member_or_members_that_agree_tell_nothing():
    for P in (probabilities(5, T=1), np.repeat(probabilities(5, T=1), 4, axis=0)):
        indices, gains = batch_bald(P, 5, random_state=0)
        assert sorted(indices) == list(range(5)) and (gains < 1e-12).all()


@pytest.mark.parametrize(
    ("P", "options", "message"),
    [
        (np.ones((2, 3)), {}, r"must have shape \(T, n, C\), one distribution a row, got \(2, 3\)"),
        (np.ones((2, 3, 2, 4)), {}, "one distribution a row"),
        (np.array([[[0.5, 0.5], [np.nan, 0.5]]]), {}, "NaN or infinity in 1 of 2 rows, first row 1"),
        (np.array([[[1.5, -0.5]]]), {}, "got a negative number"),
        (np.ones((2, 3, 2)), {"max_exact": 0}, "max_exact must be an int >= 1, got 0"),
        (np.ones((2, 3, 2)), {"n_draws": 1.5}, "n_draws must be an int >= 1, got 1.5"),
    ],
)
def test_wrong_arguments_are_refused(P, options, message):
    with pytest.raises(ValueError, match=message):
        batch_bald(P, 1, **options)
