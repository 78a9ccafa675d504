"""A kind of targets of one's own, ordinal grades, written in one file and run through every door."""

from typing import ClassVar

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

import skal
from skal.query import margin_sampling
from skal.report import write_report
from skal.targets import Classes, Targets, forget_kind, kind_of, present_labels, register_kind, targets_of

GRADES = ("low", "mid", "high")


def places(grades):
    return np.array([GRADES.index(grade) for grade in grades])


def kappa(model, X, y):
    """Agree with the truth, steps weighted by their square."""
    return float(cohen_kappa_score(places(y), places(model.predict(X)), weights="quadratic", labels=[0, 1, 2]))


def closeness(model, X, y):
    """Minus the mean number of steps between truth and prediction."""
    return -float(np.abs(places(model.predict(X)) - places(y)).mean())


class Grades(Classes):
    """Grades low < mid < high."""

    name = "grades"
    holds = "grades"
    unit = "grades"
    part = "grade"
    default_metrics = ("kappa", "closeness")

    def recognises(self, y):
        return bool(present := present_labels(y)) and set(present) <= set(GRADES)

    def groups(self, y):
        return np.array(GRADES)

    def strata(self, y):
        """Low grades are rare, so that they make one stratum with the middle ones."""
        return (np.asarray(y) == "high").astype(int)

    def shown(self, label):
        return {"low": "low (1)", "mid": "mid (2)", "high": "high (3)"}[str(label)]

    def metrics(self, classes, names):
        return {"kappa": kappa, "closeness": closeness}


@pytest.fixture
def grades():
    yield register_kind(Grades())
    forget_kind("grades")


rng = np.random.default_rng(0)
X = rng.normal(size=(150, 4))
Y = np.array(GRADES)[np.digitize(X[:, 0] + 0.3 * rng.normal(size=150), [-0.6, 0.6])]
MODEL = LogisticRegression(max_iter=1000)
SMALL = {"n_initial": 15, "n_instances": 10, "n_rounds": 2, "n_trials": 2}


def test_it_is_recognised_by_its_labels_and_nothing_else_is(grades):
    assert kind_of(Y) is grades and kind_of(["low", None, "mid"]) is grades
    for other in (["low", "middling"], [0, 1], [0.5], np.zeros((2, 3, 3), int), [[0, 1], [1, 1]], [None, None]):
        assert kind_of(other) is not grades


def test_a_study_has_its_metrics_strata_counts_and_words(grades):
    found = skal.compare(X, Y, MODEL, ["margin_sampling", "core_set"], **SMALL)
    assert list(found.metrics) == ["kappa", "closeness"] and found.unit == "grades"
    assert found.classes == ["low (1)", "mid (2)", "high (3)"]
    for name, trials in found.picks.items():
        for trial, rounds in enumerate(trials):
            for number, rows in enumerate(rounds):
                expected = [(Y[rows] == grade).sum() for grade in GRADES]
                assert found.picked_classes[name][trial][number].tolist() == expected
    # The metric is that of the class, of a model fitted to the same labels.
    picked = np.concatenate(found.picks["margin_sampling"][0])
    assert found.metrics["kappa"]["margin_sampling"].max() <= 1 and len(picked) == 35
    assert (found.metrics["closeness"]["core_set"] <= 0).all()
    assert len(found.pool_classes[0]) == 3


def test_splits_are_stratified_by_its_strata(grades):
    targets = targets_of(Y)
    found = skal.compare(X, Y, MODEL, ["margin_sampling"], **{**SMALL, "n_trials": 5})
    share = targets.strata.mean()
    assert len(found.pool_classes) == 5 and 0 < share < 1
    for counts in found.pool_classes:  # within one row of the share, in every trial
        assert abs(counts[2] - share * sum(counts)) <= 1


def test_workers_get_to_know_it_and_a_report_is_written(grades, tmp_path):
    alone = skal.compare(X, Y, MODEL, ["margin_sampling"], **SMALL)
    found = skal.compare(X, Y, MODEL, ["margin_sampling"], n_jobs=2, out=tmp_path / "run", **SMALL)
    for name, curves in alone.metrics.items():
        for strategy, values in curves.items():
            assert np.allclose(found.metrics[name][strategy], values)
    write_report(found, tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text()
    assert "kappa" in page and "high (3)" in page and "15 to 35 grades" in page and "Picks per grade" in page


def test_a_folder_of_a_kind_that_is_not_known_here_can_be_read(grades, tmp_path):
    skal.compare(X, Y, MODEL, ["margin_sampling"], out=tmp_path, **SMALL)
    forget_kind("grades")
    found = skal.study.load_comparison(tmp_path)
    assert found.protocol["kind"] == "grades" and list(found.metrics) == ["kappa", "closeness"]


def test_a_study_does_not_go_on_by_another_kind_of_the_same_name(grades, tmp_path):
    skal.compare(X, Y, MODEL, ["margin_sampling"], out=tmp_path, **SMALL)

    class Lumped(Grades):
        def strata(self, y):
            return None

    Lumped.__name__ = "Grades"
    register_kind(Lumped())
    with pytest.raises(skal.study.StudyError, match="The code of kind of targets grades is not that"):
        skal.compare(X, Y, MODEL, ["margin_sampling", "core_set"], out=tmp_path, **SMALL)
    register_kind(Grades())
    grown = skal.compare(X, Y, MODEL, ["margin_sampling", "core_set"], out=tmp_path, **SMALL)
    assert list(grown.picks) == ["random_sampling", "margin_sampling", "core_set"]


def test_a_learner_and_a_classifier_learn_it(grades):
    learner = skal.ActiveLearner(MODEL, margin_sampling, X[:40], Y[:40], random_state=0)
    rows, chosen = learner.query(X[40:], 5)
    learner.teach(chosen, Y[40:][rows])
    assert len(learner.y_training) == 45 and set(learner.predict(X)) <= set(GRADES)
    partly = np.where(np.arange(150) % 3 == 0, None, Y).astype(object)
    model = skal.ActiveLearningClassifier(MODEL, n_initial=10, n_instances=10, budget=40, random_state=0)
    model.fit(X, partly)
    assert len(model.labeled_indices_) == 40 and (model.labeled_indices_ % 3 != 0).all()
    stratified = skal.ActiveLearningClassifier(MODEL, n_initial=10, budget=10, initial="stratified", random_state=0)
    first = stratified.fit(X, Y).labeled_indices_
    assert abs((Y[first] == "high").sum() - 10 * (Y == "high").mean()) <= 1


def test_its_refusals_are_the_studys():
    class Fixed(Grades):
        name = "fixed grades"
        refused: ClassVar = {"initial_left_out": "initial_left_out would leave out a grade"}

    try:
        register_kind(Fixed())
        with pytest.raises(ValueError, match="compare: initial_left_out would leave out a grade"):
            skal.compare(X, Y, MODEL, ["core_set"], initial_left_out=1, **SMALL)
    finally:
        forget_kind("fixed grades")


def test_only_kinds_with_names_of_their_own_are_registered():
    with pytest.raises(TypeError, match="register_kind: an object of a class of .*TargetKind"):
        register_kind(Grades)
    with pytest.raises(ValueError, match="a name|must be one that skal does not have"):
        register_kind(Classes())
    forget_kind("classes")
    assert isinstance(targets_of([0, 1]), Targets) and kind_of([0, 1]).name == "classes"
