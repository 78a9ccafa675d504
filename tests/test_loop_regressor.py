"""The loop as one regressor: scikit-learn's own checks, the rounds of the functions beneath, and its refusals."""

from inspect import signature

import numpy as np
import pytest
from sklearn.base import is_regressor
from sklearn.datasets import make_regression
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import BayesianRidge, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from skal import ActiveLearner, ActiveLearningClassifier, ActiveLearningRegressor
from skal.annotation import Oracle
from skal.loop import rounds
from skal.query import bmdal, gsx, igs, max_std_sampling, uncertainty_sampling

X, y = make_regression(120, 5, noise=3.0, random_state=0)
FEW = {"n_initial": 8, "n_instances": 4, "budget": 20, "random_state": 0}


def own_checks():
    for estimator, check in estimator_checks_generator(ActiveLearningRegressor(random_state=0)):
        what = ",".join(f"{key}={value}" for key, value in check.keywords.items())
        yield pytest.param(estimator, check, id=f"{check.func.__name__}({what})")


@pytest.mark.parametrize(("estimator", "check"), list(own_checks()))
def test_scikit_learns_own_checks_pass_without_exception(estimator, check):
    check(estimator)


def test_it_learns_from_what_it_asked_for_and_from_nothing_else():
    model = ActiveLearningRegressor(Ridge(), igs, **FEW).fit(X, y)
    assert len(model.labeled_indices_) == 20 == len(set(model.labeled_indices_))
    assert [line["n_labels"] for line in model.history_] == [8, 12, 16, 20]
    by_hand = Ridge().fit(X[model.labeled_indices_], y[model.labeled_indices_])
    np.testing.assert_allclose(model.predict(X), by_hand.predict(X))
    assert is_regressor(model) and model.score(X, y) == pytest.approx(by_hand.score(X, y))
    assert not hasattr(model, "classes_") and not hasattr(model, "predict_proba")


def test_its_settings_are_those_of_the_classifier_but_for_one_default():
    mine, other = (signature(kind).parameters for kind in (ActiveLearningRegressor, ActiveLearningClassifier))
    assert list(mine) == list(other)
    assert [name for name in mine if mine[name].default is not other[name].default] == ["query_strategy"]
    assert ActiveLearningRegressor().query_strategy is bmdal
    assert ActiveLearningClassifier().query_strategy is uncertainty_sampling
    assert all(name in ActiveLearningRegressor.__doc__ for name in mine)


def test_its_rounds_are_those_of_the_loop():
    model = ActiveLearningRegressor(BayesianRidge(), max_std_sampling, **FEW).fit(X, y)
    seed = int(np.random.RandomState(0).randint(np.iinfo(np.int32).max))
    first = model.history_[0]["picked"]
    steps = rounds(
        BayesianRidge(), X, Oracle(y), max_std_sampling, first, n_instances=4, n_labels=20, random_state=seed
    )
    for step, line in zip(steps, model.history_, strict=True):
        np.testing.assert_array_equal(step.picked, line["picked"])


def test_it_is_searched_and_cross_validated():
    steps = make_pipeline(StandardScaler(), Ridge())
    model = ActiveLearningRegressor(steps, **{**FEW, "budget": 40})
    assert cross_val_score(model, X, y).mean() > 0.9
    grid = {"estimator__ridge__alpha": [0.1, 1e4], "query_strategy": [igs, gsx]}
    search = GridSearchCV(model.set_params(budget=12), grid, cv=2).fit(X, y)
    assert search.best_params_["estimator__ridge__alpha"] == 0.1


def test_a_model_that_says_how_sure_it_is_says_so_through_the_loop():
    process = make_pipeline(StandardScaler(), GaussianProcessRegressor(alpha=0.1, optimizer=None))
    model = ActiveLearningRegressor(process, "max_std_sampling", **FEW).fit(X, y)
    mean, std = model.predict(X[:5], return_std=True)
    np.testing.assert_allclose(mean, model.estimator_.predict(X[:5]))
    assert (std > 0).all()


def test_rows_without_a_number_are_never_asked_for_nor_scored():
    gaps = np.where(np.arange(120) % 3 == 0, np.nan, y)
    model = ActiveLearningRegressor(Ridge(), **FEW).fit(X, gaps)
    assert (model.labeled_indices_ % 3 != 0).all()
    known = ~np.isnan(gaps)
    assert model.score(X, gaps) == pytest.approx(model.score(X[known], y[known]))
    marked = ActiveLearningRegressor(Ridge(), missing_label=-999.0, **FEW).fit(X, np.where(known, y, -999.0))
    np.testing.assert_array_equal(marked.labeled_indices_, model.labeled_indices_)


def test_whole_numbers_are_numbers_here():
    """Quarters of counts are no classes: nothing is added to the first labels until two are seen."""
    counts = np.zeros(120, dtype=int)
    counts[7] = 5
    with pytest.warns(UserWarning, match="igs: the model gives the same numbers to all 1.. rows"):
        model = ActiveLearningRegressor(Ridge(), igs, **FEW).fit(X, counts)
    assert model.history_[0]["n_labels"] == 8 and model.predict(X).dtype == np.float64


REFUSED = {
    "a classifier": (LogisticRegression(), y, "estimator must be a regressor, got LogisticRegression, a classifier"),
    "words": (Ridge(), np.array(["a", "b"] * 60), "must hold numbers to predict, got .*a.*ActiveLearningClassifier"),
    "columns": (Ridge(), np.column_stack([y, y]), r"one number a row, \(n,\), got shape \(120, 2\). Run one"),
    "infinity": (
        Ridge(),
        np.where(np.arange(120) == 3, np.inf, y),
        "^ActiveLearningRegressor: .*contains infinity.* in row 3. Leave",
    ),
    "infinity behind a gap": (Ridge(), np.r_[np.nan, y[1:9], -np.inf, y[10:]], "got -inf in row 9"),
    "nothing": (Ridge(), None, "requires y to be passed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_cannot_learn_is_refused(name):
    model, labels, said = REFUSED[name]
    with pytest.raises(ValueError, match=said):
        ActiveLearningRegressor(model, **FEW).fit(X, labels)


def test_first_labels_by_classes_and_other_settings_are_refused_in_its_name():
    with pytest.raises(ValueError, match="initial='stratified' is for classes, and y holds numbers"):
        ActiveLearningRegressor(Ridge(), initial="stratified", **FEW).fit(X, y)
    with pytest.raises(ValueError, match="ActiveLearningRegressor: budget=20 must be at least n_initial=30"):
        ActiveLearningRegressor(Ridge(), **{**FEW, "n_initial": 30}).fit(X, y)
    with pytest.raises(ValueError, match="Unknown label type: continuous.* For numbers .* ActiveLearningRegressor"):
        ActiveLearningClassifier(LogisticRegression(), **FEW).fit(X, y)
    with pytest.raises(ValueError, match="ActiveLearningClassifier: estimator must be a classifier, got Ridge"):
        ActiveLearningClassifier(Ridge(), **FEW).fit(X, (y > 0) * 1)


def test_a_learner_takes_regressors_and_tells_a_column_from_a_vector():
    learner = ActiveLearner(RandomForestRegressor(5, random_state=0), "committee_variance_sampling", random_state=0)
    learner.teach(X[:10], y[:10])
    picks, _ = learner.query(X[10:], n_instances=3)
    learner.teach(X[10:][picks], y[10:][picks])
    assert len(learner.y_training) == 13 and learner.score(X, y) < 1
    with pytest.raises(ValueError, match=r"y must have shape \(n,\), as taught so far, got \(2, 1\). Pass y.ravel()"):
        learner.teach(X[50:52], y[50:52, None])
