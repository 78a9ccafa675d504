"""ALBL: the bandit's numbers by hand, and what it remembers in learners, loops and comparisons."""

import copy
import functools
import math
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skal import ActiveLearner, ActiveLearningClassifier, compare
from skal.labeling import Project, ProjectError
from skal.loop import rounds
from skal.query import albl, query_strategy, random_sampling, remembers, select, subsample

X, y = load_iris(return_X_y=True)


@query_strategy
def first(learner, X_pool, n_instances):
    """Pick the first rows."""
    return np.arange(n_instances), np.ones(n_instances)


@query_strategy
def last(learner, X_pool, n_instances):
    """Pick the last rows."""
    return np.arange(len(X_pool))[::-1][:n_instances], np.ones(n_instances)


ROWS, LABELS = np.arange(12.0).reshape(-1, 1), np.arange(12) % 2
HERE = {"X_labeled": ROWS[:2], "y_labeled": LABELS[:2]}
ALWAYS_0 = DummyClassifier(strategy="constant", constant=0).fit(ROWS, LABELS)


def ask(memory, X_labeled, y_labeled, pool, n=1, seed=0, **options):
    settings = {"strategies": [random_sampling, first], "horizon": 4, "p_min": 0.25, "delta": 0.5, **options}
    given = {"X_labeled": X_labeled, "y_labeled": y_labeled}
    return select(albl, ALWAYS_0, pool, n, memory=memory, random_state=seed, **given, **settings)


def test_the_chance_of_a_row_is_that_of_all_strategies_which_may_name_it():
    for seed in range(6):
        picks, chances = ask({}, **HERE, pool=ROWS[2:], seed=seed)
        # Both are drawn half of the time; uniformly each of ten rows is named by chance.
        assert chances[0] == pytest.approx(0.5 / 10 + (0.5 if picks[0] == 0 else 0.0))
        (picks, chances) = ask({}, **HERE, pool=ROWS[2:], seed=seed, strategies=[first, last])
        assert picks[0] in (0, 9) and chances[0] == 0.5
    picks, chances = ask({}, **HERE, pool=ROWS[2:], n=10)
    assert sorted(picks) == list(range(10)) and chances[-1] == 1.0  # of one row left all name it


def test_weights_grow_by_the_reward_of_importance_weighted_accuracy():
    """Two rounds worked out by hand: K = 2 strategies, T = 4, least chance 1/4, confidence sqrt(ln 4 / 8)."""
    memory = {}
    pool = ROWS[2:]
    picks, (q,) = ask(memory, **HERE, pool=pool)
    row = picks[0]
    known = {"X_labeled": np.vstack([ROWS[:2], pool[[row]]]), "y_labeled": np.append(LABELS[:2], 0)}
    left = np.delete(pool, row, axis=0)
    _, (after,) = ask(memory, **known, pool=left)
    (state,) = memory.values()
    advice = np.array([1 / 10, float(row == 0)])
    reward = (1 / q) / (10 * 4)  # the model says 0, and the row is of class 0
    log_w = 0.25 / 2 * (reward * advice / q + math.sqrt(math.log(2 / 0.5) / (2 * 4)) / 0.5)
    np.testing.assert_allclose(state.log_weights, log_w)
    w = np.exp(log_w)
    p = 0.5 * w / w.sum() + 0.25
    assert any(after == pytest.approx(p @ [1 / 9, named]) for named in (0.0, 1.0))
    wrong = {}  # with the other label there is no reward, and both weights grow alike
    ask(wrong, **HERE, pool=pool)
    ask(wrong, known["X_labeled"], np.append(LABELS[:2], 1), pool=left)
    (state,) = wrong.values()
    np.testing.assert_allclose(np.diff(state.log_weights), 0.0, atol=1e-15)


def test_rows_whose_labels_have_not_come_wait_and_others_do_not_count():
    memory = {}
    picks, _ = ask(memory, **HERE, pool=ROWS[2:], n=3)
    (state,) = memory.values()
    assert len(state.waiting) == 3 and not state.answered
    others = {"X_labeled": ROWS[:2] - 100, "y_labeled": LABELS[:2]}
    ask(memory, **others, pool=np.delete(ROWS[2:], picks, axis=0))
    (after,) = memory.values()
    assert len(after.waiting) == 4 and not after.answered
    assert len(state.waiting) == 3  # the earlier state is as it was


def taught(learner, n_queries=5, between=lambda learner: learner):
    pool, asked = np.setdiff1d(np.arange(150), np.arange(0, 150, 30)), []
    for _ in range(n_queries):
        picks, rows = learner.query(X[pool], n_instances=2)
        asked += pool[picks].tolist()
        learner.teach(rows, y[pool[picks]])
        pool, learner = np.delete(pool, picks), between(learner)
    return asked, learner


def new(seed=0):
    return ActiveLearner(GaussianNB(), albl, X[::30], y[::30], random_state=seed)


def test_a_learner_keeps_it_through_copies_and_pickles_and_a_clone_or_a_fit_begins_anew():
    asked, learner = taught(new())
    assert asked == taught(new(), between=lambda one: pickle.loads(pickle.dumps(one)))[0]
    assert asked == taught(new(), between=copy.deepcopy)[0]
    assert asked != taught(new(1))[0]
    (state,) = learner.query_memory.values()
    assert (len(state.answered), len(state.waiting)) == (8, 2)
    assert clone(learner).query_memory == {}
    assert learner.fit(X[::30], y[::30]).query_memory == {}


def test_what_is_learnt_changes_what_is_asked():
    """A loop hands the memory on: without it every query would draw by equal chances."""
    strategy = functools.partial(albl, strategies=["random_sampling", "margin_sampling"], p_min=0.3, horizon=1)

    def played():
        loop = rounds(GaussianNB(), X, lambda rows: y[rows], strategy, np.arange(0, 150, 30), 2, 25, random_state=1)
        return [(round_.picked.tolist(), dict(round_.learner.query_memory)) for round_ in loop]

    first_run = played()
    assert first_run[-1][0] == played()[-1][0]
    states = [next(iter(memory.values())) for _, memory in first_run[1:]]
    assert [len(state.answered) for state in states] == [2 * k for k in range(len(states))]
    assert np.ptp(states[-1].log_weights) > 0.01


def test_a_classifier_that_asks_is_reproducible():
    settings = {"query_strategy": albl, "n_initial": 6, "n_instances": 2, "budget": 14, "random_state": 0}
    one, other = (ActiveLearningClassifier(GaussianNB(), **settings).fit(X, y) for _ in range(2))
    assert one.labeled_indices_.tolist() == other.labeled_indices_.tolist()


@query_strategy
def every_fourth_from_behind(learner, X_pool, n_instances, *, memory=None):
    """Pick the first rows, at each fourth query the last ones."""
    memory["queries"] = number = memory.get("queries", 0) + 1
    rows = np.arange(len(X_pool))
    return (rows if number % 4 else rows[::-1])[:n_instances], np.ones(n_instances)


def test_a_comparison_that_was_stopped_goes_on_with_what_a_strategy_knew(tmp_path):
    """The picks after a stop are those of one that was never stopped."""
    strategies = {"counts": every_fourth_from_behind, "bandit": functools.partial(albl, horizon=10)}
    settings = {"n_initial": 6, "n_instances": 2, "n_trials": 1, "random_state": 0}
    whole = compare(X, y, GaussianNB(), strategies, n_rounds=6, **settings)
    compare(X, y, GaussianNB(), strategies, n_rounds=3, out=tmp_path / "grown", **settings)
    grown = compare(X, y, GaussianNB(), strategies, n_rounds=6, out=tmp_path / "grown", **settings)
    for name in strategies:
        for ours, theirs in zip(grown.picks[name], whole.picks[name], strict=True):
            assert [rows.tolist() for rows in ours] == [rows.tolist() for rows in theirs]
        np.testing.assert_array_equal(grown.scores[name], whole.scores[name])


def test_who_remembers_is_known_through_wrappers():
    assert remembers("albl") and remembers(subsample(functools.partial(albl, horizon=9), 50))
    assert not remembers("margin_sampling") and not remembers(lambda learner, X_pool, n: np.arange(n))


def test_a_plain_estimator_has_no_memory_and_it_is_said():
    model = LogisticRegression().fit(X[::30], y[::30])
    given = {"X_labeled": X[::30], "y_labeled": y[::30], "random_state": 0}
    with pytest.warns(UserWarning, match="LogisticRegression keeps nothing.*memory="):
        albl(model, X[1:20], **given)
    memory = {}
    albl(model, X[1:20], memory=memory, **given)
    assert len(memory) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategies": ["core_set"]}, "two or more"),
        ({"strategies": "core_set"}, "two or more"),
        ({"strategies": ["core_set", "core_set"]}, "each strategy once"),
        ({"strategies": ["core_set", "no_such"]}, "no strategy .no_such"),
        ({"p_min": 0.6}, "at most 0.5"),
        ({"horizon": 0}, "horizon must be an int >= 1"),
    ],
)
def test_bad_options_are_refused_in_words(options, message):
    with pytest.raises(ValueError, match=message):
        ask({}, **HERE, pool=ROWS[2:], **options)


def test_a_labelling_project_keeps_no_memory_and_refuses_it(tmp_path):
    (tmp_path / "t.csv").write_text("text\none\ntwo\nthree\n")
    with pytest.raises(ProjectError, match="needs no memory, got 'albl:horizon=9'.*margin_sampling"):
        Project.create(tmp_path / "t.skal", tmp_path / "t.csv", strategy="albl:horizon=9")
