"""QUIRE, epistemic uncertainty and McPAL against their papers' formulas, written out or integrated."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import roots_jacobi
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel

from skal.outputs import InvalidOutput
from skal.query import epistemic_sampling, mcpal, pool_scores, quire
from skal.scores import epistemic_of_counts, epistemic_of_logistic, probabilistic_gain

RNG = np.random.default_rng(0)
X = RNG.normal(size=(14, 3))
KNOWN, POOL = X[:5], X[5:]


def scored(strategy, y, known=KNOWN, pool=POOL, **options):
    """Scores of a pool; the strategies ask no model, so any will do."""
    model = LogisticRegression().fit(KNOWN, np.arange(5) % 2)
    del model.classes_
    return pool_scores(strategy, model, pool, X_labeled=known, y_labeled=np.asarray(y), **options)


# --- QUIRE.


def min_max_loss(K, ridge, y, s):
    """Equation 7 of Huang et al. for row s, all of whose inverses are of n rows: the largest over its label."""
    L = np.linalg.inv(K + ridge * np.eye(len(K)))
    m = len(y)
    labeled, others = np.arange(m), np.array([i for i in range(m, len(K)) if i != s])
    of_others = np.linalg.inv(L[np.ix_(others, others)])
    losses = []
    for label in (-1.0, 1.0):
        pull = L[np.ix_(others, labeled)] @ y + L[others, s] * label
        known = L[s, s] + y @ L[np.ix_(labeled, labeled)] @ y + 2 * label * L[s, labeled] @ y
        losses.append(known - pull @ of_others @ pull)  # the labels of the others at their best
    return max(losses)


@pytest.mark.parametrize(("ridge", "gamma"), [(1.0, 0.3), (0.05, 1.0), (10.0, 0.1)])
def test_quire_is_the_closed_form_of_the_paper_less_what_all_rows_share(ridge, gamma):
    y = np.array([1.0, -1.0, -1.0, 1.0, 1.0])
    K = rbf_kernel(X, gamma=gamma)
    expected = [min_max_loss(K, ridge, y, s) for s in range(5, 14)]
    shared = y @ np.linalg.solve(K[:5, :5] + ridge * np.eye(5), y)  # the loss of the labels alone
    found = scored(quire, y, gamma=gamma, ridge=ridge)
    np.testing.assert_allclose(-found + shared, expected, rtol=1e-9)


def test_quire_of_several_classes_takes_the_worst_of_them():
    y, linear = np.array([0, 1, 2, 1, 0]), KNOWN @ KNOWN.T + np.eye(5)
    inverse = np.linalg.inv(linear)
    expected = []
    for z in POOL:
        f = (z @ KNOWN.T) @ inverse @ np.where(y[:, None] == np.arange(3), 1.0, -1.0)
        variance = z @ z + 1.0 - (z @ KNOWN.T) @ inverse @ (KNOWN @ z)
        expected.append(-max(((f - t) ** 2).sum() for t in 2 * np.eye(3) - 1) / variance)
    np.testing.assert_allclose(scored(quire, y, kernel="linear"), expected)


def test_quire_does_not_see_the_rest_of_the_pool_but_by_the_width_of_the_kernel():
    y = [0, 1, 1, 0, 1]
    alone = [scored(quire, y, pool=POOL[[i]], gamma=0.4)[0] for i in range(len(POOL))]
    np.testing.assert_allclose(scored(quire, y, gamma=0.4), alone, rtol=1e-12)
    spread = 1.0 / X.var(axis=0).sum()
    np.testing.assert_allclose(scored(quire, y), scored(quire, y, gamma=spread))


# --- Epistemic uncertainty.


@pytest.mark.parametrize(("p", "n"), [(0.0, 0.0), (1.0, 0.0), (3.0, 1.0), (0.4, 2.2), (12.0, 12.0), (40.0, 2.0)])
def test_epistemic_uncertainty_of_counts_is_the_smaller_plausibility_on_a_grid(p, n):
    theta = np.linspace(0, 1, 400_001)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(p > 0, p * np.log(theta), 0.0) + np.where(n > 0, n * np.log(1 - theta), 0.0)
    likely = np.exp(log - log.max())
    yes = np.minimum(likely, np.maximum(2 * theta - 1, 0)).max()
    no = np.minimum(likely, np.maximum(1 - 2 * theta, 0)).max()
    assert epistemic_of_counts([[p, n]])[0] == pytest.approx(min(yes, no), abs=2e-5)


def test_epistemic_uncertainty_of_counts_by_hand():
    # One label: "yes" is wholly plausible, and "no" where theta = 1 - 2 theta.
    np.testing.assert_allclose(epistemic_of_counts([[1.0, 0.0], [0.0, 1.0]]), 1 / 3)
    # Of three classes each is taken against the rest, and the largest counts: here the third, 0 labels against 3.
    K = np.array([[2.0, 1.0, 0.0]])
    of_each = [epistemic_of_counts([[K[0, c], K.sum() - K[0, c]]])[0] for c in range(3)]
    assert epistemic_of_counts(K)[0] == max(of_each)
    assert (epistemic_of_counts([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]) == 1.0).all()
    assert epistemic_of_counts([[0.0], [2.0]])[0] == 1.0  # one class that is known, and another that might be there
    np.testing.assert_allclose(epistemic_of_counts([[20.0, 5e-324]]), epistemic_of_counts([[20.0, 0.0]]))
    with pytest.raises(ValueError, match="at least 0"):
        epistemic_of_counts([[1.0, -1.0]])


def by_brute_force(z, known, sign, C):
    """Both plausibilities on a grid of linear values, each by a constrained search over models."""
    row, rows = np.append(z, 1.0), np.hstack([known, np.ones((len(known), 1))])

    def loss(w):
        return np.logaddexp(0, -sign * (rows @ w)).sum() + w @ w / (2 * C)

    def slope(w):
        return -(rows.T @ (sign / (1 + np.exp(sign * (rows @ w))))) + w / C

    least = minimize(loss, np.zeros(len(row)), jac=slope, tol=1e-12).fun
    plausible = []
    for side in (1.0, -1.0):
        best = 0.0
        for v in side * np.linspace(0.05, 4, 60):
            at = {"type": "eq", "fun": lambda w, v=v: w @ row - v, "jac": lambda w: row}
            start = row * v / (row @ row)
            found = minimize(loss, start, jac=slope, constraints=at, method="SLSQP", options={"ftol": 1e-12})
            best = max(best, min(np.exp(least - found.fun), np.tanh(abs(v) / 2)))
        plausible.append(best)
    return min(plausible)


@pytest.mark.parametrize(("d", "m", "C"), [(1, 4, 1.0), (3, 2, 5.0)])
def test_epistemic_uncertainty_of_logistic_regressions_is_found_by_brute_force_too(d, m, C):
    rng = np.random.default_rng(d)
    known, sign = rng.normal(size=(m, d)), np.where(np.arange(m) % 2, 1.0, -1.0)
    Z = 2 * rng.normal(size=(1, d))
    expected = [by_brute_force(z, known, sign, C) for z in Z]
    np.testing.assert_allclose(epistemic_of_logistic(Z, known, sign > 0, C=C), expected, atol=0.035)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_at_the_value_found_the_best_model_of_it_is_as_likely_as_the_class_is_sure(scale):
    """The two curves meet: checked by a search of its own, for the class that is the less plausible one."""
    rng = np.random.default_rng(3)
    known, of_class = scale * rng.normal(size=(20, 4)), rng.random(20) < 0.5
    Z = scale * rng.normal(size=(3, 4))
    rows, sign = np.hstack([known, np.ones((20, 1))]), np.where(of_class, 1.0, -1.0)

    def loss(w):
        return np.logaddexp(0, -sign * (rows @ w)).sum() + w @ w / 2

    least = minimize(loss, np.zeros(5), tol=1e-12)
    for z, found in zip(Z, epistemic_of_logistic(Z, known, of_class), strict=True):
        row = np.append(z, 1.0)
        value = 2 * np.arctanh(found) * -np.sign(row @ least.x)  # the other side of the boundary than the best model
        at = {"type": "eq", "fun": lambda w, row=row, value=value: w @ row - value}
        start = least.x + row * (value - row @ least.x) / (row @ row)
        best = minimize(loss, start, constraints=at, method="SLSQP", options={"ftol": 1e-13, "maxiter": 500})
        assert np.exp(least.fun - best.fun) == pytest.approx(found, rel=1e-3)


def test_a_logistic_regression_knows_less_far_from_few_labels():
    Z = np.array([[0.0], [1.0], [50.0]])
    few = epistemic_of_logistic(Z, [[-1.0], [1.0]], [False, True])
    many = epistemic_of_logistic(Z, [[-1.0], [1.0]] * 40, [False, True] * 40)
    assert (many < few).all() and few[2] > few[1]
    every = epistemic_of_logistic(Z, [[-1.0], [1.0]], [True, True])  # one class alone
    assert ((every > 0) & (every < 1)).all()
    with pytest.raises(ValueError, match="columns of Z"):
        epistemic_of_logistic(Z, [[1.0, 2.0]], [True])


def test_epistemic_sampling_counts_labels_by_a_gaussian_kernel():
    y = np.array([0, 1, 2, 1, 0])
    K = rbf_kernel(POOL, KNOWN, gamma=0.7)
    counts = np.column_stack([K[:, y == c].sum(axis=1) for c in range(3)])
    np.testing.assert_allclose(scored(epistemic_sampling, y, gamma=0.7), epistemic_of_counts(counts))
    n, spread = 14, X.var(axis=0).sum()  # the mean criterion, over pool and labelled rows
    gamma = 0.5 / (2 * n * spread / ((n - 1) * np.log((n - 1) / 2e-12)))
    np.testing.assert_allclose(scored(epistemic_sampling, y), scored(epistemic_sampling, y, gamma=gamma))
    by_class = [epistemic_of_logistic(POOL, KNOWN, y == c, C=0.5) for c in range(3)]
    np.testing.assert_array_equal(
        scored(epistemic_sampling, y, likelihood="logistic", C=0.5), np.max(by_class, axis=0)
    )


# --- McPAL.


def share_of(a, b, nodes=20):
    """Nodes and weights that integrate polynomials over a beta distribution exactly (Gauss and Jacobi)."""
    x, weights = roots_jacobi(nodes, b - 1, a - 1)
    return (x + 1) / 2, weights / weights.sum()


def gain_by_integration(k, m):
    """Expected growth of the accuracy with m labels, two classes, over the beta distribution of the first's share."""

    def accuracy(p, counts):
        return p if counts[0] >= counts[1] else 1 - p

    def growth(p):
        after = sum(binom.pmf(one, m, p) * accuracy(p, (k[0] + one, k[1] + m - one)) for one in range(m + 1))
        return after - accuracy(p, k)

    p, weights = share_of(k[0] + 1, k[1] + 1)
    return weights @ growth(p) / m


@pytest.mark.parametrize("k", [(0.0, 0.0), (0.3, 0.2), (1.0, 0.0), (2.5, 0.4)])
def test_the_gain_of_two_classes_is_the_integral(k):
    for m_max in (1, 2, 3):
        expected = max(gain_by_integration(k, m) for m in range(1, m_max + 1))
        assert probabilistic_gain([k], m_max=m_max)[0] == pytest.approx(expected, abs=1e-12)


def test_the_gain_of_three_classes_is_the_integral():
    k, expected = np.array([0.6, 0.3, 0.1]), 0.0
    a = k + 1
    for p, weight in zip(*share_of(a[0], a[1] + a[2]), strict=True):  # a Dirichlet is a beta, and a beta of the rest
        for q, part in zip(*share_of(a[1], a[2]), strict=True):
            share = np.array([p, (1 - p) * q, (1 - p) * (1 - q)])
            after = sum(share[c] * share[(k + np.eye(3)[c]).argmax()] for c in range(3))
            expected += weight * part * (after - share[k.argmax()])
    assert probabilistic_gain([k], m_max=1)[0] == pytest.approx(expected, abs=1e-12)


def test_gains_by_hand_and_over_all_ways_to_split_labels():
    # Two labels over (2, 1): to 4, 3 or 3 of 5 with chances 1/2, 1/3, 1/6, after 2/3 before; shared by two.
    np.testing.assert_allclose(probabilistic_gain([[1.0, 0.0]], m_max=2), [(0.5 * 4 + 0.5 * 3) / 5 / 2 - 1 / 3])
    a, m = np.array([1.7, 1.2, 1.0, 2.5]), 3
    after = 0.0
    for sequence in itertools.product(range(4), repeat=m):  # labels in their order, each by Laplace's rule
        counts, chance = a.copy(), 1.0
        for c in sequence:
            chance *= counts[c] / counts.sum()
            counts[c] += 1
        after += chance * counts.max() / counts.sum()
    of_three = max((after - a.max() / a.sum()) / m, probabilistic_gain([a - 1.0], m_max=2)[0])
    np.testing.assert_allclose(probabilistic_gain([a - 1.0], m_max=3), [of_three])
    for wrong in ({"m_max": 0}, {"prior": 0.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            probabilistic_gain([[1.0, 0.0]], **wrong)


def test_mcpal_is_the_gain_times_the_density_of_all_rows():
    y = np.array([0, 1, 2, 1, 0])
    K = rbf_kernel(POOL, KNOWN, gamma=0.7)
    counts = np.column_stack([K[:, y == c].sum(axis=1) for c in range(3)])
    expected = rbf_kernel(POOL, np.vstack([POOL, KNOWN]), gamma=0.7).mean(axis=1) * probabilistic_gain(counts)
    np.testing.assert_allclose(scored(mcpal, y, gamma=0.7), expected)


@pytest.mark.parametrize("strategy", [quire, epistemic_sampling, mcpal])
def test_labels_of_other_kinds_are_refused_in_words(strategy):
    with pytest.raises(InvalidOutput, match="classes, got numbers such as 0.5"):
        scored(strategy, [0.5, 1.0, 2.0, 0.0, 1.0])
    with pytest.raises(InvalidOutput, match=r"one class a row, \(m,\), got shape \(5, 2\)"):
        scored(strategy, np.ones((5, 2)))
    by_name = scored(strategy, ["b", "a", "a", "b", "b"])
    np.testing.assert_array_equal(by_name, scored(strategy, [1, 0, 0, 1, 1]))
