"""Folds, scorers and plain classifiers of partly labelled rows, inside scikit-learn's searches and its routing."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import accuracy_score, fbeta_score, get_scorer, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from skal import ActiveLearner, LabeledKFold, LabeledOnlyClassifier, masked_scorer
from skal.labels import learns_from_unlabeled
from skal.semi_supervised import UDAClassifier

X, CLASSES = load_iris(return_X_y=True)
rng = np.random.default_rng(0)
ORDER = rng.permutation(len(X))
X, CLASSES = X[ORDER] + rng.normal(0, 0.4, X.shape), CLASSES[ORDER]  # overlapping: scores differ
PARTLY = np.where(np.arange(150) % 3 == 0, np.nan, CLASSES)
LABELED = np.flatnonzero(~np.isnan(PARTLY))
WEIGHTS = rng.random(150) + 0.1
GROUPS = np.arange(150) % 4


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def only(model=None):
    return LabeledOnlyClassifier(GaussianNB() if model is None else model)


# Folds


@pytest.mark.parametrize("cv", [GroupKFold(2), LeaveOneGroupOut()])
def test_folds_request_groups_as_their_splitter_does(routing, cv):
    got = cross_val_score(only(), X, PARTLY, cv=LabeledKFold(cv), scoring=masked_scorer(), params={"groups": GROUPS})
    expected = cross_val_score(GaussianNB(), X[LABELED], CLASSES[LABELED], cv=cv, params={"groups": GROUPS[LABELED]})
    assert got.tolist() == expected.tolist() and len(set(got)) > 1


def test_folds_without_groups_refuse_them_as_their_splitter_does(routing):
    for cv in (LabeledKFold(3), LabeledKFold(KFold(3))):
        with pytest.raises(TypeError, match=r"unexpected argument\(s\) {'groups'}"):
            cross_val_score(only(), X, PARTLY, cv=cv, params={"groups": GROUPS})
        assert not hasattr(cv, "set_split_request")


def test_groups_by_another_name(routing):
    splitter = GroupKFold(2)
    cv = LabeledKFold(splitter).set_split_request(groups="patients")
    for folds in (cv, clone(cv, safe=False), pickle.loads(pickle.dumps(cv))):
        got = cross_val_score(only(), X, PARTLY, cv=folds, scoring=masked_scorer(), params={"patients": GROUPS})
        assert len(got) == 2
    assert splitter.get_metadata_routing().split.requests == {"groups": True}, "what was given stays as it was"


# Scorers


def test_a_scorer_requests_weights_and_they_are_those_of_the_labelled_rows(routing):
    inner = get_scorer("accuracy")
    scorer = masked_scorer(inner).set_score_request(sample_weight=True)
    plain = get_scorer("accuracy").set_score_request(sample_weight=True)
    model = only().set_params(estimator=GaussianNB().set_fit_request(sample_weight=False))
    got = cross_val_score(
        model, X, PARTLY, cv=LabeledKFold(3), scoring=scorer, params={"sample_weight": WEIGHTS}, error_score="raise"
    )
    expected = cross_val_score(
        GaussianNB().set_fit_request(sample_weight=False),
        X[LABELED],
        CLASSES[LABELED],
        cv=3,
        scoring=plain,
        params={"sample_weight": WEIGHTS[LABELED]},
    )
    assert got.tolist() == expected.tolist()
    assert inner.get_metadata_routing().score.requests.get("sample_weight") is None, "what was given stays as it was"
    with pytest.raises((UnsetMetadataPassedError, TypeError)):
        cross_val_score(
            model, X, PARTLY, cv=LabeledKFold(3), scoring=masked_scorer(), params={"sample_weight": WEIGHTS}
        )


def of_rows(y_true, y_pred, cost):
    return float(np.sum(cost * (np.asarray(y_true) != y_pred)))


def test_any_metadata_of_a_row_is_cut_to_the_labelled_rows(routing):
    scorer = masked_scorer(make_scorer(of_rows)).set_score_request(cost=True)
    model = GaussianNB().fit(X, CLASSES)
    wrong = (model.predict(X) != CLASSES)[LABELED]
    for cost in (WEIGHTS, WEIGHTS.tolist(), pd.Series(WEIGHTS, index=ORDER)):
        assert scorer(model, X, PARTLY, cost=cost) == pytest.approx(WEIGHTS[LABELED][wrong].sum())
    assert scorer(model, X, PARTLY, cost=2.0) == pytest.approx(2 * wrong.sum())


def test_thresholds_are_tuned_as_with_the_plain_scorer():
    data, target = load_breast_cancer(return_X_y=True)
    data, target = data[::3, :4], target[::3]
    thresholds = {
        TunedThresholdClassifierCV(GaussianNB(), scoring=scoring, cv=3, thresholds=20)
        .fit(data, target)
        .best_threshold_
        for scoring in ("f1", masked_scorer("f1"), masked_scorer(masked_scorer("f1")))
    }
    assert len(thresholds) == 1


def test_the_metric_of_a_masked_scorer_leaves_unlabelled_rows_out():
    scorer = masked_scorer(make_scorer(fbeta_score, beta=2, greater_is_better=False))
    assert (scorer._sign, scorer._kwargs, scorer._response_method) == (-1, {"beta": 2}, "predict")
    y, predicted = np.array([1, None, 0, 1, None], dtype=object), np.array([1, 1, 1, 0, 0])
    expected = fbeta_score([1, 0, 1], [1, 1, 0], beta=2, sample_weight=[1, 3, 4])
    assert scorer._score_func(y, predicted, beta=2, sample_weight=np.arange(1, 6)) == expected
    own = masked_scorer(lambda estimator, X, y: 1.0)
    assert not hasattr(own, "_score_func") and not hasattr(own, "set_score_request")


def test_a_metric_is_no_scorer():
    with pytest.raises(ValueError, match="make_scorer"):
        masked_scorer(accuracy_score)


def test_a_regression_of_scikit_learn_selects_by_a_masked_scorer():
    ways = [
        LogisticRegressionCV(Cs=[1e-4, 1.0], cv=3, scoring=scoring, max_iter=500)
        for scoring in ("accuracy", masked_scorer())
    ]
    first, second = (way.fit(X, CLASSES) for way in ways)
    assert np.array_equal(first.coef_, second.coef_)


def test_several_scorers_with_weights_in_worker_processes(routing):
    scoring = {
        "plain": masked_scorer("accuracy").set_score_request(sample_weight=False),
        "weighted": masked_scorer("accuracy").set_score_request(sample_weight=True),
    }
    model = only(GaussianNB().set_fit_request(sample_weight=True))
    ways = [
        cross_validate(
            model,
            X,
            PARTLY,
            cv=LabeledKFold(2),
            scoring=scoring,
            params={"sample_weight": WEIGHTS},
            n_jobs=jobs,
            error_score="raise",
        )
        for jobs in (1, 2)
    ]
    assert ways[0]["test_weighted"].tolist() == ways[1]["test_weighted"].tolist() != ways[0]["test_plain"].tolist()


def test_copies_of_a_scorer_and_of_folds_are_as_good_and_say_what_they_are():
    model = GaussianNB().fit(X, CLASSES)
    for scorer in (masked_scorer("f1_macro"), masked_scorer(make_scorer(accuracy_score), -1)):
        for copied in (pickle.loads(pickle.dumps(scorer)), clone(scorer, safe=False)):
            assert repr(copied) == repr(scorer) and copied(model, X, CLASSES) == scorer(model, X, CLASSES)
    cv = LabeledKFold(GroupKFold(2))
    assert repr(clone(cv, safe=False)) == repr(cv)
    both = Parallel(n_jobs=2)(delayed(LabeledKFold.get_n_splits)(cv, X, PARTLY, GROUPS) for _ in range(2))
    assert both == [2, 2]


# Plain classifiers


@pytest.mark.parametrize(
    "model",
    [only(LogisticRegression(max_iter=500)), only(KNeighborsClassifier()), only(LinearDiscriminantAnalysis())],
    ids=lambda model: type(model.estimator).__name__,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_it_passes_the_checks_of_scikit_learn_around(model):
    check_estimator(model)


@pytest.mark.parametrize("y", [PARTLY, [None if np.isnan(v) else int(v) for v in PARTLY], pd.Series(PARTLY, ORDER)])
def test_it_is_the_fit_of_the_labelled_rows(y):
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = only(LinearDiscriminantAnalysis()).set_output(transform="pandas").fit(frame, y)
    plain = LinearDiscriminantAnalysis().fit(X[LABELED], CLASSES[LABELED])
    assert np.array_equal(model.coef_, plain.coef_) and np.array_equal(model.predict(frame), plain.predict(X))
    for method in ("predict_proba", "predict_log_proba", "decision_function"):
        assert np.array_equal(getattr(model, method)(frame), getattr(plain, method)(X))
    features = model.transform(frame)
    assert features.columns.tolist() == model.get_feature_names_out().tolist() and len(features) == 150
    assert model.classes_.dtype.kind == "i" and model.n_features_in_ == 4
    assert model.feature_names_in_.tolist() == list("abcd")
    assert model.score(frame, y) == plain.score(X[LABELED], CLASSES[LABELED]) < 1


def test_it_has_what_its_estimator_has():
    assert not hasattr(only(), "transform") and not hasattr(only(), "decision_function")
    assert hasattr(only(LogisticRegression()), "decision_function")
    assert not hasattr(only(), "theta_") and not hasattr(only(), "partial_fit")
    with pytest.raises(AttributeError, match="LabeledOnlyClassifier.*thetas_"):
        _ = only().fit(X, PARTLY).thetas_
    copied = pickle.loads(pickle.dumps(only().fit(X, PARTLY)))
    assert copied.theta_.shape == (3, 4)
    assert not hasattr(clone(copied), "theta_")
    with pytest.raises(ValueError, match="at least one row must be labelled"):
        only().fit(X, np.full(150, np.nan))


def test_weights_are_those_of_the_labelled_rows():
    plain = GaussianNB().fit(X[LABELED], CLASSES[LABELED], WEIGHTS[LABELED])
    for given in (WEIGHTS, WEIGHTS.tolist()):
        model = only().fit(X, PARTLY, sample_weight=given)
        assert np.array_equal(model.theta_, plain.theta_)
        assert model.score(X, PARTLY, sample_weight=given) == plain.score(
            X[LABELED], CLASSES[LABELED], WEIGHTS[LABELED]
        )
    with pytest.raises(TypeError, match="sample_weight"):
        only(KNeighborsClassifier()).fit(X, PARTLY, sample_weight=WEIGHTS)


def test_routed_weights_go_where_they_are_requested(routing):
    wants = GaussianNB().set_fit_request(sample_weight=True)
    model = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), only(wants))
    rows = StandardScaler().fit(X).transform(X)[LABELED]
    expected = GaussianNB().fit(rows, CLASSES[LABELED], WEIGHTS[LABELED])
    assert np.array_equal(model.fit(X, PARTLY, sample_weight=WEIGHTS)[-1].theta_, expected.theta_)
    with pytest.raises(UnsetMetadataPassedError):
        only().fit(X, PARTLY, sample_weight=WEIGHTS)
    with pytest.raises(TypeError, match="not routed to any object"):
        only(GaussianNB().set_fit_request(sample_weight=False)).fit(X, PARTLY, sample_weight=WEIGHTS)


def test_a_request_belongs_to_the_estimator_inside(routing):
    with pytest.raises(AttributeError, match="set_score_request.*estimator inside"):
        only().set_score_request(sample_weight=True)
    weighted = only(GaussianNB().set_fit_request(sample_weight=True).set_score_request(sample_weight=True))
    got = cross_val_score(weighted, X, PARTLY, cv=LabeledKFold(3), params={"sample_weight": WEIGHTS})
    plain, right = GaussianNB(), []
    for train, test in LabeledKFold(3).split(X, PARTLY):
        known = np.intersect1d(train, LABELED)
        plain.fit(X[known], CLASSES[known], WEIGHTS[known])
        right.append(plain.score(X[test], CLASSES[test], WEIGHTS[test]))
    np.testing.assert_allclose(got, right)


def test_ensembles_of_scikit_learn_see_whether_it_takes_weights():
    AdaBoostClassifier(only(), n_estimators=2).fit(X, CLASSES)
    BaggingClassifier(only(KNeighborsClassifier()), n_estimators=2).fit(X, CLASSES)
    with pytest.raises(ValueError, match="doesn't support sample_weight"):
        AdaBoostClassifier(only(KNeighborsClassifier()), n_estimators=2).fit(X, CLASSES)


def test_plain_and_semi_supervised_classifiers_stand_in_one_search():
    uda = UDAClassifier(max_steps=5, random_state=0)
    search = GridSearchCV(
        Pipeline([("scale", StandardScaler()), ("model", uda)]),
        {"model": [only(LogisticRegression()), only(KNeighborsClassifier(3)), uda]},
        cv=LabeledKFold(2),
        scoring=masked_scorer(),
        error_score="raise",
    ).fit(X, PARTLY)
    scores = search.cv_results_["mean_test_score"]
    scaled = StandardScaler().fit_transform(X)
    assert scores[0] == pytest.approx(
        cross_val_score(LogisticRegression(), scaled[LABELED], CLASSES[LABELED], cv=2).mean(), abs=0.02
    )
    assert search.best_estimator_.predict(X).shape == (150,) and scores.argmax() == search.best_index_


def test_it_is_no_model_that_learns_from_unlabelled_rows_whatever_is_inside():
    assert not learns_from_unlabeled(only(UDAClassifier()))
    learner = ActiveLearner(only(), X_training=X[LABELED], y_training=CLASSES[LABELED])
    assert len(learner.query(X, n_instances=2)[0]) == 2


def test_objects_that_hold_numbers_are_numbers_with_and_without_a_gap():
    X, y = np.arange(6.0)[:, None], np.array([0, 1, 0, 1, 0, 1], dtype=object)
    whole = LabeledOnlyClassifier(LogisticRegression()).fit(X, y)
    y_with_a_gap = y.copy()
    y_with_a_gap[5] = None
    partly = LabeledOnlyClassifier(LogisticRegression()).fit(X, y_with_a_gap)
    assert whole.classes_.dtype.kind == partly.classes_.dtype.kind == "i"
