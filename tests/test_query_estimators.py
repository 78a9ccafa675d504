"""Estimators that query, in the place of a strategy."""

import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearner, ActiveLearningClassifier, Committee
from skal.loop import rounds
from skal.query import as_strategy, entropy_sampling, info, is_query_estimator, select

FITTED: list = []  # what estimators were fitted to: copies are fitted, so they cannot tell themselves


class Asker(BaseEstimator):
    """Asks for the largest values of a column, among equals by its generator; it wants missing labels in y."""

    def __init__(self, column=0, random_state=None):
        self.column = column
        self.random_state = random_state

    def fit(self, X, y):
        FITTED.append((X, y, self))
        return self

    def query(self, X_pool, n_instances):
        order = np.random.RandomState(self.random_state).permutation(len(X_pool))
        return order[np.argsort(-np.round(X_pool[order, self.column]), kind="stable")][:n_instances]


class Scored(Asker):
    """The same, with scores of its own and labelled and unlabelled rows apart."""

    def __init__(self, column=0, estimator=None, random_state=None):
        super().__init__(column, random_state)
        self.estimator = estimator

    def fit(self, X, y, X_unlabeled=None):
        FITTED.append((X, y, X_unlabeled, self))
        return self

    def score_samples(self, X):
        return X[:, self.column]

    def query(self, X_pool, n_instances):
        return np.argsort(-self.score_samples(X_pool))[:n_instances]


@pytest.fixture(autouse=True)
def forget():
    FITTED.clear()


@pytest.fixture
def model(table):
    X, y = table
    return LogisticRegression().fit(X[:20], y[:20])


LABELS = {
    "ints": (np.array([2, 0, 5]), float),
    "floats": (np.array([1.0, 0.0, 1.0]), float),
    "strings": (np.array(["a", "b", "a"]), object),
    "bools": (np.array([True, False, True]), object),
    "objects": (np.array(["a", 3, "a"], dtype=object), object),
}


@pytest.mark.parametrize("kind", LABELS)
def test_the_pool_has_missing_labels_of_the_fitting_kind(kind, model, table):
    X, _ = table
    labels, dtype = LABELS[kind]
    picks = as_strategy(Asker())(model, X[3:40], 4, X_labeled=X[:3], y_labeled=labels, random_state=0)
    rows, y, _ = FITTED[0]
    assert (rows == X[:40]).all() and y.dtype == dtype and y[:3].tolist() == labels.tolist()
    assert all(value is None or value != value for value in y[3:])
    assert len(set(picks.tolist())) == 4


def test_fit_with_unlabelled_rows_apart_gets_the_labels_as_they_are(model, table):
    X, y = table
    strategy = as_strategy(Scored(column=2))
    picks, scores = select(strategy, model, X[20:], 5, X_labeled=X[:20], y_labeled=y[:20], random_state=0)
    X_labeled, labels, X_unlabeled, _ = FITTED[0]
    assert (X_labeled == X[:20]).all() and labels is not None and labels.dtype == y.dtype
    assert (X_unlabeled == X[20:]).all()
    np.testing.assert_array_equal(scores, np.sort(X[20:, 2])[::-1][:5])
    assert (X[20:, 2][picks] == scores).all()


def test_the_learners_model_is_handed_over_frozen_where_the_estimator_has_none(model, table):
    X, y = table
    given = {"X_labeled": X[:20], "y_labeled": y[:20], "random_state": 0}
    as_strategy(Scored())(model, X[20:], 2, **given)
    handed = FITTED[0][3].estimator
    assert isinstance(handed, FrozenEstimator) and handed.estimator is model
    own = LogisticRegression(C=3)
    as_strategy(Scored(estimator=own))(model, X[20:], 2, **given)
    assert FITTED[1][3].estimator.C == 3 and not hasattr(FITTED[1][3].estimator, "coef_")


def test_behind_a_pipeline_rows_and_model_are_those_of_its_last_step(table):
    X, y = table
    learner = ActiveLearner(make_pipeline(StandardScaler(), LogisticRegression()), Scored(), X[:20], y[:20])
    learner.query(X[20:], n_instances=3)
    X_labeled, _, X_unlabeled, asker = FITTED[0]
    np.testing.assert_allclose(X_unlabeled, learner.estimator[0].transform(X[20:]))
    np.testing.assert_allclose(X_labeled, learner.estimator[0].transform(X[:20]))
    assert asker.estimator.estimator is learner.estimator[-1]


def test_a_copy_is_seeded_and_fitted_and_the_estimator_left_alone(model, table):
    X, y = table
    asker = Asker()
    given = {"X_labeled": X[:20], "y_labeled": y[:20]}
    runs = [as_strategy(asker)(model, X[20:], 9, random_state=seed, **given).tolist() for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    assert asker.random_state is None and FITTED[0][2] is not asker
    fixed = [as_strategy(Asker(random_state=4))(model, X[20:], 9, random_state=seed, **given) for seed in (1, 2)]
    assert (fixed[0] == fixed[1]).all()


def test_it_is_a_strategy_like_any_other(model, table):
    X, y = table
    strategy = pickle.loads(pickle.dumps(as_strategy(Asker(column=1))))
    assert strategy.keywords["estimator"].column == 1
    assert info(strategy).options == ("estimator", "X_labeled", "y_labeled") and "labels" in info(Asker()).reads
    assert as_strategy(entropy_sampling) is entropy_sampling
    picks = select(Scored(), model, X[20:], 3, X_labeled=X[:20], y_labeled=y[:20], random_state=0)[0]
    assert picks.tolist() == np.argsort(-X[20:, 0])[:3].tolist()


def test_what_is_no_such_estimator_is_refused(table):
    for wrong in (LogisticRegression(), 3, None, ActiveLearner(LogisticRegression())):
        assert not is_query_estimator(wrong)
        with pytest.raises(TypeError, match="as_strategy: an estimator with fit and query is needed"):
            as_strategy(wrong)
        with pytest.raises(TypeError, match="query_strategy must be callable, or an estimator with fit and query"):
            ActiveLearner(LogisticRegression(), query_strategy=wrong)
        with pytest.raises(TypeError, match="query_strategy must be callable, or an estimator with fit and query"):
            ActiveLearningClassifier(query_strategy=wrong).fit(*table)


def test_scores_come_with_the_picks_where_the_estimator_gives_them(model, table):
    class Telling(Scored):
        def query(self, X_pool, n_instances, *, random_tie_break=True, return_scores=False):
            assert return_scores and not random_tie_break
            return np.arange(n_instances), np.arange(n_instances)[::-1] + 0.5

    X, y = table
    given = {"X_labeled": X[:20], "y_labeled": y[:20], "random_tie_break": False}
    picks, scores = select(Telling(), model, X[20:], 3, **given)
    assert picks.tolist() == [0, 1, 2] and scores.tolist() == [2.5, 1.5, 0.5]


def test_bad_picks_of_an_estimator_are_refused(model, table):
    class Twice(Asker):
        def query(self, X_pool, n_instances):
            return [0] * n_instances

    with pytest.raises(RuntimeError, match="query of Twice must return distinct positions"):
        as_strategy(Twice())(model, table[0], 3, X_labeled=table[0][:5], y_labeled=table[1][:5])


def test_with_nothing_labelled_the_start_is_random(table):
    learner = ActiveLearner(LogisticRegression(), query_strategy=Asker(), random_state=0)
    with pytest.warns(UserWarning, match=r"nothing is labelled yet.*cold start"):
        assert len(learner.query(table[0], n_instances=4)[0]) == 4
    assert FITTED == []


def test_learners_committees_and_loops_take_it(table):
    X, y = table
    learner = ActiveLearner(LogisticRegression(), Scored(column=1), X[:20], y[:20], random_state=0)
    indices, rows, scores = learner.query(X[20:], n_instances=3, return_metrics=True)
    assert (X[20:][indices] == rows).all() and (rows[:, 1] == scores).all()
    assert clone(learner).query_strategy.column == 1 and isinstance(learner.query_strategy, Scored)
    members = [ActiveLearner(LogisticRegression(), X_training=X[:20], y_training=y[:20]) for _ in range(2)]
    assert Committee(members, Scored(column=1)).query(X[20:], n_instances=3)[0].tolist() == indices.tolist()
    found = list(rounds(LogisticRegression(), X, y.__getitem__, Scored(), list(range(20)), 5, 30, 0))
    assert [len(r.labeled) for r in found] == [20, 25, 30]


def test_a_search_tunes_a_parameter_of_the_estimator(table):
    X, y = table
    model = ActiveLearningClassifier(query_strategy=Scored(), budget=30, random_state=0)
    search = GridSearchCV(model, {"query_strategy__column": [0, 3]}, cv=2).fit(X, y)
    assert search.best_params_["query_strategy__column"] in (0, 3)
    first, second = search.cv_results_["mean_test_score"]
    assert first != second
