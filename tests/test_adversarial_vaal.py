"""VAAL as an estimator: few rows, missing labels, ablations, the published settings, what is no option."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from made_adversarial import MAKERS, QUICK_IMAGES, partly, undiagnosed, vaal  # noqa: F401
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from skal.adversarial import SRAAL, VAAL
from skal.adversarial._ablations import nearest_gaussian
from skal.adversarial._estimator import AdversarialEstimator
from skal.nets import MLPVAE
from skal.neural import NeuralClassifier


# scikit-learn hands over labels of all rows.
@pytest.mark.nightly  # those of SRAAL, which shares all but its losses, are run each time
@pytest.mark.filterwarnings("ignore:.*every row is labelled")
@parametrize_with_checks([VAAL(max_steps=4, judge_steps=4, random_state=0)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_what_both_share_is_no_estimator_by_itself():
    class Unfinished(AdversarialEstimator):
        def _weights(self):
            return None

    with pytest.raises(TypeError, match="abstract.*_make_module"):
        Unfinished()


@pytest.mark.parametrize("kind", MAKERS)
class TestLabels:
    @pytest.mark.parametrize("n_labeled", [1, 2, 9, 299])
    def test_few_rows_of_either_pool(self, kind, n_labeled, table):
        """A batch of 8 from one row; the public codes spin for ever."""
        X, y = table
        task = {"estimator": DummyClassifier()} if kind == "SRAAL" else {}  # one row is no Gaussian
        model = MAKERS[kind](**task).fit(X, partly(y, n_labeled))
        assert np.isfinite(model.score_samples(X)).all()
        assert len(np.unique(model.query(X, 300))) == 300

    def test_of_any_type(self, kind, table):
        X, y = table
        names, gone = np.array(["ant", "bee", "cow"])[y], np.arange(300) >= 40
        kinds = {
            "floats beside NaN": np.where(gone, np.nan, y),
            "ints beside None": [None if g else int(v) for g, v in zip(gone, y, strict=True)],
            "strings beside None": [None if g else v for g, v in zip(gone, names, strict=True)],
            "category": pd.Series(np.where(gone, None, names), dtype="category"),
            "nullable ints": pd.array(np.where(gone, None, y), dtype="Int64"),
        }
        expected = MAKERS[kind](missing_label=-1).fit(X, np.where(gone, -1, y)).score_samples(X)
        for name, labels in kinds.items():
            np.testing.assert_array_equal(MAKERS[kind]().fit(X, labels).score_samples(X), expected, err_msg=name)

    def test_every_row_is_labelled(self, kind, table):
        X, y = table
        with pytest.warns(UserWarning, match="every row is labelled, so there is no other state") as caught:
            model = MAKERS[kind]().fit(X, y)
        assert caught[0].filename == __file__
        assert np.isfinite(model.score_samples(X)).all()

    def test_none_at_all(self, kind, table):
        X, y = table
        with pytest.raises(ValueError, match="at least one row must be labelled, got 300 missing labels"):
            MAKERS[kind]().fit(X, partly(y, 0))
        with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
            MAKERS[kind]().fit(X, None)

    def test_missing_among_the_labelled(self, kind, table):
        X, y = table
        with pytest.raises(
            ValueError, match="with X_unlabeled every label in y is needed, got 10 missing ones. Give"
        ):
            MAKERS[kind]().fit(X[:50], partly(y[:50], 40), X_unlabeled=X[50:])

    def test_of_another_number_than_rows(self, kind, table):
        X, y = table
        with pytest.raises(ValueError, match="inconsistent numbers of samples: 300 and 299"):
            MAKERS[kind]().fit(X, partly(y, 40)[:-1])

    def test_no_unlabelled_rows(self, kind, table):
        X, y = table
        with pytest.raises(ValueError, match=r"0 sample\(s\)"):
            MAKERS[kind]().fit(X, y, X_unlabeled=X[:0])


class TestAblations:
    def test_rows_as_latents(self, table, digits):
        X, y = table
        model = vaal(ablation="no_vae").fit(X, partly(y, 40))
        np.testing.assert_array_equal(model.transform(X), model.inputs_.tensor(X).numpy())
        assert {row["phase"] for row in model.history_} == {"judgement"}
        images = (digits[0][:20] * 15).astype(np.uint8).reshape(-1, 1, 8, 8)
        model = VAAL(**{**QUICK_IMAGES, "ablation": "no_vae"}).fit(images, partly(digits[1][:20], 9))
        np.testing.assert_allclose(model.transform(images), images.reshape(20, -1) / 255, atol=1e-6)
        with pytest.raises(ValueError, match="trains the judge alone: judge_steps must be at least 1, got 0"):
            vaal(ablation="no_vae", judge_steps=0).fit(X, partly(y, 40))

    def test_an_autoencoder_that_plays_no_game(self, table):
        X, y = table
        frozen = vaal(ablation="frozen_vae").fit(X, partly(y, 40))
        unweighted = vaal(adversarial_weight=0).fit(X, partly(y, 40))
        assert "adversarial" not in frozen.history_[0]
        np.testing.assert_array_equal(frozen.score_samples(X), unweighted.score_samples(X))
        assert not np.array_equal(frozen.transform(X), vaal(max_steps=100).fit(X, partly(y, 40)).transform(X))

    def test_distance_to_the_nearest_labelled_gaussian(self, table):
        X, y = table
        model = vaal(ablation="wasserstein").fit(X[:40], y[:40], X_unlabeled=X[40:])
        with torch.no_grad():
            mu, logvar = model.net_.module_.encode(model.inputs_.tensor(X))
        mu, deviation = mu.numpy().astype(float), np.exp(0.5 * logvar.numpy().astype(float))
        by_hand = [
            min(((mu[i] - mu[j]) ** 2).sum() + ((deviation[i] - deviation[j]) ** 2).sum() for j in range(40))
            for i in range(0, 300, 7)
        ]
        np.testing.assert_allclose(model.score_samples(X)[::7], by_hand, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(model.score_samples(X[:40]), 0, atol=1e-6)
        model.set_params(ablation=None).fit(X[:40], y[:40], X_unlabeled=X[40:])
        assert model.score_samples(X[:40]).min() > 0.1  # a discriminator's again

    def test_the_distance_by_hand(self):
        latents, labeled = np.array([[0.0, 1.0], [3.0, 2.0]]), np.array([[0.0, 1.0], [5.0, 2.0]])
        assert nearest_gaussian(latents, labeled).tolist() == [0.0, 4.0]


class TestPublished:
    def test_settings(self):
        vaal, sraal = VAAL.published(), SRAAL.published()
        shared = {"warmup": 0.0, "lr": 5e-4, "judge_steps": 0, "module__width": 1.0, "adversarial_weight": 1.0}
        expected = {
            vaal: {"likelihood": "unit", "latent_dim": 32, "batch_size": 64, "max_epochs": 100},
            sraal: {
                **{"likelihood": "mean", "latent_dim": 200, "batch_size": 250, "max_steps": 20_000},
                **{"reconstruction_weight": 5.0, "target_weight": 5.0, "discriminator__n_layers": 5},
            },
        }
        for model, settings in expected.items():
            params = model.get_params()
            settings = {**shared, "discriminator__hidden": 512, "kl_weight": 1.0, **settings}
            assert {name: params[name] for name in settings} == settings

    @pytest.mark.parametrize("kind", [VAAL, SRAAL])
    def test_they_train(self, kind, digits):
        X, y = digits
        X, y = (X[:30] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), partly(y[:30], 15)
        changes = {"max_steps": 2, "batch_size": 4, "module__width": 1 / 64, "random_state": 0}
        if kind is SRAAL:
            changes["estimator"] = NeuralClassifier(max_epochs=1)
        model = kind.published(**changes).fit(X, y)
        linear = [layer for layer in model.net_.discriminator_.modules() if isinstance(layer, nn.Linear)]
        assert [layer.out_features for layer in linear] == [512] * (2 if kind is VAAL else 4) + [1]
        assert model.net_.n_played == 2
        assert np.isfinite(model.score_samples(X)).all()

    def test_the_width_of_the_defaults_is_an_eighth(self, digits):
        X, y = digits
        model = VAAL(max_steps=1, judge_steps=1).fit(X[:9].reshape(-1, 1, 8, 8), partly(y[:9], 4))
        assert [p.out_channels for p in model.net_.module_.modules() if isinstance(p, nn.Conv2d)] == [16, 32, 64, 128]


class TestParameters:
    @pytest.mark.parametrize("kind", MAKERS)
    def test_are_cloned_and_searched(self, kind, table):
        X, y = table
        model = MAKERS[kind](adversarial_weight=0.3)
        again = clone(model)
        assert again.get_params()["module__hidden"] == (8,)
        assert again.get_params()["adversarial_weight"] == 0.3
        assert again.set_params(discriminator__hidden=5).get_params()["discriminator__hidden"] == 5

        def spread(estimator, X, y):
            return estimator.score_samples(X).std()

        labels = np.where(np.arange(300) % 4 == 0, y, np.nan)
        folds = [(np.arange(0, 200), np.arange(200, 300)), (np.arange(100, 300), np.arange(100))]
        grid = GridSearchCV(model, {"adversarial_weight": [0.0, 1.0]}, scoring=spread, cv=folds).fit(X, labels)
        assert np.isfinite(grid.cv_results_["mean_test_score"]).all()
        assert grid.best_params_["adversarial_weight"] in (0.0, 1.0)
        assert grid.best_estimator_.score_samples(X).shape == (300,)

    @pytest.mark.parametrize("kind", MAKERS)
    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"adversarial_wieght": 1}, TypeError, "no parameter 'adversarial_wieght', did you mean 'adversarial_we"),
            ({"criterion__weight": 1}, TypeError, r"takes module__\* and discriminator__\* and optimizer__\*"),
            ({"module": "Mlp"}, ValueError, "there is no module 'Mlp' in skal.nets; there are"),
            ({"likelihood": "poisson"}, ValueError, r"likelihood must be one of \('calibrated', .*got 'poisson'"),
            ({"warmup": 1.5}, ValueError, r"warmup must be in \[0, 1\], got 1.5"),
            ({"warmup": "auto"}, ValueError, r"warmup must be in \[0, 1\], got 'auto'"),
            ({"adversarial_weight": -1}, ValueError, "adversarial_weight must be a number >= 0, got -1"),
            ({"kl_weight": np.nan}, ValueError, "kl_weight must be a number >= 0, got nan"),
            ({"max_steps": 0}, ValueError, "max_steps must be an int >= 1, got 0"),
            ({"max_epochs": 2.5}, ValueError, "max_epochs must be an int >= 1, got 2.5"),
            ({"latent_dim": 0}, ValueError, "latent_dim must be an int >= 1, got 0"),
            ({"batch_size": 0}, ValueError, "batch_size must be an int >= 1, got 0"),
            ({"lr": 0}, ValueError, "lr must be a positive number, got 0"),
            ({"device": "abacus"}, ValueError, 'device must be "auto", "cpu".*got \'abacus\''),
        ],
    )
    def test_what_is_no_option_is_said_in_fit(self, kind, options, error, message, table):
        X, y = table
        with pytest.raises(error, match=message):
            MAKERS[kind](**options).fit(X, partly(y, 40))

    def test_no_such_ablation(self, table):
        with pytest.raises(ValueError, match=r"VAAL: ablation must be one of \(None, 'no_vae', .*got 'no_game'"):
            vaal(ablation="no_game").fit(*table)

    def test_nets_of_ones_own(self, table):
        X, y = table

        def linear(latent_dim, hidden):
            return nn.Sequential(nn.Linear(latent_dim, 1), nn.Flatten(0))

        model = vaal(module=MLPVAE, discriminator=linear, latent_dim=3).fit(X, partly(y, 40))
        assert model.transform(X).shape == (300, 3)
        assert len(list(model.net_.discriminator_.parameters())) == 2


def test_labels_themselves_are_not_read(table):
    X, y = table
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = [
            vaal().fit(X, np.where(np.arange(300) < 40, labels, np.nan)).score_samples(X) for labels in (y, 1 - y)
        ]
    np.testing.assert_array_equal(scores[0], scores[1])
