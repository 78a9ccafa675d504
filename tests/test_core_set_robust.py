"""The k-center program against all subsets, and with outliers."""

import itertools
import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skal.query import core_set, core_set_robust
from skal.selection import k_center, robust_k_center


def radius(points, chosen, n_outliers=0):
    """The largest distance to the nearest chosen point, but for the farthest few rows."""
    nearest = np.linalg.norm(np.asarray(points)[:, None] - np.asarray(chosen)[None], axis=2).min(axis=1)
    return np.sort(nearest)[len(nearest) - 1 - n_outliers]


def smallest_radius(points, n, centers, n_outliers=0):
    subsets = itertools.combinations(range(len(points)), n)
    return min(radius(points, [*centers, *points[list(some)]], n_outliers) for some in subsets)


def problem(seed, n_pool=11, n_centers=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_pool, 2)) + 4 * rng.integers(0, 2, (n_pool, 2)), rng.normal(size=(n_centers, 2))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "n_centers"), [(1, 1), (2, 0), (3, 2), (4, 1)])
def test_without_outliers_no_subset_is_better(seed, n, n_centers):
    points, centers = problem(seed, n_centers=n_centers)
    picks, _ = robust_k_center(points, n, centers, seed, outlier_share=0.0)
    assert len(set(picks.tolist())) == n
    assert radius(points, [*centers, *points[picks]]) == pytest.approx(smallest_radius(points, n, centers))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_outliers", [1, 2])
def test_with_outliers_no_subset_and_no_choice_of_outliers_is_better(seed, n_outliers):
    points, centers = problem(seed)
    picks, _ = robust_k_center(points, 2, centers, seed, outlier_share=(n_outliers + 0.5) / 11)
    found = radius(points, [*centers, *points[picks]], n_outliers)
    assert found == pytest.approx(smallest_radius(points, 2, centers, n_outliers))


def test_it_is_better_than_the_greedy_somewhere_and_worse_nowhere():
    better = 0
    for seed in range(10):
        points, centers = problem(seed, n_pool=40)
        exact = robust_k_center(points, 4, centers, seed, outlier_share=0.0)[0]
        greedy = k_center(points, 4, centers, seed)[0]
        ours, theirs = (radius(points, [*centers, *points[picks]]) for picks in (exact, greedy))
        assert theirs / 2 - 1e-9 <= ours <= theirs + 1e-9
        better += ours < theirs - 1e-6
    assert better >= 5


def test_a_lone_far_row_is_picked_unless_it_may_be_left_out():
    rows = np.concatenate([np.random.default_rng(0).normal(size=(30, 2)), [[100.0, 100.0]]])
    assert 30 in robust_k_center(rows, 1, [[0.0, 0.0]], 0, outlier_share=0.0)[0]
    assert 30 not in robust_k_center(rows, 1, [[0.0, 0.0]], 0, outlier_share=1 / 31)[0]


def test_with_outliers_the_radius_may_be_far_below_half_of_the_greedy():
    """The greedy goes for the outlier, and leaves a whole cluster uncovered."""
    cluster = 10 + np.random.default_rng(0).normal(scale=0.1, size=(9, 2))
    rows = np.concatenate([cluster, [[1000.0, 1000.0]]])
    picks, _ = robust_k_center(rows, 1, [[0.0, 0.0]], 0, outlier_share=0.1)
    assert radius(rows, [[0.0, 0.0], *rows[picks]], 1) == pytest.approx(smallest_radius(rows, 1, [[0.0, 0.0]], 1))
    assert radius(rows, [[0.0, 0.0], *rows[picks]], 1) < 1


def test_scores_are_distances_when_picked():
    points, centers = problem(3, n_pool=40)
    picks, scores = robust_k_center(points, 6, centers, 0)
    chosen = list(centers)
    for pick, score in zip(picks, scores, strict=True):
        assert score == pytest.approx(np.linalg.norm(points[pick] - np.asarray(chosen), axis=1).min())
        chosen.append(points[pick])
    assert (np.diff(scores) <= 1e-12).all()


def test_a_cover_that_needs_fewer_rows_is_filled_up():
    corners = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 5, axis=0)
    picks, scores = robust_k_center(corners, 7, [[0.0, 0.0]], 0)
    assert len(set(picks.tolist())) == 7 and (scores[:2] == 9).all() and (scores[2:] == 0).all()


def test_a_larger_pool_is_reduced_to_candidates_that_hold_the_greedy_picks():
    points, centers = problem(0, n_pool=200)
    first, second = (robust_k_center(points, 5, centers, 1, max_candidates=30) for _ in range(2))
    assert (first[0] == second[0]).all() and len(set(first[0].tolist())) == 5
    greedy = k_center(points, 5, centers, 1)[0]
    assert radius(points, [*centers, *points[first[0]]]) <= 2 * radius(points, [*centers, *points[greedy]])
    with pytest.raises(ValueError, match="max_candidates must be at least n=5, got 4"):
        robust_k_center(points, 5, centers, 1, max_candidates=4)


def test_when_the_time_is_over_the_best_cover_is_returned_with_a_warning():
    points, centers = problem(0, n_pool=120)
    with pytest.warns(UserWarning, match="after 1e-09 s the smallest radius is known to be in"):
        picks, _ = robust_k_center(points, 6, centers, 0, time_limit=1e-9)
    greedy = k_center(points, 6, centers, 0, random_tie_break=True)[0]
    assert radius(points, [*centers, *points[picks]]) <= radius(points, [*centers, *points[greedy]]) + 1e-9
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        robust_k_center(points[:30], 3, centers, 0, time_limit=None)


def test_rows_far_from_the_origin_lose_no_digits():
    points, centers = problem(2)
    near, far = (
        robust_k_center(points + shift, 3, centers + shift, 0, outlier_share=0.0)[0] for shift in (0, 2.0**26)
    )
    assert radius(points, [*centers, *points[far]]) == pytest.approx(radius(points, [*centers, *points[near]]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outlier_share": 1.0}, r"outlier_share must be in \[0, 1\), got 1.0"),
        ({"outlier_share": -0.1}, r"outlier_share must be in \[0, 1\), got -0.1"),
        ({"time_limit": 0}, "time_limit must be None or positive seconds, got 0"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        robust_k_center(np.ones((5, 2)), 2, **options)


def test_the_strategy_is_the_selection_on_embeddings(table):
    X, y = table
    model = LogisticRegression().fit(X[:20], y[:20])
    picks = core_set_robust(model, X[20:80], 6, X_labeled=X[:20], outlier_share=0.0, random_state=0)
    greedy = core_set(model, X[20:80], 6, X_labeled=X[:20], random_state=0)
    ours, theirs = (radius(X[20:80], np.concatenate([X[:20], X[20:80][rows]])) for rows in (picks, greedy))
    assert ours <= theirs
