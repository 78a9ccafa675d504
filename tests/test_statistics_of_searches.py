"""Totals of sought rows: exact fairness over all draws of a tiny search, scipy's tables, and simulated searches."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from skal.statistics import anytime_total, draws_needed


def played(labels, order, hints):
    """Draw by an order and choose by hints, which the label of each draw changes: hits, rows left, known before."""
    left, known, found = [int(row) for row in order], 0, []
    while left:
        row = left.pop(0)
        found.append((int(labels[row]), len(left) + 1, known))
        known += labels[row]
        if left:
            chosen = max(left, key=lambda one: (hints[one] * (1 if labels[row] else -1), one))
            left.remove(chosen)
            known += labels[chosen]
    return found


def interval(steps, n, n_pool, level=0.95):
    hits, left, known = (list(column) for column in zip(*steps[:n], strict=True))
    n_found = known[n] if len(known) > n else known[-1] + hits[-1]
    return anytime_total(hits, left, known, n_pool, n_found=n_found, n_unseen=left[-1] - 1, level=level)


def test_the_share_of_all_orders_in_which_it_ever_misses_is_below_its_error_rate():
    labels, hints = np.array([1, 0, 0, 1, 0, 0]), np.array([2, 5, 3, 4, 1, 0])
    missed, narrow = 0, 0
    for order in permutations(range(6)):
        steps = played(labels, order, hints)
        looks = [interval(steps, n, 6, level=0.5) for n in range(1, len(steps) + 1)]
        missed += any(not one.low <= 2 <= one.high for one in looks)
        narrow += any(one.high - one.low < 4 - one.n_draws for one in looks)
    assert 0 < missed / 720 <= 0.5
    assert narrow  # not all that is possible


def test_a_simulated_search_misses_the_truth_at_any_of_its_looks_in_at_most_a_fifth_of_the_runs():
    rng, n_missed, n_runs = np.random.default_rng(5), 0, 50
    for _ in range(n_runs):
        labels = np.zeros(200, dtype=int)
        labels[:20] = 1
        steps = played(labels, rng.permutation(200), labels + rng.normal(0, 2, 200))
        looks = [interval(steps, n, 200, level=0.8) for n in range(10, 60, 10)]
        n_missed += any(not one.low <= 20 <= one.high for one in looks)
    assert stats.binom.cdf(n_missed, n_runs, 0.2) < 0.99


def test_rows_that_were_chosen_are_taken_out_of_what_is_left_to_find():
    zeros = [0] * 100
    before = range(1000, 900, -1)
    none = anytime_total(zeros, before, [0] * 100, 1000, n_found=0, n_unseen=900)
    some = anytime_total(zeros, before, [30] * 100, 1030, n_found=30, n_unseen=900)
    assert none.low == 0 and some.low == 30
    assert some.high - 30 == pytest.approx(none.high, abs=20)  # what was found tells little of what is left
    assert some.recall == (30 / some.high, 1.0) and none.recall == (0.0, 1.0)


def test_the_interval_ends_where_the_likelihood_worked_out_by_hand_does():
    # Nine of ten rows are drawn and none is sought: the likelihood of a total of 0 is 1, that of 1 is 1/10. Weights
    # are log((T + 2) / (T + 1)) / log 12, so the mean is (log 2 + log(3/2) / 10) / log 12. A total of 1 is kept where
    # 1/10 is at least (1 - level) times the mean.
    mean = (np.log(2) + np.log(3 / 2) / 10) / np.log(12)
    draws = ([0] * 9, range(10, 1, -1), [0] * 9, 10)
    assert anytime_total(*draws, n_found=0, n_unseen=1, level=1 - 0.1 / mean - 0.001).high == 0
    assert anytime_total(*draws, n_found=0, n_unseen=1, level=1 - 0.1 / mean + 0.001).high == 1


def test_when_all_is_seen_or_nothing_was_drawn_at_random():
    nothing = anytime_total([], [], [], 9, n_found=2, n_unseen=7)
    assert (nothing.low, nothing.high, nothing.n_draws) == (2, 9, 0)
    whole = anytime_total([0, 1, 0], [3, 2, 1], [0, 0, 1], 3, n_found=1, n_unseen=0)
    assert (whole.low, whole.high, whole.recall) == (1, 1, (1.0, 1.0))
    assert anytime_total([0], [1], [0], 1, n_found=0, n_unseen=0).recall == (1.0, 1.0)


def test_more_random_rows_without_a_hit_leave_less_room_and_a_hit_leaves_more():
    def high(hits):
        n = len(hits)
        known = np.cumsum([0, *hits[:-1]])
        found = anytime_total(hits, range(500, 500 - n, -1), known, 500, n_found=sum(hits), n_unseen=500 - n)
        return found.high

    assert high([0] * 200) < high([0] * 100) < high([0] * 20)
    assert high([0] * 99 + [1]) > high([0] * 100)


@pytest.mark.parametrize(("n_left", "n_missed"), [(1000, 9), (300, 2), (50, 0), (20, 19), (5, 5), (0, 0)])
def test_draws_needed_is_the_least_number_that_scipy_finds(n_left, n_missed):
    n = draws_needed(n_left, n_missed)
    if n_missed >= n_left:
        assert n == 0
        return
    misses = [stats.hypergeom.cdf(0, n_left, n_missed + 1, k) for k in range(n_left - n_missed + 1)]
    assert n == next(k for k, chance in enumerate(misses) if chance <= 0.05 * (1 + 1e-9))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: anytime_total([2], [4], [0], 9, n_found=2, n_unseen=3), "hits must be 0 or 1, got 2"),
        (lambda: anytime_total([1], [4, 3], [0], 9, n_found=1, n_unseen=3), "one number a draw"),
        (lambda: anytime_total([1], [0], [0], 9, n_found=1, n_unseen=3), "n_left must be whole numbers >= 1"),
        (lambda: anytime_total([1], [4], [1], 9, n_found=1, n_unseen=3), "at least 2 by n_known and hits, got 1"),
        (lambda: anytime_total([1], [4], [0], 3, n_found=1, n_unseen=3), "at most 3"),
        (lambda: anytime_total([1], [4], [0], -1, n_found=1, n_unseen=3), "population must be a whole number"),
        (lambda: anytime_total([1], [4], [0], 9, n_found=1, n_unseen=3, level=0.05), "Did you mean 0.95"),
        (lambda: draws_needed(-1, 0), "n_left must be a whole number"),
        (lambda: draws_needed(9, -1), "n_missed must be a whole number"),
    ],
)
def test_bad_input_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
