"""EPIG against the divergence written out, and what must hold of it."""

import importlib

import numpy as np
import pytest
from scipy.special import rel_entr
from sklearn.linear_model import LogisticRegression

from skal import scores
from skal.data import block_rows
from skal.outputs import InvalidOutput, sampled_proba
from skal.query import epig as strategy
from skal.query import pool_scores
from skal.scores.epig import epig
from skal.testing._problems import NetLike

kernel = importlib.import_module("skal.scores.epig")


def probabilities(n, T=6, C=3, seed=0):
    logits = 2.0 * np.random.RandomState(seed).normal(size=(T, n, C))
    P = np.exp(logits)
    return P / P.sum(axis=2, keepdims=True)


def written_out(P, Q):
    """Mean over targets of the divergence of the joint law of two labels from the product of their laws."""
    out = np.zeros(P.shape[1])
    for row in range(P.shape[1]):
        for target in range(Q.shape[1]):
            joint = np.mean([np.outer(p[row], q[target]) for p, q in zip(P, Q, strict=True)], axis=0)
            out[row] += rel_entr(joint, np.outer(P[:, row].mean(axis=0), Q[:, target].mean(axis=0))).sum()
    return out / Q.shape[1]


@pytest.mark.parametrize("block", [1, 60, 2**20])
def test_score_is_the_divergence(block, monkeypatch):
    monkeypatch.setattr(kernel, "_BLOCK_ELEMENTS", block)
    P, Q = probabilities(7), probabilities(4, C=5, seed=1)
    np.testing.assert_allclose(epig(P, Q), written_out(P, Q), rtol=1e-10)
    np.testing.assert_allclose(epig(P.astype(np.float32), Q), written_out(P, Q), rtol=1e-5)


def test_a_label_tells_no_more_of_another_than_of_the_members():
    P, Q = probabilities(50), probabilities(20, seed=1)
    assert (epig(P, Q) <= scores.bald(P) + 1e-12).all() and (epig(P, Q) > 0).all()


def test_members_that_agree_on_the_target_or_the_row_tell_nothing():
    P, Q = probabilities(5), probabilities(3, seed=1)
    np.testing.assert_allclose(epig(P, np.repeat(Q[:1], 6, axis=0)), 0.0, atol=1e-12)
    np.testing.assert_allclose(epig(np.repeat(P[:1], 6, axis=0), Q), 0.0, atol=1e-12)


def test_members_that_are_certain_give_the_mutual_information_of_their_votes():
    votes = np.eye(2)[[[0, 0], [0, 1], [1, 0], [1, 1]]]  # (4, 2, 2): the second row is independent of the first
    np.testing.assert_allclose(epig(votes, votes[:, :1]), [np.log(2), 0.0], atol=1e-12)


@pytest.mark.parametrize(
    ("P", "Q", "message"),
    [
        (np.ones((2, 3)), np.ones((2, 3, 2)), "epig: P: P must have shape"),
        (np.ones((2, 3, 2, 4)), np.ones((2, 3, 2)), "one distribution a row"),
        (np.ones((2, 3, 2)), np.ones((3, 3, 2)), r"P_target must have shape \(2, m, C\) with m >= 1"),
        (np.ones((2, 3, 2)), np.ones((2, 0, 2)), "with m >= 1"),
        (np.full((2, 3, 2), np.nan), np.ones((2, 3, 2)), "epig: P: P must be finite, got NaN or infinity in 3 of 3"),
    ],
)
def test_wrong_arguments_are_refused(P, Q, message):
    with pytest.raises(ValueError, match=message):
        epig(P, Q)


@pytest.fixture
def net(table):
    return NetLike(LogisticRegression()).fit(*table)


@pytest.mark.parametrize("rows", [7, 1000])
def test_pool_and_target_are_read_with_the_same_passes(rows, net, table):
    X, _ = table
    with block_rows(rows):
        values = pool_scores(strategy, net, X, X_target=X[:30], n_samples=6, random_state=4)
    seed = np.random.RandomState(4).randint(2**31 - 1)
    P = sampled_proba(net, X, 6, random_state=seed)
    np.testing.assert_allclose(values, epig(P, P[:, :30]), atol=1e-12)


def test_the_target_is_a_random_part_of_the_pool(net, table):
    whole = pool_scores(strategy, net, table[0], n_target=300, random_state=0)
    np.testing.assert_allclose(
        whole, pool_scores(strategy, net, table[0], X_target=table[0], random_state=0), atol=1e-12
    )
    part = pool_scores(strategy, net, table[0], n_target=20, random_state=0)
    assert (part != whole).any() and np.corrcoef(part, whole)[0, 1] > 0.8
    with pytest.raises(ValueError, match="epig: n_target must be an int >= 1, got 0"):
        strategy(net, table[0], n_target=0)


def test_bad_target_rows_are_named_as_such(net, table):
    class Bad:
        def sampled_proba(self, X, n_samples, random_state):
            return np.where(X[:, :1] > 5, np.nan, 0.5) * np.ones((n_samples, len(X), 2))

    with pytest.raises(InvalidOutput, match="epig: of the target rows, .* 1 of 2 rows, first row 1"):
        strategy(Bad(), table[0], X_target=np.array([[0.0], [9.0]]))
