"""The mean of differences whose expectation drifts: by hand, over a whole tree of courses, and in simulations."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import optimize, stats

from skal.statistics import anytime_difference

STAKES = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]


def test_evidence_is_the_mean_wealth_of_ten_stakes():
    found = anytime_difference([1, -1, 0.5])
    assert found.evidence_above == pytest.approx(sum((1 + s) * (1 - s) * (1 + s / 2) for s in STAKES) / 10)
    assert found.evidence_below == pytest.approx(sum((1 - s) * (1 + s) * (1 - s / 2) for s in STAKES) / 10)
    assert found.estimate == pytest.approx(1 / 6) and found.n == 3
    assert (found.low, found.high) == (-1, 1), "three differences tell nothing"


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_ends_where_the_wealth_against_a_mean_reaches_its_limit(level):
    d = np.repeat([1.0, -1.0, 0.0, 0.3], [40, 12, 150, 20])

    def too_rich(mean, of):
        return np.mean([np.exp(np.log1p(s * of).sum() - s * len(of) * mean) for s in STAKES]) - 2 / (1 - level)

    found = anytime_difference(d, level=level)
    assert found.low == pytest.approx(optimize.brentq(too_rich, -1, 1, args=(d,)), abs=1e-8)
    assert found.high == pytest.approx(-optimize.brentq(too_rich, -1, 1, args=(-d,)), abs=1e-8)
    assert found.low < found.estimate < found.high
    mirrored = anytime_difference(-d[::-1], level=level)
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low)), "the order changes nothing"
    for k in range(1, 60):
        some = anytime_difference(np.ones(k), level=level)
        assert (some.low > 0) == (some.evidence_above > 2 / (1 - level))


def chance(past):
    """Chances of -1, 0 and 1 after some differences: what is expected is above 0 at first, and rests on the past."""
    is_first = len(past) % 2 == 0
    up = (0.3 if is_first else 0.1) + 0.05 * (sum(past) > 0)
    down = 0.15 if is_first else 0.4
    return {-1: down, 0: 1 - up - down, 1: up}


def test_over_all_courses_evidence_against_a_mean_of_zero_is_one_on_average_or_less_if_that_is_true_on_the_mean():
    """Expected differences may be above 0, as long as their mean up to the look is not."""
    for n in (2, 4):
        total, mass = 0.0, 0.0
        for course in product((-1, 0, 1), repeat=n):
            each = [chance(course[:k]) for k in range(n)]
            assert sum(one[1] - one[-1] for one in each) <= 0 < each[0][1] - each[0][-1]
            p = np.prod([one[d] for one, d in zip(each, course, strict=True)])
            total += p * anytime_difference(course).evidence_above
            mass += p
        assert mass == pytest.approx(1) and 0.8 < total <= 1


def test_it_misses_the_drifting_mean_at_any_of_20_looks_in_at_most_a_fifth_of_the_simulations():
    rng = np.random.default_rng(3)
    n_missed, n_trials = 0, 60
    for _ in range(n_trials):
        d, means = [], []
        for k, chance_of_it in enumerate(rng.random(200)):
            mean = 0.15 * math.sin(k / 30) + (0.05 if sum(d) < 0 else -0.05)  # rests on what was seen
            up = 0.25 + mean / 2
            d.append(1.0 if chance_of_it < up else -1.0 if chance_of_it < 0.5 else 0.0)
            means.append(mean)
        ends = range(10, 201, 10)
        looks = [(anytime_difference(d[:n], level=0.8), np.mean(means[:n])) for n in ends]
        n_missed += any(not one.low <= truth <= one.high for one, truth in looks)
    assert stats.binom.cdf(n_missed, n_trials, 0.2) < 0.99


def test_it_finds_a_difference_that_is_there():
    rng = np.random.default_rng(4)
    n_found = 0
    for _ in range(40):
        found = anytime_difference(rng.choice([1, -1, 0], size=200, p=[0.15, 0.03, 0.82]))
        n_found += found.low > 0
    assert n_found > 30
    widths = [(one := anytime_difference(np.zeros(n))).high - one.low for n in (0, 1, 10, 100, 1000)]
    assert widths == sorted(widths, reverse=True) and widths[-1] < 0.02


def test_nothing_is_known_of_no_differences_and_bad_ones_are_refused():
    found = anytime_difference([])
    assert math.isnan(found.estimate) and (found.low, found.high, found.evidence_above) == (-1, 1, 1)
    assert anytime_difference(np.ones(10_000)).evidence_above < np.inf
    for bad, words in (
        ([0.5, 2], r"differences must be in \[-1, 1\], got 2. Divide by the largest possible one"),
        ([np.nan], "must be finite"),
        ([[1]], r"must have shape \(n,\), got \(1, 1\)"),
    ):
        with pytest.raises(ValueError, match=words):
            anytime_difference(bad)
    with pytest.raises(ValueError, match="Did you mean 0.95"):
        anytime_difference([1], level=0.05)
