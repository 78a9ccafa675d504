"""LossPredictionClassifier: the pair loss by hand, where gradients flow, what is predicted."""

from __future__ import annotations

import inspect
from functools import partial

import numpy as np
import pytest
import torch
from made_checks import briefly, not_of_nets
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from skal import ActiveLearner, outputs
from skal.nets import MLP
from skal.neural import LossPredictionClassifier, LossPredictionSegmenter, NeuralClassifier, VariationalAutoencoder
from skal.neural._pair_loss import pair_loss
from skal.query import learning_loss_sampling

QUICK = {"max_epochs": 5, "module__hidden": (8, 6), "random_state": 0}


@pytest.mark.slow
@parametrize_with_checks(
    [LossPredictionClassifier(partial(MLP, hidden=(32, 16)), max_epochs=8, lr=3e-2, random_state=0)],
    expected_failed_checks=not_of_nets,
)
def test_scikit_learn_checks(estimator, check):
    briefly(estimator, check, max_epochs=1)


class TestPairLoss:
    @pytest.mark.parametrize(
        ("predicted", "true", "expected"),
        [
            ([0, 0], [2, 1], 1.0),  # card 23, item 5
            ([2, 0], [2, 1], 0.0),
            ([0, 2], [2, 1], 3.0),
            ([2, 0], [1, 1], 3.0),  # a tie counts as the second being larger
            ([0, 2], [1, 1], 0.0),
            ([0, 0, 0, 2], [2, 1, 2, 1], 2.0),  # mean over pairs
            ([0, 0, 99], [2, 1, 5], 1.0),  # the last row has no partner
            ([7], [3], 0.0),
            ([], [], 0.0),
        ],
    )
    def test_by_hand(self, predicted, true, expected):
        assert pair_loss(torch.tensor(predicted) * 1.0, torch.tensor(true) * 1.0).item() == expected

    def test_margin(self):
        assert pair_loss(torch.zeros(2), torch.tensor([2.0, 1.0]), margin=0.25).item() == 0.25

    def test_no_gradient_into_the_losses(self):
        predicted, true = torch.zeros(4, requires_grad=True), torch.rand(4, requires_grad=True)
        pair_loss(predicted, true * 2).backward()
        assert true.grad is None
        assert predicted.grad.abs().sum() > 0

    def test_descent_finds_the_order(self):
        true = torch.tensor([3.0, 1.0, 0.5, 2.0])
        predicted = torch.zeros(4, requires_grad=True)
        for _ in range(20):
            (gradient,) = torch.autograd.grad(pair_loss(predicted, true), predicted)
            predicted = (predicted - gradient).detach().requires_grad_()
        assert predicted[0] > predicted[1]
        assert predicted[3] > predicted[2]


def backbone_gradient(model, X, y, epoch):
    """Largest gradient of the pair loss in the net itself, in a given epoch."""
    net = model.net_
    del net.history[epoch:]
    assert len(net.history) == epoch
    net.module_.train()
    net.module_.zero_grad()
    logits, predicted = net.infer(model.inputs_.tensor(X))
    losses = nn.functional.cross_entropy(logits, torch.tensor(y), reduction="none")
    pair_loss(predicted, losses).backward()
    head = max(weights.grad.abs().max() for weights in net.module_.loss_prediction.parameters())
    body = [weights.grad for weights in net.module_.backbone.parameters()]
    return head.item(), max((grad.abs().max().item() for grad in body if grad is not None), default=0.0)


class TestGradientStop:
    def test_after_its_share_of_the_epochs(self, table):
        X, y = table
        model = LossPredictionClassifier(max_epochs=5, stop_gradient_after=0.6, random_state=0).fit(X, y)
        for epoch in (5, 4):
            head, body = backbone_gradient(model, X, y, epoch)
            assert head > 0
            assert body == 0, epoch
        for epoch in (3, 1):
            assert backbone_gradient(model, X, y, epoch)[1] > 0, epoch

    def test_from_the_start_the_net_learns_as_if_alone(self, table):
        """The task net then gets the gradients of cross-entropy only; the pair loss still falls."""
        X, y = table
        settings = {"max_epochs": 10, "module__dropout": 0.0, "module__hidden": (8,), "batch_size": 300}
        fitted = [
            LossPredictionClassifier(stop_gradient_after=0.0, weight=weight, random_state=0, **settings).fit(X, y)
            for weight in (0.0, 1.0, 100.0)
        ]
        for model in fitted[1:]:
            np.testing.assert_allclose(model.predict_proba(X), fitted[0].predict_proba(X), atol=1e-6)
        joint = LossPredictionClassifier(stop_gradient_after=1.0, random_state=0, **settings).fit(X, y)
        assert np.abs(joint.predict_proba(X) - fitted[0].predict_proba(X)).max() > 1e-3
        assert fitted[1].history_[-1]["pair_loss"] < fitted[1].history_[0]["pair_loss"]

    def test_counts_the_epochs_of_this_fit(self, table):
        model = LossPredictionClassifier(warm_start=True, **QUICK).fit(*table)
        assert model.net_.stop_after == 3
        assert model.fit(*table).net_.stop_after == 8


class TestTraining:
    @pytest.mark.parametrize("n", [1, 2, 3, 33])
    def test_few_and_odd_rows(self, n, table):
        X, y = table
        model = LossPredictionClassifier(**QUICK).fit(X[:n], y[:n])
        assert np.isfinite(model.predict_loss(X)).all()

    def test_joint_loss(self, table):
        model = LossPredictionClassifier(weight=2.0, margin=0.5, **QUICK).fit(*table)
        first = model.history_[0]
        assert 0.2 < first["pair_loss"] < 0.8
        assert first["train_loss"] == pytest.approx(1.1 + 2 * first["pair_loss"], abs=0.3)

    def test_every_part_moves(self, table):
        X, y = table
        short, long = (LossPredictionClassifier(**{**QUICK, "max_epochs": n}).fit(X, y) for n in (1, 2))
        for name, weights in short.net_.module_.named_parameters():
            if name == "loss_prediction.head.bias":  # orders of pairs do not depend on it
                continue
            assert not torch.equal(weights, dict(long.net_.module_.named_parameters())[name]), name

    def test_images(self, digits):
        X, y = digits
        X, y = X[:50].reshape(-1, 1, 8, 8) / 16, y[:50]
        model = LossPredictionClassifier(max_epochs=1, random_state=0).fit(X, y)
        assert len(model.net_.module_.loss_prediction.layers) == 3
        assert model.predict_loss(X).shape == (50,)

    def test_a_net_without_stages(self, table):
        with pytest.raises(TypeError, match="must have forward_stages"):
            LossPredictionClassifier(nn.Linear(6, 3)).fit(*table)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"batch_size": 1}, "batch_size must be at least 2"),
            ({"margin": 0}, "margin must be a positive number"),
            ({"weight": -1}, "weight must be a number in"),
            ({"stop_gradient_after": 1.5}, r"stop_gradient_after must be a number in \[0, 1\], got 1.5"),
        ],
    )
    def test_what_is_no_option_is_said(self, options, message, table):
        with pytest.raises(ValueError, match=message):
            LossPredictionClassifier(**options).fit(*table)


def with_a_note(parent):
    """Make a subclass with all parameters of its parent, as scikit-learn wants it, and one of its own."""

    class Noted(parent):
        def __init__(self, module=None, *, note="none", **settings):
            super().__init__(module, **settings)
            self.note = note

    whole, note = inspect.signature(parent.__init__), inspect.signature(Noted.__init__).parameters["note"]
    *named, options = whole.parameters.values()
    Noted.__init__.__signature__ = whole.replace(parameters=[*named, note, options])
    return Noted


class TestSubclassesWithAParameterOfTheirOwn:
    def test_of_the_classifier(self, table):
        Noted = with_a_note(LossPredictionClassifier)
        model = clone(Noted(note="kept", **QUICK))
        assert model.get_params() == {**LossPredictionClassifier(**QUICK).get_params(), "note": "kept"}
        assert (model.note, model.max_epochs, model.margin) == ("kept", 5, 1.0)
        plain = LossPredictionClassifier(**QUICK).fit(*table)
        np.testing.assert_array_equal(model.fit(*table).predict_loss(table[0]), plain.predict_loss(table[0]))

    def test_of_the_segmenter(self):
        X, masks = np.random.default_rng(0).random((4, 3, 8, 8), dtype=np.float32), np.zeros((4, 8, 8), dtype=int)
        masks[:, 4:] = 1
        Noted = with_a_note(LossPredictionSegmenter)
        model = clone(Noted(note="kept", max_epochs=1, module__width=2, module__depth=1, random_state=0))
        assert (model.get_params()["note"], model.max_epochs, model.batch_size) == ("kept", 1, 4)
        assert model.fit(X, masks).predict_loss(X).shape == (4,)


class TestPredictedLoss:
    def test_is_larger_where_the_loss_is(self):
        """Labels are coin flips on the right and certain on the left."""
        rng = np.random.RandomState(0)
        X = rng.uniform(-1, 1, size=(600, 3))
        y = np.where(X[:, 0] > 0, rng.randint(2, size=600), 1)
        model = LossPredictionClassifier(max_epochs=30, random_state=0).fit(X[:400], y[:400])
        predicted = model.predict_loss(X[400:])
        right = X[400:, 0] > 0
        assert np.mean(predicted[right][:, None] > predicted[~right]) > 0.9

    def test_rows_alone_and_shuffled(self, table):
        X, y = table
        model = LossPredictionClassifier(features=PCA(2), **QUICK).fit(X, y)
        whole = model.predict_loss(X)
        order = np.random.RandomState(0).permutation(len(X))
        # Losses pass zero, and a transformer's products may round by the place of a row: so many steps of float32.
        close = {"rtol": 1e-6, "atol": 4 * np.finfo(np.float32).eps * np.abs(whole).max()}
        np.testing.assert_allclose(model.predict_loss(X[order]), whole[order], **close)
        np.testing.assert_allclose(model.predict_loss(X[3:4]), whole[3:4], **close)

    def test_reaches_the_strategy(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), LossPredictionClassifier(**QUICK)).fit(X[:50], y[:50])
        losses = outputs.predicted_loss(pipeline, X)
        picks = learning_loss_sampling(pipeline, X, 5, random_tie_break=False)
        assert set(picks.tolist()) == set(np.argsort(-losses)[:5].tolist())

    def test_in_a_learner(self, table):
        X, y = table
        learner = ActiveLearner(
            LossPredictionClassifier(**QUICK),
            query_strategy=learning_loss_sampling,
            X_training=X[:30],
            y_training=y[:30],
        )
        picks = learner.query(X[30:], n_instances=4)[0]
        assert len(set(picks.tolist())) == 4


class TestFeatures:
    def test_a_fitted_one_is_used_as_it_is(self, table):
        X, y = table
        vae = VariationalAutoencoder(latent_dim=3, max_epochs=2, random_state=0).fit(X)
        model = LossPredictionClassifier(features=vae, **QUICK).fit(X[:60], y[:60])
        assert model.features_ is vae
        assert model.net_.module_.loss_prediction.head.in_features == 2 * 128 + 3
        plain = LossPredictionClassifier(**QUICK).fit(X[:60], y[:60])
        assert not np.array_equal(plain.predict_loss(X), model.predict_loss(X))

    def test_they_count_for_the_loss_and_not_for_the_classes(self, table):
        X, y = table
        model = LossPredictionClassifier(features=PCA(2).fit(X), **QUICK).fit(X, y)
        P, losses = model.predict_proba(X), model.predict_loss(X)
        model.features_.components_ = -3 * model.features_.components_
        np.testing.assert_array_equal(model.predict_proba(X), P)
        assert np.abs(model.predict_loss(X) - losses).max() > 1e-3

    def test_an_unfitted_one_learns_from_unlabelled_rows_too(self, table):
        X, y = table
        partly = [int(v) if i < 40 else None for i, v in enumerate(y)]
        pca = PCA(2)
        model = LossPredictionClassifier(features=pca, **QUICK).fit(X, partly)
        assert not hasattr(pca, "components_")
        np.testing.assert_allclose(model.features_.mean_, X.mean(axis=0))

    def test_frozen_ones_survive_a_clone(self, table):
        X, y = table
        vae = VariationalAutoencoder(latent_dim=3, max_epochs=1, random_state=0).fit(X)
        model = clone(LossPredictionClassifier(features=FrozenEstimator(vae), **QUICK)).fit(X[:40], y[:40])
        np.testing.assert_array_equal(model.features_.transform(X), vae.transform(X))

    def test_of_unlabelled_images_on_partly_labelled_rows(self, digits):
        X, y = digits
        X = X[:40].reshape(-1, 1, 8, 8) / 16
        partly = [int(v) if i % 2 else None for i, v in enumerate(y[:40])]
        vae = VariationalAutoencoder("MLPVAE", latent_dim=2, max_epochs=1, random_state=0)
        model = LossPredictionClassifier(features=vae, max_epochs=2, random_state=0).fit(X, partly)
        assert model.predict_loss(X).shape == (40,)


def test_round_trip(table, tmp_path):
    X, y = table
    pca = PCA(2).fit(X)
    model = LossPredictionClassifier(features=pca, **QUICK).fit(X, y)
    model.save(tmp_path / "net.safetensors")
    loaded = LossPredictionClassifier(features=pca, module__hidden=(8, 6)).load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(loaded.predict_loss(X), model.predict_loss(X))
    with pytest.raises(ValueError, match="saved with features of 2 numbers a row"):
        LossPredictionClassifier(module__hidden=(8, 6)).load(tmp_path / "net.safetensors")
    with pytest.raises(ValueError, match="was written by LossPredictionClassifier"):
        NeuralClassifier(module__hidden=(8, 6)).load(tmp_path / "net.safetensors")
