"""The statistics: hand-computed values, references of another make, properties, and false alarms by simulation."""

import ast
import itertools
import math
import runpy
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from skal.statistics import (
    benjamini_hochberg,
    bootstrap_interval,
    cohen_dz,
    detectable_difference,
    differences_by_round,
    differences_from_baseline,
    expected_calibration_error,
    hedges_gz,
    holm,
    labels_saved,
    labels_to_reach,
    mean_interval,
    paired_difference,
    paired_power,
    paired_t_test,
    pairwise_differences,
    probability_of_superiority,
    sign_flip_test,
    smallest_p_value,
    trials_needed,
    wilcoxon_test,
)
from skal.study import statistics

ROOT = Path(__file__).parents[1]
POWER = runpy.run_path(str(ROOT / "benchmarks" / "power.py"))
COVERAGE = runpy.run_path(str(ROOT / "benchmarks" / "interval_coverage.py"))
TESTS = {"t": paired_t_test, "sign_flip": sign_flip_test, "wilcoxon": wilcoxon_test}
every_test = pytest.mark.parametrize("test", list(TESTS))


def columns(n_trials, n_columns=40, seed=0):
    """Values and baseline with a shared trial effect, continuous: no ties."""
    rng = np.random.default_rng(seed)
    shared = rng.gamma(2.0, size=(n_trials, 1))
    values, baseline = (shared + rng.normal(size=(n_trials, n_columns)) for _ in range(2))
    return values + np.linspace(0, 1.5, n_columns), baseline


def flipped_share(d):
    """Sign-flip p by counting all sums, one trial after another, in exact fractions."""
    d = [Fraction(float(x)) for x in d]
    sums = Counter({Fraction(0): 1})
    for x in d:
        sums = Counter({s: sums[s - x] + sums[s + x] for s in {t + sign * x for t in sums for sign in (1, -1)}})
    return sum(n for s, n in sums.items() if abs(s) >= abs(sum(d))) / sums.total()


class TestPackage:
    def test_it_imports_nothing_of_skal_but_itself(self):
        for path in Path(statistics.__file__).parent.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module.startswith("skal"):
                    assert node.module.startswith("skal.statistics"), path

    def test_public_names_are_there_and_sorted(self):
        assert all(hasattr(statistics, name) for name in statistics.__all__)
        assert statistics.__all__ == sorted(statistics.__all__)


class TestPairedT:
    def test_by_hand(self):
        """d = 1, 2, 3, 6: mean 3, sd sqrt(14/3), t = 3 / (2.1602 / 2) = 2.7775; p(3 df) = 0.0691."""
        found = paired_t_test([2.0, 3.0, 4.0, 7.0], [1.0, 1.0, 1.0, 1.0])
        assert found.statistic == pytest.approx(3 / math.sqrt(14 / 12))
        assert found.p_value == pytest.approx(0.0691, abs=1e-4)

    @pytest.mark.parametrize("n_trials", [2, 3, 10, 40])
    def test_is_scipys(self, n_trials):
        values, baseline = columns(n_trials)
        found, reference = paired_t_test(values, baseline), stats.ttest_rel(values, baseline)
        np.testing.assert_allclose(found.statistic, reference.statistic, rtol=1e-6)
        np.testing.assert_allclose(found.p_value, reference.pvalue, rtol=1e-6)

    def test_equal_differences_are_judged_by_their_signs(self):
        """0.9 - 0.8, 0.8 - 0.7, 0.7 - 0.6 differ by rounding: as a spread that would give p = 1e-31."""
        assert paired_t_test([0.9, 0.8, 0.7], [0.8, 0.7, 0.6]).p_value == 0.25
        assert paired_t_test([0.9, 0.8, 0.7], [0.8, 0.7, 0.6]).statistic == np.inf
        assert paired_t_test([-1.0] * 8).p_value == 2**-7


class TestSignFlip:
    def test_by_hand(self):
        """d = 1, 2, -1: sum 2; of the 8 flips the sums are +-2, +-4, +-2, 0, 0: 6 are as far."""
        found = sign_flip_test([1.0, 2.0, -1.0])
        assert found.p_value == 6 / 8 and found.statistic == pytest.approx(2 / 3)

    @pytest.mark.parametrize("n_trials", [1, 2, 5, 9])
    def test_is_the_count_of_all_flips(self, n_trials):
        values, _ = columns(n_trials, 6, seed=n_trials)
        d = np.round(values, 1)  # a coarse grid: ties of the sums
        assert sign_flip_test(d).p_value.tolist() == [flipped_share(column) for column in np.round(d * 10).T]

    def test_is_scipys_permutation_test(self):
        values, baseline = columns(7, 3)
        for first, second in zip(values.T, baseline.T, strict=True):
            reference = stats.permutation_test(
                (first, second), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=np.inf
            )
            assert sign_flip_test(first, second).p_value == pytest.approx(reference.pvalue, rel=1e-12)

    def test_ties_of_sums_survive_rounding(self):
        """0.3 - 0.1 - 0.2 is not 0 in floats: 4 of the 8 sums are 0, all are as far as the observed 0."""
        assert sign_flip_test([0.3, -0.1, -0.2]).p_value == 1.0
        assert sign_flip_test([0.1, 0.2, 0.3]).p_value == 0.25
        assert sign_flip_test([0.8, 0.9, 0.4], [0.7, 0.7, 0.7]).p_value == 1.0

    def test_drawn_flips_agree_with_all_flips(self, monkeypatch):
        values, baseline = columns(12)
        exact = sign_flip_test(values, baseline).p_value
        monkeypatch.setattr("skal.statistics.paired_tests.MOST_EXACT", 11)
        drawn = sign_flip_test(values, baseline).p_value
        error = np.sqrt(exact * (1 - exact) / 9999)
        assert (np.abs(drawn - exact) < 5 * error + 1e-4).all() and (drawn != exact).any()

    def test_drawn_flips_count_the_observed_one_and_are_seeded(self):
        d = np.linspace(1, 2, 20)
        assert sign_flip_test(d, n_resamples=99).p_value == 0.01 == sign_flip_test(d, n_resamples=99).smallest
        values, baseline = columns(20)
        first = sign_flip_test(values, baseline).p_value
        assert (first == sign_flip_test(values, baseline).p_value).all()
        assert (first != sign_flip_test(values, baseline, random_state=1).p_value).any()
        with pytest.raises(ValueError, match="at least 1, got 0"):
            sign_flip_test(d, n_resamples=0)

    def test_blocks_of_columns_change_nothing(self, monkeypatch):
        values, baseline = columns(8)
        whole = sign_flip_test(values, baseline).p_value
        monkeypatch.setattr("skal.statistics.paired_tests._BLOCK", 128 * 3)
        assert (sign_flip_test(values, baseline).p_value == whole).all()


class TestWilcoxon:
    def test_of_the_paper(self):
        """The corn plants of Wilcoxon 1945: T = 24; p as in scipy's documentation."""
        d = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]
        found = wilcoxon_test(d)
        assert found.statistic == 15 * 16 / 2 - 2 * 24
        assert found.p_value == pytest.approx(0.041259765625)

    def test_by_hand_with_a_zero_and_ties(self):
        """d = 0, 1, 1, -2, 3: ranks 1.5, 1.5, -3, 4, sum 4; of 16 flips +-1.5+-1.5+-3+-4, 10 reach 4 or more."""
        found = wilcoxon_test([0.0, 1.0, 1.0, -2.0, 3.0])
        assert found.statistic == 4.0 and found.p_value == flipped_share([1.5, 1.5, -3, 4]) == 10 / 16

    @pytest.mark.parametrize("n_trials", [1, 5, 12, 30, 60])
    def test_is_scipys(self, n_trials):
        values, baseline = columns(n_trials)
        reference = stats.wilcoxon(values - baseline, axis=0)
        found = wilcoxon_test(values, baseline)
        np.testing.assert_allclose(found.p_value, reference.pvalue, rtol=1e-12)
        smaller = (n_trials * (n_trials + 1) / 2 - np.abs(found.statistic)) / 2
        np.testing.assert_allclose(smaller, reference.statistic)

    def test_ties_and_zeros_are_flipped_exactly(self):
        """Fifteen trials: where scipy goes over to the normal approximation."""
        d = np.random.default_rng(3).integers(-5, 7, size=(15, 8)).astype(float)
        d[:, 0] = np.arange(-3, 12)  # ties and a zero
        d[:, 1] = np.arange(-9, 6) + 0.25  # neither
        d[:, 2] = [-7, *range(14)]  # a zero and a tie
        d[:, 3] = [*range(-11, 0), 0, 20, 21, 22]  # a zero alone
        d[:, 4] = [-7, *range(1, 15)]  # a tie alone
        for column in d.T:
            kept = column[column != 0]
            ranks = np.sign(kept) * stats.rankdata(np.abs(kept))
            assert wilcoxon_test(column).p_value == flipped_share(ranks)
        assert (wilcoxon_test(d).p_value == [wilcoxon_test(column).p_value for column in d.T]).all()

    def test_ties_survive_rounding(self):
        """The example of scipy's own documentation: differences of -0.025, 0.05, 0.05, -0.05."""
        found = wilcoxon_test([0.5, 0.825, 0.375, 0.5], [0.525, 0.775, 0.325, 0.55])
        assert found.p_value == flipped_share([-1, 3, 3, -3]) and found.statistic == 2

    def test_many_trials_with_ties_draw_flips(self):
        d = np.random.default_rng(0).integers(-2, 4, size=25).astype(float)
        reference = stats.wilcoxon(d, method="asymptotic").pvalue
        assert 0 < reference < 0.5 and wilcoxon_test(d).p_value == pytest.approx(reference, abs=0.02)


class TestAllTests:
    @every_test
    @pytest.mark.parametrize("n_trials", [1, 2, 3, 5, 8, 18])
    def test_smallest_is_reached_and_not_passed(self, test, n_trials):
        smallest = smallest_p_value(test, n_trials)
        clear = TESTS[test](100 + np.arange(n_trials) / 1e8)
        assert clear.smallest == smallest
        assert clear.p_value == pytest.approx(smallest, abs=1e-9)
        values, baseline = columns(n_trials)
        assert (TESTS[test](values, baseline).p_value >= smallest).all()

    def test_five_trials_cannot_reach_five_percent_without_a_normal_distribution(self):
        assert [smallest_p_value(test, 5) for test in TESTS] == [0.0, 0.0625, 0.0625]
        with pytest.raises(ValueError, match="at least 1, got 0"):
            smallest_p_value("t", 0)

    @every_test
    def test_no_difference_and_one_trial_are_no_finding(self, test):
        assert TESTS[test]([0.7, 0.8, 0.6], [0.7, 0.8, 0.6]).p_value == 1.0
        assert TESTS[test]([0.7], [0.2]).p_value == 1.0
        assert TESTS[test]([0.7, 0.8], [0.7, 0.8]).statistic == 0.0
        assert TESTS[test]([0.9, 0.1 + 0.2], [0.9, 0.3]).statistic == 0.0  # they differ by rounding alone

    @every_test
    @pytest.mark.parametrize("n_trials", [6, 20])
    def test_order_shift_scale_and_side(self, test, n_trials):
        values, baseline = columns(n_trials)
        values[:, :5] = np.round(values[:, :5]) + np.round(baseline[:, :5])
        baseline[:, :5] = np.round(baseline[:, :5])  # with ties and zeros
        found = TESTS[test](values, baseline)
        order = np.random.default_rng(1).permutation(n_trials)
        same = {
            "order": TESTS[test](values[order], baseline[order]),
            "shift": TESTS[test](values + 8, baseline + 8),
            "scale": TESTS[test](values * 4, baseline * 4),
            "side": TESTS[test](baseline, values),
        }
        for name, other in same.items():
            np.testing.assert_allclose(other.p_value, found.p_value, rtol=1e-9, err_msg=name)
        np.testing.assert_allclose(same["side"].statistic, -found.statistic)
        np.testing.assert_allclose(same["order"].statistic, found.statistic)

    @every_test
    def test_a_column_alone_is_as_in_company(self, test):
        values, baseline = columns(7)
        found = TESTS[test](values.reshape(7, 8, 5), baseline.reshape(7, 8, 5))
        assert found.p_value.shape == found.statistic.shape == (8, 5)
        alone = [float(TESTS[test](a, b).p_value) for a, b in zip(values.T, baseline.T, strict=True)]
        np.testing.assert_allclose(found.p_value.ravel(), alone, rtol=1e-9)
        assert TESTS[test](values[:, :0], baseline[:, :0]).p_value.shape == (0,)

    @every_test
    def test_what_is_refused(self, test):
        with pytest.raises(ValueError, match=r"values must be finite, got 2 NaN or infinite, the first at \[1\]"):
            TESTS[test]([0.5, np.nan, np.inf], [0.5, 0.5, 0.5])
        with pytest.raises(ValueError, match=r"baseline must be finite, got 1 .* \[0, 1\]"):
            TESTS[test]([[0.5, 0.5]], [[0.5, np.nan]])
        with pytest.raises(ValueError, match=r"of the same trials, got \(2,\) and \(3,\)"):
            TESTS[test]([0.5, 0.5], [0.5, 0.5, 0.5])
        for nothing in ([], 0.5):
            with pytest.raises(ValueError, match="at least one trial"):
                TESTS[test](nothing)


class TestCorrections:
    def test_of_textbooks(self):
        """0.01, 0.02, 0.03, 0.04 in any order, by hand: Holm 4 * 0.01, 3 * 0.02, then never falling."""
        p = [0.04, 0.01, 0.03, 0.02]
        np.testing.assert_allclose(holm(p), [0.06, 0.04, 0.06, 0.06])
        np.testing.assert_allclose(benjamini_hochberg(p), [0.04] * 4)

    def test_of_benjamini_and_hochberg(self):
        """Their example of 1995: at 0.05 four of fifteen are found; Holm finds three, as Bonferroni does."""
        clear = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
        p = np.array([*clear, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])
        assert (benjamini_hochberg(p) <= 0.05).sum() == 4 and (holm(p) <= 0.05).sum() == 3
        np.testing.assert_allclose(benjamini_hochberg(p)[:4], [0.0015, 0.003, 0.0095, 0.035625])
        np.testing.assert_allclose(holm(p)[:4], [0.0015, 0.0056, 0.0247, 0.114])

    @pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
    def test_properties(self, correct):
        p = np.random.default_rng(0).beta(0.3, 1.0, size=(50, 6))
        found = correct(p)
        assert (found >= p).all() and (found <= 1).all()
        by_p = np.take_along_axis(found, p.argsort(axis=1), 1)
        assert (np.diff(by_p, axis=1) >= 0).all()
        np.testing.assert_allclose(correct(p[:, ::-1]), found[:, ::-1])
        np.testing.assert_allclose(correct(p), [correct(row) for row in p])
        np.testing.assert_allclose(correct(p[:, :1]), p[:, :1])  # a family of one
        assert (correct(np.minimum(p * 1.1, 1)) >= found - 1e-15).all()
        assert correct([]).shape == (0,)

    def test_holm_is_between_bh_and_bonferroni(self):
        p = np.random.default_rng(1).beta(0.3, 1.0, size=(50, 6))
        assert (benjamini_hochberg(p) <= holm(p) + 1e-15).all() and (holm(p) <= np.minimum(6 * p, 1)).all()

    def test_holm_rejects_as_the_stepwise_procedure(self):
        for p in np.random.default_rng(2).beta(0.2, 1.0, size=(200, 5)):
            rejected = set()
            for rank, index in enumerate(np.argsort(p)):
                if p[index] > 0.05 / (5 - rank):
                    break
                rejected.add(index)
            assert set(np.flatnonzero(holm(p) <= 0.05)) == rejected

    @pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
    def test_what_is_refused(self, correct):
        for bad in ([0.5, np.nan], [-0.1], [1.2]):
            with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
                correct(bad)
        with pytest.raises(ValueError, match="a single number"):
            correct(0.5)


class TestEffects:
    def test_by_hand(self):
        """d = 1, 2, 3, 6: mean 3, sd 2.1602; with 3 degrees of freedom the exact factor is 0.7236."""
        d = [1.0, 2.0, 3.0, 6.0]
        assert cohen_dz(d) == pytest.approx(3 / math.sqrt(14 / 3))
        assert hedges_gz(d) == pytest.approx(3 / math.sqrt(14 / 3) * 0.7236, abs=1e-4)
        assert probability_of_superiority([1, 1, 1, 2], [0, 1, 2, 0]) == 0.625

    def test_hedges_has_no_bias(self):
        """Five normal trials of true effect 0.8: Cohen's mean is a quarter too large, Hedges' is not."""
        d = np.random.default_rng(0).normal(0.8, 1.0, size=(5, 200_000))
        assert cohen_dz(d).mean() == pytest.approx(0.8 / 0.7979, abs=0.01)
        assert hedges_gz(d).mean() == pytest.approx(0.8, abs=0.01)

    def test_at_the_edges(self):
        assert cohen_dz([0.0, 0.0]) == 0 and cohen_dz([0.9, 0.8], [0.8, 0.7]) == np.inf
        assert cohen_dz([-1.0, -1.0, -1.0]) == -np.inf == hedges_gz([-1.0, -1.0, -1.0])
        assert np.isnan(cohen_dz([1.0])) and np.isnan(hedges_gz([1.0, 2.0])) and cohen_dz([1.0, 3.0]) > 0
        assert probability_of_superiority([0.1 + 0.2], [0.3]) == 0.5

    def test_sides_mirror(self):
        values, baseline = columns(6)
        for effect in (cohen_dz, hedges_gz):
            np.testing.assert_allclose(effect(values, baseline), -effect(baseline, values))
        won = probability_of_superiority(values, baseline)
        np.testing.assert_allclose(won, 1 - probability_of_superiority(baseline, values))


class TestBootstrap:
    def test_percentiles_are_those_of_all_draws(self):
        """All 4**4 draws of four trials can be listed."""
        values, baseline = np.array([0.9, 0.7, 0.8, 0.85]), np.array([0.6, 0.65, 0.6, 0.62])
        means = [np.mean(draw) for draw in itertools.product(values - baseline, repeat=4)]
        _, low, high = bootstrap_interval(values, baseline, method="percentile", n_resamples=50_000)
        step = 0.01  # the lattice of the means is coarse
        assert low == pytest.approx(np.quantile(means, 0.025), abs=step)
        assert high == pytest.approx(np.quantile(means, 0.975), abs=step)

    @pytest.mark.parametrize("method", ["BCa", "percentile"])
    def test_is_near_the_t_interval_with_many_normal_trials(self, method):
        d = np.random.default_rng(0).normal(1.0, 2.0, size=400)
        found, reference = bootstrap_interval(d, method=method), mean_interval(d)
        np.testing.assert_allclose(found, reference, atol=0.03)

    def test_bca_leans_to_the_side_of_the_skew(self):
        d = np.random.default_rng(0).gamma(0.5, size=30)
        (_, low, high), (mean, plain_low, plain_high) = (
            bootstrap_interval(d),
            bootstrap_interval(d, method="percentile"),
        )
        assert low > plain_low and high > plain_high and high - mean > mean - low

    def test_seed_order_and_columns(self):
        values, baseline = columns(9, 4)
        found = bootstrap_interval(values, baseline)
        order = np.random.default_rng(0).permutation(9)
        np.testing.assert_allclose(bootstrap_interval(values[order], baseline[order]), found)
        assert (bootstrap_interval(values, baseline, random_state=1)[1] != found[1]).any()
        assert all(part.shape == (4,) for part in found)
        wider = bootstrap_interval(values, baseline, 0.99)
        assert (wider[1] < found[1]).all() and (wider[2] > found[2]).all()

    def test_at_the_edges(self):
        assert [float(part) for part in bootstrap_interval([0.75, 0.75], [0.25, 0.25])] == [0.5, 0.5, 0.5]
        mean, low, high = bootstrap_interval([0.5])
        assert mean == 0.5 and np.isnan(low) and np.isnan(high)
        mixed = bootstrap_interval(np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 4.0]]))
        assert mixed[1][0] == mixed[2][0] == 1.0 and mixed[1][1] < mixed[2][1]
        with pytest.raises(ValueError, match="'BCa' or 'percentile', got 'basic'"):
            bootstrap_interval([1.0, 2.0], method="basic")


class TestLabels:
    def test_reached_by_hand(self):
        counts = [20, 40, 60]
        curves = [
            [0.5, 0.7, 0.9],
            [0.6, 0.6, 0.9],
            [0.7, 0.5, 0.9],
            [0.1, 0.2, 0.3],
            [0.2, 0.6, 0.4],
            [0.1, 0.5, 0.6],
        ]
        # between counts; on the first; on the first, though it falls later; never; exactly at a count; on the last
        assert labels_to_reach(counts, curves, 0.6).tolist() == pytest.approx(
            [30, 20, 20, np.nan, 40, 60], nan_ok=True
        )

    def test_flat_steps_and_single_rounds(self):
        assert labels_to_reach([10, 20, 30], [0.5, 0.5, 0.5], 0.5) == 10
        assert labels_to_reach([10, 20, 30], [0.4, 0.4, 0.5], 0.45) == 25
        assert labels_to_reach([7], [[0.5], [0.3]], 0.4).tolist() == pytest.approx([7, np.nan], nan_ok=True)
        assert labels_to_reach([10, 20], np.full((2, 3, 2), 0.5), 0.4).shape == (2, 3)

    def test_is_the_inverse_of_interpolation_on_rising_curves(self):
        rng = np.random.default_rng(0)
        counts = np.cumsum(rng.integers(5, 30, size=9))
        curves = np.cumsum(rng.random((20, 9)), axis=1)
        for target in (1.0, 2.5, 4.0):
            expected = [np.interp(target, curve, counts, right=np.nan) for curve in curves]
            np.testing.assert_allclose(labels_to_reach(counts, curves, target), expected)

    def test_saved_by_hand(self):
        """Means: the strategy 0.5, 0.65, 0.75, random 0.3, 0.5, 0.6, which the strategy passes at 10 + 10 * 2 / 3."""
        found = labels_saved([10, 20, 30], [[0.4, 0.6, 0.7], [0.6, 0.7, 0.8]], [[0.2, 0.4, 0.6], [0.4, 0.6, 0.6]])
        expected = (0.6, 30 - (10 + 20 / 3), 10 + 20 / 3, 30)
        assert (found.target, found.mean, found.needed, found.baseline_needed) == pytest.approx(expected)
        assert (found.n_trials, found.n_reached, found.n_baseline_reached, found.n_both_reached) == (2, 2, 2, 2)
        # At 0.55 random is at 25 and the strategy at 10 + 10 / 3.
        given = labels_saved(
            [10, 20, 30], [[0.4, 0.6, 0.7], [0.6, 0.7, 0.8]], [[0.2, 0.4, 0.6], [0.4, 0.6, 0.6]], target=0.55
        )
        assert (given.mean, given.needed, given.baseline_needed) == pytest.approx((25 - 40 / 3, 40 / 3, 25))

    def test_the_interval_ends_where_a_t_test_begins_to_tell(self):
        """The strategy at `last - end` against the baseline at `last`: p is 0.05 at both ends."""
        rng = np.random.default_rng(3)
        counts = np.arange(10, 110, 10)
        baseline = 1 - np.exp(-counts / 60) + rng.normal(0, 0.02, (6, 1))
        values = 1 - np.exp(-counts / 40) + rng.normal(0, 0.02, (6, 1))
        found = labels_saved(counts, values, baseline)
        assert 0 < found.low < found.mean < found.high < 90 and found.bound == ""
        for end in (found.low, found.high):
            at = np.array([np.interp(100 - end, counts, curve) for curve in values])
            assert stats.ttest_rel(at, baseline[:, -1]).pvalue == pytest.approx(0.05, abs=5e-4)
        at = np.array([np.interp(100 - found.mean, counts, curve) for curve in values])
        assert at.mean() == pytest.approx(baseline[:, -1].mean()) == pytest.approx(found.target)

    @pytest.mark.parametrize("target", [None, 0.55, 0.9])
    @pytest.mark.parametrize("seed", range(5))
    def test_exchanging_the_sides_changes_signs_only(self, seed, target):
        rng = np.random.default_rng(seed)
        counts = np.arange(20, 120, 20)
        one, other = (
            0.9 - 0.5 * np.exp(-counts / speed) + rng.normal(0, 0.02, (5, 5)) for speed in rng.uniform(30, 60, 2)
        )
        found, back = labels_saved(counts, one, other, target), labels_saved(counts, other, one, target)
        assert (back.mean, back.low, back.high) == pytest.approx((-found.mean, -found.high, -found.low), nan_ok=True)
        assert (back.needed, back.baseline_needed) == pytest.approx(
            (found.baseline_needed, found.needed), nan_ok=True
        )
        assert back.target == found.target
        assert {found.bound, back.bound} in ({""}, {"at least", "at most"})

    def test_trials_that_never_get_there_pull_the_number_nowhere(self):
        """Curves cut short: 12 of 30 trials of random never get there any more, and the number stays what it was."""
        rng = np.random.default_rng(0)
        counts = np.arange(10, 210, 10)
        curve = 1 - np.exp(-counts / 80)
        values, baseline = (curve ** rng.uniform(*span, size=(30, 1)) for span in ((0.6, 1.2), (0.9, 1.5)))
        whole = labels_saved(counts, values, baseline, target=0.7)
        cut = labels_saved(counts[:11], values[:, :11], baseline[:, :11], target=0.7)
        assert cut.n_both_reached == 18 and whole.n_both_reached == 30
        assert cut.mean == pytest.approx(whole.mean) and cut.low == pytest.approx(whole.low)
        assert cut.high == np.inf  # the mean curve of random passes the target, and might not

    def test_a_curve_that_never_gets_there_gives_a_bound(self):
        values, baseline = [[0.4, 0.6, 0.8], [0.5, 0.7, 0.9]], [[0.2, 0.3, 0.4], [0.2, 0.4, 0.4]]
        found = labels_saved([10, 20, 30], values, baseline, target=0.65)
        assert (found.bound, found.mean, found.needed) == ("at least", pytest.approx(10), pytest.approx(20))
        assert np.isnan(found.baseline_needed) and found.high == np.inf and found.low <= 10
        back = labels_saved([10, 20, 30], baseline, values, target=0.65)
        assert (back.bound, back.mean) == ("at most", pytest.approx(-10)) and back.low == -np.inf
        # At its own default target, 0.4, even the first round of the strategy is enough.
        begun = labels_saved([10, 20, 30], values, baseline)
        assert (begun.bound, begun.mean, begun.needed) == ("at least", 20, 10) and np.isnan(begun.baseline_needed)

    def test_the_default_target_is_passed_by_both_mean_curves(self):
        curves = np.sort(np.random.default_rng(0).random((6, 5)), axis=1)
        for values, baseline in ((curves, curves[::-1] - 0.1), (curves - 0.1, curves[::-1])):
            found = labels_saved(range(1, 6), values, baseline)
            assert found.target == pytest.approx(min(values[:, -1].mean(), baseline[:, -1].mean()))
            assert found.bound == "" and np.sign(found.mean) == (1 if values is curves else -1)
            assert 5 in (found.needed, found.baseline_needed)

    @pytest.mark.parametrize(("n_trials", "speed"), [(5, 1.5), (10, 1.5), (5, 1.0), (10, 0.7)])
    def test_unbiased_and_covered_in_simulated_studies(self, n_trials, speed):
        """200 studies: 95 % intervals hold the truth in 90 to 99 of 100; the median is off by less than a tenth."""
        scene = COVERAGE["SCENES"]["flat at the end"]
        truth, median, mean, covered, width = COVERAGE["saving_coverage"](scene, speed, n_trials, 200, 1)
        assert 0.9 <= covered <= 0.99 and width < 100
        assert abs(median - truth) < 5 and abs(mean - truth) < 6

    def test_flat_curves_have_no_labels_to_save(self):
        flat = labels_saved([10, 20, 30], np.full((3, 3), 0.5), np.full((3, 3), 0.5))
        assert np.isnan(flat.mean) and (flat.low, flat.high) == (-np.inf, np.inf)
        equal = labels_saved([10, 20, 30], [[0.1, 0.2, 0.3]] * 3, [[0.1, 0.2, 0.3]] * 3)
        assert (equal.mean, equal.low, equal.high) == pytest.approx((0, 0, 0), abs=1e-9)
        assert np.isnan(labels_saved([10], [[0.5]] * 3, [[0.5]] * 3).mean)

    @pytest.mark.parametrize("target", [None, 0.65])
    def test_a_higher_level_widens_the_interval_about_one_middle(self, target):
        draws = np.random.default_rng(3)
        counts = np.arange(10, 110, 10)
        baseline = 0.5 + 0.003 * counts + draws.normal(scale=0.01, size=(6, 10))
        values = baseline + 0.03 + draws.normal(scale=0.01, size=(6, 10))
        found = [labels_saved(counts, values, baseline, target, level) for level in (0.8, 0.95, 0.99)]
        assert len({one.mean for one in found}) == 1
        assert found[0].low > found[1].low > found[2].low and found[0].high < found[1].high < found[2].high

    def test_nothing_is_said_where_nobody_gets_there_or_there_is_one_trial(self):
        found = labels_saved([10, 20], [[0.1, 0.2]] * 3, [[0.1, 0.2]] * 3, target=0.9)
        assert np.isnan([found.mean, found.needed, found.baseline_needed]).all() and found.n_reached == 0
        assert (found.low, found.high) == (-np.inf, np.inf)
        one = labels_saved([10, 20], [[0.1, 0.5]], [[0.1, 0.3]])
        assert one.mean == pytest.approx(5) and np.isnan(one.low)

    def test_what_is_refused(self):
        with pytest.raises(ValueError, match=r"two arrays \(trials, rounds\).* \(2,\) and \(2,\)"):
            labels_saved([1, 2], [0.1, 0.2], [0.1, 0.2])
        with pytest.raises(ValueError, match="must rise"):
            labels_to_reach([2, 1], [0.1, 0.2], 0.5)
        with pytest.raises(ValueError, match="must have 2 rounds, got 3"):
            labels_to_reach([1, 2], [0.1, 0.2, 0.3], 0.5)
        with pytest.raises(ValueError, match="values must be finite"):
            labels_to_reach([1, 2], [np.nan, 0.2], 0.5)
        with pytest.raises(ValueError, match="target must be finite"):
            labels_to_reach([1, 2], [0.1, 0.2], np.nan)


class TestVerdicts:
    @staticmethod
    def clear(n_trials, gain, seed=0):
        rng = np.random.default_rng(seed)
        baseline = rng.normal(0.7, 0.05, n_trials)
        return baseline + gain + rng.normal(0, 0.01, n_trials), baseline

    @every_test
    def test_numbers_are_those_of_the_parts(self, test):
        values, baseline = self.clear(8, 0.02)
        found = paired_difference(values, baseline, test=test)
        assert (found.mean, found.low, found.high) == pytest.approx(
            tuple(float(x) for x in mean_interval(values - baseline))
        )
        assert found.p_value == found.p_adjusted == TESTS[test](values, baseline).p_value
        assert found.effect_size == pytest.approx(float(hedges_gz(values, baseline)))
        assert found.superiority == probability_of_superiority(values, baseline) and found.n_trials == 8

    @every_test
    @pytest.mark.parametrize(
        ("gain", "verdict"),
        [(0.05, "better than random"), (-0.05, "worse than random"), (0.0, "not distinguishable from random")],
    )
    def test_words(self, test, gain, verdict):
        found = differences_from_baseline({"a": self.clear(10, gain)[0]}, self.clear(10, gain)[1], test=test)
        assert found["a"].verdict == verdict

    def test_t_verdict_is_whether_the_interval_leaves_out_zero(self):
        for seed in range(200):
            values, baseline = self.clear(4, 0.01, seed)
            found = paired_difference(values, baseline, level=0.9)
            outside = found.low > 0 or found.high < 0
            assert outside == (found.verdict != "not distinguishable from random") == (found.p_value < 0.1)

    @pytest.mark.parametrize(
        ("test", "correction", "n_strategies", "enough"),
        [
            ("t", "holm", 3, 2),
            ("sign_flip", None, 3, 6),
            ("sign_flip", "bh", 3, 6),
            ("sign_flip", "holm", 1, 6),
            ("sign_flip", "holm", 3, 7),
            ("wilcoxon", "holm", 3, 7),
            ("wilcoxon", "holm", 7, 9),
        ],
    )
    def test_too_few_trials_are_told_after_the_correction(self, test, correction, n_strategies, enough):
        """Smallest p 2**(1-n); times the family under Holm: 3 * 2**-6 = 0.047, 7 * 2**-8 = 0.027 (2**-7: 0.055)."""
        for n_trials in (enough - 1, enough):
            baseline = np.linspace(0.5, 0.6, n_trials)
            gains = 0.2 + np.arange(n_strategies) / 100 + 1e-6 * np.arange(n_trials)[:, None]
            values = {str(k): baseline + gains[:, k] for k in range(n_strategies)}
            found = differences_from_baseline(values, baseline, test=test, correction=correction)
            words = {line.verdict for line in found.values()}
            assert words == {"better than random" if n_trials == enough else "too few trials to tell"}

    def test_twenty_trials_by_drawn_flips_can_tell(self):
        values, baseline = self.clear(20, 0.02)
        assert paired_difference(values, baseline, test="sign_flip").verdict == "better than random"

    @pytest.mark.parametrize(
        ("correction", "correct"), [("holm", holm), ("bh", benjamini_hochberg), (None, np.asarray)]
    )
    @every_test
    def test_a_family_is_its_members_corrected(self, test, correction, correct):
        _, baseline = self.clear(9, 0)
        rng = np.random.default_rng(5)
        values = {f"s{k}": baseline + 0.004 * k + rng.normal(0, 0.01, 9) for k in range(6)}
        found = differences_from_baseline(values, baseline, test=test, correction=correction)
        alone = {name: paired_difference(column, baseline, test=test) for name, column in values.items()}
        assert list(found) == list(values)
        expected = correct([line.p_value for line in alone.values()])
        np.testing.assert_allclose([line.p_adjusted for line in found.values()], expected)
        for name, line in found.items():
            assert (line.mean, line.low, line.high) == pytest.approx(
                (alone[name].mean, alone[name].low, alone[name].high)
            )
            told = line.verdict == ("better than random" if line.mean > 0 else "worse than random")
            assert told == (line.p_adjusted <= 0.05)
        assert len({line.verdict for line in found.values()}) == 2

    def test_order_of_trials_and_of_strategies_is_of_no_account(self):
        _, baseline = self.clear(7, 0)
        rng = np.random.default_rng(0)
        values = {name: baseline + rng.normal(0.01, 0.01, 7) for name in "abc"}
        order = rng.permutation(7)
        mixed = {name: values[name][order] for name in "cab"}
        for test in TESTS:
            found, again = (
                differences_from_baseline(values, baseline, test=test),
                differences_from_baseline(mixed, baseline[order], test=test),
            )
            for name in values:
                assert again[name].verdict == found[name].verdict
                assert again[name].p_adjusted == pytest.approx(found[name].p_adjusted)

    def test_ranks_and_mean_on_two_sides_name_neither(self):
        """Nine small wins and one great loss: the ranks say better, the mean says worse."""
        d = np.array([0.01, 0.011, 0.012, 0.013, 0.014, 0.015, 0.016, 0.017, 0.018, -0.5])
        assert wilcoxon_test(d).p_value <= 0.1 and wilcoxon_test(d).statistic > 0 > d.mean()
        found = paired_difference(0.7 + d, np.full(10, 0.7), level=0.9, test="wilcoxon")
        assert found.verdict == "not distinguishable from random"

    def test_one_trial_and_no_strategy(self):
        found = differences_from_baseline({"a": [0.5]}, [0.4])["a"]
        assert found.verdict == "too few trials to tell" and np.isnan(found.low) and found.n_trials == 1
        assert differences_from_baseline({}, [0.4, 0.5]) == {}

    def test_what_is_refused(self):
        ok = [0.1, 0.2, 0.3]
        with pytest.raises(ValueError, match=r"'b': one number a trial is needed, got \(2,\) and \(3,\)"):
            differences_from_baseline({"a": ok, "b": [0.1, 0.2]}, ok)
        with pytest.raises(ValueError, match="'b': values must be finite, got 1"):
            differences_from_baseline({"a": ok, "b": [0.1, 0.2, np.nan]}, ok)
        with pytest.raises(ValueError, match="test must be one of 't', 'sign_flip', 'wilcoxon', got 'z'"):
            paired_difference(ok, ok, test="z")
        with pytest.raises(ValueError, match="correction must be 'holm', 'bh' or None, got 'fdr'"):
            differences_from_baseline({"a": ok}, ok, correction="fdr")
        with pytest.raises(ValueError, match=r"level is a coverage .* got 0.05. Did you mean 0.95\?"):
            paired_difference(ok, ok, level=0.05)
        with pytest.raises(ValueError, match="level is a coverage .* got 1"):
            paired_difference(ok, ok, level=1)


class TestByRound:
    def test_each_count_is_a_member_of_the_family(self):
        rng = np.random.default_rng(0)
        baseline = rng.normal(0.7, 0.05, size=(10, 4))
        values = baseline + [0.0, 0.0, 0.006, 0.05] + [0, 1, 1, 1] * rng.normal(0, 0.01, size=(10, 4))
        found = differences_by_round(values, baseline)
        p = [float(paired_t_test(values[:, k], baseline[:, k]).p_value) for k in range(4)]
        np.testing.assert_allclose([line.p_value for line in found], p, rtol=1e-6)
        np.testing.assert_allclose([line.p_adjusted for line in found], holm(p), rtol=1e-6)
        assert p[0] == 1.0 and found[0].verdict == "not distinguishable from random"
        assert found[3].verdict == "better than random"
        with pytest.raises(ValueError, match=r"\(trials, rounds\)"):
            differences_by_round(values[:, 0], baseline[:, 0])

    def test_thirty_six_tests_find_nothing_in_noise_after_holm(self):
        """As many as one paper made: uncorrected, at least one is found in most studies; with Holm in few."""
        rng = np.random.default_rng(0)
        told = {"holm": 0, None: 0}
        for _ in range(200):
            curves, baseline = rng.normal(size=(2, 5, 36))
            for correction in told:
                lines = differences_by_round(curves, baseline, correction=correction)
                told[correction] += any(line.verdict != "not distinguishable from random" for line in lines)
        assert told[None] > 140 and told["holm"] < 200 * 0.05 + 4 * math.sqrt(200 * 0.05 * 0.95)


class TestPairwise:
    def test_is_every_pair_corrected_over_all(self):
        rng = np.random.default_rng(0)
        trial = rng.normal(0.7, 0.05, size=9)
        values = {name: trial + 0.02 * k + rng.normal(0, 0.01, 9) for k, name in enumerate("abcd")}
        found = pairwise_differences(values, test="sign_flip")
        pairs = list(itertools.combinations(range(4), 2))
        p = [sign_flip_test(values["abcd"[i]], values["abcd"[j]]).p_value for i, j in pairs]
        for (i, j), raw, corrected in zip(pairs, p, holm(p), strict=True):
            first, second = values["abcd"[i]], values["abcd"[j]]
            mean, low, high = (float(x) for x in mean_interval(first - second))
            assert (found.mean[i, j], found.low[i, j], found.high[i, j]) == pytest.approx((mean, low, high))
            assert (found.mean[j, i], found.low[j, i], found.high[j, i]) == pytest.approx((-mean, -high, -low))
            assert found.p_value[i, j] == found.p_value[j, i] == raw
            assert found.p_adjusted[i, j] == found.p_adjusted[j, i] == pytest.approx(corrected)
            words = "not distinguishable" if corrected > 0.05 else "worse" if mean < 0 else "better"
            assert found.verdicts[i][j] == words
            assert found.verdicts[j][i] == {"worse": "better", "better": "worse"}.get(words, words)
        assert found.names == ("a", "b", "c", "d") and found.verdicts[3][0] == "better"
        assert [found.verdicts[i][i] for i in range(4)] == [""] * 4 and (np.diag(found.mean) == 0).all()
        assert np.isnan(np.diag(found.p_adjusted)).all()

    def test_few_trials_one_strategy_and_none(self):
        found = pairwise_differences({"a": [0.5, 0.6, 0.7], "b": [0.4, 0.5, 0.5]}, test="wilcoxon")
        assert found.verdicts == (("", "too few trials to tell"), ("too few trials to tell", ""))
        assert pairwise_differences({"a": [0.5]}).mean.tolist() == [[0.0]]
        assert pairwise_differences({}).mean.shape == (0, 0)
        with pytest.raises(ValueError, match="'a', 'b': one number a trial"):
            pairwise_differences({"a": [0.5, 0.6], "b": [0.5]})


class TestCalibration:
    def test_by_hand(self):
        """Two bins. Up to 0.5: one right, gap 0.5. Above: 0.8 right, 0.9 wrong: 0.2 - 0.9 = -0.7. (0.5 + 0.7) / 3."""
        P = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.9, 0.1, 0.0]]
        assert expected_calibration_error(P, [0, 1, 2], bins=2) == pytest.approx(0.4)

    def test_as_the_formula_of_guo(self):
        rng = np.random.default_rng(0)
        P = rng.dirichlet(np.ones(4) / 2, size=500)
        y = np.where(rng.random(500) < 0.7, P.argmax(axis=1), 3)  # right in 70 % or more, at any confidence
        P[:30] = [0.6, 0.2, 0.1, 0.1]  # on an edge of the fifteen bins
        confidence, right = P.max(axis=1), P.argmax(axis=1) == y
        total = 0.0
        for m in range(1, 16):
            inside = (confidence > np.linspace(0, 1, 16)[m - 1]) & (confidence <= np.linspace(0, 1, 16)[m])
            if inside.any():
                total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
        assert expected_calibration_error(P, y) == pytest.approx(total)

    def test_ends(self):
        assert expected_calibration_error(np.eye(3), [0, 1, 2]) == 0.0
        assert expected_calibration_error(np.eye(3), [1, 2, 0]) == 1.0
        assert expected_calibration_error([[1.0], [1.0]], [0, 0]) == 0.0
        assert expected_calibration_error(np.eye(2), [0, -1]) == 0.5  # a class without a column is missed

    def test_a_calibrated_model_is_near_zero_and_an_overconfident_one_is_not(self):
        rng = np.random.default_rng(0)
        P = rng.dirichlet([1.0, 1.0, 1.0], size=40_000)
        y = (rng.random(40_000)[:, None] > P.cumsum(axis=1)[:, :-1]).sum(axis=1)
        assert expected_calibration_error(P, y) < 0.01
        sharp = P**3 / (P**3).sum(axis=1, keepdims=True)
        assert expected_calibration_error(sharp, y) > 0.1
        order = rng.permutation(len(y))
        assert expected_calibration_error(sharp[order], y[order]) == pytest.approx(
            expected_calibration_error(sharp, y)
        )
        assert expected_calibration_error(sharp.astype(np.float32), y) == pytest.approx(
            expected_calibration_error(sharp, y), abs=1e-4
        )

    def test_what_is_refused(self):
        P = [[0.5, 0.5], [0.9, 0.1]]
        for bad, y, words in [
            ([[2.0, 5.0]], [0], "sum of 7"),
            ([[1.5, -0.5]], [0], "minimum of -0.5"),
            ([[np.nan, 1.0]], [0], "finite"),
            ([0.5, 0.5], [0, 1], r"shape \(n, C\)"),
            (np.zeros((0, 2)), [], r"shape \(n, C\)"),
            (P, [0, 2], r"in \[0, 1\]"),
            (P, [0, -2], r"in \[0, 1\]"),
            (P, [0.0, 1.0], "positions of classes"),
            (P, [0], "2 positions"),
        ]:
            with pytest.raises(ValueError, match=words):
                expected_calibration_error(bad, y)
        with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
            expected_calibration_error(P, [0, 1], bins=0)


def near(rate, expected, n, width=4):
    """Within binomial error, both ways."""
    return abs(rate - expected) <= width * math.sqrt(expected * (1 - expected) / n)


class TestFalseAlarms:
    """Studies of random against random: skewed areas, a shared trial effect, 10 trials."""

    @pytest.mark.nightly
    @every_test
    def test_1000_studies_of_one_strategy_err_at_the_stated_level(self, test):
        areas, random = POWER["simulated_areas"](np.random.default_rng(7), 1000, 10, 1)
        told = [paired_difference(areas[:, study, 0], random[:, study], test=test).verdict for study in range(1000)]
        assert set(told) == {"better than random", "worse than random", "not distinguishable from random"}
        assert near(1 - told.count("not distinguishable from random") / 1000, 0.05, 1000)

    @every_test
    def test_1000_studies_of_four_strategies_err_at_the_stated_level_together(self, test):
        """Holm promises at most 0.05; one shared baseline makes it a little less."""
        areas, random = POWER["simulated_areas"](np.random.default_rng(8), 1000, 10, 4)
        any_told = any_alone = 0
        for study in range(1000):
            values = {str(k): areas[:, study, k] for k in range(4)}
            found = differences_from_baseline(values, random[:, study], test=test).values()
            any_told += any(line.verdict != "not distinguishable from random" for line in found)
            any_alone += any(line.p_value <= 0.05 for line in found)
        assert near(any_told / 1000, 0.05, 1000)
        assert any_alone / 1000 > 0.10  # what the correction is for

    @pytest.mark.parametrize(
        ("test", "n_trials", "exact"), [("sign_flip", 10, 50 / 1024), ("wilcoxon", 10, 50 / 1024)]
    )
    def test_exact_tests_are_exact(self, test, n_trials, exact):
        """Of 1024 flips the 50 farthest are below 0.05; Wilcoxon's steps: W <= 8 has 25 of 1024 on a side."""
        rate, _ = POWER["verdict_rates"](test, n_trials, n_studies=20_000)
        assert near(rate, exact, 20_000)

    def test_t_holds_its_level_on_the_skewed_areas(self):
        rate, _ = POWER["verdict_rates"]("t", 10, n_studies=20_000)
        assert 0.04 < rate <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 20_000)  # heavy tails make it a little cautious

    @pytest.mark.parametrize("test", ["t", "sign flips"])
    def test_skewed_differences_without_a_mean_are_found_too_often(self, test):
        """What the docs say: 8 to 12 of 100 with ten trials of exponential differences, by either test."""
        assert 0.08 < COVERAGE["false_alarms"]("very skewed (exponential)", test, 10, 4000, 0) < 0.12
        assert 0.03 < COVERAGE["false_alarms"]("two skewed runs (gamma 2)", test, 10, 4000, 0) < 0.06

    def test_bh_keeps_the_share_of_false_findings(self):
        """One of five strategies is truly better: of what is found, at most 5 % is false, on average."""
        areas, random = POWER["simulated_areas"](np.random.default_rng(9), 2000, 10, 5, gain=1.5)
        found = benjamini_hochberg(paired_t_test(areas - random[:, :, None]).p_value) <= 0.05
        false_share = found[:, 1:].sum(axis=1) / np.maximum(found.sum(axis=1), 1)
        assert false_share.mean() <= 0.05 + 4 * false_share.std() / math.sqrt(2000) and found[:, 0].mean() > 0.7


class TestPower:
    def test_grows_with_trials_and_with_the_gain(self):
        rates = POWER["verdict_rates"]
        for test in TESTS:
            power = [rates(test, n_trials, gain=1.0)[0] for n_trials in (3, 5, 10, 20)]
            assert power == sorted(power) and power[2] > 0.7 and power[3] > 0.95
            assert rates(test, 10, gain=0.5)[0] < power[2] < rates(test, 10, gain=2.0)[0]
            if test != "t":
                assert power[:2] == [0.0, 0.0]  # three and five trials cannot

    @pytest.mark.nightly
    def test_the_table_is_printed(self):
        command = [sys.executable, str(ROOT / "benchmarks" / "power.py"), "--studies", "20"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert printed.count("| trials | t | sign_flip | wilcoxon |") == 3 and printed.count("\n| 20 |") == 3

    @pytest.mark.nightly
    def test_the_page_of_coverage_is_written(self, tmp_path):
        command = [sys.executable, str(ROOT / "benchmarks" / "interval_coverage.py"), "--studies", "2"]
        subprocess.run([*command, "--table", str(tmp_path / "page.md")], capture_output=True, check=True)
        page = (tmp_path / "page.md").read_text()
        assert page.count("| default | 5 |") == page.count("| 0.8 | 10 |") == 12 and "nan" not in page
        assert page.count("| sign flips |") == 5

    @pytest.mark.parametrize(("effect", "n_trials"), [(1.0, 5), (0.5, 20), (2.0, 3), (0.0, 10), (0.3, 50)])
    def test_is_the_share_of_simulated_studies(self, effect, n_trials):
        d = np.random.default_rng(0).normal(effect, 1.0, (n_trials, 40_000))
        rate = (stats.ttest_1samp(d, 0).pvalue <= 0.05).mean()
        assert near(rate, paired_power(effect, 1.0, n_trials), 40_000)
        assert paired_power(-3 * effect, 3.0, n_trials) == pytest.approx(paired_power(effect, 1.0, n_trials))

    def test_published_numbers_of_trials(self):
        """Cohen (1988) and G*Power, t of matched pairs, two-sided 5 %, power 80 %: 199, 34 and 15 pairs."""
        assert [trials_needed(effect, 1.0) for effect in (0.2, 0.5, 0.8)] == [199, 34, 15]
        assert trials_needed(0.5, 1.0, power=0.95) == 54
        assert trials_needed(100.0, 1e-3) == 2

    @pytest.mark.parametrize("n_trials", [2, 3, 5, 10, 50, 500])
    @pytest.mark.parametrize("settings", [{}, {"power": 0.95, "level": 0.99}, {"n_strategies": 6}])
    def test_what_is_detectable_has_that_power_and_needs_those_trials(self, n_trials, settings):
        found = detectable_difference(0.7, n_trials, **settings)
        asked = {name: value for name, value in settings.items() if name != "power"}
        assert paired_power(found, 0.7, n_trials, **asked) == pytest.approx(settings.get("power", 0.8), abs=1e-6)
        assert trials_needed(1.0001 * found, 0.7, **settings) == n_trials
        assert trials_needed(0.9999 * found, 0.7, **settings) == n_trials + 1

    def test_large_shifts_are_found_and_not_nan(self):
        powers = [paired_power(effect, 1.0, n) for effect in (3, 10, 100, 1e6) for n in (2, 10, 1000)]
        assert all(0.2 < power <= 1 for power in powers) and powers[-1] == 1

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: paired_power(1.0, 0.0, 5), "paired_power: sd must be a finite number above 0, got 0.0"),
            (lambda: paired_power(1.0, 1.0, 1), "n_trials must be at least 2, got 1. One trial has no spread"),
            (lambda: detectable_difference(1.0, 5, power=0.05), "power must be above 0.05 .* got 0.05"),
            (lambda: detectable_difference(1.0, 5, level=0.05), "Did you mean 0.95"),
            (lambda: trials_needed(0.0, 1.0), "difference must be a number other than 0, got 0.0"),
            (lambda: trials_needed(1e-5, 1.0), "takes over 1000000 trials"),
            (lambda: trials_needed(1.0, 1.0, n_strategies=0), "n_strategies must be at least 1, got 0"),
        ],
    )
    def test_what_is_refused(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()
