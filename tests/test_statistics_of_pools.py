"""Intervals for means of finite pools: against all orders of tiny pools, scipy's tables, and simulations."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from skal.statistics import (
    anytime_evidence,
    anytime_interval,
    anytime_macro_interval,
    fixed_interval,
    hypergeometric_interval,
    stratified_interval,
)


def test_over_all_orders_of_a_pool_the_evidence_against_the_truth_is_one_on_average():
    values, weights = np.array([1, 0.2, 1, 0, 1, 0.7]), np.array([1, 1, 0, 0.5, 1, 1])
    guesses, orders = np.array([0.9, 0.1, 0.8, 0.3, 0.9, 0.4]), [list(order) for order in permutations(range(6))]
    for n, weighted, guessed in ((5, False, False), (5, True, False), (3, False, True)):
        w = weights if weighted else np.ones(6)
        truth, found = w @ values / w.sum(), []
        for order in orders:
            drawn = order[:n]
            more = {"proxy": guesses[drawn], "pool_proxy": guesses} if guessed else {}
            found.append(anytime_evidence(values[drawn], 6, truth, weights=w[drawn], **more))
        assert np.mean(found) == pytest.approx(1.0, abs=1e-9)
        assert np.std(found) > 0.02


def test_evidence_rises_with_rows_that_speak_for_it_and_falls_with_the_threshold():
    right = [1] * 30
    assert anytime_evidence([], 50, 0.5) == 1.0
    assert anytime_evidence(right, 50, 0.5) > anytime_evidence(right[:20], 50, 0.5) > 20
    assert anytime_evidence(right, 50, 0.9) < anytime_evidence(right, 50, 0.5)
    assert anytime_evidence(right, 50, 0.3) == np.inf  # 30 of 50 are right: the others cannot undo it


@pytest.mark.parametrize("with_guesses", [False, True])
def test_it_misses_at_any_of_120_looks_in_at_most_a_fifth_of_the_simulated_projects(with_guesses):
    rng = np.random.default_rng(7)
    guesses = rng.beta(3, 1, 200)
    pool = (rng.random(200) < guesses).astype(float)
    n_missed, n_trials = 0, 120
    for _ in range(n_trials):
        order = rng.permutation(200)[:120]
        more = {"proxy": guesses[order], "pool_proxy": guesses} if with_guesses else {}
        found = anytime_interval(pool[order], 200, level=0.8, **more)
        n_missed += not found.low <= pool.mean() <= found.high
    assert stats.binom.cdf(n_missed, n_trials, 0.2) < 0.99  # as few as a fifth would give
    assert n_missed > 1  # so that the test would see a rate that is twice as high


def test_its_recall_of_a_class_holds():
    rng = np.random.default_rng(11)
    of_class = rng.random(300) < 0.3
    found = np.where(rng.random(300) < 0.7, 1.0, 0.0)
    truth, n_missed = found[of_class].mean(), 0
    for _ in range(100):
        order = rng.permutation(300)[:200]
        interval = anytime_interval(found[order], 300, weights=of_class[order].astype(float), level=0.8)
        n_missed += not interval.low <= truth <= interval.high
    assert stats.binom.cdf(n_missed, 100, 0.2) < 0.99


def test_every_row_looked_at_leaves_nothing_open():
    values = np.array([0.3, 1.0, 0.0, 0.6, 0.9, 0.2, 0.4, 0.4])
    found = anytime_interval(values, 8)
    assert found.low == pytest.approx(values.mean(), abs=1e-4) == found.high
    fixed = fixed_interval(values, 8)
    assert (fixed.low, fixed.high) == (pytest.approx(values.mean()), pytest.approx(values.mean()))
    assert hypergeometric_interval(3, 8, 8).width == 0


def test_it_is_the_same_from_the_other_side():
    values = np.random.default_rng(3).random(40)
    one, other = anytime_interval(values, 500), anytime_interval(1 - values, 500)
    assert (other.low, other.high) == (pytest.approx(1 - one.high), pytest.approx(1 - one.low))


def test_more_rows_never_widen_it():
    values = (np.random.default_rng(5).random(120) < 0.8).astype(float)
    widths = [anytime_interval(values[:n], 1000).width for n in (0, 1, 10, 30, 60, 90, 120)]
    assert widths[0] == 1.0 and widths == sorted(widths, reverse=True)


def test_good_guesses_narrow_both_intervals_and_wrong_ones_cost_little():
    rng = np.random.default_rng(2)
    good = rng.choice([0.02, 0.98], 1000, p=[0.3, 0.7])
    pool = (rng.random(1000) < good).astype(float)
    wrong, order = rng.random(1000), rng.permutation(1000)[:150]
    for interval in (anytime_interval, fixed_interval):
        plain = interval(pool[order], 1000).width
        with_good = interval(pool[order], 1000, proxy=good[order], pool_proxy=good).width
        with_wrong = interval(pool[order], 1000, proxy=wrong[order], pool_proxy=wrong).width
        assert with_good < 0.75 * plain
        assert with_wrong < 1.12 * plain


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_fixed_interval_of_hits_is_the_inverted_hypergeometric_test(level):
    size, n = 12, 5
    for hits in range(n + 1):
        tail = (1 - level) / 2
        kept = [
            count
            for count in range(size + 1)
            if stats.hypergeom(size, count, n).sf(hits - 1) > tail
            and stats.hypergeom(size, count, n).cdf(hits) > tail
        ]
        found = hypergeometric_interval(hits, n, size, level=level)
        assert (found.low, found.high) == (min(kept) / size, max(kept) / size)
        assert fixed_interval([1.0] * hits + [0.0] * (n - hits), size, level=level) == found


def test_in_a_large_pool_it_is_clopper_and_pearsons():
    found = hypergeometric_interval(17, 20, 10**7)
    exact = stats.binomtest(17, 20).proportion_ci(method="exact")
    assert (found.low, found.high) == (pytest.approx(exact.low, abs=1e-5), pytest.approx(exact.high, abs=1e-5))


def test_the_fixed_interval_with_guesses_covers_as_often_as_it_says():
    rng = np.random.default_rng(13)
    guesses = rng.beta(4, 1, 1500)
    pool, n_held = (rng.random(1500) < guesses).astype(float), 0
    for _ in range(600):
        order = rng.permutation(1500)[:90]
        found = fixed_interval(pool[order], 1500, proxy=guesses[order], pool_proxy=guesses)
        n_held += found.low <= pool.mean() <= found.high
    assert 552 <= n_held <= 588


def test_numbers_that_are_no_hits_get_students_t_with_the_pools_correction():
    values = np.array([0.1, 0.5, 0.4, 0.8])
    half = stats.t.ppf(0.975, 3) * values.std(ddof=1) / 2 * np.sqrt(0.9)
    found = fixed_interval(values, 40)
    assert (found.low, found.high) == (pytest.approx(max(0.45 - half, 0)), pytest.approx(0.45 + half))


def test_macro_f1_holds_and_is_narrower_than_an_interval_for_each_class():
    rng = np.random.default_rng(17)
    truth = rng.integers(0, 4, 400)
    guess = np.where(rng.random(400) < 0.75, truth, rng.integers(0, 4, 400))
    is_true, is_guess = truth[:, None] == np.arange(4), guess[:, None] == np.arange(4)
    values, weights = (is_true & is_guess).astype(float), (is_true * 1.0 + is_guess) / 2
    macro_f1, n_missed = np.mean(values.sum(axis=0) / weights.sum(axis=0)), 0
    for _ in range(20):
        order = rng.permutation(400)[:100]
        found = anytime_macro_interval(values[order], weights[order], 400, level=0.5)
        n_missed += not found.low <= macro_f1 <= found.high
    assert n_missed <= 15  # 20 at a half give more in 1 % of the cases
    found = anytime_macro_interval(values[order], weights[order], 400)
    each = [anytime_interval(values[order, k], 400, weights=weights[order, k], level=1 - 0.05 / 4) for k in range(4)]
    assert 0.1 < found.width < np.mean([one.width for one in each])


def test_a_class_that_was_never_seen_is_left_open():
    values, weights = np.ones((60, 2)), np.ones((60, 2))
    weights[:, 1] = values[:, 1] = 0
    found = anytime_macro_interval(values, weights, 600)
    assert found.estimate == 1.0 and 0.3 < found.low < 0.5 and found.high == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: anytime_interval([1, 2], 10), r"anytime_interval: values must be in \[0, 1\], got 2"),
        (lambda: anytime_interval([1, 0, 1], 2), "population counts all rows .* whole number >= 3, got 2"),
        (lambda: anytime_interval([1, 0], 9, weights=[1]), "weights must have one number per value, got 1 and 2"),
        (lambda: anytime_interval([1, 0], 9, proxy=[1, 1]), "proxy and pool_proxy come together"),
        (
            lambda: fixed_interval([1, 0], 3, proxy=[1, 1], pool_proxy=[1, 1]),
            r"pool_proxy 3 \(population\), got 2 and 2",
        ),
        (lambda: fixed_interval([1], 3, proxy=[1], pool_proxy=[0.1, 0.2, 0.3]), "numbers outside of pool_proxy"),
        (lambda: fixed_interval([np.nan], 3), "fixed_interval: values must be finite"),
        (lambda: hypergeometric_interval(3, 2, 9), "n_hits must be from 0 to n, got 3 of 2"),
        (lambda: anytime_macro_interval(np.ones((3, 2)), np.ones((3, 1)), 9), r"one shape \(n, k\)"),
        (lambda: anytime_interval([1], 9, level=0.05), "Did you mean 0.95"),
    ],
)
def test_what_does_not_fit_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()


# Strata


def drawn_by_strata(pools, n_of, rng):
    """Values and strata of the first rows of a random order of each stratum, mixed."""
    values = [pool[rng.permutation(len(pool))[:n]] for pool, n in zip(pools, n_of, strict=True)]
    strata = np.repeat(np.arange(len(pools)), n_of)
    order = rng.permutation(len(strata))
    return np.concatenate(values)[order], strata[order]


def test_strata_miss_the_weighted_mean_in_at_most_a_fifth_of_the_simulated_projects():
    rng = np.random.default_rng(19)
    pools = [(rng.random(90) < share).astype(float) for share in (0.95, 0.3)]
    pools[0] = np.concatenate([pools[0], pools[0]])
    truth, n_missed = np.concatenate(pools).mean(), 0
    for _ in range(150):
        values, strata = drawn_by_strata(pools, (40, 20), rng)
        found = stratified_interval(values, strata, [180, 90], level=0.8)
        n_missed += not found.low <= truth <= found.high
    assert stats.binom.cdf(n_missed, 150, 0.2) < 0.99


def test_over_all_orders_the_product_over_strata_rejects_the_truth_as_seldom_as_it_says():
    """Tiny strata, all pairs of orders, by brute force: the truth is outside in at most 1 - level of them."""
    pools, truth = [np.array([1.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0])], 4 / 7
    outside = []
    for one in permutations(range(4)):
        for other in permutations(range(3)):
            values = np.concatenate([pools[0][list(one)[:3]], pools[1][list(other)[:2]]])
            found = stratified_interval(values, [0, 0, 0, 1, 1], [4, 3], level=0.5)
            outside.append(not found.low <= truth <= found.high)
    assert np.mean(outside) <= 0.5


def test_strata_are_weighted_by_their_sizes_and_narrow_the_interval_where_they_differ():
    found = stratified_interval([1, 1, 0, 0], [0, 0, 1, 1], [90, 10])
    assert found.estimate == pytest.approx(0.9) and (found.n, found.population) == (4, 100)
    rng = np.random.default_rng(23)
    pools = [np.ones(700), np.zeros(300)]
    values, strata = drawn_by_strata(pools, (140, 60), rng)
    both = stratified_interval(values, strata, [700, 300])
    assert both.low <= 0.7 <= both.high and both.width < 0.75 * anytime_interval(values, 1000).width
    whole = stratified_interval(np.concatenate(pools), np.repeat([0, 1], [700, 300]), [700, 300])
    assert (whole.low, whole.high) == (pytest.approx(0.7), pytest.approx(0.7))


def test_rows_without_a_value_and_strata_without_a_row_leave_everything_open_for_them():
    full = stratified_interval([1] * 30, [0] * 30, [50, 50])
    assert full.estimate == 1.0 and full.low <= 0.5 and full.high == 1.0, "of the second stratum nothing is known"
    values, usable = np.array([1.0] * 20 + [0.0] * 10), np.array([1] * 20 + [0] * 10)
    found = stratified_interval(values, np.zeros(30, int), [60], usable=usable)
    as_wrong = stratified_interval(values, np.zeros(30, int), [60])
    assert found.estimate == 1.0 and found.low == as_wrong.low and found.high == 1.0 > as_wrong.high
    nothing = stratified_interval([], [], [5, 5])
    assert np.isnan(nothing.estimate) and (nothing.low, nothing.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([1.0], [2], [5, 5]), "strata must be from 0 to 1"),
        (([1.0], [0.5], [5]), "strata must be whole numbers"),
        (([1.0, 0.0], [0], [5]), "one per value"),
        (([1.0, 1.0], [0, 0], [1]), "a whole number >= 2, got 1"),
        (([], [], [0, 0]), "the strata hold no rows"),
    ],
)
def test_strata_that_do_not_fit_are_refused(given, said):
    with pytest.raises(ValueError, match=said):
        stratified_interval(*given)
