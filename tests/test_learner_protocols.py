"""ActiveLearner and Committee as estimators: scikit-learn's checks, attributes, parameters, seeds, weights."""

import pickle
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import sklearn
from made_learners import X0, X, X_pool, first_column, y, y0, y_pool
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import has_fit_parameter

from skal import ActiveLearner, BayesianOptimizer, Committee, CommitteeRegressor

# What modAL's contract forbids, check by check.
ROWS_ARE_TRAINED_AT_ONCE = "the constructor trains on rows that it is given, and refuses what makes no sense"
MEMBERS_ARE_TAUGHT_IN_PLACE = "members are learners of their own, which a committee teaches in place"
_AT_ONCE = {"check_do_not_raise_errors_in_init_or_set_params": ROWS_ARE_TRAINED_AT_ONCE}
_IN_PLACE = {**_AT_ONCE, "check_estimators_overwrite_params": MEMBERS_ARE_TAUGHT_IN_PLACE}


def learner_of(model=None, **parameters):
    return ActiveLearner(LogisticRegression() if model is None else model, **parameters)


def committee_of(*models, **parameters):
    return Committee([learner_of(model) for model in models or (None, None)], **parameters)


def name_of_check(check):
    return getattr(check, "func", check).__name__


# A committee of learners, and one of models: the rooms of both committees share their code.
CHECKS = [
    pytest.param(estimator, check, expected, id=f"{type(estimator).__name__}-{i}-{name_of_check(check)}")
    for model, expected in (
        (learner_of(), _AT_ONCE),
        (committee_of(), _IN_PLACE),
        (CommitteeRegressor([Ridge(), Ridge()]), _AT_ONCE),
        (BayesianOptimizer(Ridge()), _AT_ONCE),
    )
    for i, (estimator, check) in enumerate(estimator_checks_generator(model))
]


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")  # of labels that are infinite
@pytest.mark.parametrize(("estimator", "check", "expected"), CHECKS)
def test_scikit_learns_checks_pass_but_for_those_that_modals_contract_forbids(estimator, check, expected):
    if name_of_check(check) in expected:
        with pytest.raises((AssertionError, TypeError, ValueError)):
            check(estimator)
    else:
        check(estimator)


# --- The estimator that was given, and the fitted one.


class TestTheEstimatorThatWasGiven:
    def test_stays_the_parameter_and_the_attribute_is_the_fitted_one(self):
        model = RandomForestClassifier(3)
        learner = learner_of(model, random_state=0).fit(X0, y0)
        assert learner.get_params()["estimator"] is model
        assert learner.estimator is not model
        assert learner.estimator.classes_.tolist() == [0, 1, 2]
        assert not hasattr(clone(learner).estimator, "classes_")

    def test_is_the_fitted_one_where_a_fitted_one_was_given(self):
        model = GaussianNB().fit(X0, y0)
        assert learner_of(model).estimator is model

    @pytest.mark.parametrize("teach", [False, True])
    def test_is_replaced_by_assignment(self, teach):
        learner = learner_of().fit(X0, y0)
        learner.estimator = GaussianNB()
        if teach:
            learner.teach(X_pool[:3], y_pool[:3])
        assert isinstance(learner.estimator, GaussianNB)
        assert isinstance(learner.get_params()["estimator"], GaussianNB)

    def test_a_setting_of_the_learner_is_seen_at_once_and_the_users_object_stays(self):
        model = LogisticRegression(C=1.0)
        learner = learner_of(model).fit(X0, y0).set_params(estimator__C=7.0)
        assert (learner.estimator.C, learner.get_params()["estimator__C"], model.C) == (7.0, 7.0, 1.0)

    @pytest.mark.parametrize("pickled", [False, True])
    def test_a_setting_changed_on_the_fitted_one_is_kept_as_modals_users_expect(self, pickled):
        pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(3))
        learner = learner_of(pipeline, random_state=0).fit(X0, y0)
        if pickled:
            learner = pickle.loads(pickle.dumps(learner))
        learner.estimator.set_params(randomforestclassifier__n_estimators=2)
        for known in (clone(learner), learner):
            assert known.get_params()["estimator__randomforestclassifier__n_estimators"] == 2
        for at in (0, 3):
            learner.teach(X_pool[at : at + 3], y_pool[at : at + 3])
            assert len(learner.estimator[-1].estimators_) == 2
        assert clone(learner).get_params()["estimator__randomforestclassifier__random_state"] is None
        assert pipeline[-1].n_estimators == 3

    def test_a_step_replaced_in_the_fitted_one_is_kept(self):
        learner = learner_of(make_pipeline(StandardScaler(), LogisticRegression())).fit(X0, y0)
        learner.estimator.set_params(logisticregression=GaussianNB())
        learner.teach(X_pool[:3], y_pool[:3])
        assert isinstance(learner.estimator[-1], GaussianNB)

    def test_arguments_of_fit_are_changed_by_set_params(self):
        learner = learner_of(GaussianNB(), sample_weight=None).set_params(sample_weight=np.ones(20))
        assert learner.fit_kwargs["sample_weight"].sum() == 20


# --- Attributes of a fitted estimator.


@pytest.mark.parametrize("make", [learner_of, committee_of])
def test_columns_are_known_once_it_is_fitted(make):
    frame, model = pd.DataFrame(X, columns=list("abcd")), make()
    assert not hasattr(model, "n_features_in_")
    assert not hasattr(model, "feature_names_in_")
    model.fit(frame, y)
    assert model.n_features_in_ == 4
    assert model.feature_names_in_.tolist() == list("abcd")
    assert (
        StackingClassifier([("a", model)], cv=2).fit(frame, y).get_feature_names_out()[0] == "stackingclassifier_a0"
    )
    assert CalibratedClassifierCV(model, cv=2).fit(frame, y).n_features_in_ == 4


def test_a_committee_has_the_logarithm_of_its_mean_probability_and_no_decision_function():
    committee = committee_of(GaussianNB(), LogisticRegression()).fit(X0, y0)
    np.testing.assert_allclose(np.exp(committee.predict_log_proba(X)), committee.predict_proba(X))
    certain = committee_of(KNeighborsClassifier(1)).fit(X0, y0).predict_log_proba(X0)
    assert set(np.unique(certain)) == {-np.inf, 0.0}
    assert not hasattr(committee, "decision_function")
    assert not hasattr(committee_of(SGDClassifier()), "predict_log_proba")


@pytest.mark.parametrize(("takes", "models"), [(True, (None, None)), (False, (None, GaussianNB()))])
def test_a_committee_takes_sparse_rows_where_all_members_do(takes, models):
    committee = committee_of(*models)
    members_take = all(get_tags(member).input_tags.sparse for member in committee)
    assert get_tags(committee).input_tags.sparse is members_take
    assert takes or not members_take  # scikit-learn 1.6 says of fewer models that they take sparse rows
    if members_take:
        committee.fit(sparse.csr_array(X0), y0)
        np.testing.assert_array_equal(committee.predict(sparse.csr_array(X)), committee.predict(X))


def test_no_rows_are_refused_as_the_members_refuse_them():
    with pytest.raises(ValueError, match="0 sample"):
        committee_of().fit(X0, y0).predict(X0[:0])


# --- Parameters of members.


class TestParametersOfMembers:
    def test_all_are_set_at_once_or_one_by_one(self):
        committee = committee_of().set_params(estimator__C=3.0)
        assert [learner.estimator.C for learner in committee] == [3.0, 3.0]
        committee.set_params(**{"1__estimator__C": 5.0, "on_transformed": True})
        assert [learner.estimator.C for learner in committee] == [3.0, 5.0]
        assert committee.on_transformed is True

    def test_are_listed_and_shared_ones_by_the_short_name(self):
        params = committee_of(LogisticRegression(C=2.0), LogisticRegression(C=3.0, max_iter=7)).get_params()
        assert (params["0__estimator__C"], params["1__estimator__C"]) == (2.0, 3.0)
        assert "estimator__C" not in params
        assert "estimator__max_iter" not in params
        assert params["estimator__tol"] == 1e-4
        assert not any("__" in name for name in committee_of().get_params(deep=False))

    @pytest.mark.parametrize("name", ["C", "2__estimator__C", "0", "-1__retrain", "member__C"])
    def test_that_do_not_exist_are_refused(self, name):
        with pytest.raises(ValueError, match=f"there is no parameter '{name}'; it has"):
            committee_of().set_params(**{name: 1})

    def test_tune_a_committee(self):
        search = GridSearchCV(committee_of(), {"estimator__C": [1e-6, 1.0], "1__estimator__max_iter": [200]}, cv=2)
        search.fit(X, y)
        assert [learner.estimator.C for learner in search.best_estimator_] == [1.0, 1.0]
        assert [learner.estimator.max_iter for learner in search.best_estimator_] == [100, 200]


# --- Seeds.


class TestSeeds:
    @pytest.mark.parametrize("make", [learner_of, committee_of])
    @pytest.mark.parametrize(
        "seed", ["seed", -1, 0.5, np.random.default_rng(0)], ids=lambda seed: type(seed).__name__
    )
    def test_that_scikit_learn_does_not_take_are_refused(self, make, seed):
        name = "Committee" if make is committee_of else "ActiveLearner"
        with pytest.raises(
            ValueError, match=rf"{name}: random_state must be an int from 0 .* In the place of a numpy"
        ):
            make(random_state=seed).fit(X0, y0)
        model = make().fit(X0, y0).set_params(random_state=seed)
        for call in (lambda: model.query(X_pool), lambda: model.teach(X_pool[:1], y_pool[:1])):
            with pytest.raises(ValueError, match="random_state must be"):
                call()

    def test_an_int_draws_the_same_at_every_fit_and_a_generator_anew(self):
        def drawn(learner):
            return [learner.fit(X0, y0, bootstrap=True).estimator.random_state for _ in range(3)]

        forest = RandomForestClassifier(1)
        assert len(set(drawn(learner_of(forest, random_state=0)))) == 1
        assert len(set(drawn(learner_of(forest, random_state=np.random.RandomState(0))))) == 3
        assert learner_of(forest, random_state=0).fit(X0, y0).get_params()["estimator__random_state"] is None

    def test_teaching_goes_on_drawing(self):
        learner = learner_of(RandomForestClassifier(1), random_state=0).fit(X0, y0)
        seeds = {learner.estimator.random_state}
        for at in range(2):
            learner.teach(X_pool[at : at + 1], y_pool[at : at + 1])
            seeds.add(learner.estimator.random_state)
        assert len(seeds) == 3


# --- Weights of rows.


class Seen(GaussianNB):
    """Writes down the weights of each fit of any of its copies."""

    weights: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None):
        Seen.weights.append(None if sample_weight is None else np.asarray(sample_weight).tolist())
        return super().fit(X, y, sample_weight)


@pytest.fixture
def seen():
    Seen.weights.clear()
    return Seen.weights


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


WEIGHTS = np.linspace(0.5, 2.0, 20)


class TestWeights:
    @pytest.mark.parametrize("make", [learner_of, committee_of])
    def test_are_a_parameter_of_fit_where_the_model_takes_them(self, make):
        assert has_fit_parameter(make(GaussianNB()), "sample_weight")
        assert not has_fit_parameter(make(KNeighborsClassifier()), "sample_weight")
        assert not has_fit_parameter(committee_of(GaussianNB(), KNeighborsClassifier()), "sample_weight")

    @pytest.mark.parametrize("make", [learner_of, committee_of])
    def test_reach_the_model_in_a_boosted_or_bagged_learner(self, make, seen):
        AdaBoostClassifier(make(Seen()), n_estimators=1).fit(X0, y0)
        assert seen
        assert None not in seen
        BaggingClassifier(make(KNeighborsClassifier()), 2).fit(X0, y0)

    @pytest.mark.parametrize("make", [learner_of, committee_of])
    def test_are_routed_where_they_were_requested(self, make, seen, routing):
        model = make(Seen().set_fit_request(sample_weight=True))
        accuracy = get_scorer("accuracy").set_score_request(sample_weight=True)
        for inside in (model, make_pipeline(FunctionTransformer(), model)):
            seen.clear()
            cross_validate(inside, X, y, cv=2, params={"sample_weight": np.ones(60)}, scoring=accuracy)
            assert seen
            assert None not in seen

    @pytest.mark.parametrize("make", [learner_of, committee_of])
    def test_are_dropped_or_refused_as_the_model_says(self, make, seen, routing):
        with pytest.raises(UnsetMetadataPassedError):
            make(Seen()).fit(X0, y0, sample_weight=WEIGHTS)
        make(Seen().set_fit_request(sample_weight=False)).fit(X0, y0)
        assert set(map(str, seen)) == {"None"}

    @pytest.mark.parametrize("make", [learner_of, committee_of])
    @pytest.mark.parametrize("fitted", [False, True])
    def test_are_requested_through_the_outer_one(self, make, fitted, seen, routing):
        model = make(Seen())
        model = model.fit(X0, y0) if fitted else model
        seen.clear()
        model.set_fit_request(sample_weight=True)
        model.fit(X0, y0, sample_weight=WEIGHTS)
        model.teach(X_pool[:1], y_pool[:1], sample_weight=[3.0])
        n = len(model) if make is committee_of else 1
        assert seen == [WEIGHTS.tolist()] * n + [[*WEIGHTS.tolist(), 3.0]] * n
        clone(model).fit(X0, y0, sample_weight=WEIGHTS)
        assert seen[-1] == WEIGHTS.tolist()

    def test_of_another_name_are_those_of_the_model(self, seen, routing):
        learner = learner_of(Seen().set_fit_request(sample_weight="cost"))
        learner.fit(X0, y0, cost=WEIGHTS)
        learner.teach(X_pool[:1], y_pool[:1], cost=[3.0])
        assert seen[-1] == [*WEIGHTS.tolist(), 3.0]

    def test_of_a_score_are_routed_to_the_models_own(self, routing):
        learner = learner_of(GaussianNB()).set_score_request(sample_weight=True).fit(X0, y0)
        weights = np.where(learner.predict(X) == y, 1.0, 0.0)
        assert learner.score(X, y, sample_weight=weights) == 1.0

    def test_requests_are_none_of_a_model_that_takes_nothing(self):
        assert not hasattr(learner_of(FunctionTransformer(first_column)), "set_score_request")


def test_a_learner_pickled_by_an_earlier_version_keeps_what_it_was_taught():
    X, y = np.arange(8.0)[:, None], np.arange(8) % 2
    learner = ActiveLearner(LogisticRegression(), X_training=X, y_training=y)
    earlier = {name: value for name, value in vars(learner).items() if name != "missing_label"}
    for name in ("X_training", "y_training"):
        earlier[name] = earlier.pop(f"_{name}")
    restored = ActiveLearner.__new__(ActiveLearner)
    restored.__setstate__({**earlier, "fit_kwargs": {"sample_weight": None}})
    assert restored.missing_label == "auto" and (restored.predict(X) == learner.predict(X)).all()
    restored.teach(X + 10, y)
    assert len(restored.y_training) == 16 and restored.get_params()["sample_weight"] is None
