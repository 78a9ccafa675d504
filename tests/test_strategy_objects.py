"""A strategy is an object that behaves as the function it is written as, wherever functions are looked at."""

import copy
import doctest
import functools
import inspect
import pickle
import pydoc
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner
from skal.outputs import proba
from skal.query import (
    ScoreStrategy,
    Strategy,
    combine,
    core_set,
    entropy_sampling,
    info,
    margin_sampling,
    pool_scores,
    query_strategy,
    score_strategy,
    select,
    strategies,
    unwrapped,
)
from skal.query.ranges import above, between, one_of, whole
from skal.scores import margin
from skal.testing import check_query_strategy

ALL = strategies()


@score_strategy(reads=("proba",), ranges={"share": above(0)})
def own_margin(learner, X_pool, *, share=1.0):
    """Pick the rows of the smallest margin.

    Parameters
    ----------
    {common}
    share : float, default=1.0
        A factor.

    Returns
    -------
    {picks}

    Examples
    --------
    >>> 1 + 1
    2
    """
    return share * proba(learner, X_pool, then=margin)


class Box:
    @query_strategy
    def inside(learner, X_pool, n_instances):
        return np.arange(n_instances), np.zeros(n_instances)

    picks = core_set


@pytest.mark.parametrize("name", ALL)
def test_every_strategy_is_an_object_with_a_home(name):
    strategy = ALL[name]
    assert isinstance(strategy, Strategy) and callable(strategy)
    assert strategy.__name__ == strategy.info.name == name
    assert getattr(sys.modules[strategy.__module__], strategy.__qualname__) is strategy
    for copied in (pickle.loads(pickle.dumps(strategy)), copy.copy(strategy), copy.deepcopy([strategy])[0]):
        assert copied is strategy
    assert repr(strategy) == f"<query strategy {name}>"


@pytest.mark.parametrize("name", ALL)
def test_strategies_are_where_they_are_looked_for(name):
    """By what they read; ``trained`` holds those that train a model, ``regression`` those for numbers."""
    strategy = ALL[name]
    folder = strategy.__module__.split(".")[2]
    reads = set(strategy.info.reads) - {"labels"}
    places = {
        "nothing": reads == set(),
        "proba": reads == {"proba"},
        "embedding": reads == {"embedding"},
        "proba_and_embedding": reads == {"proba", "embedding"},
        "committee": "committee" in reads,
        "sampled_proba": "sampled_proba" in reads,
        "multilabel": reads == {"multilabel"} or name == "multilabel_badge",
        "net_outputs": reads <= {"predicted_loss", "discriminator_score", "boundary"},
        "regression": bool(reads & {"prediction", "std", "committee_prediction"}) or name in ("gsx", "bmdal"),
        "trained": name in ("sraal_query", "vaal_query"),
        "of_strategies": name == "albl",
    }
    assert places[folder], f"{name} reads {sorted(reads)} and stands in {folder}"


def test_score_strategies_score_pools_and_others_say_that_they_cannot(table):
    X, y = table
    model = LogisticRegression().fit(X, y)
    assert isinstance(margin_sampling, ScoreStrategy) and margin_sampling.scores_rows
    found = margin_sampling.score_pool(model, X)
    np.testing.assert_array_equal(found, pool_scores(margin_sampling, model, X))
    np.testing.assert_allclose(found, margin(model.predict_proba(X)))
    assert not core_set.scores_rows
    with pytest.raises(TypeError, match="core_set has no score for each row of a pool: it selects rows together"):
        core_set.score_pool(model, X)
    with pytest.raises(TypeError, match="core_set selects rows together"):
        combine("sum", core_set)


def test_select_gives_pairs_to_every_learner_and_a_call_what_it_unpacks(table):
    X, y = table
    model = LogisticRegression().fit(X, y)
    indices, scores = entropy_sampling.select(model, X, 3, random_state=0)
    assert (entropy_sampling(model, X, 3, random_state=0) == indices).all() and scores.shape == (3,)
    learner = ActiveLearner(LogisticRegression(), entropy_sampling, X_training=X, y_training=y)
    pair = entropy_sampling(learner, X, 3, random_state=0)
    assert (pair[0] == select(entropy_sampling, learner, X, 3, random_state=0)[0]).all()


def test_a_learner_asks_a_strategy_once_and_its_options_reach_it(table):
    X, y = table
    asked = []

    @query_strategy
    def first(learner, X_pool, n_instances, *, start=0, random_state=None):
        asked.append((n_instances, start, random_state.randint(100)))
        return start + np.arange(n_instances), np.zeros(n_instances)

    fixed = functools.partial(first, start=4, n_instances=2)
    learner = ActiveLearner(LogisticRegression(), fixed, X_training=X[:30], y_training=y[:30], random_state=1)
    assert learner.query(X[30:])[0].tolist() == [4, 5]
    assert learner.query(X[30:], n_instances=3, start=1, random_state=5)[0].tolist() == [1, 2, 3]
    learner.set_params(query_strategy=functools.partial(first, random_state=5)).query(X[30:])
    drawn = np.random.RandomState(5).randint(100)
    assert asked[0][:2] == (2, 4) and asked[1:] == [(3, 1, drawn), (1, 0, drawn)]


def test_learners_that_hold_strategies_are_cloned_and_pickled(table):
    X, y = table
    for strategy in (own_margin, functools.partial(core_set, metric="cosine"), combine("sum", margin_sampling)):
        learner = ActiveLearner(LogisticRegression(), strategy, X_training=X[:30], y_training=y[:30], random_state=0)
        again = pickle.loads(pickle.dumps(learner))
        assert unwrapped(again.query_strategy, {})[0] is unwrapped(strategy, {})[0]
        assert (again.query(X[30:], 4)[0] == learner.query(X[30:], 4)[0]).all()
        assert unwrapped(clone(learner).query_strategy, {})[0] is unwrapped(strategy, {})[0]
    assert repr(clone(ActiveLearner(LogisticRegression(), core_set)))
    assert clone(own_margin, safe=False) is own_margin


def test_a_strategy_of_a_script_travels_by_value_and_by_name(tmp_path):
    """As functions do: joblib's workers have no such script, while pickle finds it under its name."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import pickle
        import sys
        import numpy as np
        from joblib.externals.loky.backend.reduction import get_loky_pickler
        from skal.query import query_strategy, select
        from skal.query.ranges import whole

        SHIFT = 2

        @query_strategy(reads=("proba",), ranges={"start": whole()})
        def shifted(learner, X_pool, n_instances, *, start=1):
            return start + SHIFT + np.arange(n_instances), np.zeros(n_instances)

        def closure():
            @query_strategy
            def inner(learner, X_pool, n_instances):
                return SHIFT + np.arange(n_instances), np.zeros(n_instances)
            return inner

        def ask(strategy):
            X = np.arange(20.0)[:, None]
            return select(strategy, None, X, 2)[0].tolist()

        assert pickle.loads(pickle.dumps(shifted)) is shifted
        assert pickle.loads(pickle.dumps([shifted, shifted]))[1] is shifted
        with open(sys.argv[1], "wb") as file:  # as joblib writes to its workers
            get_loky_pickler()(file).dump([ask, shifted, closure()])
        """)
    )
    sent = tmp_path / "sent"
    subprocess.run([sys.executable, str(script), str(sent)], check=True)
    there = "import pickle, sys; ask, *sent = pickle.load(open(sys.argv[1], 'rb')); print([ask(s) for s in sent])"
    done = subprocess.run([sys.executable, "-c", there, str(sent)], capture_output=True, text=True)
    assert done.stdout.strip() == "[[3, 4], [2, 3]]", done.stderr


def test_one_without_a_name_is_refused_by_pickle_as_functions_are():
    @query_strategy
    def local(learner, X_pool, n_instances):
        return np.arange(n_instances), np.zeros(n_instances)

    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(local)
    assert copy.deepcopy(local) is local


def test_those_who_look_at_functions_see_one():
    assert list(inspect.signature(own_margin).parameters) == [
        *("learner", "X_pool", "n_instances", "random_tie_break", "random_state", "share"),
    ]
    assert inspect.isroutine(own_margin) and inspect.unwrap(own_margin) is own_margin.body
    assert "Order rows of equal score" in inspect.getdoc(own_margin)
    assert "share * proba(" in inspect.getsource(own_margin)
    shown = pydoc.plain(pydoc.render_doc(own_margin))
    assert "own_margin(learner" in shown and "Pick the rows of the smallest margin." in shown
    found = {test.name: test for test in doctest.DocTestFinder().find(sys.modules[__name__])}
    assert len(found[f"{__name__}.own_margin"].examples) == 1
    assert functools.partial(own_margin, share=2.0).func is own_margin
    assert info(functools.partial(own_margin, share=2.0)).reads == ("proba",)


def test_a_strategy_in_a_class_is_found_there_and_binds_as_a_function_does():
    assert Box.inside.__qualname__ == "Box.inside" and pickle.loads(pickle.dumps(Box.inside)) is Box.inside
    assert Box.picks is core_set
    box = Box()
    assert box.inside.__func__ is Box.inside and box.inside.__self__ is box


def test_own_strategies_keep_the_contract():
    check_query_strategy(own_margin)


def test_a_body_may_be_a_partial(table):
    def body(learner, X_pool, n_instances, *, start, stride=1):
        """Pick from a row on."""
        return start + stride * np.arange(n_instances), np.zeros(n_instances)

    strategy = query_strategy(functools.partial(body, start=3))
    assert strategy.info.name == "body" and strategy.info.summary == "Pick from a row on."
    assert strategy(None, table[0], 2, stride=2).tolist() == [3, 5]


@pytest.mark.parametrize("name", [n for n, s in ALL.items() if s.body.__code__.co_name == "body"])
def test_rows_of_a_table_are_documented_like_functions(name):
    strategy = ALL[name]
    doc = inspect.getdoc(strategy)
    parts = ["Parameters\n----------\nlearner : ", "Returns\n-------\nindices : ", "Notes\n-----\n", "References\n"]
    places = [doc.index(part) for part in parts]
    assert places == sorted(places) and ".. [1] " in doc and "{" not in doc.replace('{"mean"', "")
    assert max(map(len, doc.splitlines())) <= 118
    parameters = inspect.signature(strategy.body).parameters
    for option in strategy.info.options:
        assert f"\n{option} : " in doc and parameters[option].default is not inspect.Parameter.empty


def test_ranges_are_plain_data():
    for range_ in (
        whole(2),
        above(0),
        between(0, 1, open_end=True),
        one_of(1, 2),
    ):
        again = pickle.loads(pickle.dumps(range_))
        assert again.words == range_.words
        assert [again.holds(v) for v in (0, 0.5, 1, 2, np.nan)] == [range_.holds(v) for v in (0, 0.5, 1, 2, np.nan)]
