"""Criteria in loops, in estimators that choose their labels, and replayed on studies."""

import itertools
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from typer.testing import CliRunner

from skal import ActiveLearningClassifier, ActiveLearningRegressor, compare
from skal.annotation import Budget, Oracle, PricedOracle, UniformCost
from skal.cli import app
from skal.loop import rounds
from skal.stopping import (
    AuditRows,
    ClassificationChange,
    Criterion,
    LabelBudget,
    Observation,
    SelectedAccuracy,
    StabilizingPredictions,
    Verdict,
    audit_interval,
    kappa,
    stops_at,
)
from skal.study import StudyError

X, y = load_iris(return_X_y=True)
ROWS = np.random.default_rng(0).permutation(150)
POOL, AUDIT = np.sort(ROWS[:100]), np.sort(ROWS[100:])
FIRST = np.concatenate([np.flatnonzero((y == c) & np.isin(np.arange(150), POOL))[:2] for c in range(3)])
NEVER = LabelBudget(1000)


def play(stop=None, audit=None, n_labels=60, strategy="margin_sampling", **more):
    return list(
        rounds(GaussianNB(), X, Oracle(y), strategy, FIRST, 6, n_labels, 0, POOL, stop=stop, audit=audit, **more)
    )


class Seen(Criterion):
    """Keeps what it is shown."""

    reads = ("predicted", "confidence", "entropy", "asked_right", "score", "low")

    def judge(self, rounds):
        SHOWN.append([one.n_labels for one in rounds])
        return Verdict(False, "looks on.")


SHOWN: list[list[int]] = []


def test_a_criterion_changes_no_pick_and_ends_the_loop_where_it_stops():
    plain = play()
    for stop in ("kappa:threshold=0.9", "budget:n_labels=30", NEVER):
        stopped = play(stop)
        for one, other in zip(stopped, plain, strict=False):
            assert one.picked.tolist() == other.picked.tolist() and one.labeled.tolist() == other.labeled.tolist()
        assert [one.verdict.stop for one in stopped[:-1]] == [False] * (len(stopped) - 1)
        assert stopped[-1].verdict.stop is (stop is not NEVER)
        end = stops_at(StabilizingPredictions(0.9), [one.observation for one in play("kappa")])
        if stop == "kappa:threshold=0.9":
            assert len(stopped) == end.position + 1 < len(plain)
    assert plain[0].verdict is None and plain[0].observation is None
    assert play("budget:n_labels=30")[-1].n_labels == 30


def test_what_is_observed_is_what_models_say_of_the_pool_and_of_audit_rows():
    SHOWN.clear()
    played = play(Seen(), (X[AUDIT], y[AUDIT]))
    assert [len(shown) for shown in SHOWN] == list(range(1, len(played) + 1))
    for k, one in enumerate(played):
        model, seen = one.learner.estimator, one.observation
        P = model.predict_proba(X[POOL])
        assert seen.predicted.tolist() == model.predict(X[POOL]).tolist()  # fewer rows than 2000: all of them
        np.testing.assert_allclose(seen.confidence, P.max(axis=1))
        np.testing.assert_allclose(seen.entropy, -(P * np.log(np.maximum(P, 1e-300))).sum(axis=1) / np.log(3))
        assert seen.unlabeled.tolist() == (~np.isin(POOL, one.labeled)).tolist()
        assert (seen.n_labels, seen.n_left, seen.cost) == (len(one.labeled), 100 - len(one.labeled), one.cost)
        right = int((model.predict(X[AUDIT]) == y[AUDIT]).sum())
        assert (seen.score, seen.n_audit) == (right / 50, 50)
        assert (seen.low, seen.high) == audit_interval(right, 50, k + 1)
        if k:
            before = played[k - 1].learner.estimator
            assert seen.asked_right == accuracy_score(y[one.picked], before.predict(X[one.picked]))
    assert played[0].observation.asked_right is None


def test_nothing_is_computed_that_is_not_read():
    class Counting(GaussianNB):
        def predict_proba(self, X):
            raise AssertionError("not read")

    model = Counting()
    played = list(
        rounds(model, X, Oracle(y), "random_sampling", FIRST, 6, 24, 0, POOL, stop=ClassificationChange(rounds=9))
    )
    assert played[-1].observation.entropy is None and played[-1].observation.predicted is not None


def test_a_loop_for_money_stops_too():
    oracle = PricedOracle(Oracle(y), UniformCost())
    more = {"budget": Budget(5.0), "n_rounds": 6, "stop": LabelBudget(cost=14.0)}
    played = list(rounds(GaussianNB(), X, oracle, "random_sampling", FIRST, random_state=0, candidates=POOL, **more))
    assert played[-1].cost >= 14 > played[-2].cost


@pytest.mark.parametrize(
    "stop", ["target:target=0.9", "gain", "convergence", "value:value_per_point=1,cost_per_label=1"]
)
def test_scores_need_audit_rows(stop):
    with pytest.raises(ValueError, match=r"reads scores on rows that are not learned from. Give audit=\(X, y\)"):
        play(stop)
    with pytest.raises(
        ValueError, match="as many labels as rows are needed, and at least 2, got 3 rows and 2 labels"
    ):
        AuditRows(X[:3], y[:2])


def test_a_misspelt_criterion_is_refused_before_the_first_fit():
    with pytest.raises(ValueError, match="Did you mean kappa"):
        rounds(GaussianNB(), X, Oracle(y), "random_sampling", FIRST, 6, 24, stop="kapa")
    with pytest.raises(ValueError, match="Did you mean kappa"):
        ActiveLearningClassifier(stop="kapa").fit(X, y)


# Estimators


def test_a_classifier_stops_and_says_why():
    model = ActiveLearningClassifier(GaussianNB(), n_initial=6, n_instances=6, budget=90, random_state=0)
    all_of_it = clone(model).fit(X, y)
    stopped = clone(model).set_params(stop=StabilizingPredictions(0.95)).fit(X, y)
    assert all_of_it.verdict_ is None and len(all_of_it.labeled_indices_) == 90
    n = len(stopped.labeled_indices_)
    assert n < 90 and stopped.labeled_indices_.tolist() == all_of_it.labeled_indices_[:n].tolist()
    assert stopped.verdict_.stop and stopped.history_[-1]["verdict"] == str(stopped.verdict_)
    assert pickle.loads(pickle.dumps(stopped)).verdict_ == stopped.verdict_


def test_audit_rows_are_paid_for_and_not_learned_from():
    model = ActiveLearningClassifier(
        GaussianNB(), n_initial=6, n_instances=6, budget=60, stop="target:target=0.5", n_audit=24, random_state=0
    ).fit(X, y)
    assert len(model.audit_indices_) == 24 and not set(model.audit_indices_) & set(model.labeled_indices_)
    assert model.verdict_.stop and model.history_[-1]["audit_score"] == accuracy_score(
        y[model.audit_indices_], model.predict(X[model.audit_indices_])
    )
    never = clone(model).set_params(stop=NEVER).fit(X, y)
    assert len(never.labeled_indices_) == 36
    with pytest.raises(ValueError, match=r"budget=20 must pay for n_initial=10 and n_audit=12"):
        ActiveLearningClassifier(budget=20, n_audit=12).fit(X, y)
    with pytest.raises(ValueError, match="n_audit must be 0, or a whole number >= 2, got 1"):
        ActiveLearningClassifier(n_audit=1).fit(X, y)
    with pytest.raises(ValueError, match="need as many rows with a label, got 20. Take fewer audit rows"):
        ActiveLearningClassifier(n_audit=15).fit(X[::7][:20], y[::7][:20])


def test_settings_of_a_criterion_can_be_searched():
    model = ActiveLearningClassifier(
        GaussianNB(), n_initial=6, n_instances=6, budget=60, stop=StabilizingPredictions(), random_state=0
    )
    search = GridSearchCV(model, {"stop__threshold": [0.0, 1.0]}, cv=3).fit(X, y)
    assert {params["stop__threshold"] for params in search.cv_results_["params"]} == {0.0, 1.0}
    few = clone(model).set_params(stop__threshold=0.0).fit(X, y)
    assert len(few.labeled_indices_) == 24  # four models


def test_a_regressor_stops_too():
    A, b = load_diabetes(return_X_y=True)
    model = ActiveLearningRegressor(Ridge(0.1), n_initial=20, budget=120, random_state=0)
    stopped = clone(model).set_params(stop="kappa:threshold=0.98").fit(A, b)
    assert stopped.verdict_.stop and "(concordance)" in stopped.verdict_.reason
    assert 40 < len(stopped.labeled_indices_) < 120
    audited = clone(model).set_params(stop="convergence:window=3,gain=1.0", n_audit=30).fit(A, b)
    errors = audited.predict(A[audited.audit_indices_]) - b[audited.audit_indices_]
    assert audited.history_[-1]["audit_score"] == pytest.approx(-np.sqrt(np.mean(errors**2)))
    with pytest.raises(ValueError, match="predictions are numbers"):
        clone(model).set_params(stop=SelectedAccuracy()).fit(A, b)


# Studies

SHORT = {"n_initial": 9, "n_instances": 6, "n_rounds": 8, "n_trials": 2, "test_size": 0.4}


FEW = {**SHORT, "n_rounds": 6}


def test_a_study_says_where_criteria_would_have_stopped(tmp_path):
    model = GaussianNB()
    plain = compare(X, y, model, ["margin_sampling"], out=tmp_path, **FEW)
    asked = ["budget:n_labels=30", "kappa:threshold=0.9", NEVER]
    found = compare(X, y, model, ["margin_sampling"], out=tmp_path, stop=asked, **FEW)
    assert "nothing was left to run" in found.kept and plain.stopping == []
    lines = {(one.criterion, one.strategy): one for one in found.stopping}
    assert len(lines) == 6 and {one.trials for one in found.stopping} == {(0, 1)}
    for strategy in ("random_sampling", "margin_sampling"):
        budget, never = lines["budget:n_labels=30", strategy], lines["LabelBudget(n_labels=1000)", strategy]
        assert budget.n_labels.tolist() == [33, 33] and budget.stopped.all()
        assert never.n_labels.tolist() == [45, 45] and not never.stopped.any() and not never.lost.any()
        settled = lines["kappa:threshold=0.9", strategy]
        assert "(kappa)" in settled.reasons[0]
    again = compare(X, y, model, ["margin_sampling"], stop=asked, **FEW)  # nothing is kept
    for one, other in zip(again.stopping, found.stopping, strict=True):
        assert one.n_labels.tolist() == other.n_labels.tolist() and one.lost.tolist() == other.lost.tolist()


def test_a_criterion_of_a_study_sees_half_of_the_test_rows_and_loses_on_the_other():
    shown = []

    class Watching(Criterion):
        reads = ("predicted", "score", "low")

        def judge(self, rounds):
            shown.append(rounds[-1])
            return Verdict(False, "looks on.")

    stop = {"watching": Watching(), "budget": LabelBudget(20)}
    found = compare(X, y, GaussianNB(), [], stop=stop, **{**SHORT, "n_trials": 1})
    watched, budget = found.stopping
    first, third, last = shown[0], shown[2], shown[8]
    assert len(first.predicted) == 30 == first.n_audit and first.n_left == 90 - 9
    assert budget.n_labels.tolist() == [21] and watched.n_labels.tolist() == [57]
    # the mean of both halves of the 60 rows is the metric of the study
    whole = found.scores["random_sampling"][0, -1] - found.scores["random_sampling"][0, 2]
    assert budget.lost[0] == pytest.approx(2 * whole - (last.score - third.score))
    assert budget.lost[0] != pytest.approx(last.score - third.score)


@pytest.mark.parametrize(
    ("stop", "more", "error"),
    [
        ("selected_accuracy", {}, "which a study does not keep"),
        ("kapa", {}, "Did you mean kappa"),
        ("kappa", {"predictions": False}, "were not kept, and criteria read them"),
        ("kappa", {"test": (X[:6], y[:6])}, "6 are too few"),
        (
            "kappa",
            {"scoring": {"mine": lambda model, X, y: 0.5}},
            "the first metric, mine, reads more than predictions",
        ),
    ],
)
def test_what_a_study_cannot_say_is_refused(stop, more, error):
    with pytest.raises((ValueError, StudyError), match=error):
        compare(X, y, GaussianNB(), [], stop=stop, **{**SHORT, "n_rounds": 1, **more})


def test_the_command_line_prints_where_criteria_would_have_stopped(tmp_path):
    given = ["--data", "iris", "--estimator", "logistic", "--n-initial", "9", "--n-instances", "5", "--n-rounds", "3"]
    given += ["--n-trials", "2", "--out", str(tmp_path / "study"), "--stop", "budget:n_labels=19", "--stop", "kappa"]
    shown = CliRunner().invoke(app, ["compare", *given], env={"COLUMNS": "150"})
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.output.split())
    assert "Where criteria would have stopped" in text
    assert (
        "budget:n_labels=19 random_sampling 19 2 of 2" in text and "kappa random_sampling 24 0 of 2 0.0 0.0" in text
    )
    wrong = CliRunner().invoke(app, ["compare", "--stop", "kapa"])
    assert wrong.exit_code and "Did you mean kappa" in wrong.output


def test_kappa_in_a_loop_is_that_of_its_models():
    played = play(StabilizingPredictions(1.0, window=1))
    for before, after in itertools.pairwise(played):
        models = [one.learner.estimator.predict(X[POOL]) for one in (before, after)]
        assert after.verdict.value == pytest.approx(kappa(*models))
    assert isinstance(played[0].observation, Observation)
