"""The law of the draws of k-means++, on plain and on factorised rows, against the sequential law itself."""

import itertools
import tracemalloc

import numpy as np
import pytest
from scipy import stats

from skal.selection._k_center_rows import lower_bounds, margin
from skal.selection.gradient_embedding import GradientEmbedding, Gradients
from skal.selection.kmeans_plusplus import kmeans_plusplus

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(5, 3)) * [[1.0], [0.5], [2.0], [1.0], [0.2]]
P = RNG.dirichlet(np.ones(4), size=5)
CENTERS = RNG.normal(size=(2, 3))
P_CENTERS = RNG.dirichlet(np.ones(4), size=2)


def gradients(P, Z):
    """The rows multiplied out."""
    a = np.array(P, dtype=float)
    a[np.arange(len(a)), a.argmax(axis=1)] -= 1
    return (a[:, :, None] * np.asarray(Z, dtype=float)[:, None, :]).reshape(len(a), -1)


def squared(rows, others):
    return ((rows[:, None, :] - others[None, :, :]) ** 2).sum(axis=2)


def law(rows, n, centers, first, origin):
    """Probability of every sequence of n rows, from the definition."""
    known = [*centers] + ([np.zeros(rows.shape[1])] if origin else [])
    probability = {}
    for picks in itertools.permutations(range(len(rows)), n):
        chance, chosen = 1.0, list(known)
        for position, row in enumerate(picks):
            if position == 0 and first == "largest" and len(centers) == 0:
                weights = (np.arange(len(rows)) == (rows**2).sum(axis=1).argmax()).astype(float)
            elif chosen:
                weights = squared(rows, np.array(chosen)).min(axis=1)
            else:
                weights = np.ones(len(rows))
            chance *= weights[row] / weights.sum()
            chosen.append(rows[row])
        probability[picks] = chance
    return probability


def p_value(draws, probability):
    """Chi-square, sequences expected less than five times taken together."""
    counts = dict.fromkeys(probability, 0)
    for draw in draws:
        counts[draw] += 1
    assert not any(counts[s] for s, chance in probability.items() if chance == 0)
    kept = [s for s, chance in probability.items() if chance > 0]
    observed = np.array([counts[s] for s in kept], dtype=float)
    expected = np.array([probability[s] for s in kept]) * len(draws)
    rare = expected < 5
    if rare.any():
        observed = np.append(observed[~rare], observed[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    return stats.chisquare(observed, expected).pvalue


LAWS = {
    "uniform first": ((), "random", False, 900),
    "largest first": ((), "largest", False, 400),
    "origin": ((), "random", True, 400),
    "largest first and origin": ((), "largest", True, 400),
    "centers": ("centers", "random", False, 400),
    "centers and origin": ("centers", "random", True, 400),
}


@pytest.mark.parametrize("kind", ["plain", "factorised"])
@pytest.mark.parametrize("name", LAWS)
def test_the_draws_follow_the_law(name, kind):
    centers, first, origin, n_draws = LAWS[name]
    if kind == "plain":
        Z, rows, given, known = POINTS, POINTS, CENTERS, CENTERS
    else:
        Z, rows = GradientEmbedding(P, POINTS), gradients(P, POINTS)
        given, known = GradientEmbedding(P_CENTERS, CENTERS), gradients(P_CENTERS, CENTERS)
    rng = np.random.RandomState(1)
    options = {"centers": given} if centers else {}
    draws = [
        tuple(kmeans_plusplus(Z, 3, random_state=rng, first=first, origin=origin, **options)[0].tolist())
        for _ in range(n_draws)
    ]
    assert p_value(draws, law(rows, 3, known if centers else [], first, origin)) > 1e-3


def test_the_law_where_bounds_are_far_too_high():
    """Two clusters and a lone row: with a centre in the far cluster distances are a thousandth of the first."""
    rng = np.random.RandomState(0)
    near = np.random.default_rng(0).normal(size=(300, 2)) * 0.05
    rows = np.concatenate([near, near + 100.0, [[0.0, 1.0]]])
    draws = [kmeans_plusplus(rows, 2, [[0.0, 0.0]], rng)[0] for _ in range(800)]
    assert all(300 <= first < 600 for first, _ in draws)
    left = squared(near, near).sum(axis=1) + (near**2).sum()  # of the clusters, by the row drawn in the far one
    expected = np.mean(1.0 / (1.0 + left))
    assert 0.05 < expected < 0.95
    n_lone = int(sum(second == 600 for _, second in draws))
    assert stats.binomtest(n_lone, len(draws), expected).pvalue > 1e-3


def test_distances_of_factorised_rows_are_those_of_the_rows():
    rng = np.random.default_rng(0)
    P, Z = rng.dirichlet(np.ones(6) * 0.3, size=60), rng.normal(size=(60, 7)) * 10.0 ** rng.uniform(-3, 3, (60, 1))
    P[:5], Z[:5] = P[5], Z[5]  # equal rows
    P[6] = np.eye(6)[2]  # certain: a row of zeros
    rows, embedding = gradients(P, Z), Gradients(GradientEmbedding(P, Z))
    i, j = np.indices((60, 60)).reshape(2, -1)
    exact = embedding.squared(i, embedding, j)
    expected = squared(rows, rows).ravel()
    scale = ((rows**2).sum(axis=1)[i] + (rows**2).sum(axis=1)[j]) / 2
    np.testing.assert_array_less(np.abs(exact - expected), 1e-13 * scale + 1e-300)
    same = (i < 6) & (j < 6)
    assert (exact[same] == 0).all() and (exact[i == j] == 0).all()
    np.testing.assert_allclose(embedding.squared_norms(), (rows**2).sum(axis=1), rtol=1e-12)
    for dtype in (np.float32, np.float64):
        work = embedding.work(slice(None), dtype)
        assert (lower_bounds(work, work, margin(embedding.width, dtype)).ravel() <= exact).all()


def test_two_classes_and_one_feature_by_hand():
    # a = (-0.25, 0.25) and (-0.5, 0.5), z = 2 and 3: rows (-0.5, 0.5) and (-1.5, 1.5).
    embedding = Gradients(GradientEmbedding([[0.75, 0.25], [0.5, 0.5]], [[2.0], [3.0]]))
    np.testing.assert_allclose(embedding.squared_norms(), [0.5, 4.5])
    np.testing.assert_allclose(embedding.squared(np.array([0]), embedding, np.array([1])), [2.0])


@pytest.mark.parametrize("first", ["random", "largest"])
@pytest.mark.parametrize("origin", [False, True])
@pytest.mark.parametrize(
    "rows",
    [
        POINTS,
        np.zeros((30, 2)),
        np.full((30, 2), 0.1),
        np.repeat(POINTS, 8, axis=0),
        1e7 + np.repeat(POINTS, 8, axis=0),
        1e200 * POINTS,
        1e-150 * POINTS,
        np.where(np.arange(40)[:, None] == 7, 1e6, np.random.default_rng(1).normal(size=(40, 2))),
        GradientEmbedding(P, POINTS),
        GradientEmbedding(np.repeat(P, 8, axis=0), np.repeat(POINTS, 8, axis=0)),
        GradientEmbedding(np.eye(4)[[0, 1, 2, 3, 0]], POINTS),  # certain: all rows are zero
        GradientEmbedding(np.ones((9, 1)), np.ones((9, 2))),  # a single class
        GradientEmbedding(P, 1e100 * POINTS),
        GradientEmbedding(P, 1e-100 * POINTS),
    ],
    ids=range(14),
)
def test_a_draw_of_the_whole_pool_has_every_row_once(rows, first, origin):
    n = len(rows)
    with np.errstate(over="ignore"):  # squares of 1e200
        picks, scores = kmeans_plusplus(rows, n, random_state=0, first=first, origin=origin)
        fewer = [kmeans_plusplus(rows, k, random_state=0, first=first, origin=origin)[0] for k in (1, n // 2)]
    assert sorted(picks.tolist()) == list(range(n))
    assert not np.isnan(scores).any() and (scores >= 0).all()
    for shorter in fewer:
        assert shorter.tolist() == picks[: len(shorter)].tolist()


def test_duplicates_are_drawn_when_nothing_else_is_left():
    rows = np.repeat(1e4 + np.random.default_rng(0).normal(size=(20, 8)), 10, axis=0).astype(np.float32)
    embedding = GradientEmbedding(
        np.repeat(np.random.default_rng(0).dirichlet(np.ones(3), size=20), 10, axis=0), rows
    )
    for seed in range(5):
        for Z in (rows, embedding):
            picks, scores = kmeans_plusplus(Z, 25, random_state=seed)
            assert len(set((picks[:20] // 10).tolist())) == 20
            assert (scores[:20] > 0).all() and (scores[20:] == 0).all()


def test_rows_of_no_gradient_are_drawn_uniformly():
    embedding = GradientEmbedding(np.eye(4), np.ones((4, 2)))
    rng = np.random.RandomState(0)
    for first in ("random", "largest"):
        draws = [tuple(kmeans_plusplus(embedding, 2, random_state=rng, first=first)[0].tolist()) for _ in range(1200)]
        assert p_value(draws, dict.fromkeys(itertools.permutations(range(4), 2), 1 / 12)) > 1e-3


def test_the_largest_row_is_first_and_equals_are_drawn():
    rows = np.array([[1.0, 0.0], [0.0, 3.0], [3.0, 0.0], [2.0, 2.0]])
    firsts = [int(kmeans_plusplus(rows, 1, random_state=seed, first="largest")[0][0]) for seed in range(40)]
    assert set(firsts) == {1, 2}


def test_scores_are_the_distances_over_many_blocks():
    rng, n_rows = np.random.default_rng(0), 3000
    P, Z = rng.dirichlet(np.ones(5), size=n_rows), rng.normal(size=(n_rows, 6)).astype(np.float32)
    for plain, given, options in (
        (Z.astype(float), Z, {}),
        (gradients(P, Z), GradientEmbedding(P, Z), {}),
        (gradients(P, Z), GradientEmbedding(P, Z), {"origin": True}),
    ):
        picks, scores = kmeans_plusplus(given, 200, random_state=0, **options)
        assert len(set(picks.tolist())) == 200
        between = squared(plain[picks], plain[picks])
        expected = [between[i, :i].min() for i in range(1, 200)]
        if options:
            expected = np.minimum(expected, (plain[picks[1:]] ** 2).sum(axis=1))
        np.testing.assert_allclose(scores[1:], expected, rtol=1e-9)


def test_nothing_is_multiplied_out():
    rng = np.random.default_rng(0)
    P, Z = rng.dirichlet(np.ones(100), size=2000), rng.normal(size=(2000, 200))
    tracemalloc.start()
    kmeans_plusplus(GradientEmbedding(P, Z), 50, random_state=0, first="largest")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2000 * 100 * 200 * 8 / 8  # 40 MB, an eighth of the rows


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: GradientEmbedding(P, POINTS[:3]), ValueError, "P and Z must have the same rows, got 5 and 3"),
        (lambda: GradientEmbedding(P[:, 0], POINTS), ValueError, r"P must have shape \(n, d\), got \(5,\)"),
        (
            lambda: GradientEmbedding(P[:, :0], POINTS),
            ValueError,
            r"P must have a column a class, got shape \(5, 0\)",
        ),
        (lambda: GradientEmbedding(P * 3 - 1, POINTS), ValueError, r"P must be probabilities in \[0, 1\], got -"),
        (lambda: GradientEmbedding(P, POINTS * np.nan), ValueError, "Z must be finite, .* 5 of 5 rows, first row 0"),
        (lambda: kmeans_plusplus(POINTS, 2, first="farthest"), ValueError, "first must be 'random' or 'largest'"),
        (
            lambda: kmeans_plusplus(GradientEmbedding(P, POINTS), 2, POINTS),
            TypeError,
            r"centers of a GradientEmbedding must be one, too, got ndarray",
        ),
        (
            lambda: kmeans_plusplus(POINTS, 2, GradientEmbedding(P, POINTS)),
            TypeError,
            "must be an array as Z is, got a GradientEmbedding",
        ),
        (
            lambda: kmeans_plusplus(GradientEmbedding(P, POINTS), 2, GradientEmbedding(P[:, :3], POINTS)),
            ValueError,
            "centers must have P and Z of 4 and 3 columns, got 3 and 3",
        ),
    ],
)
def test_wrong_input_raises(make, error, message):
    with pytest.raises(error, match=message):
        make()
