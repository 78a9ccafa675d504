"""Ranks over data sets: Friedman, Wilcoxon with Holm, Nemenyi, and the critical-difference picture."""

import numpy as np
import pytest
from made_comparison import make_comparison
from scipy import stats

from skal.report import write_report
from skal.statistics import holm, nemenyi_difference, paired_difference, rank_strategies
from skal.statistics.ranks import _runs
from skal.study import plot_ranks, rank_studies

# Critical values of Demsar (2006), table 5a, for two to ten classifiers.
DEMSAR = {
    0.95: [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164],
    0.90: [1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920],
}


def test_a_pair_at_the_level_itself_is_told_apart():
    """Of five data sets of one winner Wilcoxon's p is 2^-4, which is 1 - 0.9375 to the last digit."""
    values = {"a": [0.9, 0.8, 0.7, 0.6, 0.5], "b": [0.8, 0.6, 0.4, 0.2, 0.0]}
    at, beyond = (rank_strategies(values, level=level) for level in (0.9375, 0.94))
    assert at.p_apart[0, 1] == 2**-4
    assert (at.groups, at.reachable) == ((), True) and (beyond.groups, beyond.reachable) == (((0, 1),), False)
    verdicts = [paired_difference(*values.values(), level=level, test="wilcoxon").verdict for level in (0.9375, 0.94)]
    assert verdicts == ["better than random", "too few trials to tell"]


@pytest.mark.parametrize("level", DEMSAR)
def test_critical_differences_are_those_of_the_table(level):
    for k, q in zip(range(2, 11), DEMSAR[level], strict=True):
        n = 3 * k
        assert nemenyi_difference(k, n, level) == pytest.approx(q * np.sqrt(k * (k + 1) / (6 * n)), abs=1.5e-3)


@pytest.mark.parametrize("digits", [1, 6])
def test_friedman_and_pairs_are_those_of_scipy(digits):
    table = np.random.default_rng(3).normal(size=(14, 4)).round(digits)  # one digit: with ties
    table[:, 2] += 0.8
    found = rank_strategies({f"s{k}": table[:, k] for k in range(4)})
    assert found.friedman == pytest.approx(stats.friedmanchisquare(*table.T).statistic)
    n, k = table.shape
    f = (n - 1) * found.friedman / (n * (k - 1) - found.friedman)  # Iman and Davenport
    assert found.p_value == pytest.approx(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))
    assert sum(found.mean_ranks) == pytest.approx(k * (k + 1) / 2) and list(found.mean_ranks) == sorted(
        found.mean_ranks
    )
    if digits == 6:
        order = [int(name[1]) for name in found.names]
        pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
        p = [stats.wilcoxon(table[:, order[i]], table[:, order[j]]).pvalue for i, j in pairs]
        assert [found.p_apart[pair] for pair in pairs] == pytest.approx(holm(p))


def test_by_hand():
    """a is first twice and second once, b second twice and first once, c always last."""
    found = rank_strategies({"c": [0.1, 0.2, 0.3], "a": [0.9, 0.8, 0.6], "b": [0.8, 0.7, 0.7]})
    assert found.names == ("a", "b", "c") and found.mean_ranks == pytest.approx([4 / 3, 5 / 3, 3])
    # 12 N / (k (k + 1)) * sum (R - 2)^2 = 3 * (4/9 + 1/9 + 1) = 14/3
    assert found.friedman == pytest.approx(14 / 3)
    assert found.groups == ((0, 1, 2),) and not found.reachable


@pytest.mark.parametrize(("k", "n", "p"), [(2, 2, 0.5), (2, 5, 1 / 16), (3, 2, 1 / 6), (4, 3, 1 / 576)])
def test_full_agreement_is_as_likely_as_chance_makes_it(k, n, p):
    """Of (k!)^n rankings k! agree."""
    found = rank_strategies({f"s{place}": np.arange(n) + float(place) for place in range(k)})
    assert found.p_value == pytest.approx(p) and found.friedman == pytest.approx(n * (k - 1))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_no_p_value_is_below_that_of_full_agreement(n):
    draw = np.random.default_rng(5)
    for _ in range(60):
        values = draw.integers(0, 4, (3, n)) / 4.0
        found = rank_strategies(dict(zip("abc", values, strict=True)))
        assert found.p_value >= 6.0 ** (1 - n) * (1 - 1e-9)


def test_what_is_clear_is_told_apart_once_there_are_enough_data_sets():
    def ranks(n, **more):
        noise = np.random.default_rng(0).uniform(0, 0.01, (n, 3))
        return rank_strategies({name: shift + noise[:, k] for k, (name, shift) in enumerate(
            {"low": 0.1, "middle": 0.5, "high": 0.9}.items())}, **more)  # fmt: skip

    assert ranks(5).groups == ((0, 1, 2),) and not ranks(5).reachable  # 2 / 2^5 = 0.0625
    assert not ranks(6).reachable  # 3 / 2^5 with three pairs
    enough = ranks(7)
    assert enough.reachable and enough.groups == () and enough.names == ("high", "middle", "low")
    assert enough.p_value == pytest.approx(6.0**-6) and enough.p_apart[0, 2] == pytest.approx(3 * 2.0**-6)
    nemenyi = ranks(7, method="nemenyi")
    apart = np.abs(np.subtract.outer(nemenyi.mean_ranks, nemenyi.mean_ranks)) > nemenyi_difference(3, 7)
    assert np.array_equal(nemenyi.p_apart <= 0.05, apart) and nemenyi.groups == ((0, 1), (1, 2))


def test_order_of_data_sets_and_names_does_not_matter():
    table = np.random.default_rng(1).normal(size=(9, 4))
    first = rank_strategies({name: table[:, k] for k, name in enumerate("abcd")})
    second = rank_strategies({name: table[::-1, "abcd".index(name)] for name in "dcba"})
    assert first.names == second.names and np.allclose(first.p_apart, second.p_apart)


def test_bars_are_the_longest_runs():
    apart = np.zeros((5, 5), dtype=bool)
    for i, j in ((0, 2), (0, 3), (0, 4), (1, 4)):
        apart[i, j] = apart[j, i] = True
    assert _runs(apart) == ((0, 1), (1, 2, 3), (2, 3, 4))
    assert _runs(~np.eye(3, dtype=bool)) == () and _runs(np.zeros((3, 3), dtype=bool)) == ((0, 1, 2),)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": [1, 2]}, "at least two strategies"),
        ({"a": [1], "b": [2]}, "at least two data sets"),
        ({"a": [1, 2], "b": [1, 2, 3]}, "shapes"),
        ({"a": [1, np.nan], "b": [1, 2]}, "'a' must be finite"),
    ],
)
def test_what_cannot_be_ranked_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        rank_strategies(values)


NAMES = ("random_sampling", "margin", "core_set")


def studies(n):
    return {f"set {k}": make_comparison(NAMES, (0.0, 0.05, 0.02), seed=k, n_trials=4) for k in range(n)}


def test_studies_are_ranked_by_their_areas():
    found = rank_studies(studies(8))
    assert found.names == ("margin", "core_set", "random_sampling") and found.n_sets == 8
    other = make_comparison(("random_sampling", "margin"), (0.0, 0.05))
    assert rank_studies({**studies(2), "fewer": other}).names == ("margin", "random_sampling")
    with pytest.raises(ValueError, match="at least two studies"):
        rank_studies(studies(1))
    with pytest.raises(ValueError, match="one first metric, got accuracy, f1"):
        rank_studies({**studies(1), "f1": make_comparison(NAMES, (0, 0, 0), metrics=("f1",))})


@pytest.mark.pictures
@pytest.mark.parametrize("method", ["wilcoxon", "nemenyi"])
def test_the_picture_shows_names_ranks_and_bars(method, tmp_path):
    made = studies(4)
    figure = plot_ranks(made, tmp_path / "ranks.svg", method=method, title="four sets")
    texts = [text.get_text() for text in figure.axes[0].texts]
    ranks = rank_studies(made, method)
    for name, mean in zip(ranks.names, ranks.mean_ranks, strict=True):
        assert any(name in text and f"{mean:.2f}" in text for text in texts)
    bars = [line for line in figure.axes[0].get_lines() if line.get_linewidth() == 4]
    assert len(bars) == len(ranks.groups) >= 1
    said = figure._supxlabel.get_text()
    assert ("too few to tell any pair apart" in said) == (not ranks.reachable)
    plot_ranks(made, tmp_path / "again.svg", method=method, title="four sets")
    assert (tmp_path / "again.svg").read_bytes() == (tmp_path / "ranks.svg").read_bytes()


def test_the_report_of_several_studies_has_ranks_and_of_one_has_none(tmp_path):
    page = write_report(studies(3), tmp_path / "three").read_text()
    assert "Ranks over studies" in page and "3 studies are too few to tell any pair apart" in page
    assert (tmp_path / "three" / "ranks.png").exists()
    assert "Ranks over studies" not in write_report(studies(1), tmp_path / "one").read_text()
    assert not (tmp_path / "one" / "ranks.png").exists()
