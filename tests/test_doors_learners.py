"""Faults at the doors of learners, loop and comparison, each as a kind."""

import pickle
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from made_learners import X0, Recorder, X_pool, unchanged, y0, y_pool
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectFromModel
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skal import ActiveLearner, ActiveLearningClassifier, Committee, compare
from skal.cloning import fresh
from skal.data import take
from skal.encoding import EncodedClassifier, fit_labels
from skal.outputs import InvalidOutput, accepts_nan
from skal.query import core_set, entropy_sampling, expected_error_reduction, margin_sampling, random_sampling

X, y = np.vstack([X0, X_pool]), np.concatenate([y0, y_pool])
HOLES = np.where(np.random.RandomState(0).rand(*X.shape) < 0.2, np.nan, X)
LOGISTIC = LogisticRegression(max_iter=1000)
small_study = partial(compare, n_rounds=1, n_trials=2, n_initial=9, n_instances=3)


class Strict(ClassifierMixin, BaseEstimator):
    """Takes labels 0 to k - 1 and no others, as XGBoost does."""

    def __init__(self, depth=1):
        self.depth = depth

    def fit(self, X, y):
        classes = np.unique(y)
        if classes.dtype.kind not in "iu" or classes.tolist() != list(range(len(classes))):
            raise ValueError(f"Invalid classes inferred from unique values of `y`. Expected: 0..k-1, got {classes}")
        self.model_ = GaussianNB().fit(X, y)
        self.classes_ = classes
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


# --- NaN: the estimator decides, at every door alike.

IMPUTING = make_pipeline(SimpleImputer(), LOGISTIC)
DECIDES = {
    "an estimator that takes none": (LOGISTIC, False),
    "trees": (HistGradientBoostingClassifier(), True),
    "imputer first": (IMPUTING, True),
    "passthrough, then imputer": (make_pipeline("passthrough", SimpleImputer(), LOGISTIC), True),
    "no imputer": (make_pipeline(FeatureUnion([("a", MultinomialNB())]), LOGISTIC), False),
    "columns decide": (make_pipeline(make_column_transformer((SimpleImputer(), [0])), LOGISTIC), True),
    "search of an imputing pipeline": (GridSearchCV(IMPUTING, {}), True),
    "search of one that takes none": (GridSearchCV(LOGISTIC, {}), False),
    "learner": (ActiveLearner(IMPUTING), True),
    "committee": (Committee([ActiveLearner(IMPUTING), ActiveLearner(LOGISTIC)]), False),
    "no estimator": (object(), False),
}


@pytest.mark.parametrize("case", DECIDES)
def test_an_estimator_says_whether_it_takes_nan(case):
    estimator, takes = DECIDES[case]
    assert accepts_nan(estimator) is takes


@pytest.mark.parametrize("kind", [np.array, pd.DataFrame, np.ndarray.tolist], ids=["array", "frame", "list"])
def test_nan_passes_every_door_of_a_pipeline_that_imputes(kind):
    table = kind(HOLES)
    learner = ActiveLearner(IMPUTING, margin_sampling, take(table, range(20)), y[:20], random_state=0)
    indices, rows = learner.query(take(table, range(20, 60)), 3)
    learner.teach(rows, y[20:][indices])
    ActiveLearningClassifier(IMPUTING, n_initial=8, budget=20, random_state=0).fit(table, y)
    small_study(np.asarray(table), y, IMPUTING, ["margin_sampling"])


@pytest.mark.parametrize("kind", [np.array, pd.DataFrame, np.ndarray.tolist, sparse.csr_matrix])
@pytest.mark.parametrize(
    "door",
    [
        lambda X, y: ActiveLearner(LOGISTIC, X_training=X, y_training=y),
        lambda X, y: ActiveLearner(LOGISTIC, X_training=X0, y_training=y0).teach(X, y),
        lambda X, y: Committee([ActiveLearner(LOGISTIC)]).fit(X, y),
        lambda X, y: ActiveLearningClassifier(LOGISTIC).fit(X, y),
    ],
    ids=["learner", "teach", "committee", "loop"],
)
def test_nan_is_refused_alike_with_the_remedy_where_the_estimator_takes_none(door, kind):
    rows = np.flatnonzero(np.isnan(HOLES).any(axis=1))
    message = f"X must be finite.*in {len(rows)} of 60 rows, first row {rows[0]}.*LogisticRegression.*SimpleImputer"
    with pytest.raises(ValueError, match=message):
        door(kind(HOLES), y)


def test_a_column_of_text_does_not_change_what_is_said_of_the_numbers():
    frame = pd.DataFrame({"n": [1.0, np.nan, 3, 4, 5, 6], "t": list("abcdef")})
    model = make_pipeline(make_column_transformer((SimpleImputer(), ["n"])), LOGISTIC)
    for columns in (["n", "t"], ["n"]):
        assert len(ActiveLearner(model, X_training=frame[columns], y_training=[0, 1] * 3).y_training) == 6
        with pytest.raises(ValueError, match="X must be finite.*force_all_finite=True refuses"):
            ActiveLearner(model, X_training=frame[columns], y_training=[0, 1] * 3, force_all_finite=True)


def test_a_later_step_that_refuses_nan_is_named():
    with pytest.raises(ValueError, match=r"ActiveLearner.fit: Pipeline\(LogisticRegression\) refuses NaN.*imputer"):
        ActiveLearner(make_pipeline(StandardScaler(), LOGISTIC), X_training=HOLES, y_training=y)


def test_distances_of_rows_with_nan_name_the_remedy():
    trees = HistGradientBoostingClassifier(max_iter=2).fit(HOLES, y)
    with pytest.raises(InvalidOutput, match="core_set: raw features must be finite.*imputer.*embedding="):
        core_set(trees, HOLES, 3, X_labeled=HOLES[:5])
    assert len(core_set(clone(IMPUTING).fit(HOLES, y), HOLES, 3, X_labeled=HOLES[:5])) == 3


# --- Rows that a query handed out.


def test_equal_rows_of_the_data_are_asked_for_and_taught():
    pool = np.repeat(X_pool[:6], 2, axis=0)
    labels = np.repeat(y_pool[:6], 2)
    learner = ActiveLearner(GaussianNB(), random_sampling, X0, y0, random_state=0)
    rest = np.arange(12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while len(rest):
            indices, rows = learner.query(pool[rest], n_instances=3)
            learner.teach(rows, labels[rest[indices]])
            rest = np.delete(rest, indices)
    assert len(learner.y_training) == 32


@pytest.mark.parametrize("make", [lambda learner: learner, lambda learner: Committee([learner], random_sampling)])
def test_a_row_that_the_caller_offers_twice_is_still_told(make):
    learner = make(ActiveLearner(GaussianNB(), random_sampling, X0, y0, random_state=0))
    indices, rows = learner.query(X_pool, n_instances=3)
    learner.teach(rows, y_pool[indices])
    with pytest.raises(ValueError, match="3 of 3 rows were taught before"):
        learner.teach(rows, y_pool[indices])
    with pytest.raises(ValueError, match="repeated within"):
        learner.teach(np.vstack([X_pool[:1] + 9] * 2), [0, 0])
    copied = pickle.loads(pickle.dumps(learner))
    indices, rows = copied.query(X_pool[indices], n_instances=1)  # the pool still holds them
    with pytest.warns(UserWarning, match="1 of 1 rows that query handed out equal rows taught before"):
        copied.teach(rows, [0])


# --- Labels 0 to k - 1.

LABELS = {
    "a class is absent": np.where(y == 0, 5, y),
    "text": np.array(["ash", "birch", "cedar"])[y],
    "-1 and 1": np.where(y == 0, -1, 1),
    "floats": y + 0.5,
}


@pytest.mark.filterwarnings("ignore:y holds -1, which is treated as a class")
@pytest.mark.parametrize("case", LABELS)
def test_labels_are_encoded_for_an_estimator_that_wants_0_to_k(case):
    labels = LABELS[case] if case != "floats" else np.where(y == 0, -1.0, y)
    expected = GaussianNB().fit(X[:20], labels[:20])
    learner = ActiveLearner(Strict(), margin_sampling, X[:20], labels[:20], random_state=0)
    assert learner.classes_.tolist() == expected.classes_.tolist()
    assert learner.predict(X).tolist() == expected.predict(X).tolist()
    np.testing.assert_array_equal(learner.predict_proba(X), expected.predict_proba(X))
    indices, rows = learner.query(X[20:], n_instances=3)
    assert indices.tolist() == margin_sampling(expected, X[20:], 3, random_state=np.random.RandomState(0)).tolist()
    learner.teach(rows, labels[20:][indices])
    loop = ActiveLearningClassifier(Strict(), n_initial=8, budget=20, random_state=0).fit(X, labels)
    assert set(loop.predict(X)) <= set(labels)
    small_study(X, labels, Strict(), ["margin_sampling"])
    members = [ActiveLearner(Strict(), random_state=seed) for seed in range(3)]
    committee = Committee(members, random_state=0).fit(X, labels, bootstrap=True)
    assert set(committee.predict(X)) <= set(labels)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: make_pipeline(StandardScaler(), model),
        lambda model: GridSearchCV(model, {"depth": [1, 2]}, cv=2),
        lambda model: GridSearchCV(make_pipeline(StandardScaler(), model), {"strict__depth": [1, 2]}, cv=2),
        lambda model: CalibratedClassifierCV(model, cv=2),
        lambda model: BaggingClassifier(model, 3, random_state=0),
    ],
)
def test_labels_are_encoded_inside_of_others(wrap):
    labels = LABELS["text"]
    learner = ActiveLearner(wrap(Strict()), X_training=X, y_training=labels)
    assert learner.classes_.tolist() == ["ash", "birch", "cedar"]
    assert np.mean(learner.predict(X) == labels) > 0.7
    learner.teach(X[:2] + 0.1, labels[:2])


def test_an_encoded_classifier_is_its_estimator_in_all_else():
    model = fit_labels(Strict(depth=3), X, LABELS["text"])
    assert isinstance(model, EncodedClassifier)
    assert model.get_params() == {"depth": 3} and repr(model) == repr(Strict(depth=3))
    assert clone(model.set_params(depth=4)).estimator.depth == 4
    assert model.model_ is model.estimator.model_
    assert pickle.loads(pickle.dumps(model)).predict(X).tolist() == model.predict(X).tolist()
    assert isinstance(fit_labels(Strict(), X, y), Strict)  # it takes these labels as they are
    np.testing.assert_array_equal(
        expected_error_reduction(model, X[:6], 2, X_labeled=X, y_labeled=LABELS["text"], random_state=0),
        expected_error_reduction(GaussianNB().fit(X, y), X[:6], 2, X_labeled=X, y_labeled=y, random_state=0),
    )


def test_an_error_that_no_encoding_mends_is_the_estimators_own():
    class Broken(Strict):
        def fit(self, X, y):
            raise ValueError("no class of this model ever works")

    with pytest.raises(ValueError, match="no class of this model ever works"):
        fit_labels(Broken(), X, LABELS["text"])


def test_xgboost_learns_labels_that_lack_a_class():
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=3, max_depth=2, min_child_weight=0, n_jobs=1)
    for labels in (LABELS["a class is absent"], LABELS["text"], LABELS["-1 and 1"]):
        small_study(X, labels, model, ["margin_sampling"])
        learner = ActiveLearner(model, X_training=X[:20], y_training=labels[:20])
        assert learner.feature_importances_.shape == (4,)
        learner.teach(X[20:22], labels[20:22])
        assert set(learner.predict(X)) <= set(labels)


# --- Classes that come later.


@pytest.mark.parametrize("named", [None, [0, 1, 2]])
@pytest.mark.parametrize(
    "model",
    [
        GaussianNB(),
        SGDClassifier(random_state=0),
        LogisticRegression(warm_start=True, max_iter=1000),
        MLPClassifier(warm_start=True, max_iter=20, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:.*new classes .2.")  # said where none are named, and tested elsewhere
def test_a_class_that_comes_later_is_learnt_by_a_warm_learner(model, named):
    first, later = np.flatnonzero(y < 2), np.flatnonzero(y == 2)
    learner = ActiveLearner(model, X_training=X[first], y_training=y[first], retrain="warm", classes=named)
    with pytest.warns(UserWarning, match=r"cannot learn the classes \[2\].*all 60 rows"):
        learner.teach(X[later], y[later], only_new=True)
    assert learner.classes_.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(
        learner.predict(X), clone(model).fit(X[[*first, *later]], y[[*first, *later]]).predict(X)
    )


# --- Frozen, prefit, and what cannot be cloned.

FITTED = RandomForestClassifier(5, random_state=0).fit(X, y)
FROZEN = {
    "frozen": FrozenEstimator(FITTED),
    "last step": make_pipeline(StandardScaler().set_output(transform="default"), FrozenEstimator(FITTED)),
    "first step": make_pipeline(FrozenEstimator(StandardScaler().fit(X)), LOGISTIC),
    "calibrated": CalibratedClassifierCV(FrozenEstimator(FITTED), cv=2),
    "prefit selection": make_pipeline(SelectFromModel(FITTED, prefit=True), LOGISTIC),
    "prefit stack": StackingClassifier([("a", FITTED), ("b", GaussianNB().fit(X, y))], cv="prefit"),
    "vote with a frozen member": VotingClassifier(
        [("a", FrozenEstimator(FITTED)), ("b", GaussianNB())], voting="soft"
    ),
}


@pytest.mark.parametrize("case", FROZEN)
@pytest.mark.filterwarnings("ignore:.*trained on the labels")
def test_a_frozen_or_prefit_model_works_wherever_an_estimator_does(case):
    model = FROZEN[case]
    learner = ActiveLearner(model, random_sampling, X0, y0, random_state=0)
    indices, rows = learner.query(X_pool, 2)
    learner.teach(rows, y_pool[indices])
    Committee([ActiveLearner(model, random_state=0)]).fit(X0, y0, bootstrap=True).query(X_pool)
    loop = ActiveLearningClassifier(model, random_sampling, n_initial=8, budget=20, random_state=0).fit(X, y)
    assert loop.predict(X).shape == y.shape
    small_study(X, y, model, ["margin_sampling"])
    if case == "frozen":
        assert learner.estimator.estimator is FITTED and loop.predict(X).tolist() == FITTED.predict(X).tolist()


class Doubling(GaussianNB):
    """Changes a parameter in its constructor."""

    def __init__(self, factor=1.0):
        super().__init__()
        self.factor = [factor]


class Forgetting(GaussianNB):
    """Does not keep a parameter."""

    def __init__(self, factor=1.0):
        super().__init__()


@pytest.mark.parametrize("model", [Doubling(), Forgetting()])
@pytest.mark.parametrize(
    "door",
    [
        fresh,
        lambda model: ActiveLearner(model, X_training=X, y_training=y),
        lambda model: ActiveLearningClassifier(model).fit(X, y),
    ],
)
def test_an_estimator_that_cannot_be_cloned_is_told_which_parameter_and_the_way_out(door, model):
    with pytest.raises(TypeError, match=r"(?s)factor.*self\.p = p.*FrozenEstimator"):
        door(model)


# --- Weights.


@pytest.mark.parametrize("given", [None, "before"])
def test_weights_of_new_rows_alone_are_taught(fits, given):
    before = np.linspace(1, 2, 20) if given else np.ones(20)
    learner = ActiveLearner(Recorder())
    learner.fit(X0, y0, **({"sample_weight": before} if given else {}))
    learner.teach(X_pool[:2], y_pool[:2], sample_weight=[5, 6])
    np.testing.assert_array_equal(fits[-1][2], [*before, 5, 6])
    learner.teach(X_pool[2:3], y_pool[2:3])  # a row without a weight has 1
    np.testing.assert_array_equal(fits[-1][2], [*before, 5, 6, 1])
    learner.teach(X_pool[3:4], y_pool[3:4], sample_weight=np.full(24, 3.0))  # for all
    np.testing.assert_array_equal(fits[-1][2], np.full(24, 3.0))
    learner.teach(X_pool[4:5], y_pool[4:5], only_new=True, sample_weight=[7])
    np.testing.assert_array_equal(fits[-1][2], [7])
    learner.teach(X_pool[5:6], y_pool[5:6], bootstrap=True)
    assert len(fits[-1][2]) == 26
    with (
        unchanged(learner),
        pytest.raises(ValueError, match=r"each of the 2 new rows, or for all 28.*got shape \(3,\)"),
    ):
        learner.teach(X_pool[6:8], y_pool[6:8], sample_weight=[1, 2, 3])


def test_weights_of_a_step_and_of_a_committee_are_remembered(fits):
    name = "recorder__sample_weight"
    committee = Committee([ActiveLearner(make_pipeline(StandardScaler(), Recorder())) for _ in range(2)])
    committee.fit(X0, y0, **{name: np.full(20, 2.0)})
    committee.teach(X_pool[:1], y_pool[:1], **{name: [9.0]})
    for _, _, weights in fits[-2:]:
        np.testing.assert_array_equal(weights, [*[2.0] * 20, 9.0])
    committee.rebag()
    assert all(set(weights) <= {2.0, 9.0} for _, _, weights in fits[-2:])


# --- What the estimator has.


def test_a_learner_has_what_its_estimator_has():
    frame = pd.DataFrame(X, columns=list("abcd"))
    learner = ActiveLearner(LOGISTIC, X_training=frame, y_training=y)
    np.testing.assert_array_equal(learner.decision_function(frame), learner.estimator.decision_function(frame))
    np.testing.assert_array_equal(learner.predict_log_proba(frame), learner.estimator.predict_log_proba(frame))
    assert learner.n_features_in_ == 4 and learner.feature_names_in_.tolist() == list("abcd")
    assert learner.coef_ is learner.estimator.coef_
    assert not hasattr(learner, "transform") and not hasattr(learner, "nothing_")
    assert not hasattr(ActiveLearner(GaussianNB()), "decision_function")
    assert not hasattr(ActiveLearner(LOGISTIC), "n_features_in_")
    assert ActiveLearner(StandardScaler().fit(X)).transform(X).shape == X.shape


def test_scorers_that_need_decision_values_read_learner_loop_and_comparison():
    X, y = make_classification(80, 4, random_state=0)
    for model in (ActiveLearner(LinearSVC(), core_set), ActiveLearningClassifier(LinearSVC(), core_set, budget=20)):
        assert np.isfinite(cross_val_score(model, X, y, scoring="roc_auc", cv=3, error_score="raise")).all()
    small_study(X, y, LinearSVC(), ["core_set"], scoring="roc_auc")


# --- Never more than the budget.


def test_a_budget_is_never_exceeded():
    X, y = make_classification(400, 4, n_informative=3, n_redundant=0, weights=[0.985], flip_y=0, random_state=0)
    outcomes = set()
    for seed in range(12):
        loop = ActiveLearningClassifier(GaussianNB(), n_initial=10, budget=30, random_state=seed)
        try:
            assert len(loop.fit(X, y).labeled_indices_) == 30
            outcomes.add("bought")
        except ValueError as error:
            assert "single class" in str(error) and "budget=30" in str(error) and "stratified" in str(error)
            outcomes.add("stopped")
    assert outcomes == {"bought", "stopped"}


# --- Messages: who, what is allowed, what came, the remedy.

MESSAGES = {
    "a bare label": (lambda: taught().teach(X[:1] + 1, "a"), r"teach: y must hold one label.*'a'; pass \['a'\]"),
    "a bare number": (lambda: taught().teach(X[:1] + 1, 1), r"got the bare label 1; pass \[1\]"),
    "a column of labels": (
        lambda: ActiveLearner(Ridge(), X_training=X0, y_training=y0 * 1.0).teach(X_pool[:1], y_pool[:1, None] * 1.0),
        r"teach: y must have shape \(n,\), as taught so far, got \(1, 1\). Pass y.ravel\(\)",
    ),
    "one class": (
        lambda: ActiveLearner(LOGISTIC, X_training=X[y == 0], y_training=y[y == 0]),
        r"fit: LogisticRegression cannot be trained on the labels of a single class: all \d+ are 0.*second class",
    ),
    "a missing label": (
        lambda: taught().teach(X[:2] + 1, [None, None]),
        r"one row needs a label, got 2 missing. Leave rows",
    ),
    "blank text": (
        lambda: ActiveLearner(LOGISTIC, X_training=X[:3], y_training=["", " ", " "]),
        "at least one row needs a label, got 3 missing",
    ),
    "fractions in the loop": (
        lambda: ActiveLearningClassifier().fit(X, np.eye(3)[y] / 2),
        r"a 0 or 1 .*, got .* 0.5",
    ),
    "a metric of one class": (
        lambda: small_study(X, LABELS["text"], LOGISTIC, ["margin_sampling"], scoring="f1"),
        "compare: f1 is of one class.*ash, birch, cedar.*f1_macro",
    ),
    "a class of one row": (
        lambda: small_study(X, np.r_[9, y[1:]], LOGISTIC, ["margin_sampling"]),
        "compare: every class needs at least two rows.*one row of 9",
    ),
    "numbers to predict": (
        lambda: small_study(X, X[:, 0], LOGISTIC, ["margin_sampling"]),
        "compare: y must hold classes, got 60 different numbers.*numpy.digitize",
    ),
}


def taught():
    return ActiveLearner(LOGISTIC, entropy_sampling, X0, y0)


@pytest.mark.parametrize("case", MESSAGES)
def test_a_refusal_says_what_is_allowed_what_came_and_the_remedy(case):
    door, message = MESSAGES[case]
    with pytest.raises(ValueError, match=message):
        door()


def test_a_scorer_without_a_name_is_refused_with_the_form_that_names_it():
    with pytest.raises(ValueError, match=r"compare: scoring needs a name.*\{'profit': scorer\}"):
        small_study(X, y, LOGISTIC, ["margin_sampling"], scoring=lambda model, X, y: 1.0)
    with pytest.raises(TypeError, match="must be one name or several.*got"):
        small_study(X, y, LOGISTIC, ["margin_sampling"], scoring=["accuracy", 3])
