"""Core-set with the features of a VAE, and Algorithm 1 of SRAAL; a fixed transformer stands in for the VAE."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner, ActiveLearningClassifier
from skal.loop import initial_pool
from skal.outputs import MissingOutput
from skal.query import core_set, k_center_initialization, vae_core_set
from skal.selection import k_center


@pytest.fixture
def learner(table):
    X, y = table
    return ActiveLearner(LogisticRegression(), X_training=X[:20], y_training=y[:20])


class Forbidden:
    def transform(self, X):
        raise AssertionError("nobody asked for it")


@pytest.mark.parametrize("seed", range(3))
def test_alpha_zero_is_core_set_and_uses_no_vae(seed, learner, table):
    pool = table[0][20:]
    expected = core_set(learner, pool, 9, random_state=seed)
    for vae in (None, Forbidden()):
        found = vae_core_set(learner, pool, 9, vae=vae, alpha=0.0, random_state=seed)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_a_large_alpha_is_k_center_on_the_vae_alone(learner, table):
    pool = table[0][20:]
    vae = PCA(2, random_state=0).fit(pool)
    picks, _ = vae_core_set(learner, pool, 9, vae=vae, alpha=1e6, random_state=0)
    expected, _ = k_center(vae.transform(pool), 9, vae.transform(table[0][:20]), 0)
    assert picks.tolist() == expected.tolist()


@pytest.mark.parametrize("alpha", [0.5, 2.0])
def test_squared_distances_add_up(alpha, learner, table):
    pool = table[0][20:]
    vae = PCA(2, random_state=0).fit(pool)
    picks, scores = vae_core_set(learner, pool, 1, vae=vae, alpha=alpha, random_state=0)
    squared = ((pool[picks[0]] - table[0][:20]) ** 2).sum(axis=1)
    squared += alpha**2 * ((vae.transform(pool[picks]) - vae.transform(table[0][:20])) ** 2).sum(axis=1)
    assert scores[0] == pytest.approx(np.sqrt(squared.min()))


@pytest.mark.parametrize("alpha", [-1.0, np.nan, np.inf, "1", True])
def test_a_wrong_alpha_is_refused(alpha, learner, table):
    with pytest.raises(ValueError, match="alpha must be a finite number of at least 0, got"):
        vae_core_set(learner, table[0], 2, alpha=alpha)


def test_a_vae_without_transform_is_refused(learner, table):
    with pytest.raises(TypeError, match="vae must be a fitted transformer or None, got int"):
        vae_core_set(learner, table[0], 2, vae=3)


# Algorithm 1.


@pytest.mark.parametrize(("n", "n_seeds"), [(1, 1), (7, 1), (7, 3), (7, 7), (300, 10)])
def test_initialization_is_seeds_and_then_the_farthest(n, n_seeds, table):
    X, _ = table
    chosen = k_center_initialization(X, n, embedding=lambda rows: rows, n_seeds=n_seeds, random_state=1)
    assert chosen.dtype == np.intp and len(set(chosen.tolist())) == n
    for position in range(n_seeds, min(n, 12)):
        nearest = np.linalg.norm(X[:, None] - X[chosen[:position]], axis=2).min(axis=1)
        assert nearest[chosen[position]] == pytest.approx(nearest.max())
    again = k_center_initialization(X, n, embedding=lambda rows: rows, n_seeds=n_seeds, random_state=1)
    other = k_center_initialization(X, n, embedding=lambda rows: rows, n_seeds=n_seeds, random_state=2)
    assert (chosen == again).all() and (n == 300 or (chosen != other).any())


def test_initialization_measures_in_the_features_of_the_transformer(table):
    X, _ = table
    pca = PCA(2, random_state=0).fit(X)
    chosen = k_center_initialization(X, 8, embedding=pca, random_state=0)
    expected = k_center_initialization(pca.transform(X), 8, embedding=lambda rows: rows, random_state=0)
    assert (chosen == expected).all()


@pytest.mark.parametrize(
    ("n", "n_seeds", "kind", "message"),
    [
        (0, 1, ValueError, r"n_instances must be in \[1, 300\] \(the number of rows\), got 0"),
        (301, 1, ValueError, r"n_instances must be in \[1, 300\]"),
        (5, 6, ValueError, r"n_seeds must be in \[1, 5\] \(n_instances\), got 6"),
        (5, 0, ValueError, "n_seeds must be in"),
        (2.5, 1, TypeError, "n_instances must be an int, got 2.5"),
    ],
)
def test_initialization_refuses_what_is_out_of_range(n, n_seeds, kind, message, table):
    with pytest.raises(kind, match=message):
        k_center_initialization(table[0], n, n_seeds=n_seeds)


def test_the_loop_begins_with_it(table, monkeypatch):
    X, y = table
    seen = []

    def fitted(rows, rng):
        seen.append(rows.shape)
        return PCA(2, random_state=0).fit(rows)

    monkeypatch.setattr("skal.query.first_rows.fitted_vae", fitted)
    candidates = np.arange(50, 250)
    chosen = initial_pool(X, y, 10, "vae_k_center", 0, candidates)
    assert seen == [(200, 6)] and set(chosen) <= set(candidates) and len(set(chosen)) == 10
    spread = {}
    for initial in ("vae_k_center", "random"):
        Z = PCA(2, random_state=0).fit(X).transform(X)
        rows = initial_pool(X, y, 10, initial, 0)
        spread[initial] = np.linalg.norm(Z[:, None] - Z[rows], axis=2).min(axis=1).max()
    assert spread["vae_k_center"] < spread["random"]
    model = ActiveLearningClassifier(initial="vae_k_center", budget=20, random_state=0).fit(X, y)
    assert len(model.labeled_indices_) == 20


def test_a_vae_that_is_not_fitted_is_fitted_to_labelled_rows_and_pool(learner, table):
    pool = table[0][20:]
    unfitted = PCA(2, svd_solver="randomized")
    found = [vae_core_set(learner, pool, 5, vae=unfitted, alpha=1e6, random_state=seed)[0] for seed in (0, 0)]
    fitted = PCA(2, random_state=0).fit(np.concatenate([table[0][:20], pool]))
    expected, _ = vae_core_set(learner, pool, 5, vae=fitted, alpha=1e6, random_state=0)
    for picks in found:
        np.testing.assert_array_equal(picks, expected)
    assert not hasattr(unfitted, "components_")
    assert unfitted.random_state is None


def test_an_embedding_that_is_not_fitted_is_refused(learner, table):
    with pytest.raises(
        MissingOutput, match=r"core_set: embedding must be .* and PCA is not fitted: pass transformer"
    ):
        core_set(learner, table[0][20:], 5, embedding=PCA(2))
