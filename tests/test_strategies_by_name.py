"""Strategies by name wherever one is taken, and classes in the place of instances."""

import functools
import pickle

import numpy as np
import pytest
from made_learners import X0, X, X_pool, y, y0
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from skal import ActiveLearner, ActiveLearningClassifier, Committee
from skal.adversarial import VAAL
from skal.explain import explain_query
from skal.loop import rounds
from skal.query import (
    as_strategy,
    combine,
    core_set,
    find_strategy,
    info,
    margin_sampling,
    select,
    strategies,
    subsample,
    takes_seed,
    unwrapped,
)


def learner(strategy, **parameters):
    return ActiveLearner(LogisticRegression(), strategy, **parameters)


def committee(strategy):
    return Committee([ActiveLearner(LogisticRegression())], strategy)


def loop(strategy):
    return ActiveLearningClassifier(LogisticRegression(), strategy, budget=12, random_state=0)


TAKERS = {"learner": learner, "committee": committee, "loop": loop}


class TestByName:
    @pytest.mark.parametrize("name", strategies())
    def test_every_strategy_has_one(self, name):
        assert as_strategy(name) is find_strategy(name)

    def test_options_are_read_as_the_command_line_writes_them(self):
        strategy, options = unwrapped("core_set:metric=cosine", {"random_state": 0})
        assert strategy is core_set
        assert options == {"metric": "cosine", "random_state": 0}

    @pytest.mark.parametrize("taker", [learner, committee])
    def test_a_learner_asks_as_by_the_strategy_itself(self, taker):
        text, partial = (
            taker(strategy).fit(X0, y0).query(X_pool, 4)[0].tolist()
            for strategy in ("core_set:metric=cosine", functools.partial(core_set, metric="cosine"))
        )
        assert text == partial
        assert text != taker("core_set").fit(X0, y0).query(X_pool, 4)[0].tolist()

    def test_a_loop_asks_as_by_the_strategy_itself(self):
        text, itself = (loop(strategy).fit(X, y) for strategy in ("margin_sampling", margin_sampling))
        np.testing.assert_array_equal(text.labeled_indices_, itself.labeled_indices_)
        np.testing.assert_array_equal(picked("margin_sampling"), picked(margin_sampling))

    def test_of_parts_of_other_strategies(self):
        model = LogisticRegression().fit(X0, y0)
        for text, itself in (
            (combine("sum", "margin_sampling"), combine("sum", margin_sampling)),
            (subsample("margin_sampling", 9), subsample(margin_sampling, 9)),
        ):
            picks = [select(one, model, X_pool, 3, random_state=0)[0].tolist() for one in (text, itself)]
            assert picks[0] == picks[1]

    def test_is_read_by_what_asks_about_strategies(self):
        assert info("core_set:metric=cosine") is info(core_set)
        assert takes_seed("core_set")
        model = learner("core_set").fit(X0, y0)
        assert explain_query(model, X_pool, n_instances=2, random_state=0).strategy == "core_set"

    @pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)
    def test_stays_as_it_was_given(self, taker):
        model = pickle.loads(pickle.dumps(clone(taker("core_set:metric=cosine")).fit(X0, y0)))
        assert model.get_params(deep=False)["query_strategy"] == "core_set:metric=cosine"

    def test_is_tuned(self):
        grid = {"query_strategy": ["margin_sampling", "core_set:metric=cosine"]}
        found = GridSearchCV(loop("random_sampling"), grid, cv=2, error_score="raise").fit(X, y)
        assert found.best_params_["query_strategy"] in grid["query_strategy"]

    @pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)
    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("margin", "There is no strategy 'margin'. Did you mean cluster_margin or cost_margin_sampling or"),
            ("core_set:metrik=cosine", "core_set has no option metrik.*Did you mean metric"),
        ],
    )
    def test_that_does_not_exist_is_refused_with_near_ones(self, taker, name, message):
        with pytest.raises(ValueError, match=message):
            taker(name).fit(X0, y0)
        if taker is not loop:
            model = taker("core_set").fit(X0, y0)
            model.query_strategy = name
            with pytest.raises(ValueError, match=message):
                model.query(X_pool)


def picked(strategy):
    made = rounds(LogisticRegression(), X, lambda rows: y[rows], strategy, np.arange(9), n_instances=3, n_labels=15)
    return np.concatenate([one.picked for one in made])


# --- A class in the place of an instance.


@pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)
def test_a_class_is_no_strategy(taker):
    with pytest.raises(TypeError, match=r"query_strategy must be an instance, got the class VAAL. Pass .*VAAL\(\)"):
        taker(VAAL).fit(X0, y0)
    with pytest.raises(TypeError, match=r"got the class VAAL. Pass (query_)?strategy=VAAL\(\)"):
        select(VAAL, LogisticRegression().fit(X0, y0), X_pool)


def test_a_class_is_no_estimator_and_no_member():
    with pytest.raises(TypeError, match=r"got the class LogisticRegression. Pass estimator=LogisticRegression\(\)"):
        ActiveLearner(LogisticRegression)
    model = learner("core_set")
    model.estimator = LogisticRegression
    with pytest.raises(TypeError, match="got the class LogisticRegression"):
        model.fit(X0, y0)
    with pytest.raises(
        TypeError, match="members must be skal.ActiveLearner or estimators, got the class ActiveLearner"
    ):
        Committee([ActiveLearner])
