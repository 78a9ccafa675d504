"""TypiClust: clusters with the fewest labels first, their most typical rows, and always as many as asked for."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances

from skal import ActiveLearner
from skal.query import typiclust as typiclust_strategy
from skal.selection._clusters import kmeans_labels
from skal.selection._neighbors import mean_neighbor_distances
from skal.selection.typiclust import typiclust


def blob(center, n, spread=0.3, seed=0):
    return center + np.random.default_rng(seed).normal(scale=spread, size=(n, 2))


@pytest.mark.parametrize("d", [2, 20])
@pytest.mark.parametrize("k", [1, 5, 50])
def test_neighbor_distances_equal_those_of_all_pairs(d, k):
    Z = np.random.default_rng(0).normal(size=(30, d)) + 100
    pairs = np.sort(pairwise_distances(Z), axis=1)[:, 1 : 1 + min(k, 29)]
    np.testing.assert_allclose(mean_neighbor_distances(Z, k), pairs.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("Z", [np.ones((1, 3)), np.ones((7, 3)), np.full((40, 30), 0.1)])
def test_equal_rows_are_at_distance_zero(Z):
    assert (mean_neighbor_distances(Z, 3) == 0).all()


def test_each_pick_is_the_most_typical_of_its_blob_and_the_largest_comes_first():
    blobs = [blob((0, 0), 30), blob((20, 0), 50, seed=1), blob((0, 20), 40, seed=2)]
    Z, name = np.concatenate(blobs), np.repeat([0, 1, 2], [30, 50, 40])
    picks, scores = typiclust(Z, 3, random_state=0)
    assert name[picks].tolist() == [1, 2, 0]
    np.testing.assert_allclose(scores, np.array([50, 40, 30]) / 120)
    for pick in picks:
        rows = np.flatnonzero(name == name[pick])
        k = min(20, len(rows) // 2)
        distances = np.sort(pairwise_distances(Z[rows]), axis=1)[:, 1 : k + 1].mean(axis=1)
        assert rows[distances.argmin()] == pick


def test_labeled_rows_count_for_their_cluster():
    """Three blobs, three clusters: two have labels, so the smallest comes first, then the one with a single label."""
    blobs = [blob((0, 0), 30), blob((20, 0), 50, seed=1), blob((0, 20), 10, seed=2)]
    Z, name = np.concatenate(blobs), np.repeat([0, 1, 2], [30, 50, 10])
    centers = [[0.0, 0.0], [20.0, 0.0], [20.1, 0.0]]
    picks, scores = typiclust(Z, 4, centers, random_state=0, max_clusters=3)
    # Labels are 1, 2, 0; then 1, 2, 1; then 2, 2, 1; then 2, 2, 2, and the largest is next.
    assert name[picks].tolist() == [2, 0, 2, 1]
    np.testing.assert_allclose(scores, [10 / 93, 31 / 93 - 1, 10 / 93 - 1, 52 / 93 - 2])


def test_a_small_cluster_comes_when_all_others_are_used_up():
    Z = np.concatenate([blob((0, 0), 12), blob((50, 0), 5, seed=1)])
    for n in (2, 12):
        picks, _ = typiclust(Z, n, random_state=0, max_clusters=2)
        assert (picks < 12).all()
    picks, scores = typiclust(Z, 14, random_state=0, max_clusters=2)
    assert (picks[:12] < 12).all() and (picks[12:] >= 12).all()
    assert (np.diff(scores) < 0).all()
    assert (typiclust(Z, 2, random_state=0, max_clusters=2, min_cluster_size=1)[0] >= 12).sum() == 1


@pytest.mark.parametrize("max_clusters", [1, 3, 500])
@pytest.mark.parametrize("n", [1, 7, 39, 40])
@pytest.mark.parametrize("kind", ["random", "duplicates", "constant"])
def test_exactly_n_distinct_rows(kind, n, max_clusters):
    rng = np.random.default_rng(0)
    Z = {"random": rng.normal(size=(40, 3)), "duplicates": rng.integers(0, 2, (40, 2)), "constant": np.ones((40, 2))}
    centers = Z[kind][:5]
    picks, scores = typiclust(Z[kind], n, centers, random_state=1, max_clusters=max_clusters)
    assert len(set(picks.tolist())) == n and set(picks.tolist()) <= set(range(40))
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize("option", ["max_clusters", "n_neighbors"])
def test_options_that_make_no_sense_are_refused(option):
    with pytest.raises(ValueError, match=f"typiclust: {option} must be at least 1, got 0"):
        typiclust(np.ones((5, 2)), 2, **{option: 0})


@pytest.mark.parametrize("clustered", [False, True])
def test_inertia_is_that_of_scikit_learn_within_two_percent(clustered):
    rng = np.random.RandomState(0)
    Z = (
        make_blobs(4000, 8, centers=60, cluster_std=1.5, random_state=0)[0]
        if clustered
        else rng.normal(size=(4000, 8))
    )
    labels = kmeans_labels(Z, 60, rng)
    inertia = sum(((Z[labels == c] - Z[labels == c].mean(axis=0)) ** 2).sum() for c in np.unique(labels))
    assert inertia <= 1.02 * KMeans(60, n_init=1, random_state=0).fit(Z).inertia_


def test_vectors_are_divided_by_their_length_unless_told_otherwise():
    Z = np.concatenate([blob((10, 0), 30), blob((100, 0), 30, seed=1), blob((0, 10), 30, seed=2)])
    learner = ActiveLearner(LogisticRegression(), X_training=[[0.0, 9.0], [-5.0, -5.0]], y_training=[0, 1])
    plain = typiclust_strategy(learner, Z, 2, random_state=0, normalize=False)[0]
    assert {int(pick) // 30 for pick in plain} == {0, 1}
    units = typiclust_strategy(learner, Z, 1, random_state=0)[0]
    assert units[0] < 60
