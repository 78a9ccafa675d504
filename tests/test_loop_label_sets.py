"""`ActiveLearningClassifier` and `ActiveLearner` with several labels a row."""

from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator

from skal import ActiveLearner, ActiveLearningClassifier
from skal.annotation import NoisyOracle
from skal.query import core_set, cvirs, max_margin_uncertainty

X, Y = make_multilabel_classification(120, n_features=6, n_classes=4, random_state=0)
ONE_EACH = OneVsRestClassifier(LogisticRegression())


def loop(estimator=None, strategy=max_margin_uncertainty, **options):
    settings = {"n_initial": 15, "n_instances": 15, "budget": 45, "random_state": 0}
    return ActiveLearningClassifier(estimator, strategy, **{**settings, **options})


MODELS = {
    "none": None,
    "one of each label": ONE_EACH,
    "several outputs": MultiOutputClassifier(LogisticRegression()),
    "a chain": ClassifierChain(LogisticRegression()),
    "a forest": RandomForestClassifier(5, random_state=0),
    "a net": MLPClassifier((8,), max_iter=20, random_state=0),
}


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("name", MODELS)
def test_label_sets_are_bought_row_by_row(name):
    model = loop(MODELS[name]).fit(X, Y)
    bought = model.labeled_indices_
    assert len(bought) == len(set(bought.tolist())) == 45
    assert model.predict(X).shape == (120, 4)
    assert model.score(X, Y) == accuracy_score(Y, model.predict(X))
    fresh = OneVsRestClassifier(LogisticRegression(max_iter=1000))
    if name == "none":
        np.testing.assert_array_equal(model.predict(X), fresh.fit(X[bought], Y[bought]).predict(X))


def test_the_same_rows_come_of_lists_frames_and_floats():
    pd = pytest.importorskip("pandas")
    expected = loop().fit(X, Y).labeled_indices_
    for y in (Y.tolist(), pd.DataFrame(Y, columns=[*"abcd"]), Y.astype(float), Y.astype(bool)):
        assert loop().fit(X, y).labeled_indices_.tolist() == expected.tolist()


def test_rows_without_labels_are_never_asked_for():
    partly = Y.astype(float)
    partly[::2] = np.nan
    model = loop().fit(X, partly)
    assert set(model.labeled_indices_ % 2) == {1}
    assert model.score(X, partly) == accuracy_score(Y[1::2], model.predict(X[1::2]))


def test_first_rows_show_every_label_both_ways():
    rare = np.c_[Y, np.arange(120) == 7]
    model = loop(n_initial=5, n_instances=60, budget=120).fit(X, rare)
    first = model.history_[0]["n_labels"]
    labels = rare[model.labeled_indices_[:first]]
    assert first > 5 and (labels.any(axis=0) & ~labels.all(axis=0)).all()
    with pytest.raises(ValueError, match="budget=20 is too small.*applies to all or to none.*leave out labels.*rare"):
        loop(n_initial=5, budget=20).fit(X, rare)


def test_a_strategy_is_measured_by_scikit_learn():
    assert np.isfinite(cross_val_score(loop(strategy=cvirs), X, Y, scoring="f1_micro", cv=2)).all()


CHECKED = ActiveLearningClassifier(ONE_EACH, core_set, n_initial=5, n_instances=15, budget=20, random_state=0)


@pytest.mark.parametrize(
    "check",
    [check for _, check in estimator_checks_generator(CHECKED) if "multilabel" in check.func.__name__],
    ids=lambda check: check.func.__name__,
)
def test_scikit_learns_checks_of_several_labels_pass(check):
    check(clone(CHECKED))


def test_the_tag_is_that_of_the_model_inside():
    for model, several in ((ONE_EACH, True), (RandomForestClassifier(), True), (LogisticRegression(), False)):
        assert get_tags(loop(model)).classifier_tags.multi_label is several


REFUSED = {
    "a model of one class": (
        lambda: loop(LogisticRegression()).fit(X, Y),
        "LogisticRegression does not predict several",
    ),
    "a strategy of classes": (lambda: ActiveLearningClassifier().fit(X, Y), "needs the multilabel strategies"),
    "fractions": (lambda: loop().fit(X, Y / 2), r"a 0 or 1 for each of several labels, .* with 0.5 in it"),
    "one label missing": (lambda: loop().fit(X, np.where(np.eye(120, 4), np.nan, Y)), "labelled or not as a whole"),
    "wrong labels": (
        lambda: loop(oracle=partial(NoisyOracle, rate=0.1)).fit(X, Y),
        "wrong labels are drawn among cla",
    ),
    "balanced classes": (lambda: loop(initial="class_balanced").fit(X, Y), "initial='class_balanced' is for classes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_learned_is_refused(name):
    call, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_one_label_a_row_is_said():
    with pytest.warns(UserWarning, match=r"exactly one label: if these are classes, pass y.argmax"):
        loop(strategy=core_set).fit(X, np.eye(4, dtype=int)[np.arange(120) % 4])


# A learner


def test_labels_that_do_not_differ_are_named():
    same = np.c_[Y, np.zeros(120, int), np.ones(120, int)]
    learner = ActiveLearner(MultiOutputClassifier(LogisticRegression()))
    with pytest.raises(ValueError, match="labels 4, 5 are the same in all 120 rows taught.*OneVsRestClassifier"):
        learner.fit(X, same)
    with pytest.raises(ValueError, match="label 4 is the same in all"):
        learner.fit(X, same[:, :5])
    assert learner.X_training is None


@pytest.mark.filterwarnings("ignore:Label not . is present")
@pytest.mark.parametrize("model", [ONE_EACH, RandomForestClassifier(5, random_state=0)], ids=["one each", "forest"])
def test_a_label_that_nobody_has_yet_is_no_obstacle(model):
    none_yet = np.c_[Y, np.zeros(120, int)]
    learner = ActiveLearner(model, cvirs, X[:40], none_yet[:40], random_state=0)
    rows, _ = learner.query(X[40:], n_instances=5)
    with_it = none_yet[40:][rows]
    with_it[0, 4] = 1
    learner.teach(X[40:][rows], with_it)
    assert learner.predict(X).shape == (120, 5)


def test_fractions_beside_label_sets_are_refused_and_change_nothing():
    learner = ActiveLearner(ONE_EACH, cvirs, X[:40], Y[:40])
    with pytest.raises(
        ValueError, match=r"teach: y must hold a 0 or 1 for each label, as taught so far, got 0.5.*P > 0.5"
    ):
        learner.teach(X[40:42], [[0.5, 0, 1, 1], [0, 0, 0, 1]])
    assert len(learner.X_training) == 40
    with pytest.raises(ValueError, match=r"teach: y must hold a 0 or 1 for each label, .* got shape \(2,\)"):
        learner.teach(X[40:42], Y[40:42, 0])
    with pytest.raises(ValueError, match=r"shape \(n, 4\), as taught so far, got \(2, 3\)"):
        learner.teach(X[40:42], Y[40:42, :3])
