"""Vectors given as arrays: the picks are those of a callable that gives the same; what does not fit is refused."""

import copy
from functools import partial

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner, ActiveLearningClassifier
from skal.data import RowView
from skal.outputs import InvalidOutput, MissingOutput, embedding, given_vectors
from skal.query import (
    badge,
    combine,
    core_set,
    information_density_sampling,
    kmeans_sampling,
    margin_sampling,
    query_strategy,
    subsample,
    typiclust,
)

OF_THE_POOL = [kmeans_sampling, badge, information_density_sampling]
OF_BOTH = [core_set, typiclust]


def vectors(X):
    """Far from the raw features, so that picks differ where these are read instead."""
    return np.stack([np.sin(3 * X[:, 0]), X[:, 1] ** 2, X[:, 2] * X[:, 3]], axis=1)


@pytest.fixture
def X(table):
    return table[0][:120]


@pytest.fixture
def learner(X, table):
    return LogisticRegression().fit(X, table[1][:120])


@pytest.mark.parametrize("strategy", OF_THE_POOL, ids=lambda strategy: strategy.__name__)
def test_an_array_gives_the_picks_of_a_callable(strategy, learner, X):
    expected = strategy(learner, X, 8, embedding=vectors, random_state=0)
    assert strategy(learner, X, 8, embedding=vectors(X), random_state=0).tolist() == expected.tolist()
    pair = (np.zeros((5, 3)), vectors(X))  # labelled rows are not looked at
    assert strategy(learner, X, 8, embedding=pair, random_state=0).tolist() == expected.tolist()
    assert strategy(learner, X, 8, random_state=0).tolist() != expected.tolist()


@pytest.mark.parametrize("n_labeled", [20, 60])
@pytest.mark.parametrize("strategy", OF_BOTH, ids=lambda strategy: strategy.__name__)
def test_a_pair_gives_the_picks_of_a_callable(strategy, n_labeled, learner, X):
    """With 60 labelled rows there are as many as in the pool: only the order in the pair tells them apart."""
    labeled, pool = X[:n_labeled], X[60:]
    options = {"X_labeled": labeled, "random_state": 0}
    expected = strategy(learner, pool, 8, embedding=vectors, **options)
    pair = (vectors(labeled), vectors(pool))
    assert strategy(learner, pool, 8, embedding=pair, **options).tolist() == expected.tolist()
    assert strategy(learner, pool, 8, embedding=list(pair), **options).tolist() == expected.tolist()
    if n_labeled == 60:
        swapped = strategy(learner, pool, 8, embedding=pair[::-1], **options)
        assert swapped.tolist() != expected.tolist()


def test_a_pair_serves_a_learner_that_knows_its_labels(X, table):
    learner = ActiveLearner(LogisticRegression(), X_training=X[:30], y_training=table[1][:30])
    expected = core_set(learner, X[30:], 4, embedding=vectors, random_state=0)
    found = core_set(learner, X[30:], 4, embedding=(vectors(X[:30]), vectors(X[30:])), random_state=0)
    assert found[0].tolist() == expected[0].tolist()
    np.testing.assert_allclose(found[1], expected[1])


def test_nothing_labelled_needs_no_pair():
    learner = ActiveLearner(LogisticRegression())  # it has not been taught anything
    Z = np.array([[0.0], [1.0], [9.0]])
    assert 2 in core_set(learner, np.zeros((3, 2)), 2, embedding=Z, random_state=0)[0]
    with pytest.raises(InvalidOutput, match="the 0 rows of the labelled data, got 4"):
        core_set(learner, np.zeros((3, 2)), 2, embedding=(np.zeros((4, 1)), Z))


@pytest.mark.parametrize("kind", ["sparse", "frame", "tensor", "bytes"])
def test_arrays_of_any_kind(kind, learner, X):
    Z = np.round(vectors(X) * 20).clip(0, 200)
    if kind == "sparse":
        given = sparse.csr_matrix(Z)
    elif kind == "frame":
        given = pytest.importorskip("pandas").DataFrame(Z)  # which has a method transform
    elif kind == "tensor":
        given = pytest.importorskip("torch").tensor(Z)
    else:
        given = Z.astype(np.uint8)
    expected = kmeans_sampling(learner, X, 5, embedding=lambda rows: np.round(vectors(rows) * 20).clip(0, 200),
                               random_state=0)  # fmt: skip
    assert kmeans_sampling(learner, X, 5, embedding=given, random_state=0).tolist() == expected.tolist()


def test_scores_of_a_pool_and_a_combination_take_arrays(learner, X):
    both = combine("product", margin_sampling, partial(information_density_sampling, embedding=vectors(X)))
    same = combine("product", margin_sampling, partial(information_density_sampling, embedding=vectors))
    assert both(learner, X, 6, random_state=0).tolist() == same(learner, X, 6, random_state=0).tolist()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            np.zeros((119, 3)),
            "a vector for each of the 120 rows of the pool, got 119.*Pass a callable or a transformer",
        ),
        (np.zeros(120), r"embedding must give \(n, d\) numbers, got float64 of shape \(120,\)"),
        (np.zeros((120, 2), dtype=object), "must give .* numbers, got object"),
        (np.where(np.arange(240).reshape(120, 2) > 200, np.nan, 0), "finite, got NaN.*in 20 of 120 rows of the pool"),
    ],
)
def test_what_does_not_fit_the_pool_is_refused(given, message, learner, X):
    with pytest.raises(InvalidOutput, match=f"kmeans_sampling: .*{message}"):
        kmeans_sampling(learner, X, 3, embedding=given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((100, 3)), r"20 labelled rows need vectors too. Pass a pair of arrays, \(labelled, pool\)"),
        ((np.zeros((100, 3)), np.zeros((20, 3))), "each of the 100 rows of the pool, got 20"),
        ((np.zeros((19, 3)), np.zeros((100, 3))), "each of the 20 rows of the labelled data, got 19"),
        ((np.zeros((20, 2)), np.zeros((100, 3))), "of one width, got 2 and 3"),
    ],
)
def test_what_does_not_fit_labelled_rows_is_refused(given, message, learner, X):
    with pytest.raises(InvalidOutput, match=f"core_set: .*{message}"):
        core_set(learner, X[20:], 3, X_labeled=X[:20], embedding=given)


def test_a_loop_says_that_a_callable_is_needed(X, table):
    strategy = partial(kmeans_sampling, embedding=vectors(X))
    loop = ActiveLearningClassifier(LogisticRegression(), strategy, n_initial=10, budget=20, random_state=0)
    with pytest.raises(InvalidOutput, match="in a loop or a study the pool shrinks every round. Pass a callable"):
        loop.fit(X, table[1][:120])
    with pytest.raises(InvalidOutput, match="24 rows of the pool, got 120.*Pass a callable"):
        subsample(strategy, 24)(LogisticRegression().fit(X, table[1][:120]), X, 3)
    fitted = copy.deepcopy(loop).set_params(query_strategy=partial(kmeans_sampling, embedding=vectors))
    assert fitted.fit(X, table[1][:120]).history_[-1]["n_labels"] == 20


def test_rows_that_are_not_of_the_query_are_refused(learner, X):
    @query_strategy(reads=("embedding",))
    def of_a_half(learner, X_pool, n_instances, *, embedding=None):
        from skal.outputs import embedding as read

        read(learner, RowView(X_pool, np.arange(60)), embedding)

    with pytest.raises(MissingOutput, match="of_a_half: .*the query's own rows, and 60 others.*Pass a callable"):
        of_a_half(learner, X, 3, embedding=vectors(X))


def test_a_callable_and_nothing_stay_as_they_are(X):
    assert given_vectors(vectors, X) is vectors and given_vectors(None, X) is None
    assert (embedding(None, X, given_vectors(vectors(X), X)) == vectors(X)).all()


def test_the_documentation_tells_what_each_takes():
    assert "embedding : callable, transformer or ndarray, default=None" in kmeans_sampling.__doc__
    assert "embedding : callable, transformer or pair of ndarrays, default=None" in core_set.__doc__
    for strategy in (kmeans_sampling, core_set):
        assert "a callable or transformer is needed" in strategy.__doc__ and "{" not in strategy.__doc__[:600]
