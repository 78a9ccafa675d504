"""What only nets offer: passes with dropout, predicted losses, distances to the boundary; read with fakes."""

import functools

import numpy as np
import pandas
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearner, query, scores
from skal.data import RowView, block_rows
from skal.neural import NeuralClassifier
from skal.outputs import (
    InvalidOutput,
    MissingOutput,
    UnfittedLearner,
    boundary_distance,
    committee_proba,
    is_committee,
    model_input,
    predicted_loss,
    sampled_proba,
)
from skal.query import (
    adversarial_deepfool,
    bald,
    ensemble_variation_ratio,
    learning_loss_sampling,
    mc_dropout_entropy,
    mc_dropout_mean_std,
    mc_dropout_variation_ratio,
    pool_scores,
    vae_core_set,
    variation_ratio_sampling,
)
from skal.selection import k_center


class Net(ClassifierMixin, BaseEstimator):
    """A linear model with dropout on its columns, in NumPy; it notes the seeds it is given."""

    def fit(self, X, y):
        self.model_ = LogisticRegression().fit(X, y)
        self.classes_ = self.model_.classes_
        self.seeds_ = []
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def sampled_proba(self, X, n_samples=10, random_state=None):
        self.seeds_.append(random_state)
        masks = np.random.RandomState(random_state).rand(n_samples, X.shape[1]) > 0.5
        return np.stack([self.model_.predict_proba(X * mask * 2) for mask in masks])

    def predict_loss(self, X):
        return -X[:, 0]

    def boundary_distance(self, X, max_iter=50, overshoot=0.02, n_classes=10, norm=2):
        return np.where(X[:, 0] > 0, X[:, 0], np.inf)


@pytest.fixture
def net(table):
    return Net().fit(*table)


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_a_pass_has_the_same_masks_for_all_rows_whatever_the_block(rows, net, table):
    X, _ = table
    seed = np.random.RandomState(3).randint(2**31 - 1)
    with block_rows(rows):
        P = sampled_proba(net, X, 6, random_state=3)
    assert P.shape == (6, 300, 3) and set(net.seeds_) == {seed}
    np.testing.assert_allclose(P, net.sampled_proba(X, 6, seed), rtol=1e-12)


def test_passes_of_a_view_are_those_of_its_rows(net, table):
    rows = np.setdiff1d(np.arange(300), [5, 77, 150])
    P = sampled_proba(net, RowView(table[0], rows), 4, random_state=0)
    np.testing.assert_allclose(P, sampled_proba(net, table[0], 4, random_state=0)[:, rows], rtol=1e-12)


def test_passes_are_read_behind_learners_and_pipelines(net, table):
    X, y = table
    pipeline = make_pipeline(StandardScaler(), Net()).fit(X, y)
    expected = sampled_proba(pipeline[-1], StandardScaler().fit_transform(X), 4, random_state=0)
    np.testing.assert_allclose(sampled_proba(pipeline, X, 4, random_state=0), expected)
    learner = ActiveLearner(make_pipeline(StandardScaler(), Net()), X_training=X, y_training=y)
    np.testing.assert_allclose(sampled_proba(learner, X, 4, random_state=0), expected)
    np.testing.assert_allclose(
        sampled_proba(learner, X, 4, then=scores.bald, random_state=0), scores.bald(expected), atol=1e-12
    )
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_allclose(predicted_loss(learner, X), -scaled[:, 0])
    np.testing.assert_allclose(boundary_distance(learner, X), net.boundary_distance(scaled))


def test_other_seeds_give_other_passes_and_the_global_generator_is_left_alone(net, table):
    before = np.random.get_state()[1].copy()
    first, second = (sampled_proba(net, table[0], 4, random_state=seed) for seed in (0, 1))
    assert (first != second).any() and (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize("read", [sampled_proba, predicted_loss, boundary_distance])
def test_a_model_without_the_output_is_told_what_to_use(read, table):
    with pytest.raises(MissingOutput, match=r"LogisticRegression has none\. .*[Uu]se skal\.neural\."):
        read(LogisticRegression().fit(*table), table[0])
    with pytest.raises(MissingOutput, match="bald: needs sampled_proba"):
        bald(LogisticRegression().fit(*table), table[0])


@pytest.mark.parametrize("n_samples", [0, -1, 2.5, True, None])
def test_a_wrong_number_of_passes_is_refused_before_any(n_samples, net, table):
    with pytest.raises(ValueError, match="n_samples must be an int >= 1, got"):
        mc_dropout_entropy(net, table[0], n_samples=n_samples)
    assert net.seeds_ == []


class Broken(Net):
    """Gives what it is told to."""

    def give(self, value):
        self.value = value
        return self

    def sampled_proba(self, X, n_samples=10, random_state=None):
        return self.value(X)

    predict_loss = boundary_distance = lambda self, X, **options: self.value(X)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda X: np.full((2, len(X), 2), 0.5), r"must have shape \(3, n, C\), got \(2, 300, 2\)"),
        (lambda X: np.full((3, len(X)), 0.5), r"must have shape \(3, n, C\)"),
        (lambda X: np.full((3, len(X), 2), 0.7), "sampled_proba of Broken must give rows .* adds up to 1.4"),
        (lambda X: np.full((3, 4, 2), 0.5), "one row a row, got 4 for 300"),
    ],
)
def test_passes_that_are_no_probabilities_are_refused(value, message, table):
    with pytest.raises(InvalidOutput, match=message):
        sampled_proba(Broken().fit(*table).give(value), table[0], 3, random_state=0)


def test_rows_that_are_not_finite_are_counted(table):
    X, y = table

    def spoilt(X):
        P = np.full((3, len(X), 2), 0.5)
        P[1, X[:, 0] == X[6, 0] if len(X) > 6 else [], 0] = np.nan
        return P

    with pytest.raises(InvalidOutput, match="1 of 300 rows, first row 6"):
        sampled_proba(Broken().fit(X, y).give(spoilt), X, 3)
    model = Broken().fit(X, y).give(lambda X: np.where(X[:, 0] > 0, np.inf, 1.0))
    with pytest.raises(InvalidOutput, match="predict_loss of Broken must be finite"):
        predicted_loss(model, X)
    assert np.isinf(boundary_distance(model, X)).any()
    with pytest.raises(InvalidOutput, match="must be numbers, got NaN in 300 of 300 rows, first row 0"):
        boundary_distance(model.give(lambda X: X[:, 0] * np.nan), X)
    with pytest.raises(InvalidOutput, match="must be at least 0, got -2 in row 0"):
        boundary_distance(model.give(lambda X: np.full(len(X), -2.0)), X)
    with pytest.raises(InvalidOutput, match="must give one number a row"):
        predicted_loss(model.give(lambda X: X), X)
    assert predicted_loss(model.give(lambda X: X[:, :1]), X).shape == (300,)


def test_an_unfitted_model_says_so(table):
    with pytest.raises(UnfittedLearner):
        sampled_proba(make_pipeline(StandardScaler(), Net()), table[0])


# The strategies are their scores.


@pytest.mark.parametrize(
    ("strategy", "score"),
    [
        (mc_dropout_entropy, scores.consensus_entropy),
        (bald, scores.bald),
        (mc_dropout_variation_ratio, scores.variation_ratio),
        (mc_dropout_mean_std, scores.mean_std),
    ],
)
def test_strategies_score_their_passes(strategy, score, net, table):
    X, _ = table
    P = sampled_proba(net, X, 7, random_state=5)
    np.testing.assert_allclose(pool_scores(strategy, net, X, n_samples=7, random_state=5), score(P), atol=1e-12)


def test_bald_leaves_rows_alone_on_which_all_passes_are_unsure():
    """Both rows have the mean (1/2, 1/2); on the second, passes differ."""

    class Two:
        def sampled_proba(self, X, n_samples, random_state):
            P = np.full((2, 2, 2), 0.5)
            P[:, 1] = [[0.9, 0.1], [0.1, 0.9]]
            return P

    assert bald(Two(), np.zeros((2, 1)), n_samples=2, random_state=0).tolist() == [1]
    entropies = pool_scores(mc_dropout_entropy, Two(), np.zeros((2, 1)), n_samples=2, random_state=0)
    np.testing.assert_allclose(entropies, np.log(2))


def test_learning_loss_takes_the_largest_of_a_random_subset(net, table):
    X, _ = table
    assert learning_loss_sampling(net, X, 4, random_state=0).tolist() == np.argsort(X[:, 0])[:4].tolist()
    all_scores = pool_scores(learning_loss_sampling, net, X, subset=50, random_state=0)
    drawn = all_scores > all_scores.min()
    assert drawn.sum() == 50 and (all_scores[drawn] == -X[drawn, 0]).all()
    picks = learning_loss_sampling(net, X, 4, subset=50, random_state=0)
    assert picks.tolist() == np.argsort(-all_scores)[:4].tolist()
    assert (picks != learning_loss_sampling(net, X, 4, subset=50, random_state=1)).any()
    with pytest.raises(ValueError, match="subset must be None or an int >= 1, got 0"):
        learning_loss_sampling(net, X, 4, subset=0)


def test_the_smallest_distance_comes_first_and_what_never_flips_last(net, table):
    X, _ = table
    picks = adversarial_deepfool(net, X, 300, random_state=0)
    distances = net.boundary_distance(X)[picks]
    n_finite = np.isfinite(distances).sum()
    assert 0 < n_finite < 300
    assert (np.diff(distances[:n_finite]) >= 0).all() and np.isinf(distances[n_finite:]).all()


# Committees of members.


class Ensemble(ClassifierMixin, BaseEstimator):
    """An ensemble as skal's own will be: members that were fitted to labels."""

    def __init__(self, n_members=5):
        self.n_members = n_members

    def fit(self, X, y):
        rng = np.random.RandomState(0)
        draws = [rng.randint(len(y), size=len(y)) for _ in range(self.n_members)]
        self.members_ = [LogisticRegression().fit(np.asarray(X)[rows], np.asarray(y)[rows]) for rows in draws]
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.mean([member.predict_proba(X) for member in self.members_], axis=0)


@pytest.mark.parametrize("piped", [False, True])
def test_an_ensemble_with_members_is_a_committee(piped, table):
    X, y = table
    words = np.array(["b", "c", "a"])[y]
    model = make_pipeline(StandardScaler(), Ensemble()) if piped else Ensemble()
    assert is_committee(model)
    with pytest.raises(UnfittedLearner):
        committee_proba(Ensemble(), X)
    model.fit(X, words)
    np.testing.assert_allclose(committee_proba(model, X).mean(axis=0), model.predict_proba(X))


def test_the_ensembles_ratio_differs_from_the_plain_one_in_ties_alone(table):
    X, y = table
    model = Ensemble().fit(X[:60], y[:60])
    plain = pool_scores(variation_ratio_sampling, model, X, random_state=0)
    np.testing.assert_array_equal(pool_scores(ensemble_variation_ratio, model, X, random_state=0), plain)
    ours = pool_scores(functools.partial(ensemble_variation_ratio, entropy_ties=True), model, X, random_state=0)
    assert len(np.unique(plain.round(9))) <= 5 < len(np.unique(ours.round(9)))
    higher = plain[:, None] > plain + 1e-9
    assert (ours[:, None] > ours)[higher].all()


# Rows as the model sees them.


def test_model_input_applies_the_head_of_a_pipeline(table):
    X, y = table
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    rows, model = model_input(pipeline, X)
    np.testing.assert_allclose(rows, StandardScaler().fit_transform(X))
    assert model is pipeline[-1]
    raw = ActiveLearner(pipeline, on_transformed=False)
    rows, model = model_input(raw, X)
    assert (rows == X).all() and model is pipeline


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, list, lambda X: X.astype(object), np.float32])
def test_model_input_makes_an_array_of_any_table(kind, table):
    rows, _ = model_input(LogisticRegression(), kind(table[0]))
    assert isinstance(rows, np.ndarray) and rows.dtype.kind == "f"
    np.testing.assert_allclose(rows, table[0], rtol=1e-6)


def test_model_input_leaves_images_where_they_are():
    images = np.zeros((5, 3, 4, 4), dtype=np.uint8)
    assert model_input(None, images)[0] is images
    view = RowView(images, [1, 2])
    assert model_input(LogisticRegression(), view)[0] is view


def test_model_input_refuses_words():
    with pytest.raises(MissingOutput, match="needs rows of numbers"):
        model_input(None, np.array(["a", "b"], dtype=object))


def test_without_a_vae_all_rows_are_fitted(table, monkeypatch):
    """Labelled rows and pool, as the model sees them; the pool alone where nothing is labelled."""
    X, y = table
    seen = []

    class Means:
        def __init__(self, random_state):
            assert isinstance(random_state, int)

        def fit(self, rows):
            seen.append(np.asarray(rows))
            return self

        def transform(self, X):
            return X[:, :2]

    monkeypatch.setattr("skal.neural.VariationalAutoencoder", Means)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    scaled = pipeline[0].transform(X)
    picks = vae_core_set(pipeline, X[10:], 5, X_labeled=X[:10], random_state=0)
    np.testing.assert_allclose(seen[0], scaled)
    both = np.hstack([scaled, scaled[:, :2]])
    assert (picks == k_center(both[10:], 5, both[:10], random_state=0)[0]).all()
    vae_core_set(None, X, 5, X_labeled=X[:0], random_state=0)
    assert len(seen) == 2 and (seen[1] == X).all()


@pytest.mark.parametrize("name", ["bald", "batch_bald", "drop_query", "epig", "mc_dropout_entropy", "power_bald"])
def test_a_net_that_was_fitted_to_a_frame_is_asked_of_frames(name, recwarn):
    frame = pandas.DataFrame(np.random.RandomState(0).randn(30, 3), columns=["a", "b", "c"])
    net = NeuralClassifier(max_epochs=1, module__hidden=(4,), module__dropout=0.5, random_state=0)
    net.fit(frame, np.arange(30) % 2)
    assert len(getattr(query, name)(net, frame, 2, random_state=0)) == 2
    assert not [warning for warning in recwarn if "feature names" in str(warning.message)]
