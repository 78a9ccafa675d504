"""Streams: rules worked out by hand, budgets that hold, models that learn row by row, and errors that help."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_streams import Online
from sklearn.linear_model import Perceptron, SGDClassifier, SGDRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from skal.stream import (
    ExactBudget,
    FixedUncertainty,
    RandomizedVariableUncertainty,
    RandomLabels,
    RunningBudget,
    SplitUncertainty,
    StreamLearner,
    VariableUncertainty,
)

SEEDED = [RandomLabels, RandomizedVariableUncertainty, SplitUncertainty]
RULES = [FixedUncertainty(0.8), VariableUncertainty(0.1), *(make(random_state=3) for make in SEEDED)]
shares = st.floats(0.01, 1.0)


@pytest.fixture
def stream():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    return X, (X[:, 0] > 0).astype(int)


def logistic():
    return SGDClassifier("log_loss", random_state=0)


def played(learner, X, y):
    asked = []
    for row, label in zip(X, y, strict=True):
        asked.append(learner.asks(row))
        if asked[-1]:
            learner.teach(row, label)
    return np.array(asked)


class Scripted:
    """A generator that gives the numbers it was told."""

    def __init__(self, uniform=(), normal=()):
        self.uniform, self.normals = iter(uniform), iter(normal)

    def random_sample(self):
        return next(self.uniform)

    def normal(self, mean, spread):
        return mean + spread * next(self.normals)


def with_draws(rule, **draws):
    rule._rng = Scripted(**draws)
    if isinstance(rule, SplitUncertainty):
        rule._random._rng = rule._rng
    return rule


class TestRules:
    def test_random_asks_with_the_chance_of_the_share(self):
        rule = with_draws(RandomLabels(), uniform=[0.09, 0.1, 0.5, 0.0])
        assert [rule.asks(0.2, 0.1) for _ in range(4)] == [True, False, False, True]

    def test_fixed_asks_below_its_threshold(self):
        rule = FixedUncertainty(0.75)
        assert [rule.asks(certainty, 0.5) for certainty in (0.74, 0.75, 0.76, 0.0)] == [True, False, False, True]

    def test_variable_lowers_its_threshold_by_a_question_and_raises_it_by_a_row_let_pass(self):
        rule = VariableUncertainty(0.1)
        seen = [(rule.asks(certainty, 0.5), rule.threshold) for certainty in (0.95, 0.95, 0.95, 0.5)]
        assert [asked for asked, _ in seen] == [True, False, True, True]
        assert np.allclose([t for _, t in seen], [0.9, 0.9 * 1.1, 0.99 * 0.9, 0.99 * 0.9**2])

    def test_randomized_variable_compares_with_a_draw_and_moves_the_threshold_itself(self):
        rule = with_draws(RandomizedVariableUncertainty(0.1, spread=0.5), normal=[-1.0, 1.0, 0.0])
        # Thresholds drawn: 1 * 0.5, 1.1 * 1.5, 0.99 * 1.
        seen = [(rule.asks(certainty, 0.5), rule.threshold) for certainty in (0.6, 1.0, 0.98)]
        assert [asked for asked, _ in seen] == [False, True, True]
        assert np.allclose([t for _, t in seen], [1.1, 0.99, 0.891])

    def test_split_goes_by_chance_or_by_the_threshold_and_says_which(self):
        rule = with_draws(SplitUncertainty(0.1, random_share=0.3), uniform=[0.29, 0.05, 0.29, 0.5, 0.3, 0.9])
        seen = [(rule.asks(0.95, 0.1), rule.at_random, rule.threshold) for _ in range(4)]
        assert seen[:2] == [(True, True, 1.0), (False, True, 1.0)]  # by chance the threshold stands still
        assert [(asked, at_random) for asked, at_random, _ in seen[2:]] == [(True, False), (False, False)]
        assert np.allclose([t for *_, t in seen[2:]], [0.9, 0.99])

    @pytest.mark.parametrize("make", SEEDED)
    def test_the_seed_alone_says_what_is_drawn(self, make):
        certain = np.random.default_rng(0).uniform(size=60)
        one, same, other = ([rule.asks(c, 0.4) for c in certain] for rule in map(make_seeded(make), (1, 1, 2)))
        assert one == same != other


def make_seeded(make):
    return lambda seed: make(random_state=seed)


class TestBudgets:
    def test_running_by_hand(self):
        budget = RunningBudget(0.3, window=4)
        seen = []
        for asked in (True, True, False, False, True):
            seen.append((budget.allows(), budget.labels_in_window))
            budget.note(asked)
        # u = u * 3/4 + asked, and u / 4 against 0.3
        assert seen == [(True, 0.0), (True, 1.0), (False, 1.75), (False, 1.3125), (True, 0.984375)]

    @given(shares, st.lists(st.booleans(), max_size=60))
    def test_exact_never_passes_its_share_and_asks_as_soon_as_it_may(self, share, wishes):
        budget = ExactBudget(share)
        for t, wish in enumerate(wishes, 1):
            may, asked_before = budget.allows(), budget.n_asked
            budget.note(may and wish)
            assert budget.n_asked <= share * t + 1e-6
            assert may or asked_before + 1 > share * t

    def test_exact_counts_what_floats_round(self):
        budget = ExactBudget(0.29)
        for _ in range(100):
            budget.note(budget.allows())
        assert budget.n_asked == 29  # 0.29 * 100 is 28.999999999999996

    @given(shares, st.integers(5, 200))
    def test_running_spends_no_more_than_a_row_a_window_above_its_share(self, share, window):
        budget, asked = RunningBudget(share, window), 0
        for _ in range(400):
            may = budget.allows()
            budget.note(may)
            asked += may
            assert budget.labels_in_window <= share * window + 1
        assert asked <= (share + 1 / window) * 400 + share * window + 1


class TestLearner:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
    @pytest.mark.parametrize("budget", [0.2, ExactBudget(0.2)], ids=["running", "exact"])
    def test_it_asks_within_its_budget_and_learns(self, rule, budget, stream):
        X, y = stream
        learner = StreamLearner(logistic(), copy.deepcopy(rule), copy.deepcopy(budget), classes=[0, 1])
        asked = played(learner, X, y)
        assert (learner.n_seen, learner.n_asked, learner.n_taught) == (300, asked.sum(), asked.sum())
        assert 10 < asked.sum() <= 0.2 * 300 + 21
        assert learner.estimator.score(X, y) > 0.7

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
    def test_a_pickled_one_goes_on_as_the_one_it_was(self, rule, stream):
        X, y = stream
        learner = StreamLearner(logistic(), copy.deepcopy(rule), 0.3, classes=[0, 1])
        played(learner, X[:150], y[:150])
        again = pickle.loads(pickle.dumps(learner))
        assert np.array_equal(played(learner, X[150:], y[150:]), played(again, X[150:], y[150:]))
        assert np.array_equal(learner.estimator.coef_, again.estimator.coef_)

    def test_the_model_given_stays_as_it_is(self, stream):
        X, y = stream
        given_ = GaussianNB().fit(X[:20], y[:20])
        before = given_.theta_.copy()
        learner = StreamLearner(given_, FixedUncertainty(1.0), 1.0)
        assert played(learner, X, y).any() and np.array_equal(given_.theta_, before)
        assert learner.estimator.class_count_.sum() > 20

    def test_it_asks_until_two_labels_are_known(self, stream):
        X, _ = stream
        learner = StreamLearner(logistic(), FixedUncertainty(0.001), 1.0, classes=["a", "b"])
        for label in "aaab":
            assert learner.asks(X[0])
            learner.teach(X[0], label)
        assert not learner.asks(X[1])

    def test_a_spent_budget_moves_no_threshold_and_takes_no_pass(self, stream):
        X, y = stream
        passes = []

        def certainty(model, row):
            passes.append(row)
            return 0.5

        learner = StreamLearner(GaussianNB().fit(X, y), VariableUncertainty(), ExactBudget(0.5), certainty=certainty)
        asked = [learner.asks(row) for row in X[:4]]
        assert asked == [False, True, False, True] and len(passes) == 2
        assert learner.rule.threshold == pytest.approx(0.99**2)

    def test_random_labels_take_no_pass_and_any_model(self, stream):
        X, y = stream
        learner = StreamLearner(Perceptron(random_state=0), RandomLabels(0), 0.5, classes=[0, 1])
        assert 50 < played(learner, X, y).sum() < 200 and learner.predict(X[0]) in (0, 1)

    def test_numbers_take_a_certainty_of_ones_own(self, stream):
        X, _ = stream
        near = lambda model, row: float(np.exp(-abs(model.predict(row[None])[0])))  # noqa: E731
        learner = StreamLearner(SGDRegressor(random_state=0), VariableUncertainty(), 0.4, certainty=near)
        assert played(learner, X, X[:, 0]).sum() > 30 and learner.predict([3.0, 0.0]) > 0.5

    def test_a_rule_and_a_budget_of_ones_own(self, stream):
        class Every:
            def __init__(self, n):
                self.n, self.seen = n, 0

            def asks(self, certainty, share):
                self.seen += 1
                return self.seen % self.n == 0

        class Free:
            share = 1.0

            def allows(self):
                return True

            def note(self, asked):
                pass

        learner = StreamLearner(logistic(), Every(3), Free(), classes=[0, 1])
        assert played(learner, *stream).sum() == 100


class TestRiver:
    def test_a_double_is_asked_by_dicts(self, stream):
        X, y = stream
        rows = [{"a": a, "b": b} for a, b in X]
        learner = StreamLearner(Online(), VariableUncertainty(), 0.2)
        assert learner.asks(rows[0])  # it knows no class
        learner.teach(rows[0], "no")
        assert learner.rule.threshold == 0.99 and learner.asks(rows[1])  # and one class is no choice
        played(learner, rows, np.where(y, "yes", "no"))
        assert learner.predict({"a": 2.0, "b": 0.0}) == "yes" and learner.n_asked < 90
        with pytest.raises(TypeError, match=r"dicts, got ndarray\. Pass dict\(zip\(columns, row\)\)"):
            learner.predict(X[0])

    def test_the_real_one(self, stream):
        naive_bayes = pytest.importorskip("river.naive_bayes")
        X, y = stream
        rows = [{"a": a, "b": b} for a, b in X]
        learner = StreamLearner(naive_bayes.GaussianNB(), SplitUncertainty(random_state=0), 0.2)
        asked = played(learner, rows, y.tolist())
        assert 10 < asked.sum() < 90
        right = np.mean([learner.predict(row) == label for row, label in zip(rows, y, strict=True)])
        assert right > 0.85


class TestErrors:
    @pytest.mark.parametrize(
        ("make", "says"),
        [
            (lambda: RunningBudget(0), "RunningBudget: share must be a number above 0 and up to 1, got 0"),
            (lambda: ExactBudget(1.5), "ExactBudget: share must be"),
            (lambda: RunningBudget(0.1, window=0), "window must be a whole number of rows from 1 on, got 0"),
            (lambda: FixedUncertainty(2), "threshold must be a number above 0 and up to 1, got 2"),
            (lambda: VariableUncertainty(1), "step must be a number above 0 and below 1, got 1"),
            (lambda: RandomizedVariableUncertainty(spread=0), "spread must be a finite number above 0, got 0"),
            (lambda: SplitUncertainty(random_share=True), "random_share must be a number above 0 and below 1"),
            (lambda: StreamLearner(logistic(), budget=3), "RunningBudget: share must be a number above 0"),
        ],
    )
    def test_settings_out_of_range(self, make, says):
        with pytest.raises(ValueError, match=says):
            make()

    @pytest.mark.parametrize(
        ("make", "says"),
        [
            (lambda: StreamLearner(SVC()), "SVC cannot learn row by row. Take a model with partial_fit"),
            (lambda: StreamLearner(SGDClassifier), r"must be made, got the class SGDClassifier\. Add \(\)"),
            (lambda: StreamLearner(Perceptron()), "has no predict_proba. Take a model that has"),
            (lambda: StreamLearner(logistic(), SplitUncertainty), r"Make one of it: add \(\)"),
            (lambda: StreamLearner(logistic(), "split"), r"must have asks\(certainty, share\)"),
            (lambda: StreamLearner(logistic(), budget="a tenth"), "budget must be a share such as 0.1"),
        ],
    )
    def test_what_cannot_be_used(self, make, says):
        with pytest.raises(TypeError, match=says):
            make()

    def test_rows_and_labels(self, stream):
        X, y = stream
        learner = StreamLearner(logistic(), budget=1.0)
        with pytest.raises(ValueError, match="must be told all labels there are before the first one"):
            learner.teach(X[0], 1)
        learner = StreamLearner(logistic(), budget=1.0, classes=[0, 1])
        learner.teach(X[0], y[0]).teach(X[1], 1 - y[0])
        with pytest.raises(ValueError, match="rows arrive one by one, got 300 of them"):
            learner.asks(X)
        with pytest.raises(TypeError, match="arrays of numbers, got a dict"):
            learner.asks({"a": 1.0, "b": 2.0})
        with pytest.raises(ValueError, match=r"a row must have shape \(d,\) or \(1, d\), got \(\)"):
            learner.asks(1.0)
        with pytest.raises(ValueError, match="must have the 2 features that SGDClassifier was taught, got 3"):
            learner.asks([0.0, 1.0, 2.0])
        with pytest.raises(ValueError, match="a row must be finite.*SGDClassifier says that it takes none"):
            learner.asks([0.0, np.nan])
        assert learner.n_seen == 0 and learner.budget.labels_in_window == 0
        with pytest.raises(ValueError, match="a label must be known, got None"):
            learner.teach(X[0], None)
        with pytest.raises(ValueError, match=r"2 is not among the labels of classes: \[0, 1\]"):
            learner.teach(X[0], 2)

    @pytest.mark.parametrize("bad", [np.nan, 1.5, -0.1])
    def test_a_certainty_that_is_none(self, bad, stream):
        X, y = stream
        learner = StreamLearner(GaussianNB().fit(X, y), VariableUncertainty(), certainty=lambda model, row: bad)
        with pytest.raises(ValueError, match="certainty must give numbers from 0 to 1, got"):
            learner.asks(X[0])

    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_a_model_that_needs_more_than_two_rows_says_so(self, stream):
        X, y = stream
        learner = StreamLearner(GaussianNB(), budget=1.0, classes=[0, 1])
        learner.teach(X[0], 0).teach(X[1], 1)
        with pytest.raises(ValueError, match="fit them to a few rows of every class before the stream"):
            learner.asks(X[2])
