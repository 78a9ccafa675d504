"""ProbCover against the greedy on the full graph, its memory guard, and the radius by its definition."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances

from skal import ActiveLearner
from skal.query import prob_cover as prob_cover_strategy
from skal.selection import _neighbors, k_center
from skal.selection._clusters import kmeans_labels
from skal.selection.prob_cover import prob_cover, purity_radius

FAR = np.repeat(1e4 * np.random.default_rng(0).normal(size=(3, 40)), 10, axis=0)  # products lose digits here


def greedy_by_hand(Z, n, radius, centers):
    near = cdist(Z, Z) <= radius
    covered = np.zeros(len(Z), dtype=bool)
    if len(centers):
        covered = (cdist(Z, centers) <= radius).any(axis=1)
    picks, shares = [], []
    for _ in range(n):
        counts = (near & ~covered).sum(axis=1)
        counts[picks] = -1
        if counts.max() <= 0:
            break
        picks.append(int(counts.argmax()))
        shares.append(counts.max() / len(Z))
        covered |= near[picks[-1]]
    return picks, shares


@pytest.mark.parametrize("d", [2, 20])
@pytest.mark.parametrize("n_pool", [7, 50, 61])
@pytest.mark.parametrize("max_edges", [0, 40, 10**8])
@pytest.mark.parametrize("rows_a_block", [1, 7, 10**6])
def test_picks_are_those_of_the_full_graph(monkeypatch, d, n_pool, max_edges, rows_a_block):
    """Whatever the blocks, the last rows of the pool have their neighbours too; and whatever is kept of the graph."""
    monkeypatch.setattr(_neighbors, "_BLOCK_ELEMENTS", rows_a_block * n_pool // 8)
    rng = np.random.default_rng(n_pool)
    Z = rng.normal(size=(n_pool, d)) + 50
    centers = Z[:3] + 0.01
    radius = np.quantile(cdist(Z, Z), 0.15) * 1.0001  # between two distances
    for known in (np.empty((0, d)), centers):
        expected, shares = greedy_by_hand(Z, 6, radius, known)
        picks, scores = prob_cover(Z, 6, radius, known, random_state=0, max_edges=max_edges, random_tie_break=False)
        assert picks[: len(expected)].tolist() == expected
        np.testing.assert_allclose(scores[: len(expected)], shares)


def test_neighbours_of_more_rows_than_a_block_are_counted_all():
    """1024 rows at a time: a dense heap that only the last block has is covered first."""
    Z = np.concatenate([10.0 + np.arange(1100) * 3, np.full(40, -50.0)])[:, None]
    known = Z[:1]
    expected, shares = greedy_by_hand(Z, 5, 1.0, known)
    picks, scores = prob_cover(Z, 5, 1.0, known, random_state=0, random_tie_break=False)
    assert picks.tolist() == expected and expected[0] >= 1100
    np.testing.assert_allclose(scores, shares)


def test_a_border_belongs_to_its_ball():
    picks, scores = prob_cover([[0.0], [1.0], [2.0]], 1, 1.0, random_state=0)
    assert picks.tolist() == [1] and scores.tolist() == [1.0]


def test_what_is_covered_by_labels_does_not_count():
    Z = np.array([[0.0]] * 10 + [[5.0]] * 2 + [[9.0]] * 3)
    picks, scores = prob_cover(Z, 3, 1.0, [[0.5]], random_state=0)
    assert picks[0] in (12, 13, 14) and picks[1] in (10, 11)
    np.testing.assert_allclose(scores, [3 / 15, 2 / 15, 0])


def test_when_all_is_covered_the_farthest_follow():
    Z = np.array([[0.0], [0.5], [10.0], [10.4], [0.9]])
    picks, scores = prob_cover(Z, 5, 1.0, random_state=0, random_tie_break=False)
    assert picks[:2].tolist() == [0, 2] and sorted(picks.tolist()) == [0, 1, 2, 3, 4]
    far, _ = k_center(Z[[1, 3, 4]], 3, Z[[0, 2]], random_state=0, random_tie_break=False)
    assert picks[2:].tolist() == np.array([1, 3, 4])[far].tolist()
    np.testing.assert_allclose(scores, [0.6, 0.4, 0, 0, 0])


@pytest.mark.parametrize("Z", [np.ones((30, 3)), np.repeat(np.eye(3), 10, axis=0), FAR])
@pytest.mark.parametrize("radius", [1e-12, 0.5, 10.0])
def test_equal_rows_cover_each_other_at_any_radius(Z, radius):
    picks, scores = prob_cover(Z, 4, radius, random_state=0)
    assert len(set(picks.tolist())) == 4
    n_distinct = len(np.unique(Z, axis=0)) if radius < 1 or Z is FAR else 1
    np.testing.assert_allclose(scores, ([1 / n_distinct] * n_distinct + [0] * 4)[:4])


def test_the_graph_keeps_no_more_than_it_may():
    Z = np.random.default_rng(0).normal(size=(200, 2))
    graph = _neighbors.RadiusGraph(Z, 0.5, max_edges=300)
    counts = graph.counts(np.arange(200))
    assert sum(len(near) for near in graph._kept.values()) <= 300
    near = pairwise_distances(Z) <= 0.5
    assert counts.tolist() == near.sum(axis=0).tolist()
    assert graph.counts(np.array([], dtype=int)).sum() == 0
    for row in (0, 199):
        assert sorted(graph.within(row)) == np.flatnonzero(near[row]).tolist()


@pytest.mark.parametrize("radius", [0, -1.0, np.nan, np.inf])
def test_a_radius_is_positive(radius):
    with pytest.raises(ValueError, match="prob_cover: radius must be positive and finite"):
        prob_cover(np.ones((5, 2)), 2, radius)


# The radius.


def purity_by_hand(Z, clusters, radius):
    near = pairwise_distances(Z) <= radius
    return np.mean([(clusters[row_near] == own).all() for row_near, own in zip(near, clusters, strict=True)])


@pytest.mark.parametrize("purity", [0.0, 0.5, 0.9, 0.95, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_radius_is_the_largest_of_its_purity(seed, purity):
    Z = np.random.default_rng(seed).normal(size=(100, 3))
    radius = purity_radius(Z, 4, np.random.RandomState(seed), purity=purity)
    clusters = kmeans_labels(Z, 4, np.random.RandomState(seed))
    assert purity_by_hand(Z, clusters, radius) >= purity
    if purity > 0:  # at 0 any radius will do, and the widest ball that is pure is taken
        assert purity_by_hand(Z, clusters, radius * (1 + 1e-6)) < purity


def test_a_part_of_the_rows_gives_nearly_the_same_radius():
    Z = np.random.default_rng(0).normal(size=(600, 2))
    whole, part = (purity_radius(Z, 3, 0, purity=0.8, max_rows=rows) for rows in (600, 300))
    assert abs(whole - part) < 0.3 * whole


@pytest.mark.parametrize("Z", [np.ones((20, 2)), np.zeros((1, 2)), np.random.default_rng(0).normal(size=(20, 2))])
def test_a_single_cluster_is_covered_by_one_ball(Z):
    radius = purity_radius(Z, 1, 0)
    assert radius > 0 and prob_cover(Z, 1, radius, random_state=0)[1][0] == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [({"purity": 1.2}, "purity must be in"), ({"n_clusters": 0}, "n_clusters must be at least")],
)
def test_wrong_options_of_the_radius_are_refused(options, message):
    with pytest.raises(ValueError, match=f"purity_radius: {message}"):
        purity_radius(np.ones((5, 2)), **{"n_clusters": 2, **options})


def test_the_strategy_finds_its_radius_by_the_classes():
    rng = np.random.default_rng(0)
    Z = np.concatenate([rng.normal(center, 0.2, size=(40, 2)) for center in ((0, 0), (9, 0), (0, 9))])
    learner = ActiveLearner(LogisticRegression(), X_training=Z[[0, 40, 80]] + 30, y_training=[0, 1, 2])
    found = prob_cover_strategy(learner, Z, 3, random_state=0, normalize=False)[0]
    radius = purity_radius(Z, 3, 0)
    given = prob_cover_strategy(learner, Z, 3, random_state=0, normalize=False, radius=radius)[0]
    assert {int(pick) // 40 for pick in found} == {0, 1, 2} == {int(pick) // 40 for pick in given}
