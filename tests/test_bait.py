"""BAIT against explicit Fisher matrices and direct inverses."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner
from skal.outputs import proba
from skal.query import bait as bait_strategy
from skal.selection.bait import _Fisher, _projection, _State, bait


def made(n, n_classes, d, seed=0):
    rng = np.random.default_rng(seed)
    return softmax(1.5 * rng.normal(size=(n, n_classes)), axis=1), rng.normal(size=(n, d))


def explicit(P, Z):
    """Fisher information of each row about all C * d weights, from the gradients of the log-likelihood."""
    n, n_classes = P.shape
    information = np.zeros((n, n_classes * Z.shape[1], n_classes * Z.shape[1]))
    for row in range(n):
        for c in range(n_classes):
            gradient = np.kron(np.eye(n_classes)[c] - P[row], Z[row])
            information[row] += P[row, c] * np.outer(gradient, gradient)
    return information


def trace_of(information, chosen, known, ridge):
    M = ridge * np.eye(information.shape[1]) + information[chosen].sum(axis=0) + known
    return np.trace(np.linalg.inv(M) @ information.mean(axis=0))


def greedy_by_hand(information, n, known, ridge):
    taken = []
    for _ in range(min(2 * n, len(information))):
        left = np.setdiff1d(np.arange(len(information)), taken)
        traces = [trace_of(information, [*taken, row], known, ridge) for row in left]
        taken.append(int(left[np.argmin(traces)]))
    while len(taken) > n:
        traces = [trace_of(information, [t for t in taken if t != row], known, ridge) for row in taken]
        del taken[int(np.argmin(traces))]
    here = trace_of(information, taken, known, ridge)
    missed = np.array([trace_of(information, [t for t in taken if t != row], known, ridge) for row in taken]) - here
    order = np.argsort(-missed)
    return np.array(taken)[order].tolist(), missed[order]


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("ridge", [0.01, 1.0])
@pytest.mark.parametrize("m", [0, 6])
def test_picks_are_those_of_explicit_matrices_and_direct_inverses(n_classes, ridge, m):
    P, Z = made(20, n_classes, 3, seed=n_classes)
    P_known, Z_known = made(m, n_classes, 3, seed=9)
    known = explicit(P_known, Z_known).sum(axis=0)
    picks, missed = bait(P, Z, 4, P_known, Z_known, random_state=0, ridge=ridge)
    expected = greedy_by_hand(explicit(P, Z), 4, known, ridge)
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(missed, expected[1], rtol=1e-7)


def test_updates_equal_direct_inverses_after_many_steps():
    P, Z = made(40, 4, 5)
    rows = _Fisher.of(P, Z, None)
    each = np.stack([_Fisher(rows.S[[row]], rows.Z[[row]]).total() for row in range(40)])
    np.testing.assert_allclose(each.sum(axis=0), rows.total())
    target = rows.total() / 40
    information = 1e-3 * np.eye(rows.dim)
    state = _State.of(rows, information, target)
    for row, sign in [*((row, +1.0) for row in range(30)), *((row, -1.0) for row in range(0, 30, 2))]:
        before = np.trace(np.linalg.inv(information) @ target)
        expected = abs(np.trace(np.linalg.inv(information + sign * each[row]) @ target) - before)
        np.testing.assert_allclose(state.change(sign)[row], expected, rtol=1e-6)
        information += sign * each[row]
        state.update(row, sign)
    inverse = np.linalg.inv(information)
    np.testing.assert_allclose(state.inverse, inverse, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(state.within, inverse @ target @ inverse, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state.T, rows.squeezed(inverse), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(state.R, rows.squeezed(inverse @ target @ inverse), rtol=1e-5, atol=1e-6)


def test_the_directions_across_the_classes_lose_nothing():
    P, Z = made(6, 4, 3)
    across = _Fisher.of(P, Z, None).total()
    whole = explicit(P, Z).sum(axis=0)
    np.testing.assert_allclose(np.linalg.eigvalsh(across), np.linalg.eigvalsh(whole)[3:], atol=1e-10)
    np.testing.assert_allclose(np.linalg.eigvalsh(whole)[:3], 0, atol=1e-10)


def test_a_certain_row_brings_nothing_and_a_repeated_one_less():
    P = np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]])
    Z = np.array([[9.0, 9.0], [1.0, 0.0], [1.0, 0.0], [0.0, 0.9]])
    picks, missed = bait(P, Z, 2, random_state=0, ridge=0.01)
    assert 3 in picks and 0 not in picks
    picks, missed = bait(P, Z, 4, random_state=0)
    assert picks[-1] == 0 and missed[-1] == 0


@pytest.mark.parametrize("n", [1, 5, 6, 10])
def test_the_whole_pool_and_more_than_half_of_it_can_be_had(n):
    P, Z = made(10, 3, 2)
    picks, missed = bait(P, Z, n, random_state=0)
    assert len(set(picks.tolist())) == n and (np.diff(missed) <= 0).all() and missed.min() >= 0


def test_wide_vectors_are_projected():
    P, Z = made(30, 4, 200)
    assert not np.array_equal(*(bait(P, Z, 5, random_state=seed, max_dim=30)[0] for seed in range(2)))
    picks = [bait(P, Z, 5, random_state=0, max_dim=width)[0] for width in (600, 1024)]
    assert np.array_equal(*picks)
    assert len(bait(P, Z, 5, random_state=0, max_dim=1)[0]) == 5


def test_a_projection_keeps_products_on_average():
    P, Z = made(20, 2, 50)
    rng = np.random.RandomState(0)
    products = [Z @ p @ p.T @ Z.T for p in (_projection(50, 40, rng) for _ in range(300))]
    np.testing.assert_allclose(np.mean(products, axis=0), Z @ Z.T, atol=4.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ridge": 0.0}, "ridge must be positive and finite, got 0.0"),
        ({"max_dim": 0}, "max_dim must be at least 1, got 0"),
        ({"Z": np.ones((4, 2))}, "P and Z must have as many rows, got 5 and 4"),
        (
            {"P_labeled": np.ones((2, 3)) / 3, "Z_labeled": np.ones((2, 2))},
            r"P must have shape \(n, 2\), got \(2, 3\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(ValueError, match=f"bait: {message}"):
        bait(**{"P": np.full((5, 2), 0.5), "Z": np.ones((5, 2)), "n": 2, **change})


def test_too_many_classes_for_the_memory_are_refused_before_work():
    P = np.broadcast_to(np.full(1000, 1e-3), (300, 1000))
    with pytest.raises(ValueError, match="bait: 300 rows of 1000 classes need 13.4 GiB, more than 2 GiB"):
        bait(P, np.ones((300, 2)), 2)


def test_the_strategy_reads_probabilities_and_embeddings_of_both(table):
    X, y = table
    learner = ActiveLearner(LogisticRegression(), X_training=X[:30], y_training=y[:30])
    picks, _ = bait_strategy(learner, X[30:], 6, random_state=0)
    expected, _ = bait(proba(learner, X[30:]), X[30:], 6, proba(learner, X[:30]), X[:30], random_state=0)
    assert picks.tolist() == expected.tolist()
    without, _ = bait(proba(learner, X[30:]), X[30:], 6, random_state=0)
    assert set(picks.tolist()) != set(without.tolist())
