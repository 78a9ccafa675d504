"""Criteria: values worked out by hand, what they may see, how they are named and refused."""

import functools
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_stopping import made_history
from scipy import optimize, stats
from sklearn.base import clone
from sklearn.metrics import cohen_kappa_score

from skal.statistics import hypergeometric_interval
from skal.stopping import (
    STOPPING,
    AllOf,
    AnyOf,
    ClassificationChange,
    ExpectedError,
    ExpectedGain,
    LabelBudget,
    MaxConfidence,
    Observation,
    OverallUncertainty,
    PerformanceConvergence,
    ScoreConvergence,
    SelectedAccuracy,
    StabilizingPredictions,
    TargetReached,
    UncertaintyVariance,
    ValueAgainstCost,
    Verdict,
    advice,
    audit_interval,
    concordance,
    draw_stop_set,
    fit_learning_curve,
    kappa,
    level_of_look,
    numbers_interval,
    read_stop,
    stops_at,
    uncertainties,
)

HISTORY = made_history()
OPTIONS = {
    "budget": "budget:n_labels=200",
    "target": "target:target=0.9",
    "change": "change:share=0.1",
    "uncertainty": "uncertainty:threshold=0.2",
    "max_confidence": "max_confidence:threshold=0.99",
    "expected_error": "expected_error:threshold=0.1",
    "own_accuracy": "own_accuracy:window=2,threshold=0.01",
    "kappa": "kappa:threshold=0.7",
    "value": "value:value_per_point=2,cost_per_label=0.05",
}
EACH = {name: OPTIONS.get(name, name) for name in STOPPING.entries}


def of_predictions(*rows, **more):
    return [Observation(10 * (k + 1), predicted=np.array(row), **more) for k, row in enumerate(rows)]


# By hand


def test_budgets_count_labels_and_money():
    rounds = [Observation(20, cost=30.0), Observation(40, cost=80.0)]
    assert stops_at(LabelBudget(40), rounds).position == 1
    assert stops_at(LabelBudget(cost=30.0), rounds).position == 0
    assert stops_at(LabelBudget(41, cost=90.0), rounds) is None
    assert LabelBudget(cost=45).verdict([Observation(45)]).stop  # one each


def test_the_target_is_reached_by_the_lower_end_alone():
    pairs = [(0.8, 0.7), (0.95, 0.89), (0.93, 0.9), (0.97, 0.8)]
    rounds = [Observation(10 * k, score=score, low=low) for k, (score, low) in enumerate(pairs, 1)]
    said = stops_at(TargetReached(0.9), rounds)
    assert said.position == 2 and said.verdict.value == 0.9


def test_kappa_is_cohens():
    # 4 of 6 agree; chance: 3/6 * 2/6 + 2/6 * 2/6 + 1/6 * 2/6 = 12/36
    a, b = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2]
    assert kappa(a, b) == pytest.approx((4 / 6 - 12 / 36) / (1 - 12 / 36)) == cohen_kappa_score(a, b)
    assert kappa(["a", "a"], ["a", "a"]) == 1.0 and kappa([0, 1], [1, 0]) == -1.0
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(0, 4, (2, 50))
        assert kappa(a, b) == pytest.approx(cohen_kappa_score(a, b))


def test_concordance_is_lins():
    # variances 2/3 and 8/3, means 2 and 4, covariance 4/3: 2 * 4/3 / (2/3 + 8/3 + 4)
    assert concordance([1, 2, 3], [2, 4, 6]) == pytest.approx((8 / 3) / (2 / 3 + 8 / 3 + 4))
    assert concordance([1, 1], [1, 1]) == 1.0 and concordance([1, 2], [2, 1]) == pytest.approx(-1.0)


def test_predictions_settle_over_a_window():
    settled, other = [0, 0, 1, 1], [0, 1, 1, 1]
    rounds = of_predictions(other, settled, settled, settled, settled)
    assert kappa(other, settled) == 0.5
    assert [StabilizingPredictions(0.8, 3).verdict(rounds[: k + 1]).stop for k in range(5)] == [False] * 3 + [
        True
    ] * 2
    assert StabilizingPredictions(0.8, 3).verdict(rounds[:4]).value == pytest.approx((0.5 + 1 + 1) / 3)
    numbers = of_predictions([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], numeric=True)
    assert StabilizingPredictions(window=1).verdict(numbers).value == pytest.approx(concordance([1, 2, 3], [2, 4, 6]))
    several = of_predictions([[0, 1], [1, 1]], [[0, 1], [1, 0]])
    assert StabilizingPredictions(window=1).verdict(several).value == kappa([0, 1, 1, 1], [0, 1, 1, 0])


def test_only_unlabelled_rows_change():
    rounds = of_predictions([0, 0, 1, 1], [1, 0, 1, 1], [1, 1, 1, 1])
    assert [ClassificationChange().verdict(rounds[:k]).value for k in (2, 3)] == [0.25, 0.25]
    rounds[1] = replace(rounds[1], unlabeled=np.array([False, True, True, True]))
    assert stops_at(ClassificationChange(), rounds).position == 1
    assert stops_at(ClassificationChange(rounds=2), rounds) is None
    assert stops_at(ClassificationChange(share=0.25, rounds=2), rounds).position == 2
    several = of_predictions([[0, 1], [1, 1]], [[0, 1], [1, 0]])
    assert ClassificationChange().verdict(several).value == 0.5  # of rows, not of cells


def test_uncertainty_is_that_of_unlabelled_rows():
    one = Observation(
        10,
        confidence=np.array([0.5, 0.9, 1.0]),
        entropy=np.array([1.0, 0.4, 0.0]),
        unlabeled=np.array([False, True, True]),
    )
    assert OverallUncertainty().verdict([one]).value == pytest.approx(0.2)
    assert MaxConfidence().verdict([one]).value == pytest.approx(0.4)
    assert ExpectedError().verdict([one]).value == pytest.approx(0.05)
    assert OverallUncertainty(0.2).verdict([one]).stop and not OverallUncertainty(0.19).verdict([one]).stop
    all_labeled = replace(one, unlabeled=np.zeros(3, dtype=bool))
    assert ExpectedError().verdict([all_labeled]).value == pytest.approx(0.2)  # no other rows are there


def test_entropies_are_shares_of_a_guess():
    P = np.array([[0.5, 0.5], [1.0, 0.0], [0.9, 0.1]])
    bits = -(0.9 * np.log2(0.9) + 0.1 * np.log2(0.1))
    np.testing.assert_allclose(uncertainties(P), [[0.5, 1.0], [1.0, 0.0], [0.9, bits]])
    np.testing.assert_allclose(uncertainties(np.ones((2, 1))), [[1.0, 0.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="one distribution over classes a row"):
        uncertainties(np.ones((1, 2, 3)))


def test_the_variance_must_fall_in_a_row():
    # variances of (1, 1 - s): s^2 / 4
    rounds = [
        Observation(10 * k, confidence=np.array([1.0, 1 - s])) for k, s in enumerate([0.2, 0.4, 0.3, 0.2, 0.1], 1)
    ]
    assert stops_at(UncertaintyVariance(), rounds).position == 3
    assert stops_at(UncertaintyVariance(drops=3), rounds).position == 4
    assert stops_at(UncertaintyVariance(by=0.015), rounds) is None  # falls by 0.0175, 0.0125, 0.0075
    assert stops_at(UncertaintyVariance(drops=1, by=0.015), rounds).position == 2


def test_asked_rows_must_have_been_right():
    rounds = [Observation(10 * k, asked_right=r) for k, r in enumerate([None, 0.9, 0.8, 0.95, 0.9], 1)]
    assert stops_at(SelectedAccuracy(), rounds).position == 1
    assert stops_at(SelectedAccuracy(rounds=2), rounds).position == 4
    assert "there are 0" in SelectedAccuracy().verdict(rounds[:1]).reason


def test_own_accuracy_rises_a_little_to_a_new_height():
    def said(*values):
        rounds = [Observation(10 * k, confidence=np.array([v, v])) for k, v in enumerate(values, 1)]
        return PerformanceConvergence(window=2, threshold=0.01).verdict(rounds)

    assert said(0.8, 0.9, 0.805).value == pytest.approx((0.9 + 0.805) / 2 - (0.8 + 0.9) / 2)
    assert said(0.8, 0.8, 0.81).stop  # 0.805 - 0.8
    assert not said(0.8, 0.8, 0.83).stop and not said(0.9, 0.8, 0.81).stop and not said(0.8, 0.8, 0.8).stop


def test_scores_converge_by_means_of_windows():
    rounds = [Observation(10 * k, score=s) for k, s in enumerate([0.5, 0.7, 0.7, 0.706, 0.709, 0.7], 1)]
    assert ScoreConvergence(2, 0.005).verdict(rounds[:4]).value == pytest.approx(0.703 - 0.6)
    assert stops_at(ScoreConvergence(2, 0.005), rounds).position == 5  # 0.7045 - 0.703
    assert not ScoreConvergence(3).verdict(rounds[:5]).stop


def test_several_as_one_say_what_decides():
    rounds = [Observation(10 * k, score=0.1 * k, low=0.1 * k) for k in range(1, 9)]
    first, second = LabelBudget(30), TargetReached(0.55)
    assert stops_at(first | second, rounds).position == 2 and stops_at(first & second, rounds).position == 5
    assert "30 of 30" in stops_at(AnyOf([second, first]), rounds).verdict.reason
    said = (first & second).verdict(rounds[:4])
    assert "below 0.55" in said.reason and "30" not in said.reason
    assert AllOf([first, second]).needs == ("score", "low")


# The curve and what it promises


def test_a_power_law_is_found_again():
    n = np.arange(20, 320, 20)
    curve = fit_learning_curve(n, 0.9 - 1.5 * n**-0.5)
    assert (curve.asymptote, curve.scale, curve.exponent) == pytest.approx((0.9, 1.5, 0.5))
    gain = curve.gain(300)
    assert (gain.expected, gain.low, gain.high) == pytest.approx((1.5 * (300**-0.5 - 600**-0.5),) * 3)
    falling = fit_learning_curve(n, 0.5 + 1.0 / n)
    assert falling.scale == 0.0 and falling.gain(100).expected == 0.0 == falling.gain(100).low


def test_late_rounds_and_large_audits_weigh_more():
    scores = [0.9] * 5 + [0.5] * 5  # a curve never falls: the mean, with weights 1 to 10
    assert fit_learning_curve(range(10, 110, 10), scores).asymptote == pytest.approx((15 * 0.9 + 40 * 0.5) / 55)
    sizes = [8] * 5 + [3] * 5
    weighted = fit_learning_curve(range(10, 110, 10), scores, sizes).asymptote
    assert weighted == pytest.approx((8 * 15 * 0.9 + 3 * 40 * 0.5) / (8 * 15 + 3 * 40))


def test_the_fit_is_the_least_squares_of_an_independent_search():
    rng = np.random.default_rng(1)
    n = np.arange(20.0, 420, 20)
    for truth in ((0.9, 2.0, 0.7), (0.99, 1.0, 0.3)):
        y = truth[0] - truth[1] * n ** -truth[2] + rng.normal(0, 0.01, len(n))
        y[:4] -= [0.2, 0.0, 0.1, 0.15]  # what early rounds are off by counts for less
        rows = rng.integers(20, 200, len(n))
        root = np.sqrt(np.arange(1, len(n) + 1) * rows)
        best = np.inf
        for exponent in np.geomspace(0.1, 2.5, 60):
            A = np.column_stack([np.ones_like(n), -(n**-exponent)]) * root[:, None]
            best = min(best, 2 * optimize.lsq_linear(A, y * root, bounds=([-9, 0], [1, 99])).cost)
        curve = fit_learning_curve(n, y, rows)
        mine = np.sum((root * (y - curve.at(n))) ** 2)
        assert curve.asymptote <= 1.0 and mine == pytest.approx(best, rel=0.03)  # on another grid of exponents


def test_intervals_of_gains_hold_where_the_law_holds():
    rng = np.random.default_rng(0)
    n = np.arange(20, 320, 20)
    truth = 1.5 * (300**-0.6 - 600**-0.6)
    hits = 0
    for trial in range(200):
        y = 0.9 - 1.5 * n**-0.6 + rng.normal(0, 0.01, len(n))
        gain = fit_learning_curve(n, y, random_state=trial).gain(300)
        hits += gain.low - 1e-12 <= truth <= gain.high + 1e-12
    assert 0.85 <= hits / 200 <= 1.0


def test_intervals_know_that_audit_rows_are_a_sample():
    n = np.arange(20, 320, 20)
    rng = np.random.default_rng(0)
    hits = np.zeros(2)
    for trial in range(60):
        # each of 60 rows is right with the probability of its round, and drawn again in one round of five
        p = 0.95 - 2.0 / n**0.7
        u = rng.random(60)
        right = []
        for height in p:
            u = np.where(rng.random(60) < 0.2, rng.random(60), u)
            right.append(u < height)
        scores = np.mean(right, axis=1)
        truth = 2.0 * (300**-0.7 - 600**-0.7)
        for k, rows in enumerate((None, right)):
            gain = fit_learning_curve(n, scores, audit_right=rows, random_state=trial).gain(300)
            hits[k] += gain.low <= truth <= gain.high
    assert hits[1] > hits[0]
    same = fit_learning_curve(n, np.full(15, 0.5), audit_right=np.tile([True, False], (15, 1)))
    assert same.gain(300).low == same.gain(300).high == 0.0  # nothing ever changes, whichever rows are drawn
    with pytest.raises(ValueError, match=r"audit_right must have a row for each round, whose means are the scores"):
        fit_learning_curve(n, scores, audit_right=right[1:])


def test_gains_are_compared_by_the_end_that_is_asked_for():
    said = ExpectedGain(0.02).verdict(HISTORY)
    rounds = [(one.n_labels, one.score, one.n_audit) for one in HISTORY]
    curve = fit_learning_curve(*zip(*rounds, strict=True))
    assert said.value == curve.gain(100).high  # 480 labels more would be meant, and 100 are left
    assert ExpectedGain(0.02, end="expected", n_more=50).verdict(HISTORY).value == curve.gain(50).expected
    noisy = [replace(one, score=one.score + 0.02 * (-1) ** k) for k, one in enumerate(HISTORY)]
    high, expected = (ExpectedGain(0.01, end=end).verdict(noisy) for end in ("high", "expected"))
    assert high.value > expected.value


def test_money_is_weighed_against_the_curve():
    n = np.arange(20, 220, 20)
    rounds = [Observation(int(k), score=0.9 - 2 / k, n_left=1000) for k in n]
    # under 0.9 - 2/n a label at 200 brings 2/200^2 points of 0.01: 0.005 of a point
    assert ValueAgainstCost(100, 0.49).verdict(rounds).stop is False
    assert ValueAgainstCost(100, 0.51).verdict(rounds).stop is True
    left = [replace(one, n_left=0) for one in rounds]
    assert ValueAgainstCost(1000, 0.1).verdict(left).stop
    units = [replace(one, unit="R2") for one in rounds]
    assert ValueAgainstCost(100, 0.0051).verdict(units).stop and not ValueAgainstCost(100, 0.0049).verdict(units).stop


def test_advice_is_one_sentence():
    rounds = [Observation(int(k), score=0.9 - 2 / k, n_left=60) for k in range(20, 220, 20)]
    said = advice(rounds, LabelBudget(500))
    assert said == (
        "About 60 labels more are expected to bring +0.2 points [0.2, 0.2]; the criterion says go on: "
        "200 of 500 labels are there."
    )
    assert advice(rounds, LabelBudget(100), 20).startswith("About 20 labels more are expected to bring +0.1 points")
    assert advice([Observation(20)], LabelBudget(10)) == "The criterion says stop: 20 of 10 labels are there."


# Intervals of audit rows


@pytest.mark.parametrize(("right", "n", "look"), [(45, 50, 1), (0, 12, 2), (12, 12, 3), (7, 30, 9)])
def test_an_audit_has_the_exact_interval_of_its_look(right, n, look):
    level = 1 - 0.05 / (look * (look + 1))
    want = stats.binomtest(right, n).proportion_ci(level, "exact")
    assert audit_interval(right, n, look) == pytest.approx((want.low, want.high))


def test_no_look_of_an_audit_misses_in_one_run_of_twenty():
    rng = np.random.default_rng(0)
    truth = np.linspace(0.6, 0.9, 10)
    interval = functools.cache(audit_interval)
    missed = missed_alone = 0
    for _ in range(400):
        row = rng.random(40)  # the same rows at every look
        looks = [int((row < p).sum()) for p in truth]
        missed += any(
            not _within(p, interval(n, 40, k)) for k, (p, n) in enumerate(zip(truth, looks, strict=True), 1)
        )
        missed_alone += any(not _within(p, interval(n, 40, 1)) for p, n in zip(truth, looks, strict=True))
    assert missed / 400 <= 0.05 < missed_alone / 400


def test_models_that_have_nothing_to_do_with_each_other_need_the_share_of_each_look():
    """The worst case, which no interval of one model covers: each look is at a model of its own."""
    rng, population, n = np.random.default_rng(1), 120, 40
    interval = functools.cache(audit_interval)
    missed = missed_alone = 0
    for _ in range(300):
        pools = [rng.permutation(population) < 84 for _ in range(12)]
        rows = rng.permutation(population)[:n]
        looks = [int(pool[rows].sum()) for pool in pools]
        missed += any(not _within(0.7, interval(right, n, k, 0.95, population)) for k, right in enumerate(looks, 1))
        missed_alone += any(not _within(0.7, interval(right, n, 1, 0.95, population)) for right in looks)
    assert missed / 300 <= 0.05 < missed_alone / 300, "level 97.5 % for each of twelve is not 95 % for all"


@pytest.mark.parametrize(("right", "n", "look", "population"), [(45, 50, 1, 60), (3, 9, 4, 30), (9, 9, 2, 9)])
def test_an_audit_of_a_finite_pool_has_the_exact_interval_of_its_look(right, n, look, population):
    exact = hypergeometric_interval(right, n, population, level=1 - 0.05 / (look * (look + 1)))
    assert audit_interval(right, n, look, population=population) == (exact.low, exact.high)


def test_the_shares_of_all_looks_add_up_to_the_error_that_is_allowed():
    assert sum(1 - level_of_look(k, 0.9) for k in range(1, 2000)) == pytest.approx(0.1, abs=1e-4)
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="a whole number from 1 on"):
            level_of_look(wrong)


def _within(value, ends):
    return ends[0] <= value <= ends[1]


def test_errors_of_numbers_have_students_interval():
    errors = np.array([1.0, -2.0, 2.0, -1.0, 0.5])
    half = stats.t.ppf(1 - 0.05 / 12, 4) * stats.sem(errors**2)  # the second look: 0.05 / 6, two ends
    score, low, high = numbers_interval(errors, 2)
    assert score == -np.sqrt(np.mean(errors**2))
    assert (low, high) == pytest.approx((-np.sqrt(np.mean(errors**2) + half), 0.0))
    tight = numbers_interval(np.full(9, 3.0))
    assert tight == (-3.0, -3.0, -3.0)


def test_a_stop_set_is_drawn_by_its_seed():
    rows = draw_stop_set(np.arange(100, 200), 0, 30)
    assert len(set(rows)) == 30 and set(rows) <= set(range(100, 200)) and (np.diff(rows) > 0).all()
    assert rows.tolist() == draw_stop_set(np.arange(100, 200), 0, 30).tolist()
    assert rows.tolist() != draw_stop_set(np.arange(100, 200), 1, 30).tolist()
    assert draw_stop_set([5, 3], 0).tolist() == [3, 5] and len(draw_stop_set(np.arange(5000), 0)) == 2000


# What every criterion keeps


@pytest.mark.parametrize("text", EACH.values(), ids=EACH)
def test_a_criterion_stops_somewhere_and_never_reads_the_future(text):
    criterion = read_stop(text)
    end = stops_at(criterion, HISTORY)
    assert end is not None and end.verdict.stop and end.verdict.reason.endswith(".")
    assert end == stops_at(criterion, HISTORY[: end.position + 1])
    assert stops_at(criterion, HISTORY[: end.position]) is None or end.position == 0
    after = made_history(seed=5)[end.position + 1 :]
    assert stops_at(criterion, [*HISTORY[: end.position + 1], *after]) == end


@pytest.mark.parametrize("text", EACH.values(), ids=EACH)
def test_a_criterion_is_a_value(text):
    criterion = read_stop(text)
    said = [criterion.verdict(HISTORY[: k + 1]) for k in range(len(HISTORY))]
    for again in (pickle.loads(pickle.dumps(criterion)), clone(criterion), type(criterion)(**criterion.get_params())):
        order = np.random.default_rng(0).permutation(len(HISTORY))  # nothing is kept between calls
        heard = {k: again.verdict(HISTORY[: k + 1]) for k in order}
        assert [heard[k] for k in range(len(HISTORY))] == said
    assert all(isinstance(one, Verdict) and bool(one) is one.stop for one in said)


@pytest.mark.parametrize("text", EACH.values(), ids=EACH)
def test_a_history_must_be_one(text):
    criterion = read_stop(text)
    with pytest.raises(ValueError, match="has no round"):
        criterion.verdict([])
    with pytest.raises(ValueError, match="must not fall from round to round, got 40 and then 20"):
        criterion.verdict([HISTORY[1], HISTORY[0]])
    with pytest.raises(TypeError, match=r"a sequence of skal.stopping.Observation, got dict"):
        criterion.verdict([{"n_labels": 3}])
    with pytest.raises(ValueError, match="must predict the same rows, got 30 and then 4"):
        criterion.verdict([HISTORY[0], replace(HISTORY[1], predicted=np.zeros(4))])
    for name in criterion.needs:
        if name != "asked_right":
            with pytest.raises(ValueError, match=f"{type(criterion).__name__} reads .*{name} is None"):
                criterion.verdict([HISTORY[0], replace(HISTORY[1], **{name: None})])
    with pytest.raises(ValueError, match="score of a round must be a finite number or None, got nan"):
        criterion.verdict([replace(HISTORY[0], score=float("nan"))])


@given(st.integers(10, 400), st.integers(10, 400), st.integers(0, 3))
def test_a_larger_budget_stops_no_sooner(one, other, seed):
    history = made_history(seed=seed)
    small, large = (stops_at(LabelBudget(n), history) for n in sorted((one, other)))
    assert large is None or small.position <= large.position
    assert small is None or history[small.position].n_labels >= min(one, other)


@pytest.mark.parametrize(
    ("strict", "lax"),
    [
        (StabilizingPredictions(0.9), StabilizingPredictions(0.5)),
        (ClassificationChange(0.0), ClassificationChange(0.3)),
        (OverallUncertainty(0.05), OverallUncertainty(0.3)),
        (MaxConfidence(0.2), MaxConfidence(0.9)),
        (ExpectedError(0.02), ExpectedError(0.2)),
        (SelectedAccuracy(0.9), SelectedAccuracy(0.6)),
        (TargetReached(0.92), TargetReached(0.7)),
        (ScoreConvergence(gain=0.001), ScoreConvergence(gain=0.05)),
        (ExpectedGain(0.002), ExpectedGain(0.05)),
        (ValueAgainstCost(50, 0.4), ValueAgainstCost(1, 0.4)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_stricter_threshold_stops_no_sooner(strict, lax):
    for seed in range(3):
        history = made_history(seed=seed)
        sooner, later = (stops_at(one, history) for one in (lax, strict))
        assert sooner is not None and (later is None or later.position >= sooner.position)


# Names and refusals


def test_criteria_have_names():
    assert read_stop("kappa:threshold=0.98,window=5").get_params() == {"threshold": 0.98, "window": 5}
    assert repr(read_stop({"criterion": "gain", "gain": 0.02})) == "ExpectedGain(gain=0.02)"
    assert [type(one) for one in read_stop("kappa & budget:n_labels=9").criteria] == [
        StabilizingPredictions,
        LabelBudget,
    ]
    assert all(entry.about.startswith("Stop ") for entry in STOPPING.entries.values())
    kappa_ = StabilizingPredictions()
    assert read_stop(kappa_) is kappa_


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("kapa", "There is no criterion .kapa.*Did you mean kappa"),
        ("kappa:treshold=1", "no option treshold.*Did you mean threshold"),
        ("kappa:threshold=1.5", "threshold must be a finite number >= 0 and <= 1, got 1.5"),
        ("kappa:window=0", "window must be a whole number >= 1, got 0"),
        ("budget", "say how many labels, n_labels=, or how much money, cost=; got neither"),
        ("budget:cost=0", "cost must be a finite number > 0, got 0"),
        ("target", "target"),
        ("gain:end=low", "end must be 'high' or 'expected', got 'low'"),
        ("value:value_per_point=1,cost_per_label=0", "cost_per_label must be a finite number > 0, got 0"),
        ("kappa | budget & gain", "either by | or by &"),
        ("change:share=true", "share must be a finite number .*got True"),
    ],
)
def test_what_is_no_criterion_is_refused_in_a_sentence(text, error):
    with pytest.raises(ValueError, match=error):
        read_stop(text)


@pytest.mark.parametrize("thing", [3, "", None, print])
def test_what_is_no_name_is_refused(thing):
    with pytest.raises(TypeError, match=r"stop must be the name of a criterion.*There are budget, target"):
        read_stop(thing)


def test_several_need_criteria():
    with pytest.raises(ValueError, match=r"criteria must be a list of at least one criterion, got \[\]"):
        AnyOf([]).verdict(HISTORY)
    with pytest.raises(ValueError, match=r"must be skal.stopping criteria, got 'kappa'.*read_stop"):
        AllOf(["kappa"]).verdict(HISTORY)
    with pytest.raises(ValueError, match="threshold must be"):
        AllOf([StabilizingPredictions(2)]).verdict(HISTORY)


@pytest.mark.parametrize("criterion", [ClassificationChange(), SelectedAccuracy()])
def test_numbers_are_neither_equal_nor_right(criterion):
    with pytest.raises(ValueError, match="predictions are numbers"):
        criterion.verdict(of_predictions([1.0], [2.0], numeric=True, asked_right=0.5))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (([10, 20], [0.5, 0.6]), "at least 5 rounds are needed, got 2"),
        (([10] * 5, [0.5] * 4), "of one length"),
        (([0, 1, 2, 3, 4], [0.5] * 5), "above 0"),
        (([1, 2, 3, 4, 5], [0.5, np.nan, 0.5, 0.5, 0.5]), "must be finite"),
        (([5, 4, 3, 2, 1], [0.5] * 5), "not fall"),
    ],
)
def test_a_curve_needs_rounds(arguments, error):
    with pytest.raises(ValueError, match=error):
        fit_learning_curve(*arguments)
    with pytest.raises(ValueError, match="n_resamples must be a whole number >= 1, got 0"):
        fit_learning_curve(range(1, 8), [0.5] * 7, n_resamples=0)


def test_too_few_rounds_go_on():
    for criterion in (ExpectedGain(), ValueAgainstCost(1, 1)):
        said = criterion.verdict(HISTORY[:5])
        assert not said.stop and "needs 6 rounds of different label counts, and there are 5" in said.reason
    same = [replace(HISTORY[0]) for _ in range(9)]
    assert "there are 1" in ExpectedGain().verdict(same).reason
