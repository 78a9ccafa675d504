"""After every round of every loop: labels are those of their rows, each was bought once, and the money adds up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin

from skal import ActiveLearningClassifier
from skal.annotation import Budget, Cost, Oracle, PricedOracle, RegionOracle
from skal.loop import Labels, ask_round, fit_round, region_rounds, rounds
from skal.query import random_sampling, region_query

N, VOID = 24, 255
X = np.arange(float(N))[:, None]  # a row says which it is


class Keeper(ClassifierMixin, BaseEstimator):
    """Keeps what it was fitted to; the first rows are as good as any to label next."""

    learns_from_unlabeled = False

    def fit(self, X, y):
        self.X_, self.y_ = np.asarray(X).copy(), np.asarray(y, dtype=object).copy()
        self.classes_ = np.unique(np.concatenate([np.ravel(label) for label in y]).astype(str))
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))


class KeeperOfAll(Keeper):
    """Learns from rows without a label too."""

    learns_from_unlabeled = True


class Area(Cost):
    """Labelled pixels."""

    name = unit = "pixels"

    def __call__(self, mask):
        return float((np.asarray(mask) != VOID).sum())


def in_order(learner, X_pool, n_instances=1, random_state=None):
    return np.arange(n_instances)


queries = st.sampled_from([in_order, random_sampling])
texts = st.sampled_from(["a", "bb", "a long word"])
labels_of_rows = st.one_of(
    st.lists(texts, min_size=N, max_size=N).map(np.array),
    st.permutations(range(N)).map(np.array),  # each row has a label of its own
    st.permutations(range(N)).map(lambda p: np.array(p)[:, None, None] % 9 * np.ones((1, 2, 2), dtype=np.uint8)),
)


def check_labels(round_, y, pool, model):
    """Labels belong to their rows, at every place where a round has them; the rest is the pool's."""
    labeled = round_.labeled
    assert len(set(labeled.tolist())) == len(labeled)
    assert set(labeled.tolist()) <= set(pool.tolist())
    learner = round_.learner
    np.testing.assert_array_equal(learner.X_training, X[labeled])
    np.testing.assert_array_equal(np.array(list(learner.y_training)), y[labeled])
    seen = learner.estimator
    here = [i for i, label in enumerate(seen.y_) if label is not None]
    np.testing.assert_array_equal(seen.X_[here], X[labeled])
    np.testing.assert_array_equal(np.array(list(seen.y_[here])), y[labeled])
    if model is KeeperOfAll:  # labelled rows, then all that may be asked for
        assert sorted(seen.X_.ravel().astype(int).tolist()) == sorted(pool.tolist())


@given(labels_of_rows, queries, st.sampled_from([Keeper, KeeperOfAll]), st.data())
def test_a_loop_over_counts(y, query, model, data):
    pool = np.array(sorted(data.draw(st.sets(st.integers(0, N - 1), min_size=3))))
    initial = data.draw(st.permutations(pool.tolist()))[: data.draw(st.integers(1, 3))]
    n_instances, n_labels = data.draw(st.integers(1, 5)), data.draw(st.integers(3, N))
    oracle = Oracle(y)
    found = list(rounds(model(), X, oracle, query, initial, n_instances, n_labels, 0, candidates=pool))
    for number, round_ in enumerate(found):
        check_labels(round_, y, pool, model)
        before = found[number - 1].labeled.tolist() if number else []
        assert round_.number == number and round_.labeled.tolist() == before + round_.picked.tolist()
        assert round_.cost == len(round_.labeled) and round_.spent == len(round_.picked)
        last = number == len(found) - 1
        assert number == 0 or len(round_.picked) == n_instances or (last and 0 < len(round_.picked) < n_instances)
    assert len(found[-1].labeled) == max(len(initial), min(n_labels, len(pool)))
    assert oracle.n_questions == len(found[-1].labeled)  # none was bought twice
    assert found[0].picked.tolist() == list(initial)


@given(labels_of_rows, queries, st.sampled_from([Keeper, KeeperOfAll]), st.data())
def test_a_loop_over_money(y, query, model, data):
    prices = np.array(data.draw(st.lists(st.integers(0, 9), min_size=N, max_size=N)), dtype=float)
    pool = np.array(sorted(data.draw(st.sets(st.integers(0, N - 1), min_size=3))))
    initial = data.draw(st.permutations(pool.tolist()))[: data.draw(st.integers(1, 3))]
    budget = Budget(data.draw(st.integers(1, 30)), data.draw(st.sampled_from(["stop_before", "overshoot"])))
    n_rounds = data.draw(st.integers(1, 4))
    sold = []

    class Shop(PricedOracle):  # a price is that of the row, which a cost, of labels, cannot know
        def sell(self, dataset_indices, *money):
            waiting = iter(prices[dataset_indices].tolist())
            self._cost = lambda label: next(waiting)
            labels, cost = super().sell(dataset_indices, *money)
            sold.extend(np.asarray(dataset_indices)[: len(labels)].tolist())
            return labels, cost

    loop = rounds(
        model(), X, Shop(Oracle(y), float), query, initial, None, None, 0, pool, budget=budget, n_rounds=n_rounds
    )
    total, money, labeled = 0.0, 0.0, []
    for number, round_ in enumerate(loop):
        check_labels(round_, y, pool, model)
        labeled += round_.picked.tolist()
        assert round_.labeled.tolist() == labeled == sold
        total += prices[round_.picked].sum()
        assert round_.spent == prices[round_.picked].sum() and round_.cost == total
        if number:
            money += budget.per_round
            spent = total - prices[initial].sum()
            assert round_.left == money - spent
            whole = len(labeled) == len(pool)
            if budget.policy == "stop_before":
                assert round_.left >= 0
                dearest = prices[np.setdiff1d(pool, labeled)].max(initial=0)
                assert whole or round_.left < max(dearest, 1)  # the money ended the round
            else:
                assert whole or round_.left <= 0
    assert number == n_rounds


@given(st.lists(texts, min_size=N, max_size=N).map(np.array), queries, st.integers(1, 4))
def test_the_loop_in_steps_is_the_loop_in_one(y, query, n_instances):
    """Whoever asks and labels by hand, round by round, comes to the labels of `rounds`."""
    found = list(rounds(Keeper(), X, Oracle(y), query, [5, 2], n_instances, 14, 3))
    labels, remaining = Labels(X[[5, 2]], np.array([5, 2]), y[[5, 2]]), np.setdiff1d(np.arange(N), [5, 2])
    for round_, following in zip(found, [*found[1:], None], strict=True):
        learner = fit_round(Keeper(), X, labels, remaining, query, 3, round_.number)
        assert labels.rows.tolist() == round_.labeled.tolist()
        assert learner.estimator.y_.tolist() == round_.learner.estimator.y_.tolist()
        if following is not None:
            rows, _ = ask_round(learner, X, remaining, len(following.picked), 3, round_.number)
            assert rows.tolist() == following.picked.tolist()
            rows_known = np.concatenate([labels.rows, rows])
            labels, remaining = Labels(X[rows_known], rows_known, y[rows_known]), np.setdiff1d(remaining, rows)


@given(st.lists(texts, min_size=N, max_size=N).map(np.array), st.data())
def test_the_loop_as_one_estimator_keeps_its_budget_and_its_labels(y, data):
    hidden = data.draw(st.sets(st.integers(0, N - 1), max_size=10))
    known = np.array([row for row in range(N) if row not in hidden])
    y = y.astype(object)
    y[known[0]], y[known[1]] = "a", "bb"  # of two classes at least
    y[list(hidden)] = None
    budget, n_instances = data.draw(st.integers(2, N)), data.draw(st.integers(1, 5))
    loop = ActiveLearningClassifier(
        Keeper(),
        random_sampling,
        n_initial=2,
        n_instances=n_instances,
        budget=budget,
        initial="stratified",
        random_state=0,
    )
    rows = loop.fit(X, y).labeled_indices_
    assert len(set(rows.tolist())) == len(rows) == max(2, min(budget, len(known))) and set(rows) <= set(known)
    assert loop.estimator_.y_.tolist() == y[rows].tolist() and loop.estimator_.X_.tolist() == X[rows].tolist()
    assert np.concatenate([one["picked"] for one in loop.history_]).tolist() == rows.tolist()


def first_regions(learner, X_pool, regions, n_instances=1, random_state=None):
    pairs = [(i, number) for i in range(len(X_pool)) for number in np.unique(regions[i]) if number >= 0]
    return np.array(pairs)[:n_instances], np.zeros(n_instances)


IMAGES = np.arange(6.0)[:, None, None, None] * np.ones((1, 1, 4, 4))


@given(st.integers(0, 99), st.sampled_from([first_regions, region_query(in_order, "random")]), st.data())
def test_a_loop_over_regions(seed, query, data):
    rng = np.random.default_rng(seed)
    truth = rng.choice([0, 1, 2, VOID], (6, 4, 4)).astype(np.uint8)
    truth[:, 0, 0] = 0
    maps = rng.integers(-1, 5, (6, 4, 4))
    maps[:, 0, 0] = 0
    budget = Budget(data.draw(st.integers(1, 20)), data.draw(st.sampled_from(["stop_before", "overshoot"])))
    oracle = RegionOracle(truth, maps, cost=Area(), ignore_label=VOID)
    initial = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=2, unique=True))
    n_rounds, n_instances = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    loop = region_rounds(Keeper(), IMAGES, oracle, query, initial, budget, n_rounds, 0, n_instances=n_instances)
    pairs, total, initial_price = [], 0.0, sum(Area()(truth[image]) for image in initial)
    for round_ in loop:
        pairs += [tuple(pair) for pair in round_.picked.tolist()]
        assert len(set(pairs)) == len(pairs) and not {image for image, _ in pairs} & set(initial)
        price = sum(Area()(np.where(maps[i] == number, truth[i], VOID)) for i, number in round_.picked.tolist())
        total += price if round_.number else initial_price
        assert round_.cost == oracle.spent == total and round_.spent == (price if round_.number else initial_price)
        assert round_.left == budget.per_round * round_.number - (total - initial_price)
        assert round_.left >= 0 or budget.policy == "overshoot"
        open_regions = oracle.open_regions
        for image in range(6):
            paid = [number for i, number in pairs if i == image]
            inside = np.isin(maps[image], paid) | (image in initial)
            assert (np.where(inside, -1, maps[image]) == open_regions[image]).all() or image in initial
            known = np.where(inside, truth[image], VOID)
            assert (image in round_.labeled) == (known != VOID).any()
            if image in round_.labeled:
                place = round_.labeled.tolist().index(image)
                np.testing.assert_array_equal(round_.learner.y_training[place], known)
                np.testing.assert_array_equal(np.array(round_.learner.estimator.y_[place], dtype=int), known)
                assert (np.asarray(round_.learner.X_training)[place] == image).all()
    if len(pairs) < sum(len(np.unique(maps[i][maps[i] >= 0])) for i in range(6) if i not in initial):
        assert round_.number == n_rounds


def test_a_round_that_buys_three_times_keeps_the_order_of_rows_and_labels():
    """The mean price so far, 9, lets expect one row a question; the others cost 1."""
    shop = PricedOracle(Oracle(np.arange(N)), lambda label: 9.0 if label == 0 else 1.0)
    first, second = rounds(Keeper(), X, shop, in_order, [0], budget=Budget(10), n_rounds=1)
    assert first.picked.tolist() == [0] and second.picked.tolist() == list(range(1, 11))
    assert second.learner.y_training.tolist() == second.learner.X_training.ravel().tolist() == list(range(11))
    assert second.learner.estimator.y_.tolist() == list(range(11))


@pytest.mark.parametrize("policy", ["stop_before", "overshoot"])
def test_a_loop_over_money_that_was_stopped_goes_on_as_it_would_have(policy):
    prices = np.random.default_rng(0).integers(0, 9, N).astype(float)
    shop, money = PricedOracle(Oracle(np.arange(N)), lambda label: prices[label]), Budget(9, policy)
    whole = list(rounds(Keeper(), X, shop, random_sampling, [3, 1], budget=money, n_rounds=4))
    for at in whole[1:-1]:
        spent = at.cost - whole[0].cost
        rest = list(rounds(Keeper(), X, shop, random_sampling, at.labeled, number=at.number, n_rounds=4, spent=spent,
                           budget=money))  # fmt: skip
        assert [r.labeled.tolist() for r in rest] == [r.labeled.tolist() for r in whole[at.number :]]
        assert [(r.cost, r.left) for r in rest] == [(r.cost, r.left) for r in whole[at.number :]]
