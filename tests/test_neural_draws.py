"""Draws of nets that are nobody's default: in forward passes in evaluation, and of skorch's own nets in learners."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier
from torch import nn

import skal
from skal.cloning import seeded_fit
from skal.neural import (
    LossPredictionClassifier,
    NeuralClassifier,
    NeuralRegressor,
    NeuralSegmenter,
)
from skal.outputs import committee_proba
from skal.query import margin_sampling, vote_entropy_sampling
from skal.training import CountedDraws

ROUND = {"n_initial": 8, "n_instances": 4, "n_rounds": 1, "n_trials": 2, "n_jobs": 1}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 5)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0.8)


@pytest.fixture
def generator_stays():
    """The test must not move torch's generator."""
    before = torch.get_rng_state()
    yield
    assert torch.equal(before, torch.get_rng_state())


class DropsAlways(nn.Module):
    """A usual fault: functional dropout that does not ask for the mode."""

    def __init__(self, n_outputs=3):
        super().__init__()
        self.body, self.head = nn.Linear(5, 8), nn.Linear(8, n_outputs)

    def forward(self, x):
        return self.head(F.dropout(torch.relu(self.body(x)), 0.5))

    def forward_stages(self, x):
        z = F.dropout(torch.relu(self.body(x)), 0.5)
        return self.head(z), [z]


class Noisy(DropsAlways):
    """Gaussian noise at each pass, on purpose."""

    def forward(self, x):
        z = torch.relu(self.body(x))
        return self.head(z + 0.5 * torch.randn_like(z))


class Leaky(DropsAlways):
    """Leaks at random: an operation that takes no generator."""

    def forward(self, x):
        return self.head(F.rrelu(self.body(x), training=True))


@pytest.mark.parametrize("kind", [DropsAlways, Noisy, Leaky])
def test_reads_of_a_net_that_draws_are_equal(rows, kind, generator_stays):
    X, y = rows
    model = NeuralClassifier(kind, max_epochs=1, random_state=0).fit(X, y)
    P, Z = model.predict_proba(X), model.transform(X)
    np.testing.assert_array_equal(model.predict_proba(X), P)
    np.testing.assert_array_equal(model.transform(X), Z)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), P)
    again = NeuralClassifier(kind, max_epochs=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), P)
    other = NeuralClassifier(kind, max_epochs=1, random_state=1).fit(X, y)
    other.net_.module_.load_state_dict(model.net_.module_.state_dict())
    assert np.abs(other.predict_proba(X) - P).max() > 1e-3  # it does draw, by the seed of its fit


def test_samples_of_such_a_net_differ(rows):
    X, y = rows
    model = NeuralClassifier(DropsAlways, max_epochs=1, random_state=0).fit(X, y)
    assert (model.sampled_proba(X, 5, random_state=0).std(axis=0).mean(axis=1) > 0).mean() > 0.9
    P = NeuralClassifier(nn.Sequential(Leaky(4), nn.Dropout(0.5), nn.Linear(4, 3)), max_epochs=1).fit(X, y)
    assert (P.sampled_proba(X, 5, random_state=0).std(axis=0).mean(axis=1) > 0).all()


def test_a_saved_net_reads_as_it_was(rows, tmp_path, generator_stays):
    X, y = rows
    for model, target in (
        (NeuralClassifier(Noisy, max_epochs=1), y),
        (NeuralRegressor(Noisy, max_epochs=1), X[:, 0]),
    ):
        model.fit(X, target).save(tmp_path / "net")
        loaded = type(model)(Noisy, random_state=5).load(tmp_path / "net")
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
        assert len(np.unique(loaded.predict(X[[0] * 20]))) > (0 if target is y else 1)


def test_predicted_losses_and_passes(rows, generator_stays):
    X, y = rows
    model = LossPredictionClassifier(DropsAlways, max_epochs=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict_loss(X), model.predict_loss(X))
    model = NeuralClassifier(Noisy, random_state=0).partial_fit(X, y, classes=[0, 1, 2])
    np.testing.assert_array_equal(model.predict_proba(X), model.predict_proba(X))


class NoisyPixels(nn.Module):
    def __init__(self, n_outputs=2):
        super().__init__()
        self.head = nn.Conv2d(1, n_outputs, 1)

    def forward(self, x):
        return self.head(F.dropout2d(x, 0.5) + torch.rand_like(x))


def test_pixels_of_images_of_several_sizes(generator_stays):
    rng = np.random.default_rng(0)
    X = [rng.random((1, 6, 6 + i), dtype=np.float32) for i in range(4)]
    masks = [rng.integers(2, size=x.shape[1:]) for x in X]
    model = NeuralSegmenter(NoisyPixels, crop_size=4, max_epochs=1, random_state=0).fit(X, masks)
    one, other = model.predict(X), model.predict(X)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_net_at_rest_is_read_without_seeds(rows):
    """What could draw and does not (dropout and LSTM in evaluation) is not counted."""
    X, y = rows
    net = nn.Sequential(nn.Linear(5, 8), nn.Dropout(0.5), nn.RReLU(), nn.Linear(8, 3))
    model = NeuralClassifier(net, max_epochs=1, random_state=0).fit(X, y)
    assert model._reading_seed is None
    layer = nn.LSTM(5, 4, 2, dropout=0.5)
    for training in (False, True):
        with CountedDraws(0) as draws:
            layer.train(training)(torch.zeros(3, 2, 5))
        assert (draws.n_draws > 0) == training


class Softmax(nn.Module):
    def __init__(self, n_outputs=3):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, n_outputs), nn.Softmax(-1))

    def forward(self, x):
        return self.net(x)


def bare(**options):
    settings = {"max_epochs": 2, "lr": 0.1, "train_split": None, "verbose": 0, "iterator_train__shuffle": True}
    return NeuralNetClassifier(Softmax, **{**settings, **options})


def taught(estimator, rows, seed=0, **settings):
    X, y = rows
    return skal.ActiveLearner(
        estimator, margin_sampling, X_training=X[:40], y_training=y[:40], random_state=seed, **settings
    )


@pytest.mark.parametrize("make", [bare, lambda: make_pipeline(StandardScaler(), bare())], ids=["net", "pipeline"])
def test_a_learner_seeds_a_net_of_skorch(rows, make):
    X, y = rows
    one, other = (taught(make(), rows) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert one.query(X[40:], n_instances=5)[0].tolist() == other.query(X[40:], n_instances=5)[0].tolist()
    for learner in (one, other):
        learner.teach(X[40:60], y[40:60])
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert not np.array_equal(one.predict_proba(X), taught(make(), rows, seed=1).predict_proba(X))


@pytest.mark.parametrize("settings", [{"warm_start": True}, {}], ids=["warm start", "partial fit"])
def test_training_on_is_seeded_too(rows, settings):
    X, y = rows
    one, other = (taught(bare(**settings), rows, retrain="warm") for _ in range(2))
    for learner in (one, other):
        learner.teach(X[40:60], y[40:60])
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_members_of_a_committee_differ_and_come_again(rows):
    X, y = rows
    one, other = (skal.Committee([bare(), bare()], vote_entropy_sampling, random_state=0) for _ in range(2))
    P, Q = (committee_proba(committee.fit(X[:40], y[:40]), X) for committee in (one, other))
    np.testing.assert_array_equal(P, Q)
    assert not np.array_equal(P[0], P[1])


def test_strategies_agree_at_round_0_of_a_comparison(rows):
    X, y = rows
    one, other = (
        skal.compare(X, y, bare(), [margin_sampling, "entropy_sampling"], seed=0, **ROUND) for _ in range(2)
    )
    of_strategies = one.metrics["accuracy"]
    assert set(of_strategies) == {"random_sampling", "margin_sampling", "entropy_sampling"}
    at_round_0 = [values[:, 0].tolist() for values in of_strategies.values()]
    assert at_round_0[0] == at_round_0[1] == at_round_0[2]
    assert not any("not seeded" in note for note in one.notes)
    for name, values in of_strategies.items():
        np.testing.assert_array_equal(values, other.metrics["accuracy"][name])


def test_workers_of_their_own_are_warned_of(rows):
    X, y = rows
    bagged = BaggingClassifier(bare(), n_estimators=2, n_jobs=2, random_state=0)
    with pytest.warns(UserWarning, match="BaggingClassifier: n_jobs=2 fits nets of skorch in workers of their own"):
        seeded_fit(bagged, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seeded_fit(bagged.set_params(n_jobs=None), 0)
        seeded_fit(bagged.set_params(estimator=LogisticRegression(), n_jobs=2), 0)


def test_only_nets_of_skorch_take_a_seed():
    rng = np.random.RandomState(0)
    for estimator in (LogisticRegression(), NeuralClassifier(), object()):
        seeded_fit(estimator, rng)
    assert rng.randint(100) == np.random.RandomState(0).randint(100)


class TestColumnsOfClassesNeverSeen:
    """A net of three outputs that was taught the labels 0 and 2 has them in columns 0 and 2."""

    @pytest.fixture
    def two_labels(self, rows):
        X, y = rows
        return X[y != 1][:40], y[y != 1][:40]

    def test_a_comparison_goes_through(self, rows):
        X, y = rows
        rare = np.flatnonzero(y == 2)
        order = np.concatenate([np.flatnonzero(y != 2), rare[:6]])
        found = skal.compare(X[order], y[order], bare(), [margin_sampling], seed=0, scoring="neg_log_loss", **ROUND)
        assert all(np.isfinite(values).all() for values in found.metrics["neg_log_loss"].values())

    def test_members_that_know_other_classes(self, rows, two_labels):
        X, y = rows
        members = [bare().fit(*two_labels), bare().fit(X, y)]
        P = committee_proba(members, X)
        np.testing.assert_allclose(P[0], members[0].predict_proba(X))

    def test_what_cannot_be_told_is_refused(self, rows, two_labels):
        X, y = rows
        members = [bare().fit(*two_labels), LogisticRegression().fit(X, y + 3)]
        with pytest.raises(ValueError, match=r"has 3 columns, and its classes_ are the 2 labels.*\[0, 2\].*classes="):
            committee_proba(members, X)
