"""Strategies around strategies: a random part of the pool, and classes in turn."""

from functools import partial

import numpy as np
import pytest
from made_contract import OF_ROWS, OF_THE_DOOR, keeps_the_contract
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner
from skal.data import RowView
from skal.query import (
    class_balanced_sampling,
    combine,
    core_set,
    entropy_sampling,
    kmeans_sampling,
    margin_sampling,
    pool_scores,
    power_sampling,
    random_sampling,
    score_strategy,
    select,
    subsample,
)

STRATEGIES = {
    "subsample_of_scores": subsample(margin_sampling, 24),
    "subsample_of_a_few": subsample(entropy_sampling, 12),
    "subsample_of_a_batch": subsample(core_set, 24),
    "subsample_twice": subsample(subsample(margin_sampling, 10), 20),
    "class_balanced_scores": class_balanced_sampling(margin_sampling),
    "class_balanced_batch": class_balanced_sampling(kmeans_sampling),
    "class_balanced_part": subsample(class_balanced_sampling(margin_sampling), 20),
}
# A part of the pool names its own rows, and clusters of another size are other clusters.
EXCEPT = {
    "subsample_of_a_few": {"check_non_finite_proba"},
    "subsample_twice": {"check_non_finite_proba"},
    "class_balanced_part": {"check_non_finite_proba", "check_return_form"},
    "subsample_of_a_batch": {"check_return_form"},  # it needs labels, which its learner has not got
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_strategy_keeps_the_contract(name):
    checks = [check for check in (*OF_ROWS, *OF_THE_DOOR) if check not in EXCEPT.get(name, ())]
    keeps_the_contract(STRATEGIES[name], checks)


@pytest.fixture
def model(table):
    return LogisticRegression().fit(*table)


class Seen:
    """Embeds rows as they are, and counts them."""

    def __init__(self):
        self.rows = 0

    def __call__(self, X):
        self.rows += len(X)
        return X


def test_subsample_reads_only_its_part(model, table):
    X, y = table
    seen = Seen()
    part = partial(core_set, embedding=seen, X_labeled=X[:5])
    picks = subsample(part, 40)(model, X, 6, random_state=0)
    assert seen.rows == 45 and len(set(picks.tolist())) == 6


def test_subsample_picks_the_best_of_its_part_in_rows_of_the_pool(model, table):
    X, _ = table
    margins = pool_scores(margin_sampling, model, X)
    drawn = np.random.RandomState(3).permutation(300)[:40]
    picks, values = select(subsample(margin_sampling, 40), model, X, 5, random_state=3)
    assert picks.tolist() == drawn[np.argsort(-margins[drawn])][:5].tolist()
    np.testing.assert_allclose(values, margins[picks])
    view = RowView(X, np.arange(100, 300))
    assert select(subsample(margin_sampling, 10**6), model, view, 5)[0].tolist() == (
        np.argsort(-margins[100:])[:5].tolist()
    )


def test_subsample_draws_anew_and_never_fewer_than_asked(model, table):
    parts = [set(subsample(random_sampling, 5)(model, table[0], 5, random_state=seed)) for seed in range(2)]
    assert parts[0] != parts[1]
    assert len(subsample(margin_sampling, 5)(model, table[0], 30, random_state=0)) == 30


def of_modal_form(learner, X_pool, n_instances=1, **options):
    return np.arange(n_instances)


@pytest.mark.parametrize("m", [0, -3, 2.5, True])
def test_subsample_refuses_a_wrong_size(m):
    with pytest.raises(ValueError, match="subsample: m must be an int >= 1, got"):
        subsample(margin_sampling, m)


@pytest.mark.parametrize("wrap", [partial(subsample, m=5), class_balanced_sampling])
def test_what_is_no_strategy_is_refused(wrap):
    with pytest.raises(TypeError, match="of_modal_form is no query strategy"):
        wrap(of_modal_form)


def unbalanced(words=False):
    """Three blobs; 1, 3 and 8 labels, and a pool of 100, 20 and 4."""
    rng = np.random.RandomState(0)
    centers = np.array([[6.0, 0.0], [-6.0, 0.0], [0.0, 8.0]])
    y, y_pool = np.repeat([0, 1, 2], [1, 3, 8]), np.repeat([0, 1, 2], [100, 20, 4])
    X, pool = (centers[labels] + rng.normal(scale=0.3, size=(len(labels), 2)) for labels in (y, y_pool))
    names = np.array(["b", "c", "a"]) if words else np.arange(3)
    return X, names[y], pool, y_pool


@pytest.mark.parametrize("words", [False, True])
@pytest.mark.parametrize(("n", "expected"), [(1, [1, 0, 0]), (2, [2, 0, 0]), (6, [4, 2, 0]), (12, [7, 5, 0])])
def test_labels_become_as_equal_as_they_can(words, n, expected):
    X, y, pool, truth = unbalanced(words)
    learner = ActiveLearner(LogisticRegression(), X_training=X, y_training=y)
    for part in (margin_sampling, kmeans_sampling):
        picks, values = select(class_balanced_sampling(part), learner, pool, n, random_state=0)
        assert np.bincount(truth[picks], minlength=3).tolist() == expected
        assert (np.diff(values) <= 0).all() and values[0] == -1


@pytest.mark.parametrize("seed", range(3))
def test_every_pick_is_of_the_class_with_the_fewest_labels_so_far(seed):
    """The first picks of a batch would be asked for if the batch were smaller, and scores are those of their rows."""
    X, y, pool, _ = unbalanced()
    learner = ActiveLearner(LogisticRegression(), X_training=X, y_training=y)
    predicted = learner.predict(pool)
    picks, values = select(class_balanced_sampling(margin_sampling), learner, pool, 12, random_state=seed)
    counts = np.bincount(y, minlength=3)
    for row, value in zip(picks, values, strict=True):
        assert counts[predicted[row]] == counts.min() == -value
        counts[predicted[row]] += 1


def test_a_class_without_rows_is_passed_over():
    X, y, pool, truth = unbalanced()
    few = np.concatenate([pool[:2], pool[100:]])  # 2, 20 and 4 rows
    learner = ActiveLearner(LogisticRegression(), X_training=X, y_training=y)
    picks = select(class_balanced_sampling(margin_sampling), learner, few, 14, random_state=0)[0]
    counts = np.bincount(np.repeat([0, 1, 2], [2, 20, 4])[picks], minlength=3)
    assert counts.tolist() in ([2, 9, 3], [2, 8, 4])  # 3, 12, 11 or 3, 11, 12 in all
    assert len(select(class_balanced_sampling(margin_sampling), learner, few, 26, random_state=0)[0]) == 26


def test_within_a_class_the_part_decides():
    X, y, pool, truth = unbalanced()
    learner = ActiveLearner(LogisticRegression(), X_training=X, y_training=y)
    margins = pool_scores(margin_sampling, learner, pool)
    picks = select(class_balanced_sampling(margin_sampling), learner, pool, 12, random_state=0)[0]
    for c in (0, 1):
        mine, rows = picks[truth[picks] == c], np.flatnonzero(truth == c)
        assert mine.tolist() == rows[np.argsort(-margins[rows])][: len(mine)].tolist()


@score_strategy
def noise(learner, X_pool, *, random_state=None):
    return random_state.random_sample(len(X_pool))


@pytest.mark.parametrize(
    "wrapped",
    [
        combine("sum", noise, margin_sampling),
        combine("product", noise, entropy_sampling),
        combine("sum", combine("product", noise)),
        power_sampling(noise),
        subsample(noise, 60),
        class_balanced_sampling(noise),
    ],
    ids=["sum", "product", "nested", "power", "subsample", "class_balanced"],
)
def test_a_part_that_draws_draws_from_the_generator_of_the_call(wrapped):
    X, y, pool, _ = unbalanced()
    learner = ActiveLearner(LogisticRegression(), X_training=X, y_training=y)
    first, again = (select(wrapped, learner, pool, 9, random_state=5) for _ in range(2))
    assert first[0].tolist() == again[0].tolist() and first[1].tolist() == again[1].tolist()
    assert any(select(wrapped, learner, pool, 9, random_state=k)[0].tolist() != first[0].tolist() for k in range(3))


def test_labelled_data_reach_the_part():
    X, y, pool, _ = unbalanced()
    model = LogisticRegression().fit(X, y)
    learner = ActiveLearner(LogisticRegression(), X_training=X, y_training=y)
    wrapped = class_balanced_sampling(core_set)
    given = wrapped(model, pool, 8, X_labeled=X, y_labeled=y, random_state=0)
    assert given.tolist() == wrapped(learner, pool, 8, random_state=0)[0].tolist()
    preset = class_balanced_sampling(partial(core_set, X_labeled=X[:1]))
    assert preset(model, pool, 8, X_labeled=X, y_labeled=y, random_state=0).tolist() != given.tolist()
