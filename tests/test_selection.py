import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from skal import selection
from skal.selection import (
    facility_location,
    herding,
    k_center,
    kmeans_medoids,
    kmeans_plusplus,
    max_mean_distance,
    ranked_batch,
    robust_k_center,
    top_k,
)

N = 40
RNG = np.random.default_rng(0)
Z = RNG.normal(size=(N, 3))
U = RNG.random(N)

# Every function as f(rows, n, ...), so that what they share is tested once.
EVERY = {
    "top_k": lambda Z, n, **kwargs: top_k(np.asarray(Z)[:, 0], n, **kwargs),
    "k_center": k_center,
    "max_mean_distance": max_mean_distance,
    "ranked_batch": lambda Z, n, **kwargs: ranked_batch(Z, n, U[: len(Z)], **kwargs),
    "kmeans_plusplus": kmeans_plusplus,
    "kmeans_medoids": kmeans_medoids,
    "facility_location": facility_location,
    "robust_k_center": robust_k_center,
}
WITH_CENTERS = ["k_center", "max_mean_distance", "ranked_batch", "kmeans_plusplus", "robust_k_center"]
WITH_TIES = [name for name in EVERY if name != "kmeans_plusplus"]


@pytest.fixture(params=EVERY)
def select(request):
    return EVERY[request.param]


def same_law(counts, weights):
    """Chi-square: could these counts have been drawn with these weights?"""
    expected = np.asarray(weights, dtype=float) / np.sum(weights) * np.sum(counts)
    assert expected.min() > 5, "too few draws for the test"
    return stats.chisquare(counts, expected).pvalue > 1e-3


# The mathematics, from its definition: all pairs, no running state.


def distance(a, b):
    return float(np.sqrt(((np.asarray(a, dtype=float) - np.asarray(b, dtype=float)) ** 2).sum()))


def to_nearest(z, chosen):
    return min(distance(z, other) for other in chosen)


def to_all(z, chosen):
    return sum(distance(z, other) for other in chosen) / len(chosen)


def by_hand(points, n, centers, rule, first=None):
    """Greedy by brute force; the first of equal rows. `rule(row, chosen)` is the score of a row."""
    chosen, picks, scores = list(centers), [], []
    while len(picks) < n:
        if not picks and first is not None:
            row, score = first, None
        else:
            left = [i for i in range(len(points)) if i not in picks]
            values = [rule(i, chosen) for i in left]
            score = max(values)
            row = left[values.index(score)]
        picks.append(row)
        scores.append(score)
        chosen.append(points[row])
    return picks, scores


def grid(n=N, d=2, seed=1):
    """Few values, so many duplicates; whole numbers, so that equal distances are exactly equal."""
    return np.random.default_rng(seed).integers(0, 3, (n, d)).astype(float)


# name: (points, centres)
POINTS = {
    "random": (Z, RNG.normal(size=(4, 3))),
    "random, centres of the pool": (Z, Z[[3, 30]]),
    "float32": (Z.astype(np.float32), Z[:2].astype(np.float32)),
    "clusters": (RNG.normal(size=(N, 2)) * 0.01 + RNG.integers(0, 2, (N, 2)) * 100, [[0.0, 0.0]]),
    "duplicates": (grid(), [[1.0, 1.0], [0.0, 2.0]]),
    "duplicates of the centres": (np.repeat(Z[:10], 2, axis=0), Z[:10]),
    "far from the origin": (grid() + 1e8, np.array([[1.0, 1.0]]) + 1e8),
    "constant": (np.full((20, 3), 0.1), [[0.1, 0.1, 0.1]]),
    "one column": (np.arange(9.0)[:, None] ** 2, [[0.0]]),
    "one row": ([[1.0, 2.0]], [[0.0, 0.0]]),
}


@pytest.fixture(params=POINTS)
def points(request):
    rows, centers = POINTS[request.param]
    return np.asarray(rows), np.asarray(centers)


# What every selection promises.


@pytest.mark.parametrize("n", [1, 2, 7, N - 1, N])
def test_picks_are_distinct_positions_with_a_score_each(select, n):
    for rows in (Z, grid(), np.zeros((N, 2))):
        picks, scores = select(rows, n, random_state=0)
        assert picks.dtype == np.intp
        assert picks.shape == scores.shape == (n,)
        assert len(set(picks.tolist())) == n
        assert picks.min() >= 0 and picks.max() < N
        assert np.isfinite(scores).all()


@pytest.mark.parametrize("n", [0, -1, N + 1])
def test_n_out_of_range_raises_with_both_numbers(select, n):
    with pytest.raises(ValueError, match=rf"n must be in \[1, {N}\] \(the pool size\), got {n}"):
        select(Z, n, random_state=0)


@pytest.mark.parametrize("n", [True, np.True_, 2.0, "3", None, [1]])
def test_n_that_is_no_int_raises(select, n):
    with pytest.raises(TypeError, match="n must be an int"):
        select(Z, n, random_state=0)


def test_n_may_be_a_numpy_int(select):
    np.testing.assert_array_equal(select(Z, np.int64(3), random_state=0)[0], select(Z, 3, random_state=0)[0])


def test_an_empty_pool_raises(select):
    with pytest.raises(ValueError, match=r"\[1, 0\]"):
        select(np.empty((0, 2)), 1, random_state=0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_non_finite_rows_raise_with_count_and_first_row(select, value):
    rows = Z.copy()
    rows[[6, 9, 30], 0] = value
    with pytest.raises(ValueError, match=rf"must be finite, got NaN or infinity in 3 of {N} rows, first row 6"):
        select(rows, 2, random_state=0)


@pytest.mark.parametrize("name", WITH_CENTERS)
@pytest.mark.parametrize(
    ("centers", "message"),
    [
        (np.zeros((4, 2)), r"centers must have shape \(n, 3\), got \(4, 2\)"),
        (np.zeros(3), r"centers must have shape \(n, 3\), got \(3,\)"),
        ([[0.0] * 3, [np.nan] * 3], "centers must be finite, got NaN or infinity in 1 of 2 rows, first row 1"),
    ],
)
def test_wrong_centers_raise(name, centers, message):
    with pytest.raises(ValueError, match=f"{name}: {message}"):
        EVERY[name](Z, 2, centers=centers, random_state=0)


@pytest.mark.parametrize("name", [name for name in EVERY if name != "top_k"])
def test_points_that_are_no_table_raise(name):
    with pytest.raises(ValueError, match=rf"{name}: Z must have shape \(n, d\), got \({N},\)"):
        EVERY[name](Z[:, 0], 2, random_state=0)


def test_one_seed_gives_one_answer_and_leaves_the_global_generator_alone(select):
    before = np.random.get_state()[1:3]
    for rows in (Z, grid()):
        first, second = select(rows, 9, random_state=3), select(rows, 9, random_state=np.random.RandomState(3))
        np.testing.assert_array_equal(first[0], second[0])
        np.testing.assert_array_equal(first[1], second[1])
    np.testing.assert_array_equal(np.random.get_state()[1], before[0])
    assert np.random.get_state()[2] == before[1]


def test_seeds_decide_among_equal_rows(select):
    answers = {tuple(select(np.zeros((N, 2)), 3, random_state=seed)[0]) for seed in range(10)}
    # The rows are equal, but the uncertainty of ranked_batch tells them apart.
    assert len(answers) == 1 if select is EVERY["ranked_batch"] else len(answers) > 5


@pytest.mark.parametrize("name", WITH_TIES)
def test_without_random_ties_equal_rows_are_taken_in_row_order(name):
    options = {"centers": np.ones((2, 2))} if name in WITH_CENTERS else {}
    if name == "ranked_batch":
        options["uncertainty"] = np.full(N, 0.5)
    function = top_k if name == "top_k" else getattr(selection, name)
    rows = np.zeros(N) if name == "top_k" else np.zeros((N, 2))
    picks, _ = function(rows, 5, random_state=0, random_tie_break=False, **options)
    assert picks.tolist() == [0, 1, 2, 3, 4]
    picks, _ = function(rows, 5, random_state=0, **options)
    assert picks.tolist() != [0, 1, 2, 3, 4]


def test_float32_lists_and_read_only_rows_give_the_same_picks(select):
    rows = Z.astype(np.float32)
    rows.setflags(write=False)
    before = rows.copy()
    expected = select(rows.astype(np.float64), 4, random_state=0)
    for same in (rows, rows.tolist()):
        picks, scores = select(same, 4, random_state=0)
        np.testing.assert_array_equal(picks, expected[0])
        np.testing.assert_allclose(scores, expected[1], rtol=1e-5)
    np.testing.assert_array_equal(rows, before)


@pytest.mark.parametrize(
    ("name", "centers"),
    [("facility_location", None), *itertools.product([*WITH_CENTERS, "herding"], [None, 5])],
)
def test_distances_of_float32_rows_are_taken_in_float64(name, centers):
    """Far from the origin, where float32 has few digits: the same numbers give the same scores in either type."""
    rows = (Z + 1000).astype(np.float32)
    options = {"random_state": 0, **({"centers": rows[:centers]} if centers else {})}
    select = {**EVERY, "herding": herding}[name]
    picks, scores = select(rows, 9, **options)
    if centers:
        options["centers"] = options["centers"].astype(np.float64)
    expected = select(rows.astype(np.float64), 9, **options)
    np.testing.assert_array_equal(picks, expected[0])
    np.testing.assert_allclose(scores, expected[1], rtol=1e-12)


@pytest.mark.parametrize("name", WITH_CENTERS)
def test_centers_are_left_as_they_were(name):
    centers = Z[:4].copy()
    centers.setflags(write=False)
    EVERY[name](Z, 5, centers=centers, random_state=0)
    np.testing.assert_array_equal(centers, Z[:4])


@pytest.mark.parametrize("name", WITH_CENTERS)
@pytest.mark.parametrize("empty", [[], np.empty((0, 3)), np.empty((0, 7))])
def test_empty_centers_are_no_centers(name, empty):
    expected = EVERY[name](Z, 6, random_state=1)
    picks, scores = EVERY[name](Z, 6, centers=empty, random_state=1)
    np.testing.assert_array_equal(picks, expected[0])
    np.testing.assert_array_equal(scores, expected[1])


@pytest.mark.parametrize("name", WITH_CENTERS)
def test_integers_are_read_as_numbers(name):
    whole = (Z * 100).astype(np.int16)
    expected = EVERY[name](whole.astype(float), 6, centers=whole[:2].astype(float), random_state=0)[0]
    np.testing.assert_array_equal(EVERY[name](whole, 6, centers=whole[:2], random_state=0)[0], expected)


def test_a_pool_of_more_than_one_block_gives_the_same_distances():
    wide = np.random.default_rng(0).normal(size=(2500, 1000))  # more numbers than are brought to float64 at a time
    picks, scores = k_center(wide, 2, centers=wide[:1], random_state=0)
    expected = np.linalg.norm(wide - wide[0], axis=1)
    assert picks[0] == expected.argmax()
    np.testing.assert_allclose(scores[0], expected.max())
    after = np.minimum(expected, np.linalg.norm(wide - wide[picks[0]], axis=1))
    assert picks[1] == after.argmax()
    np.testing.assert_allclose(scores[1], after.max())


# top_k.


@pytest.mark.parametrize("n", [1, 2, 20, 39, 40])
@pytest.mark.parametrize("seed", range(3))
def test_top_k_is_the_head_of_the_sorted_scores(n, seed):
    scores = np.random.default_rng(seed).normal(size=N)
    picks, values = top_k(scores, n, random_state=0)
    assert picks.tolist() == sorted(range(N), key=lambda i: -scores[i])[:n]
    np.testing.assert_array_equal(values, scores[picks])


@pytest.mark.parametrize("n", [1, 3, 11, 40])
def test_top_k_without_random_ties_is_the_stable_sort(n):
    scores = grid()[:, 0]
    picks, _ = top_k(scores, n, random_tie_break=False)
    assert picks.tolist() == sorted(range(N), key=lambda i: -scores[i])[:n]


@pytest.mark.parametrize("n", [1, 3, 11, 40])
def test_top_k_with_random_ties_has_the_same_scores(n):
    scores = grid()[:, 0]
    picks, values = top_k(scores, n, random_state=0)
    assert values.tolist() == sorted(scores.tolist(), reverse=True)[:n] == scores[picks].tolist()


def test_top_k_orders_equal_scores_uniformly():
    rng = np.random.RandomState(0)
    draws = [tuple(top_k([1.0, 0.0, 1.0, 1.0, 1.0], 2, random_state=rng)[0]) for _ in range(2400)]
    pairs = list(itertools.permutations([0, 2, 3, 4], 2))
    assert set(draws) == set(pairs)
    assert same_law([draws.count(pair) for pair in pairs], np.ones(12))


def test_top_k_fills_up_from_equal_scores_uniformly():
    rng = np.random.RandomState(0)
    draws = np.array([top_k([0.0, 0.5, 1.0, 0.5, 0.5], 2, random_state=rng)[0] for _ in range(1500)])
    assert (draws[:, 0] == 2).all()
    assert same_law([(draws[:, 1] == row).sum() for row in (1, 3, 4)], np.ones(3))
    assert set(draws[:, 1]) == {1, 3, 4}


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int64, np.float16, np.float32])
def test_top_k_sorts_every_type_of_number(dtype):
    scores = np.array([0, 1, 0, 1] if dtype is bool else [0, 2, 1, 3]).astype(dtype)
    picks, _ = top_k(scores, 4, random_tie_break=False)
    assert picks.tolist() == ([1, 3, 0, 2] if dtype is bool else [3, 1, 2, 0])


def test_top_k_takes_one_axis():
    with pytest.raises(ValueError, match=r"top_k: scores must have shape \(n_pool,\), got \(40, 3\)"):
        top_k(Z, 2)


# The greedy selections against their definitions.


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("select", "measure"), [(k_center, to_nearest), (max_mean_distance, to_all)])
def test_greedy_picks_equal_brute_force_with_centers(select, measure, share, points):
    rows, centers = points
    n = max(1, round(share * len(rows)))
    picks, scores = select(rows, n, centers=centers, random_state=0, random_tie_break=False)
    expected = by_hand(rows, n, centers, lambda i, chosen: measure(rows[i], chosen))
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(scores, expected[1], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("select", "measure"), [(k_center, to_nearest), (max_mean_distance, to_all)])
def test_greedy_picks_equal_brute_force_from_a_seeded_start(select, measure, seed, points):
    rows, _ = points
    n = max(1, len(rows) // 2)
    picks, scores = select(rows, n, random_state=seed, random_tie_break=False)
    expected = by_hand(rows, n, [], lambda i, chosen: measure(rows[i], chosen), first=picks[0])
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(scores[1:], expected[1][1:], rtol=1e-6, atol=1e-12)
    if n > 1:  # the first had nothing to be far from: it is worth what came next
        assert scores[0] == scores[1]


@pytest.mark.parametrize("select", [k_center, max_mean_distance, kmeans_plusplus])
def test_a_start_without_centers_is_any_row(select):
    rng = np.random.RandomState(0)
    starts = [select(Z[:6], 1, random_state=rng)[0][0] for _ in range(1200)]
    assert same_law(np.bincount(starts, minlength=6), np.ones(6))


@pytest.mark.parametrize("select", [k_center, max_mean_distance])
def test_a_single_start_scores_the_distance_to_the_farthest_row(select):
    picks, scores = select(Z, 1, random_state=0)
    np.testing.assert_allclose(scores, [max(distance(z, Z[picks[0]]) for z in Z)])


@pytest.mark.parametrize("with_centers", [True, False])
def test_k_center_scores_never_rise(with_centers, points):
    rows, centers = points
    _, scores = k_center(rows, len(rows), centers=centers if with_centers else None, random_state=0)
    assert (np.diff(scores) <= 0).all()


def radius(points, chosen):
    return max(to_nearest(z, chosen) for z in points)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n_centers", [0, 1, 2])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_radius_of_k_center_is_at_most_twice_the_smallest(seed, n_centers, n):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(9, 2)) + 4 * rng.integers(0, 2, (9, 2))
    centers = rng.normal(size=(n_centers, 2))
    picks, _ = k_center(rows, n, centers=centers, random_state=seed)
    best = min(radius(rows, [*centers, *rows[list(some)]]) for some in itertools.combinations(range(9), n))
    assert radius(rows, [*centers, *rows[picks]]) <= 2 * best + 1e-12


def test_the_last_score_of_k_center_bounds_what_is_left_uncovered():
    picks, scores = k_center(Z, 8, random_state=0)
    more, _ = k_center(Z, 9, random_state=0)
    assert more[:8].tolist() == picks.tolist()
    assert radius(Z, Z[picks]) <= scores[-1]
    np.testing.assert_allclose(radius(Z, Z[picks]), k_center(Z, 9, random_state=0)[1][-1])


def test_k_center_goes_on_where_it_stopped():
    picks, _ = k_center(Z, 10, centers=Z[:1], random_state=0)
    rest, _ = k_center(Z, 6, centers=np.concatenate([Z[:1], Z[picks[:4]]]), random_state=0)
    assert picks[4:].tolist() == rest.tolist()


@pytest.mark.parametrize("n", [1, 7, 20])
@pytest.mark.parametrize("n_centers", [0, 1, 5, 60])
def test_ranked_batch_equals_brute_force_of_its_formula(n, n_centers):
    centers = np.random.default_rng(1).normal(size=(n_centers, 3))
    uncertainty = U[:20]
    rows = Z[:20]

    def blend(i, chosen):
        if not chosen:
            return uncertainty[i]
        n_unlabeled = len(rows) - (len(chosen) - n_centers)
        alpha = n_unlabeled / (n_unlabeled + len(chosen))
        similarity = 1 / (1 + to_nearest(rows[i], chosen))
        return alpha * (1 - similarity) + (1 - alpha) * uncertainty[i]

    picks, scores = ranked_batch(rows, n, uncertainty, centers=centers, random_state=0)
    expected = by_hand(rows, n, centers, blend)
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(scores, expected[1], rtol=1e-6)
    assert scores.min() >= 0 and scores.max() <= 1


def test_ranked_batch_of_equal_rows_goes_by_uncertainty():
    picks, _ = ranked_batch(np.zeros((N, 2)), N, U, centers=np.zeros((1, 2)), random_state=0)
    assert picks.tolist() == np.argsort(-U).tolist()


@pytest.mark.parametrize(
    ("uncertainty", "message"),
    [
        (U[:-1], rf"uncertainty must have shape \({N},\), got \({N - 1},\)"),
        (U[:, None], rf"uncertainty must have shape \({N},\), got \({N}, 1\)"),
        (np.where(U > 0.5, np.nan, U), rf"in {(U > 0.5).sum()} of {N} rows, first row {(U > 0.5).argmax()}"),
    ],
)
def test_ranked_batch_refuses_a_wrong_uncertainty(uncertainty, message):
    with pytest.raises(ValueError, match=f"ranked_batch: .*{message}"):
        ranked_batch(Z, 2, uncertainty)


def test_ranked_batch_leaves_the_uncertainty_as_it_was():
    u = U.copy()
    u.setflags(write=False)
    ranked_batch(Z, 5, u, random_state=0)
    np.testing.assert_array_equal(u, U)


# k-means.


@pytest.mark.nightly  # the law of three draws: test_kmeans_plusplus.py
def test_the_second_draw_of_kmeans_plusplus_follows_the_squared_distance():
    line = np.array([[0.0], [1.0], [2.0], [4.0], [5.0]])
    rng = np.random.RandomState(0)
    counts = np.zeros((5, 5))
    for _ in range(4000):
        counts[tuple(kmeans_plusplus(line, 2, random_state=rng)[0])] += 1
    weights = (line - line.T) ** 2
    weights /= weights.sum(axis=1, keepdims=True)  # the first draw is uniform
    assert (np.diag(counts) == 0).all()
    off = ~np.eye(5, dtype=bool)
    assert same_law(counts[off], weights[off])


@pytest.mark.nightly  # as above, with centers
def test_the_draws_of_kmeans_plusplus_are_conditioned_on_the_centers():
    line = np.array([[0.0], [1.0], [2.0], [4.0], [7.0]])
    rng = np.random.RandomState(0)
    draws = [kmeans_plusplus(line, 1, centers=[[0.0], [7.0]], random_state=rng)[0][0] for _ in range(2000)]
    counts = np.bincount(draws, minlength=5)
    assert counts[[0, 4]].tolist() == [0, 0]
    assert same_law(counts[1:4], [1.0, 4.0, 9.0])


@pytest.mark.parametrize("with_centers", [False, True])
def test_kmeans_plusplus_draws_uniformly_among_equal_rows(with_centers):
    rng = np.random.RandomState(0)
    rows = np.full((4, 3), 0.1)
    draws = [
        tuple(kmeans_plusplus(rows, 2, centers=rows[:1] if with_centers else None, random_state=rng)[0])
        for _ in range(1200)
    ]
    pairs = list(itertools.permutations(range(4), 2))
    assert same_law([draws.count(pair) for pair in pairs], np.ones(12))


def test_kmeans_plusplus_draws_uniformly_among_rows_that_are_centers():
    rng = np.random.RandomState(0)
    draws = [kmeans_plusplus(Z[:8], 1, centers=Z, random_state=rng)[0][0] for _ in range(1200)]
    assert same_law(np.bincount(draws, minlength=8), np.ones(8))


def test_kmeans_plusplus_takes_a_lone_far_row_before_any_duplicate():
    rows = np.zeros((30, 2))
    rows[17] = [3.0, 4.0]
    for seed in range(20):
        picks, scores = kmeans_plusplus(rows, 3, centers=[[0.0, 0.0]], random_state=seed)
        assert picks[0] == 17
        assert scores.tolist() == [25.0, 0.0, 0.0]


@pytest.mark.parametrize("with_centers", [True, False])
def test_kmeans_plusplus_scores_are_squared_distances_when_drawn(with_centers, points):
    rows, centers = points
    chosen = list(centers) if with_centers else []
    picks, scores = kmeans_plusplus(rows, len(rows), centers=centers if with_centers else None, random_state=0)
    for position, row in enumerate(picks):
        expected = to_nearest(rows[row], chosen) if chosen else max(distance(z, rows[row]) for z in rows)
        np.testing.assert_allclose(scores[position], expected**2, rtol=1e-6, atol=1e-12)
        chosen.append(rows[row])


def blobs(sizes=(25, 14, 7, 4)):
    centers = np.array([[0, 0], [100, 0], [0, 100], [100, 100]])[: len(sizes)]
    rng = np.random.default_rng(5)
    return np.concatenate([rng.normal(center, 1.0, (size, 2)) for center, size in zip(centers, sizes, strict=True)])


@pytest.mark.parametrize("seed", range(5))
def test_kmeans_medoids_are_the_rows_nearest_to_the_centroids_largest_cluster_first(seed):
    sizes, rows = (30, 12, 8), blobs((30, 12, 8))
    starts = np.r_[0, np.cumsum(sizes)]
    expected = []
    for start, stop in itertools.pairwise(starts):
        cluster = rows[start:stop]
        expected.append(start + int(np.argmin([distance(z, cluster.mean(axis=0)) for z in cluster])))
    picks, scores = kmeans_medoids(rows, 3, random_state=seed)
    assert picks.tolist() == expected
    np.testing.assert_allclose(scores, np.array(sizes) / 50)


def test_a_single_medoid_is_the_row_nearest_to_the_mean():
    picks, scores = kmeans_medoids(Z, 1, random_state=0)
    assert picks.tolist() == [int(np.argmin([distance(z, Z.mean(axis=0)) for z in Z]))]
    assert scores.tolist() == [1.0]


@pytest.mark.parametrize("n", [1, 5, 17, N])
def test_the_scores_of_kmeans_medoids_fall_and_share_the_pool(n):
    for rows in (Z, grid(), np.full((N, 2), 0.1)):
        picks, scores = kmeans_medoids(rows, n, random_state=0)
        assert len(set(picks)) == n
        assert (np.diff(scores) <= 0).all()
        np.testing.assert_allclose(scores.sum(), 1.0)


def test_medoids_beyond_the_distinct_points_are_filled_at_score_zero():
    rows = np.array([[0.0, 0.0]] * 6 + [[9.0, 9.0]] * 3 + [[0.0, 9.0]])
    picks, scores = kmeans_medoids(rows, 5, random_state=0)
    assert scores.tolist() == [0.6, 0.3, 0.1, 0.0, 0.0]
    assert picks[0] in range(6) and picks[1] in range(6, 9) and picks[2] == 9
    assert len(set(picks)) == 5


ELSEWHERE = {
    **dict.fromkeys(
        ("greedy_product", "lcmd", "max_det", "max_diag"), "test_regression_strategies.py"
    ),  # kernels with a file of tests of their own
    "bait": "test_bait.py",
    "batch_bald": "test_batch_bald.py",
    "class_mixtures": "test_cdal.py",
    "contextual_k_center": "test_cdal.py",
    "herding": "test_herding.py",
    "nearest_pair": "test_herding.py",
    "power": "test_power.py",
    "prob_cover": "test_prob_cover.py",
    "purity_radius": "test_prob_cover.py",
    "typiclust": "test_typiclust.py",
}


def test_every_public_selection_is_tested():
    functions = {name for name in selection.__all__ if not isinstance(getattr(selection, name), type)}
    assert functions - {"unit_rows"} == {*EVERY, *ELSEWHERE}  # vectors at length one are no selection
    for name, file in ELSEWHERE.items():
        assert name in (Path(__file__).parent / file).read_text()
