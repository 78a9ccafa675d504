"""VariationalAutoencoder: the bound by hand, units, likelihoods, samples."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from skal.nets import MLPVAE
from skal.neural import VariationalAutoencoder
from skal.training import best_variance, elbo_terms

QUICK = {"max_epochs": 3, "module__hidden": (16,), "random_state": 0}


@parametrize_with_checks([VariationalAutoencoder(max_epochs=2, random_state=0)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


class TestBound:
    def test_by_hand(self):
        x, x_hat = torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[0.0, 2.0], [3.0, 4.0]])
        mu, logvar = torch.tensor([[0.0], [2.0]]), torch.tensor([[0.0], [math.log(4.0)]])
        reconstruction, kl = elbo_terms(x, x_hat, mu, logvar)
        constant = math.log(2 * math.pi)
        torch.testing.assert_close(reconstruction, torch.tensor([0.5 + constant, 12.5 + constant]))
        torch.testing.assert_close(kl, torch.tensor([0.0, 0.5 * (4 + 4 - 1 - math.log(4))]))

    def test_is_a_density_and_a_divergence_of_torch(self):
        generator = torch.Generator().manual_seed(0)
        x, x_hat = torch.randn(2, 5, 3, 2, generator=generator)
        mu, logvar = torch.randn(2, 5, 4, generator=generator)
        reconstruction, kl = elbo_terms(x, x_hat, mu, logvar, 0.3)
        normal = torch.distributions.Normal
        torch.testing.assert_close(reconstruction, -normal(x_hat, 0.3**0.5).log_prob(x).sum(dim=(1, 2)))
        latents = torch.distributions.kl_divergence(normal(mu, (0.5 * logvar).exp()), normal(0.0, 1.0))
        torch.testing.assert_close(kl, latents.sum(dim=1))

    def test_best_variance_is_best_and_has_the_gradient_of_the_log(self):
        generator = torch.Generator().manual_seed(0)
        x, x_hat = torch.randn(2, 6, 3, generator=generator)
        zeros = torch.zeros(6, 1)
        x_hat.requires_grad_()
        variance = best_variance(x, x_hat)

        def loss(v):
            return elbo_terms(x, x_hat, zeros, zeros, v)[0].mean()

        assert loss(variance) < min(loss(0.9 * variance), loss(1.1 * variance))
        (by_hand,) = torch.autograd.grad(1.5 * (x - x_hat).square().mean().log(), x_hat)
        (found,) = torch.autograd.grad(loss(variance), x_hat)
        torch.testing.assert_close(found, by_hand)

    def test_is_a_bound(self):
        """On one Gaussian latent the likelihood is known: factor analysis."""
        rng = np.random.RandomState(0)
        W = rng.normal(size=(1, 5)) * 2
        X = rng.normal(size=(500, 1)) @ W + rng.normal(size=(500, 5)) * 0.5
        model = VariationalAutoencoder(latent_dim=1, standardize=False, max_epochs=60, lr=6e-3, random_state=0).fit(X)
        covariance = W.T @ W + 0.25 * np.eye(5)
        gaussian = torch.distributions.MultivariateNormal(torch.zeros(5).double(), torch.from_numpy(covariance))
        likelihood = gaussian.log_prob(torch.from_numpy(X)).numpy()
        bound = model.score_samples(X)
        assert bound.mean() < likelihood.mean() + 0.02
        assert bound.mean() > likelihood.mean() - 0.6
        assert model.noise_variance_ == pytest.approx(0.25, rel=0.25)

    def test_history_adds_up(self, table):
        for beta in (1.0, 3.0, 0.0):
            model = VariationalAutoencoder(beta=beta, **QUICK).fit(table[0])
            assert len(model.history_) > 0
            for row in model.history_:
                assert row["train_loss"] == pytest.approx(row["reconstruction"] + beta * row["kl"], rel=1e-5)


class TestUnits:
    def test_columns_of_a_table(self):
        rng = np.random.RandomState(0)
        X = (rng.normal(size=(300, 2)) @ rng.normal(size=(2, 6))) * [1, 10, 100, 1, 1, 1] + 50
        model = VariationalAutoencoder(latent_dim=6, max_epochs=30, lr=6e-3, random_state=0).fit(X)
        back = model.inverse_transform(model.transform(X))
        share = ((X - back) ** 2).mean(axis=0) / X.var(axis=0)
        assert share.max() < 0.3
        np.testing.assert_allclose(model.sample(400).mean(axis=0), X.mean(axis=0), atol=0.5 * X.std(axis=0).max())

    def test_bytes(self, digits):
        X = (digits[0][:200] * 15).astype(np.uint8).reshape(-1, 1, 8, 8)
        settings = {"max_epochs": 20, "lr": 3e-3, "random_state": 0}
        of_bytes = VariationalAutoencoder("MLPVAE", **settings).fit(X)
        of_floats = VariationalAutoencoder("MLPVAE", **settings).fit(X.astype(np.float32) / 255)
        np.testing.assert_array_equal(of_bytes.transform(X), of_floats.transform(X / np.float32(255)))
        back = of_bytes.inverse_transform(of_bytes.transform(X))
        np.testing.assert_allclose(back, 255 * of_floats.inverse_transform(of_floats.transform(X / np.float32(255))))
        assert back.shape == X.shape
        assert ((back - X) ** 2).mean() < 0.5 * X.astype(float).var()
        assert of_bytes.sample(2).max() > 50

    def test_images_by_default_and_by_name(self, digits):
        X = (digits[0][:20] / 16).reshape(-1, 1, 8, 8).astype(np.float32)
        for module in (None, "AugmentedVAE"):
            model = VariationalAutoencoder(module, latent_dim=4, max_epochs=1, random_state=0).fit(X)
            assert model.transform(X).shape == (20, 4)
            assert model.inverse_transform(np.zeros((3, 4))).shape == (3, 1, 8, 8)
            assert model.score_samples(X).shape == (20,)


class TestReading:
    def test_rows_alone_and_shuffled(self, table):
        X, _ = table
        model = VariationalAutoencoder(**QUICK).fit(X)
        order = np.random.RandomState(0).permutation(len(X))
        for read in (
            model.transform,
            model.score_samples,
            lambda rows: model.inverse_transform(model.transform(rows)),
        ):
            whole = read(X)
            np.testing.assert_array_equal(read(X[order]), whole[order])
            np.testing.assert_array_equal(read(X[7:8]), whole[7:8])
            np.testing.assert_array_equal(read(X), whole)

    def test_strange_rows_are_unlikely(self, table):
        X, _ = table
        model = VariationalAutoencoder(max_epochs=20, random_state=0).fit(X)
        strange = model.score_samples(X + 10 * X.std(axis=0))
        assert strange.max() < np.quantile(model.score_samples(X), 0.05)
        assert strange.dtype == np.float64

    def test_samples(self, table):
        model = VariationalAutoencoder(**QUICK).fit(table[0])
        np.testing.assert_array_equal(model.sample(5), model.sample(5))
        np.testing.assert_array_equal(model.sample(3, 1), model.sample(5, 1)[:3])
        assert not np.array_equal(model.sample(3, 1), model.sample(3, 2))
        with pytest.raises(ValueError, match="n_samples must be an int >= 1, got 0"):
            model.sample(0)

    def test_latents_of_another_width(self, table):
        model = VariationalAutoencoder(**QUICK).fit(table[0])
        with pytest.raises(ValueError, match=r"Z must have shape \(n, 16\), as from transform, got \(3, 2\)"):
            model.inverse_transform(np.zeros((3, 2)))

    def test_names_of_features(self, table):
        model = VariationalAutoencoder(latent_dim=2, **QUICK).set_output(transform="pandas")
        out = model.fit_transform(pd.DataFrame(table[0], columns=list("abcdef")))
        assert out.columns.tolist() == ["variationalautoencoder0", "variationalautoencoder1"]


def test_every_part_of_the_net_moves(table):
    module = MLPVAE((6,), hidden=(8,))
    model = VariationalAutoencoder(module, max_epochs=1, random_state=0).fit(table[0])
    for name, weights in model.net_.module_.named_parameters():
        assert not torch.equal(weights, dict(module.named_parameters())[name]), name
    assert model.transform(table[0]).shape[1] == module.latent_dim


def test_calibrated_latents_carry_what_unit_variance_loses(digits):
    """Pixels in [0, 1] vary by less than one unit: no latent pays for itself under a variance of 1."""
    X, y = digits
    X = (X[:400] / 16).reshape(-1, 1, 8, 8).astype(np.float32)
    accuracy, kl = {}, {}
    for likelihood in ("calibrated", "unit"):
        model = VariationalAutoencoder("MLPVAE", likelihood=likelihood, max_epochs=30, lr=2e-3, random_state=0).fit(X)
        Z = model.transform(X)
        accuracy[likelihood] = LogisticRegression(max_iter=500).fit(Z[:300], y[:300]).score(Z[300:], y[300:400])
        kl[likelihood] = model.history_[-1]["kl"]
    assert accuracy["calibrated"] > 0.7
    assert kl["calibrated"] > 5
    assert kl["unit"] < 0.1
    assert VariationalAutoencoder(likelihood="unit", **QUICK).fit(X[:, 0, 0]).noise_variance_ == 1.0


def test_round_trip(digits, tmp_path):
    X = (digits[0][:50] * 15).astype(np.uint8).reshape(-1, 1, 8, 8)
    model = VariationalAutoencoder(max_epochs=1, latent_dim=3, module__width=1 / 16, random_state=0).fit(X)
    model.save(tmp_path / "vae.safetensors")
    loaded = VariationalAutoencoder(latent_dim=3, module__width=1 / 16).load(tmp_path / "vae.safetensors")
    np.testing.assert_array_equal(loaded.score_samples(X), model.score_samples(X))
    np.testing.assert_array_equal(
        loaded.inverse_transform(loaded.transform(X)), model.inverse_transform(model.transform(X))
    )
    with pytest.raises(ValueError, match="do not fit ConvVAE"):
        VariationalAutoencoder(latent_dim=4, module__width=1 / 16).load(tmp_path / "vae.safetensors")


@pytest.mark.parametrize("n", [1, 2, 65])
def test_few_rows(n, table):
    model = VariationalAutoencoder(max_epochs=2).fit(table[0][:n])
    assert np.isfinite(model.score_samples(table[0])).all()


def test_epochs_by_themselves(table):
    model = VariationalAutoencoder(batch_size=10)
    image, column = (type("Shape", (), {"shape": shape}) for shape in ((1, 8, 8), (6,)))
    assert model._n_epochs(300, column) == 67
    assert model._n_epochs(300, image) == 17
    assert model._n_epochs(20, column) == 200
    assert model._n_epochs(10**6, image) == 5


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"beta": -1}, ValueError, "beta must be a number >= 0, got -1"),
        ({"likelihood": "mean"}, ValueError, r"likelihood must be one of .*, got 'mean'"),
        ({"latent_dim": 0}, ValueError, "latent_dim must be an int >= 1, got 0"),
        ({"max_epochs": "many"}, ValueError, "max_epochs must be an int >= 1, got 'many'"),
        ({"module": nn.Linear(6, 2)}, TypeError, "Linear has no encode and no decode and no latent_dim"),
        ({"laten_dim": 3}, TypeError, "did you mean 'latent_dim'"),
    ],
)
def test_what_is_no_option_is_said(options, error, message, table):
    with pytest.raises(error, match=message):
        VariationalAutoencoder(**options).fit(table[0])


def test_divergence(table):
    with pytest.raises(ValueError, match="training diverged"):
        VariationalAutoencoder(lr=1e4, max_epochs=20, random_state=0).fit(table[0])
