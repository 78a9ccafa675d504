"""Strategies of after 2018, one by one against their formulas; the contract of each is checked here too."""

import itertools
from functools import partial

import numpy as np
import pytest
from made_contract import OF_ROWS, keeps_the_contract
from scipy.stats import entropy
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal.outputs import InvalidOutput, MissingOutput, proba
from skal.query import (
    clue,
    cluster_margin,
    contrastive_active_learning,
    discriminative_active_learning,
    drop_query,
    expected_gradient_length,
    galaxy,
    margin_sampling,
    nearest_labeled_sampling,
    pool_scores,
    select,
    two_sample_sampling,
)

STRATEGIES = {
    "cluster_margin_of_a_threshold": partial(cluster_margin, distance_threshold=1.0),
    "cluster_margin_of_a_part": partial(cluster_margin, max_clustered=5),
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_strategy_keeps_the_contract(name):
    keeps_the_contract(STRATEGIES[name], OF_ROWS)


def test_drop_query_of_features_keeps_the_contract():
    """On two columns, of which most passes lose one, certain rows change as often as others do."""
    checks = [name for name in OF_ROWS if name != "check_prefers_the_unknown"]
    keeps_the_contract(partial(drop_query, drop_rate=0.5), checks)


@pytest.fixture
def model(table):
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(*table)


def test_gradient_length_is_that_of_the_gradients(model, table):
    """Gradients of the cross-entropy by weights and bias, written out for each label."""
    X, _ = table
    Z, P = StandardScaler().fit_transform(X), proba(model, X)
    expected = np.zeros(len(X))
    for row in range(40):
        for label in range(3):
            gradient = np.outer(P[row] - np.eye(3)[label], [*Z[row], 1.0])
            expected[row] += P[row, label] * np.linalg.norm(gradient)
    np.testing.assert_allclose(pool_scores(expected_gradient_length, model, X)[:40], expected[:40], rtol=1e-10)
    scaled = pool_scores(expected_gradient_length, model, X, embedding=lambda rows: 0 * rows)
    assert scaled.max() < expected[:40].max()


@pytest.mark.parametrize("n_neighbors", [1, 4])
def test_contrast_is_the_divergence_from_neighbours(n_neighbors, model, table):
    X, _ = table
    Z, P = StandardScaler().fit_transform(X), proba(model, X)
    labeled = np.arange(0, 300, 3)
    found = pool_scores(contrastive_active_learning, model, X, X_labeled=X[labeled], n_neighbors=n_neighbors)
    for row in range(30):
        near = labeled[np.argsort(np.linalg.norm(Z[labeled] - Z[row], axis=1))[:n_neighbors]]
        np.testing.assert_allclose(found[row], np.mean([entropy(P[i], P[row]) for i in near]), atol=1e-9)


def test_contrast_needs_labels(model, table):
    with pytest.raises(InvalidOutput, match="needs labelled rows to compare with"):
        contrastive_active_learning(model, table[0], X_labeled=table[0][:0])


def test_discriminative_picks_where_nothing_is_labelled():
    rng = np.random.RandomState(0)
    labeled = rng.normal(size=(20, 2))
    pool = rng.normal(size=(60, 2))
    pool[50:, 0] += 8
    dal = partial(discriminative_active_learning, n_batches=1, X_labeled=labeled)
    picks, chances = select(dal, None, pool, 5, random_state=0)
    assert (picks >= 50).all() and ((chances > 0.5) & (chances <= 1)).all()


def test_a_forest_is_surest_of_rows_that_are_unlike_the_labelled_ones():
    rng = np.random.RandomState(0)
    labeled, pool = rng.normal(size=(100, 4)), rng.normal(size=(100, 4))
    pool[60:, 1] += 8
    of_two = partial(two_sample_sampling, X_labeled=labeled)
    picks, chances = select(of_two, None, pool, 10, random_state=0)
    assert (picks >= 60).all() and (chances > 0.9).all()
    alike = pool_scores(of_two, None, pool, random_state=0)[:60]
    assert 0.3 < alike.mean() < 0.7, "out of bag a forest knows no row by heart"
    few = pool_scores(partial(of_two, n_estimators=1), None, pool, random_state=0)
    assert ((few >= 0) & (few <= 1)).all(), "rows that every tree has seen have a score too"
    again = pool_scores(of_two, None, pool, random_state=0)
    assert (again[:60] == alike).all()


def test_the_nearest_labelled_row_says_how_new_a_row_is():
    labeled, pool = np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([[1.0, 0.0], [2.0, 0.0], [4.0, 3.0], [4.0, 2.5]])
    scores = pool_scores(partial(nearest_labeled_sampling, X_labeled=labeled), None, pool)
    assert scores.tolist() == [1.0, 2.0, 3.0, 2.5]
    picks = nearest_labeled_sampling(None, pool, 2, X_labeled=labeled)
    assert picks.tolist() == [2, 3], "the second keeps away from labels, not from the first"
    for strategy in (nearest_labeled_sampling, two_sample_sampling):
        assert pool_scores(partial(strategy, X_labeled=labeled[:0]), None, pool, random_state=0).tolist() == [0.0] * 4


def test_discriminative_counts_its_picks_as_labelled(monkeypatch):
    labeled, pool = np.random.RandomState(0).normal(size=(8, 2)), np.random.RandomState(1).normal(size=(100, 2))
    sizes = []

    def fit(self, X, y):
        sizes.append(np.bincount(y).tolist())
        return self

    def rising(self, X):
        sizes[-1].append(len(X))
        return np.stack([np.zeros(len(X)), np.arange(len(X)) / len(X)], axis=1)

    monkeypatch.setattr(LogisticRegression, "fit", fit)
    monkeypatch.setattr(LogisticRegression, "predict_proba", rising)
    dal = partial(discriminative_active_learning, n_batches=3, unlabeled_per_labeled=5, X_labeled=labeled)
    picks = dal(None, pool, 7, random_state=0)
    assert sizes == [[8, 40, 100], [11, 55, 97], [13, 65, 95]]
    assert picks.tolist() == [99, 98, 97, 96, 95, 94, 93]


def test_cluster_margin_takes_a_candidate_of_each_cluster(model):
    """Three groups of 40, 8 and 2 uncertain rows, and certain ones that are no candidates."""
    rng = np.random.RandomState(0)
    groups = np.repeat([0, 1, 2, 3], [40, 8, 2, 100])
    X = np.array([[0, 0], [0, 20], [0, -20], [9, 0]])[groups] + rng.normal(scale=0.1, size=(150, 2)) * [0.01, 1]
    plain = LogisticRegression().fit([[-1.0, 0.0], [1.0, 0.0]], [0, 1])
    for options in ({"n_clusters": 4}, {"distance_threshold": 5.0}, {"n_clusters": 4, "max_clustered": 120}):
        picks, margins = select(
            partial(cluster_margin, candidates_per_pick=50 / 8, **options), plain, X, 8, random_state=0
        )
        assert np.bincount(groups[picks], minlength=4).tolist() == [3, 3, 2, 0]
        assert (np.diff(margins) <= 0).all()
    for n, in_turn in enumerate(([2], [2, 1], [2, 1, 0], [2, 1, 0, 2], [2, 1, 0, 2, 1], [2, 1, 0, 2, 1, 0]), start=1):
        for seed in range(3):  # the smallest cluster first
            picks = cluster_margin(plain, X, n, candidates_per_pick=50 / n, n_clusters=4, random_state=seed)
            assert sorted(groups[picks]) == sorted(in_turn)


def test_clue_weighs_rows_by_their_entropy(model, table):
    X, _ = table
    picks, shares = select(clue, model, X, 6, random_state=np.random.RandomState(3))
    rng = np.random.RandomState(3)
    rng.permutation(300)
    Z, weights = StandardScaler().fit_transform(X), entropy(proba(model, X), axis=1)
    kmeans = KMeans(6, n_init=1, random_state=rng).fit(Z, sample_weight=weights)
    nearest = [
        np.flatnonzero(kmeans.labels_ == c)[np.linalg.norm(Z[kmeans.labels_ == c] - center, axis=1).argmin()]
        for c, center in enumerate(kmeans.cluster_centers_)
    ]
    assert set(picks) == set(nearest)
    np.testing.assert_allclose(np.sort(shares), np.sort(np.bincount(kmeans.labels_, weights)) / weights.sum())


def test_clue_tempers_probabilities(model, table):
    """To temper is to take the power 1 / temperature of the probabilities, normalised."""
    X, _ = table

    class Tempered:
        def predict_proba(self, X):
            powered = model.predict_proba(X) ** 2
            return powered / powered.sum(axis=1, keepdims=True)

    clue_of_rows = partial(clue, embedding=np.asarray)
    picks, shares = select(partial(clue_of_rows, temperature=0.5), model, X, 6, random_state=0)
    expected, expected_shares = select(clue_of_rows, Tempered(), X, 6, random_state=0)
    assert picks.tolist() == expected.tolist() != clue_of_rows(model, X, 6, random_state=0).tolist()
    np.testing.assert_allclose(shares, expected_shares)
    with pytest.raises(ValueError, match="clue: temperature must be a finite number above 0, got 0"):
        clue(None, np.zeros((3, 1)), temperature=0)


class Votes:
    """Three passes, of which as many vote otherwise than the model as a row's first column says."""

    def predict_proba(self, X):
        return np.tile([1.0, 0.0], (len(X), 1))

    def sampled_proba(self, X, n_samples, random_state):
        otherwise = np.arange(n_samples)[:, None] < X[:, 0]
        return np.stack([~otherwise, otherwise], axis=2).astype(float)


@pytest.mark.parametrize("candidates, expected", [(3, 2), (4, 3), (100, 3)])
def test_drop_query_lowers_its_threshold_while_candidates_are_few(candidates, expected):
    """Rows 1 to 3 change in most passes and row 4 in one: with it the middle is at row 3. Others never change."""
    changes = np.array([0.0, 3, 2, 2, 1, 0])
    angles = np.deg2rad([300, 0, 40, 80, 160, 300])
    picks = drop_query(
        Votes(),
        changes[:, None],
        embedding=np.stack([np.cos(angles), np.sin(angles)], axis=1),
        n_samples=3,
        candidates_per_pick=candidates,
        random_state=0,
    )
    assert picks.tolist() == [expected]


def test_drop_query_picks_rows_that_change(model, table):
    X, _ = table
    assert (select(partial(drop_query, drop_rate=0.0), model, X, 5, random_state=0)[1] == 0).all()
    rows = {}
    for rate in (0.1, 0.3):
        rows[rate] = drop_query(model, X, 10, drop_rate=rate, n_samples=9, candidates_per_pick=1, random_state=0)
    margins = pool_scores(margin_sampling, model, X)
    assert margins[rows[0.1]].mean() > margins.mean() and len(set(rows[0.3])) == 10
    with pytest.raises(MissingOutput, match="drop_query: needs sampled_proba"):
        drop_query(model, X, 5)
    with pytest.raises(ValueError, match=r"drop_rate must be None or in \[0, 1\), got 1.0"):
        drop_query(model, X, 5, drop_rate=1.0)


class Slope:
    """Two classes; the probability of the second is the row's only column."""

    classes_ = np.array([0, 1])

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        return np.hstack([1 - X, X])


def test_galaxy_bisects_and_then_widens_the_cut():
    """The threshold of the labels is at 0.8, where the model sees 0.5; one label at a time, as in the paper."""
    X = np.linspace(0.01, 0.99, 99)[:, None]
    truth = (X[:, 0] > 0.805).astype(int)
    labeled = [0, 98]
    for _ in range(11):
        left = np.setdiff1d(np.arange(99), labeled)
        pick = galaxy(Slope(), X[left], X_labeled=X[labeled], y_labeled=truth[labeled], random_state=0)[0]
        labeled.append(int(left[pick]))
    found = labeled[2:]
    assert found[0] == 49 and found[1] in (73, 74) and {79, 80} <= set(found[:8])  # rows 79 (0.80) and 80 (0.81)
    assert all(abs(row - 79.5) <= 4 for row in found[8:])


@pytest.mark.parametrize("seed", range(8))
def test_galaxy_halves_the_shortest_stretch_of_all_classes(seed):
    rng = np.random.RandomState(seed)
    P, y = rng.dirichlet([1, 1, 1, 1], size=60), rng.randint(4, size=60)
    labeled = np.arange(52, 60)
    stretches = {}  # by the row in the middle
    for c in range(4):
        excess = [p[c] - np.delete(p, c).max() for p in P]
        order = np.argsort(excess).tolist()
        known = [place for place, row in enumerate(order) if row in labeled]
        for a, b in itertools.pairwise(known):
            if (y[order[a]] == c) != (y[order[b]] == c) and b - a > 1:
                stretches.setdefault(order[(a + b) // 2], []).append(b - a)
    X = np.arange(60.0)[:, None]
    pick = galaxy(Given(P), X[:52], X_labeled=X[52:], y_labeled=y[52:], random_state=0)[0]
    assert min(stretches[pick]) == min(min(lengths) for lengths in stretches.values())


class Given:
    """A model of given probabilities: its rows are positions."""

    def __init__(self, P):
        self.P = P

    def predict_proba(self, X):
        return self.P[np.asarray(X)[:, 0].astype(int)]


def test_galaxy_of_one_labelled_class_goes_by_the_gap_to_the_best_other_class():
    P = np.array([[0.9, 0.1, 0.0], [0.5, 0.1, 0.4], [0.2, 0.3, 0.5], [0.3, 0.35, 0.35]])
    rows = np.arange(4.0)[:, None]
    picks = galaxy(Given(P), rows, 4, X_labeled=rows[:1], y_labeled=np.array([0]), random_state=0)
    assert picks.tolist() == [3, 1, 2, 0]  # gaps of 0.8, 0.1, 0.2 and 0


def test_galaxy_without_two_labelled_classes_picks_the_least_certain():
    X = np.linspace(0.01, 0.99, 99)[:, None]
    assert galaxy(Slope(), X, X_labeled=X[:1], y_labeled=np.array([0]), random_state=0).tolist() == [49]
    picks = galaxy(Slope(), X, 99, X_labeled=X[:2], y_labeled=np.array([0, 1]), random_state=0)
    assert sorted(picks) == list(range(99))
