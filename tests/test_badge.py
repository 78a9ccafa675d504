"""BADGE: the contract, and the gradients from their definition."""

from functools import partial

import numpy as np
import pytest
from made_contract import keeps_the_contract
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skal.query import badge, core_set


def magnitudes(block):
    return np.abs(block.toarray() if hasattr(block, "toarray") else np.asarray(block))


# By itself it goes through these checks with all strategies.
STRATEGIES = {
    "uniform_first": partial(badge, law="uniform_first"),
    "origin": partial(badge, law="origin"),
    "embedding": partial(badge, embedding=magnitudes),
    "core_set_cosine": partial(core_set, metric="cosine"),
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_contract(name):
    keeps_the_contract(STRATEGIES[name], name=STRATEGIES[name].func.__name__)


@pytest.fixture
def learner():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    return make_pipeline(PCA(2), LogisticRegression()).fit(X, rng.integers(0, 3, 60))


def gradients(learner, X):
    P, Z = learner.predict_proba(X), learner[:-1].transform(X)
    a = P - np.eye(3)[P.argmax(axis=1)]
    return (a[:, :, None] * Z[:, None, :]).reshape(len(X), -1)


@pytest.mark.parametrize("law", ["largest_first", "origin"])
def test_the_longest_gradient_is_first(learner, law):
    X = np.random.default_rng(1).normal(size=(50, 4))
    expected = (gradients(learner, X) ** 2).sum(axis=1).argmax()
    for seed in range(5):
        assert badge(learner, X, 3, random_state=seed, law=law)[0] == expected


@pytest.mark.nightly  # the law of factorised draws: test_kmeans_plusplus.py
def test_draws_follow_the_distance_of_the_gradients(learner):
    X = np.random.default_rng(1).normal(size=(6, 4))
    G = gradients(learner, X)
    first = (G**2).sum(axis=1).argmax()
    for law, nearest in (
        ("largest_first", ((G - G[first]) ** 2).sum(axis=1)),
        ("origin", np.minimum(((G - G[first]) ** 2).sum(axis=1), (G**2).sum(axis=1))),
    ):
        draws = [badge(learner, X, 2, random_state=seed, law=law)[1] for seed in range(600)]
        shares = np.bincount(draws, minlength=6) / 600
        np.testing.assert_allclose(shares, nearest / nearest.sum(), atol=4 * np.sqrt(0.25 / 600))
        assert shares[first] == 0


def test_certain_rows_come_last_with_zero_as_a_center_and_count_as_one_point_without():
    model = LogisticRegression(C=1e6).fit([[-1.0], [1.0]], [0, 1])
    X = np.array([[900.0], [-900.0], [0.01], [800.0], [-0.02]])  # the model is certain of three, to the last digit
    for seed in range(10):
        assert set(badge(model, X, 2, random_state=seed, law="origin").tolist()) == {2, 4}
        for law in ("largest_first", "origin"):
            picks = badge(model, X, 5, random_state=seed, law=law)
            assert sorted(picks.tolist()) == [0, 1, 2, 3, 4]
            assert {2, 4} <= set(picks[:3].tolist())


def test_a_law_that_is_none_raises(learner):
    with pytest.raises(ValueError, match="badge: law must be one of largest_first, uniform_first, origin, got 'any'"):
        badge(learner, np.zeros((3, 4)), 2, law="any")


def test_core_set_looks_at_directions_where_asked(learner):
    X = np.array([[100.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [-1.0, 0.1, 0.0, 0.0]])
    options = {"X_labeled": [[1.0, 0.0, 0.0, 0.0]], "embedding": np.asarray, "random_state": 0}
    assert core_set(learner, X, 1, **options).tolist() == [0]
    assert core_set(learner, X, 1, metric="cosine", **options).tolist() == [2]
    with pytest.raises(ValueError, match="metric must be one of euclidean, sqeuclidean, cosine, got 'cos'"):
        core_set(learner, X, 1, metric="cos", **options)
