"""VAAL and SRAAL in the place of a strategy: in learners, pipelines, loops and cross-validation."""

from __future__ import annotations

import numpy as np
import pytest
from made_adversarial import sraal, undiagnosed, vaal  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearner, ActiveLearningClassifier
from skal.adversarial import SRAAL, VAAL
from skal.query import sraal_query, vaal_query

STRATEGIES = {
    "VAAL": lambda: vaal(random_state=None),
    "SRAAL": lambda: sraal(random_state=None, estimator=None),
    "vaal_query": lambda: vaal_query,
    "sraal_query": lambda: sraal_query,
}
FEW = {"vaal_query": {"max_steps": 5, "judge_steps": 5}, "sraal_query": {"max_steps": 5, "judge_steps": 5}}


def learner_of(name, model, X, y, **settings):
    return ActiveLearner(model, query_strategy=STRATEGIES[name](), X_training=X, y_training=y, **settings)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("model", [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())])
def test_query_and_teach(name, model, table):
    X, y = table
    learner = learner_of(name, model, X[:20], y[:20], random_state=0)
    options = FEW.get(name, {})
    picks, rows = learner.query(X[20:], 5, **options)
    assert len(set(picks.tolist())) == 5
    np.testing.assert_array_equal(rows, X[20:][picks])
    learner.teach(X[20:][picks], y[20:][picks])
    assert len(learner.X_training) == 25
    again = learner_of(name, model, X[:20], y[:20], random_state=0)
    assert again.query(X[20:], 5, **options)[0].tolist() == picks.tolist()


@pytest.mark.nightly
def test_with_all_defaults(table):
    X, y = table
    learner = ActiveLearner(LogisticRegression(), query_strategy=sraal_query, X_training=X[:30], y_training=y[:30])
    picks, _ = learner.query(X[30:130], 7)
    assert len(set(picks.tolist())) == 7
    learner = ActiveLearner(
        LogisticRegression(), query_strategy=SRAAL(max_epochs=2), X_training=X[:30], y_training=y[:30]
    )
    assert len(set(learner.query(X[30:130], 7)[0].tolist())) == 7


def test_a_pipeline_shows_its_own_rows(table):
    """Behind the scaler of the Pipeline, scaled by hand: the same picks."""
    X, y = table
    odd = X * [1, 10, 100, 1, 1, 1]
    scaler = StandardScaler().fit(odd[:20])
    strategy = vaal(standardize=False)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    piped = ActiveLearner(pipeline, query_strategy=strategy, X_training=odd[:20], y_training=y[:20])
    plain = ActiveLearner(
        LogisticRegression(), query_strategy=strategy, X_training=scaler.transform(odd[:20]), y_training=y[:20]
    )
    expected = plain.query(scaler.transform(odd[20:]), 9)[0]
    assert piped.query(odd[20:], 9)[0].tolist() == expected.tolist()


def test_the_learner_s_model_gives_the_uncertainty(table):
    X, y = table
    seen = []

    class Watched(LogisticRegression):
        def predict_proba(self, X):
            seen.append(len(X))
            return super().predict_proba(X)

    learner_of("SRAAL", Watched(), X[:20], y[:20]).query(X[20:], 5)
    assert sum(seen) == 280


@pytest.mark.parametrize("name", ["VAAL", "SRAAL"])
def test_in_a_loop_in_cross_validation(name, table):
    X, y = table
    model = ActiveLearningClassifier(
        LogisticRegression(),
        query_strategy=STRATEGIES[name](),
        n_initial=10,
        n_instances=5,
        budget=20,
        random_state=0,
    )
    found = cross_val_score(model, X, y, cv=2, error_score="raise")
    assert found.min() > 0.4
    np.testing.assert_array_equal(cross_val_score(model, X, y, cv=2), found)


def test_a_strategy_fits_a_copy(table):
    X, y = table
    strategy = VAAL(max_steps=2, judge_steps=2)
    learner = ActiveLearner(LogisticRegression(), query_strategy=strategy, X_training=X[:20], y_training=y[:20])
    learner.query(X[20:], 2)
    assert not hasattr(strategy, "net_")
    assert strategy.random_state is None
