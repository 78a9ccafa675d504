"""k-center by bounds and blocks: the same picks, in the same order, as the plain greedy in float64."""

import sys
import tracemalloc

import numpy as np
import pytest

from skal.selection import _k_center_nearest, _k_center_rows
from skal.selection._k_center_nearest import Nearest
from skal.selection._k_center_rows import Points, distinct, lower_bounds, margin, prepare
from skal.selection.k_center import k_center

module = sys.modules[k_center.__module__]
METRICS = ("euclidean", "sqeuclidean", "cosine")


# The reference: every distance of every pick, in float64, by differences.


def directions(rows):
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows = rows / np.where(largest > 0, largest, 1.0)
    norms = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return np.hstack([rows / np.where(norms > 0, norms, 1.0), norms == 0])


def distances(rows, point, metric):
    difference = rows - point
    squared = np.einsum("nd,nd->n", difference, difference)
    return {"euclidean": np.sqrt(squared), "sqeuclidean": squared, "cosine": squared / 2}[metric]


def plain_greedy(Z, n, centers, seed, metric="euclidean", weights=None, ties=True):
    rng = np.random.RandomState(seed)
    ranks = rng.permutation(len(Z)) if ties else np.arange(len(Z))
    rows, chosen = np.asarray(Z, dtype=np.float64), np.asarray(centers, dtype=np.float64)
    if metric == "cosine":
        rows, chosen = directions(rows), directions(chosen.reshape(-1, rows.shape[1]))
    nearest = np.full(len(rows), np.inf)
    for center in chosen:
        nearest = np.minimum(nearest, distances(rows, center, metric))
    picks, scores = [], []
    first = None if len(chosen) else rng.randint(len(rows))
    for position in range(n):
        score = nearest if weights is None or (not picks and first is not None) else nearest * weights
        score = np.where(np.isin(np.arange(len(rows)), picks), -np.inf, score)
        row = (
            first
            if first is not None and position == 0
            else min(np.flatnonzero(score == score.max()), key=ranks.__getitem__)
        )
        picks.append(int(row))
        scores.append(score[row])
        nearest = np.minimum(nearest, distances(rows, rows[row], metric))
    if first is not None:
        scores[0] = scores[1] if n > 1 else (nearest if weights is None else nearest * weights).max()
    return picks, scores


# Kinds of data: f(rng, n, d).


def clustered(rng, n, d):
    return rng.normal(size=(n, d)) + 30 * rng.normal(size=(4, d))[rng.integers(0, 4, n)]


def far_clusters(rng, n, d):
    return 1e-4 * rng.normal(size=(n, d)) + 1e4 * rng.normal(size=(4, d))[rng.integers(0, 4, n)]


KINDS = {
    "random": lambda rng, n, d: rng.normal(size=(n, d)),
    "float32": lambda rng, n, d: rng.normal(size=(n, d)).astype(np.float32),
    "float16": lambda rng, n, d: rng.normal(size=(n, d)).astype(np.float16),
    "whole numbers": lambda rng, n, d: rng.integers(0, 255, (n, d), dtype=np.uint8),
    "clusters": clustered,
    "clusters far apart": far_clusters,
    "duplicates": lambda rng, n, d: rng.normal(size=(7, d))[rng.integers(0, 7, n)],
    "a grid": lambda rng, n, d: rng.integers(0, 3, (n, d)).astype(float),
    "constant": lambda rng, n, d: np.full((n, d), 0.1),
    "zeros": lambda rng, n, d: np.zeros((n, d)),
    "half of it zeros": lambda rng, n, d: rng.normal(size=(n, d)) * (rng.random((n, 1)) < 0.5),
    "a huge offset": lambda rng, n, d: 1e9 + rng.normal(size=(n, d)),
    "a huge offset in float32": lambda rng, n, d: (1e4 + rng.normal(size=(n, d))).astype(np.float32),
    "a line": lambda rng, n, d: np.outer(np.arange(n), np.ones(d)),
    "a sphere, all at near the same distance": lambda rng, n, d: (
        np.linalg.qr(rng.normal(size=(d, d)))[0][rng.integers(0, d, n)] * (1 + 1e-9 * rng.normal(size=(n, 1)))
    ),
    "all scales": lambda rng, n, d: rng.normal(size=(n, d)) * 10.0 ** rng.uniform(-9, 9, (n, 1)),
    "very large": lambda rng, n, d: 1e200 * rng.normal(size=(n, d)),
    "very small": lambda rng, n, d: 1e-120 * rng.normal(size=(n, d)),
    "an outlier": lambda rng, n, d: np.where(np.arange(n)[:, None] == n // 2, 1e6, rng.normal(size=(n, d))),
}


@pytest.fixture(params=["as they are", "small"])
def blocks(request, monkeypatch):
    """Small blocks, so that small data take the way of large ones."""
    if request.param == "small":
        monkeypatch.setattr(module, "_BLOCK", 5)
        monkeypatch.setattr(module, "_MOST", 17)
        monkeypatch.setattr(_k_center_nearest, "_CENTERS", 3)
        monkeypatch.setattr(_k_center_nearest, "_FIRST", 2)
        monkeypatch.setattr(_k_center_rows, "_BLOCK", 23)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", METRICS)
def test_the_order_is_that_of_the_plain_greedy(kind, metric, blocks):
    if metric == "sqeuclidean" and kind == "very large":
        pytest.skip("squares of these are no numbers")
    for seed in (2, 3, 4):
        rng = np.random.default_rng(seed)
        n_pool, d, m = int(rng.integers(1, 60)), int(rng.integers(1, 6)), int(rng.choice([0, 1, 9]))
        rows = KINDS[kind](rng, n_pool + m, d)
        Z, centers = rows[:n_pool], rows[n_pool:]
        weights = rng.integers(0, 3, n_pool).astype(float) if seed % 3 == 2 else None
        n = int(rng.integers(1, n_pool + 1)) if seed % 2 else n_pool
        picks, scores = k_center(Z, n, centers, seed, metric=metric, weights=weights, random_tie_break=seed != 4)
        big = kind in ("very large", "very small")  # squares leave the range of the reference
        shrunk = rows * (2.0**-660 if kind == "very large" else 2.0**400) if big else rows
        expected = plain_greedy(shrunk[:n_pool], n, shrunk[n_pool:], seed, metric, weights, ties=seed != 4)
        assert picks.tolist() == expected[0]
        if not big:
            np.testing.assert_allclose(scores, expected[1], rtol=1e-12)
        elif metric != "cosine":
            unit = 2.0**660 if kind == "very large" else 2.0**-400
            np.testing.assert_allclose(scores, np.array(expected[1]) * (unit if metric == "euclidean" else unit**2))


@pytest.mark.parametrize("kind", ["random", "float32", "clusters", "clusters far apart", "duplicates", "an outlier"])
def test_the_order_is_that_of_the_plain_greedy_over_many_blocks(kind):
    rows = KINDS[kind](np.random.default_rng(0), 3300, 24)
    picks, scores = k_center(rows[:3000], 150, rows[3000:], 1)
    expected = plain_greedy(rows[:3000], 150, rows[3000:], 1)
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(scores, expected[1], rtol=1e-12)


def test_rows_that_float32_cannot_tell_apart_are_in_the_order_of_float64():
    # Distances 1 + i * 1e-12 to the centre, on axes of their own, in a mixed order.
    order = np.random.RandomState(0).permutation(100)
    Z = np.diag(1.0 + 1e-12 * order)
    picks, _ = k_center(Z, 100, np.zeros((1, 100)), 0, random_tie_break=False)
    assert picks[0] == order.argmax()
    assert picks.tolist() == plain_greedy(Z, 100, np.zeros((1, 100)), 0, ties=False)[0]
    first, _ = k_center(Z, 1, np.zeros((1, 100)), 0)
    assert first[0] == order.argmax()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("very")])
def test_the_bounds_hold(kind, dtype):
    rows = KINDS[kind](np.random.default_rng(0), 300, 40)
    points, others = Points(rows[:200]), Points(rows[200:])
    prepare(points, others)
    low = lower_bounds(points.work(slice(None), dtype), others.work(slice(None), dtype), margin(40, dtype))
    i, j = np.indices(low.shape).reshape(2, -1)
    assert (low.ravel() <= points.squared(i, others, j)).all()
    nearest = Nearest(points, others)
    nearest.bound()
    assert (nearest.squared >= points.squared(i, others, j).reshape(low.shape).min(axis=1)).all()


def test_few_rows_are_brought_up_to_date(monkeypatch):
    seen = []
    update = Nearest.update
    monkeypatch.setattr(Nearest, "update", lambda self, rows: (seen.append(len(rows)), update(self, rows))[1])
    rng = np.random.default_rng(0)
    k_center(rng.normal(size=(20000, 16)), 50, rng.normal(size=(1000, 16)), 0)
    assert sum(seen) < 5000


def test_a_memory_map_gives_the_same_picks(tmp_path):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(20000, 64)).astype(np.float32)
    rows.tofile(tmp_path / "Z")
    Z = np.memmap(tmp_path / "Z", dtype=np.float32, mode="r", shape=rows.shape)
    expected = k_center(rows, 30, rows[:5], 0)
    picks, scores = k_center(Z, 30, Z[:5], 0)
    np.testing.assert_array_equal(picks, expected[0])
    np.testing.assert_array_equal(scores, expected[1])


def test_memory_does_not_grow_with_the_width_of_the_pool():
    Z = np.random.default_rng(0).normal(size=(40000, 256))  # 82 MB
    tracemalloc.start()
    k_center(Z, 20, Z[:3], 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def test_centers_that_repeat_are_one_center():
    rows = np.random.default_rng(0).normal(size=(50, 3))
    many = rows[np.random.default_rng(1).integers(0, 4, 300)]
    assert len(distinct(many)) == 4
    np.testing.assert_array_equal(k_center(rows, 50, many, 0)[0], k_center(rows, 50, rows[:4], 0)[0])


def test_different_centers_with_equal_projections_both_count():
    assert len(distinct(np.array([[1e16, 0.0], [1e16, 0.1], [1e16, 0.0]]))) >= 2


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("random", np.float32),
        ("a huge offset", np.float32),
        ("clusters", np.float32),
        ("clusters far apart", np.float64),
    ],
)
def test_float64_takes_over_only_where_it_is_needed(kind, dtype):
    rows = KINDS[kind](np.random.default_rng(0), 1200, 8)
    points, centers = Points(rows[:1000]), Points(rows[1000:])
    prepare(points, centers)
    nearest = Nearest(points, centers)
    nearest.bound()
    nearest.update(np.arange(1000))
    assert nearest.dtype is dtype


def test_squared_distances_select_the_same_rows():
    rows = np.random.default_rng(0).normal(size=(80, 3))
    picks, scores = k_center(rows, 30, rows[:2], 0)
    same, squares = k_center(rows, 30, rows[:2], 0, metric="sqeuclidean")
    np.testing.assert_array_equal(picks, same)
    np.testing.assert_allclose(squares, scores**2)


def test_cosine_distances_by_hand():
    Z = np.array([[2.0, 0.0], [0.0, 3.0], [-5.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    picks, scores = k_center(Z, 5, [[1.0, 0.0]], 0, metric="cosine")
    np.testing.assert_allclose(scores, [2.0, 1.0, 1.0, 1 - np.sqrt(0.5), 0.0], atol=1e-15)
    assert picks[0] == 2 and set(picks[1:3]) == {1, 4} and picks[3:].tolist() == [3, 0]


def test_a_weight_makes_a_row_farther():
    Z = np.array([[1.0], [2.0], [3.0]])
    picks, scores = k_center(Z, 3, [[0.0]], 0, weights=[5.0, 2.0, 1.0])
    assert picks.tolist() == [0, 2, 1]  # 5, 4, 3; then 5 - 4 = 1: 2 and 2; then ...
    np.testing.assert_allclose(scores, [5.0, 2.0, 2.0])


class Told:
    def __init__(self):
        self.counts = []

    def __call__(self, picked, n):
        assert n == 2000
        self.counts.append(picked)


def test_progress_is_told_and_can_end_the_selection():
    rows = np.random.default_rng(0).normal(size=(3000, 2))
    for centers in (None, rows[:1]):
        told = Told()
        k_center(rows, 2000, centers, 0, progress=told)
        assert len(told.counts) > 3 and told.counts[-1] == 2000
        assert (np.diff(told.counts) > 0).all()

    def stop(picked, n):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        k_center(rows, 2000, progress=stop)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "manhattan"}, "metric must be one of euclidean, sqeuclidean, cosine, got 'manhattan'"),
        ({"weights": [1.0, 2.0]}, r"weights must have shape \(3,\), got \(2,\)"),
        ({"weights": [1.0, -2.0, 1.0]}, "weights must be finite and not negative, got -2.0 in row 1 and 1 such"),
        ({"weights": [1.0, np.nan, np.inf]}, "got nan in row 1 and 2 such"),
    ],
)
def test_wrong_options_raise(options, message):
    with pytest.raises(ValueError, match=f"k_center: .*{message}"):
        k_center(np.eye(3), 2, random_state=0, **options)
