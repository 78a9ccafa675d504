"""Scores of large tables: compiled kernels and blocks of rows against references in float64 and longdouble."""

import importlib.util
import itertools
import tracemalloc

import numpy as np
import pytest
from scipy import stats
from scipy.special import entr, rel_entr

from skal import scores
from skal.scores import _common, _fast
from skal.selection import top_k

SINGLE = ["least_confident", "margin", "entropy"]
COMMITTEE = ["bald", "max_disagreement", "consensus_entropy", "mean_std", "mean_variance"]
VOTES = ["vote_entropy", "variation_ratio"]
COMPILED = [*SINGLE, *COMMITTEE, *VOTES]
OTHERS = ["oui", "std"]


@pytest.fixture(params=["compiled", "blocks"])
def way(request, monkeypatch):
    """Both ways: kernels for tables of every size that holds a vector, or NumPy in blocks of a few rows."""
    if request.param == "compiled":
        pytest.importorskip("numba")
        monkeypatch.setattr(_fast, "MIN_ELEMENTS", 16)
    else:
        monkeypatch.setattr(_fast, "compiled", lambda: None)
        monkeypatch.setattr(_common, "_BLOCK_ELEMENTS", 5000)
    return request.param


def rows(n, C, dtype=np.float32, seed=0, members=None, sharpness=1.0):
    rng = np.random.default_rng(seed)
    shape = (n,) if members is None else (members, n)
    P = rng.standard_gamma(sharpness, (*shape, C)) + 1e-30
    return (P / P.sum(axis=-1, keepdims=True)).astype(dtype)


def kinds_of_rows(C, dtype):
    """Random, sharp, certain, even, all but certain, and with subnormal numbers."""
    tiny = np.finfo(dtype).smallest_subnormal
    rng = np.random.default_rng(C)
    one, even = np.eye(C, dtype=dtype)[rng.integers(0, C, 9)], np.full((9, C), 1 / C, dtype=dtype)
    nearly, subnormal = one.copy(), one.copy()
    nearly[:, -1] += np.logspace(-1, -30, 9).astype(dtype)
    subnormal[:, -1] += (tiny * np.logspace(0, 3, 9)).astype(dtype)
    return np.concatenate([rows(40, C, dtype), rows(40, C, dtype, sharpness=0.02), one, even, nearly, subnormal])


def entropy_of(P):
    P = P.astype(np.longdouble)
    return -(P * np.log(np.where(P > 0, P, 1))).sum(axis=1)


@pytest.mark.parametrize("C", [1, 2, 3, 7, 8, 10, 15, 16, 17, 31, 33, 100, 257, 1000, 5000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_entropy_is_right_to_a_few_units_in_the_last_place(way, C, dtype):
    P = kinds_of_rows(C, dtype)
    expected, found = entropy_of(P), scores.entropy(P)
    assert found.dtype == dtype
    # A sum of C terms of both signs has the precision of its largest: with C = 1 a term may exceed 1 by rounding.
    scale = np.maximum(np.abs(expected), np.abs(entr(P.astype(float))).max(axis=1))
    error = np.abs(found - expected) / np.maximum(scale, np.finfo(dtype).tiny)
    # Long rows are added up in float64: that leaves float32 as it is, and costs float64 some digits.
    assert error.max() <= (8 if dtype == np.float32 else 8 + C**0.5) * np.finfo(dtype).eps
    certain = (P == 1).any(axis=1) & ((P > 0).sum(axis=1) == 1)
    assert certain.any()
    assert (found[certain] == 0).all() and not np.signbit(found[certain]).any()


def test_the_entropy_of_subnormal_probabilities(way):
    """Far below the smallest normal float32 its own rounding counts: half a unit of 1e-45 for each term."""
    p = (np.finfo(np.float32).smallest_subnormal * 2.0 ** np.arange(30)).astype(np.float32)
    P = np.stack([np.ones_like(p), p], axis=1)
    expected = entr(p.astype(float))
    np.testing.assert_allclose(scores.entropy(P), expected, rtol=1e-6, atol=3e-45)


@pytest.mark.parametrize("C", [2, 5, 16, 17, 100])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_margin_and_least_confident_are_exact_with_ties_too(way, C, dtype):
    for decimals in (1, 2, 7):
        P = np.random.default_rng(C).random((300, C)).round(decimals).astype(dtype)
        P[:50, -1] = P[:50, 0] = 1.0
        best = np.sort(P, axis=1)
        np.testing.assert_array_equal(scores.margin(P), 1 - (best[:, -1] - best[:, -2]))
        np.testing.assert_array_equal(scores.least_confident(P), 1 - best[:, -1])
        assert scores.margin(P).dtype == dtype


@pytest.mark.parametrize("name", SINGLE)
def test_negative_numbers_and_negative_zeros_are_scored_as_ever(way, name):
    P = rows(60, 20)
    P[3, 5], P[7, 2], P[8] = -0.25, -0.0, -0.0
    best = np.sort(P.astype(float), axis=1)
    expected = {
        "least_confident": 1 - best[:, -1],
        "margin": 1 - (best[:, -1] - best[:, -2]),
        "entropy": entr(P.astype(float)).sum(axis=1),
    }[name]
    np.testing.assert_allclose(getattr(scores, name)(P), expected, rtol=1e-6)
    assert expected[3] == -np.inf or name != "entropy"


def reference(name, P):
    P = P.astype(np.longdouble)
    consensus = P.mean(axis=0)
    ratio = np.divide(P, consensus, out=np.ones_like(P), where=P > 0)
    divergence = (P * np.log(ratio)).sum(axis=2)
    return {
        "bald": lambda: divergence.mean(axis=0),
        "max_disagreement": lambda: divergence.max(axis=0),
        "consensus_entropy": lambda: entropy_of(consensus),
        "mean_std": lambda: P.std(axis=0).mean(axis=1),
        "mean_variance": lambda: P.var(axis=0).mean(axis=1),
    }[name]()


@pytest.mark.parametrize("name", COMMITTEE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_committee_scores_equal_a_longdouble_reference(way, name, dtype):
    rtol, atol = (1e-6, 1e-9) if name == "consensus_entropy" and dtype == np.float32 else (1e-11, 1e-14)
    for T, n, C in [(1, 40, 3), (2, 300, 1), (20, 333, 10), (7, 30, 100), (3, 4, 900)]:
        P = rows(n, C, dtype, members=T, sharpness=0.3)
        P[:, : n // 4] = P[:1, : n // 4].round(1)  # exact zeros, equal members
        found = getattr(scores, name)(P)
        np.testing.assert_allclose(found.astype(float), reference(name, P).astype(float), rtol=rtol, atol=atol)
        assert found.dtype == (dtype if name == "consensus_entropy" else np.float64)


@pytest.mark.parametrize(("T", "C"), [(1, 1), (2, 2), (20, 10), (7, 40), (150, 5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_votes_are_counted_for_the_first_of_equals(way, T, C, dtype):
    P = rows(300, C, dtype, members=T).round(1)
    counts = np.stack([np.bincount(votes, minlength=C) for votes in P.argmax(axis=2).T])
    np.testing.assert_allclose(scores.variation_ratio(P), 1 - counts.max(axis=1) / T, rtol=1e-15, atol=1e-16)
    np.testing.assert_allclose(scores.vote_entropy(P), entr(counts / T).sum(axis=1), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("size", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bald_keeps_its_digits_where_members_nearly_agree(way, size, dtype):
    rng = np.random.default_rng(0)
    P = rows(100, 10, np.float64)[None] * (1 + size * rng.uniform(-1, 1, (20, 100, 10)))
    P = (P / P.sum(axis=-1, keepdims=True)).astype(dtype)
    expected = reference("bald", P).astype(float)
    assert expected.max() < 10 * size**2
    np.testing.assert_allclose(scores.bald(P), expected, rtol=1e-14 / size**1.5 + 1e-10)


@pytest.mark.parametrize("name", ["bald", "max_disagreement", "mean_std", "mean_variance", *VOTES])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_members_disagree_by_exactly_nothing(way, name, dtype):
    P = np.repeat(kinds_of_rows(10, dtype)[None], 7, axis=0)  # a seventh of a sum of seven is not always the number
    assert (getattr(scores, name)(P) == 0).all()


def test_probabilities_of_very_different_sizes_have_their_divergence(way):
    P = np.zeros((2, 3, 20))
    P[0, :, 0], P[1, :, 1] = 1.0, 1.0
    P[0, 1, 2], P[1, 2, 3] = 1e-300, 1e-200
    expected = np.maximum(rel_entr(P, P.mean(axis=0)).sum(axis=2), 0)
    np.testing.assert_allclose(scores.bald(P), expected.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(scores.max_disagreement(P), expected.max(axis=0), rtol=1e-14)


def test_negative_probabilities_have_an_infinite_divergence(way):
    P = rows(30, 10, members=4)
    P[2, 5, 3] = -0.1
    for name in ("bald", "max_disagreement"):
        score = getattr(scores, name)(P)
        assert np.isposinf(score[5]) and np.isfinite(np.delete(score, 5)).all()


@pytest.mark.parametrize("name", [*COMPILED, *OTHERS])
def test_what_is_not_finite_is_refused_wherever_it_stands(way, name):
    members = 5 if name in [*COMMITTEE, *VOTES] else None
    message = rf"^{name}: P must be finite, got NaN or infinity in 2 of 400 rows, first row 371\.$"
    for (C, column), value in itertools.product(
        [(3, 0), (16, -1), (37, 5), (37, -1)], [np.nan, -np.nan, np.inf, -np.inf]
    ):
        P = rows(400, C, members=members)
        row = P[-1] if members else P
        row[371, column] = value
        row[399, column] = np.nan
        with pytest.raises(ValueError, match=message):
            getattr(scores, name)(P)


@pytest.mark.parametrize("name", [*SINGLE, *OTHERS])
def test_sums_too_large_for_float32_are_no_infinite_numbers(way, name):
    P = np.full((400, 20), np.float32(3e38))
    score = getattr(scores, name)(P)
    assert score.shape == (400,)


@pytest.mark.parametrize("name", [*COMPILED, *OTHERS])
@pytest.mark.parametrize("C", [2, 10, 60])
def test_blocks_and_layouts_do_not_change_the_scores(way, name, C):
    """One row at a time gives what many give; so do tables that are cut out of others, or lie the other way round."""
    members = 3 if name in [*COMMITTEE, *VOTES] else None
    P = rows(1100, C, np.float64, members=members)
    score = getattr(scores, name)
    whole = score(P)
    one_by_one = [score(P[..., i : i + 1, :])[0] for i in range(0, 1100, 50)]
    np.testing.assert_allclose(whole[::50], one_by_one, rtol=1e-12, atol=1e-15)
    for other in (np.asfortranarray(P), np.repeat(P, 2, axis=-2)[..., ::2, :], P.astype(">f8")):
        np.testing.assert_allclose(score(other), whole, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", [*COMPILED, *OTHERS])
@pytest.mark.parametrize("shape", [(3, 4, 40, 50), (70, 4, 5, 6), (2, 60, 3000)])
def test_pixels_are_scored_in_blocks(way, name, shape):
    members = (3,) if name in [*COMMITTEE, *VOTES] else ()
    n, C, *spatial = shape
    P = rows(n * int(np.prod(spatial)), C, np.float64, members=3 if members else None)
    pixels = getattr(scores, name)(P).reshape(n, -1)
    P = np.moveaxis(P.reshape(*members, n, *spatial, C), -1, len(members) + 1)
    for reduction, expected in (("mean", pixels.mean(axis=1)), ("max", pixels.max(axis=1))):
        np.testing.assert_allclose(getattr(scores, name)(P, reduction=reduction), expected, rtol=1e-11, atol=1e-15)
    together = getattr(scores, name)(np.ascontiguousarray(P), reduction=lambda s: (s - s.mean()).sum(axis=1))
    np.testing.assert_allclose(together, (pixels - pixels.mean()).sum(axis=1), atol=1e-9)  # a callable sees all rows


def test_half_precision_is_scored_in_float32(way):
    P = rows(500, 200, np.float16)
    for name in SINGLE:
        score = getattr(scores, name)(P)
        assert score.dtype == np.float32
        np.testing.assert_allclose(score, getattr(scores, name)(P.astype(np.float32)), rtol=1e-6)


@pytest.mark.parametrize("C", [2, 10, 100])
def test_the_entropy_normalised_is_that_share(way, C):
    P = kinds_of_rows(C, np.float64)
    share = np.clip(scores.entropy(P) / np.log(C), 0, 1)
    np.testing.assert_allclose(scores.entropy(P, normalized=True), share, rtol=1e-12)
    assert scores.entropy(P, normalized=True).max() <= 1


@pytest.mark.parametrize("name", [*COMPILED, *OTHERS])
def test_memory_is_that_of_a_block(name):
    members = 4 if name in [*COMMITTEE, *VOTES] else None
    P = rows(100_000 if members is None else 25_000, 30, members=members)  # 12 MB
    score = getattr(scores, name)
    score(P)
    tracemalloc.start()
    score(P)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < P.nbytes / 2


def test_pixels_of_one_large_row_take_the_memory_of_a_block():
    P = rows(300 * 300, 30).T.reshape(1, 30, 300, 300)
    scores.entropy(P)  # what is loaded and compiled once does not count
    tracemalloc.start()
    scores.entropy(P)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < P.nbytes / 3


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="needs numba")
@pytest.mark.parametrize("name", COMPILED)
def test_large_tables_go_to_the_kernels_and_others_do_not(name, monkeypatch):
    called = []
    kernels = _fast.compiled()
    original = getattr(kernels, name)
    monkeypatch.setattr(kernels, name, lambda P: called.append(P.shape) or original(P))
    members = None if name in SINGLE else 2
    P = rows(300, 10, members=members)
    getattr(scores, name)(P)
    assert called == []
    monkeypatch.setattr(_fast, "MIN_ELEMENTS", P.size)
    getattr(scores, name)(P)
    assert called == [P.shape]
    getattr(scores, name)(P.astype(np.float16))
    getattr(scores, name)(np.asfortranarray(P))
    assert called == [P.shape]


def test_without_numba_large_tables_are_scored_by_numpy(monkeypatch):
    monkeypatch.setattr(_fast, "MIN_ELEMENTS", 16)
    monkeypatch.setattr(_fast.importlib.util, "find_spec", lambda name: None)
    _fast.compiled.cache_clear()
    try:
        P = rows(100, 10)
        np.testing.assert_allclose(scores.entropy(P), entropy_of(P).astype(float), rtol=1e-6)
        assert _fast.compiled() is None
    finally:
        _fast.compiled.cache_clear()


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="needs numba")
def test_kernels_are_compiled_where_no_folder_can_be_written(monkeypatch):
    from numba.core import caching

    from skal.scores import _numba

    def nowhere(*_):
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(caching.FunctionCache, "__init__", nowhere)
    double = _numba._compiled(lambda x: 2 * x)
    assert double(4) == 8


# top_k.


@pytest.mark.parametrize("levels", [1, 2, 5, 40, 10**9])
@pytest.mark.parametrize("n", [1, 7, 99, 100])
def test_top_k_is_a_sort_by_score_whose_ties_do_not_depend_on_the_scores(levels, n):
    """Ranks of equals are those of a pool in which all are equal, in one sort of everything."""
    for seed in range(20):
        values = np.random.default_rng(seed).integers(0, levels, 100) / levels
        ranks = np.argsort(top_k(np.zeros(100), 100, seed)[0])
        expected = np.lexsort((ranks, -values))[:n]
        for random_state in (seed, np.random.RandomState(seed)):
            picks, found = top_k(values, n, random_state)
            np.testing.assert_array_equal(picks, expected)
            np.testing.assert_array_equal(found, values[expected])


def test_the_order_of_ties_is_uniform():
    """Each row is as often at each place, and each pair of places as often held by each pair of rows."""
    rng = np.random.RandomState(0)
    orders = np.array([top_k(np.zeros(6), 6, rng)[0] for _ in range(6000)])
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    for first, second in itertools.combinations(range(6), 2):
        cells = np.bincount(orders[:, first] * 6 + orders[:, second], minlength=36).reshape(6, 6)
        counts = cells[~np.eye(6, dtype=bool)]
        assert stats.chisquare(counts).pvalue > 1e-5


def test_ties_far_apart_in_a_large_pool_are_drawn_uniformly():
    rng = np.random.RandomState(1)
    picks = np.concatenate([top_k(np.zeros(10_000), 100, rng)[0] for _ in range(100)])
    assert stats.chisquare(np.bincount(picks // 500, minlength=20)).pvalue > 1e-5
    assert stats.chisquare(np.bincount(picks % 7, minlength=7)).pvalue > 1e-5  # 10 000 is 4 more than 7 * 1428


@pytest.mark.parametrize("n_pool", [50, 5000])
def test_top_k_draws_as_much_from_a_generator_whatever_the_scores(n_pool):
    expected = np.random.RandomState(3)
    expected.randint(0, 2**64, dtype=np.uint64)
    expected = expected.randint(10**9)
    for values in (np.arange(float(n_pool)), np.zeros(n_pool)):
        rng = np.random.RandomState(3)
        top_k(values, 5, rng)
        assert rng.randint(10**9) == expected
    rng = np.random.RandomState(3)
    top_k(values, 5, rng, random_tie_break=False)
    assert rng.randint(10**9) == np.random.RandomState(3).randint(10**9)


def test_top_k_refuses_a_seed_that_is_none():
    with pytest.raises(ValueError, match="seed"):
        top_k(np.arange(50.0), 5, "nonsense")
