"""VAAL and SRAAL on disk: pickles and safetensors give the same scores, and no file runs code."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from made_adversarial import MAKERS, QUICK_IMAGES, partly, sraal, undiagnosed, vaal  # noqa: F401
from safetensors.torch import load_file, save_file
from sklearn.exceptions import NotFittedError
from sklearn.naive_bayes import GaussianNB

from skal.adversarial import SRAAL, VAAL
from skal.neural import NeuralClassifier

VARIANTS = {
    "VAAL": vaal,
    "no autoencoder": lambda **given: vaal(ablation="no_vae", **given),
    "distance": lambda **given: vaal(ablation="wasserstein", **given),
    "no judge": lambda **given: vaal(judge_steps=0, **given),
    "SRAAL": sraal,
}


@pytest.fixture(params=VARIANTS)
def make(request):
    return VARIANTS[request.param]


@pytest.fixture
def fitted(make, table):
    X, y = table
    return make().fit(X, partly(y, 40))


def test_a_pickle_scores_the_same(fitted, table):
    X, y = table
    again = pickle.loads(pickle.dumps(fitted))
    for method in ("score_samples", "transform", "predict_proba"):
        if hasattr(fitted, method):
            np.testing.assert_array_equal(getattr(again, method)(X), getattr(fitted, method)(X))
    assert again.query(X, 5).tolist() == fitted.query(X, 5).tolist()
    scores = fitted.score_samples(X)
    np.testing.assert_array_equal(again.fit(X, partly(y, 40)).score_samples(X), scores)


def test_round_trip(make, fitted, table, tmp_path):
    X, _ = table
    fitted.save(tmp_path / "game.safetensors")
    state = torch.get_rng_state()
    loaded = make().load(tmp_path / "game.safetensors")
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(loaded.score_samples(X), fitted.score_samples(X))
    np.testing.assert_array_equal(loaded.transform(X), fitted.transform(X))
    assert loaded.query(X, 5).tolist() == fitted.query(X, 5).tolist()
    assert loaded.n_features_in_ == 6
    assert loaded.inputs_.clip == 3.0
    assert not loaded.net_.module_.training
    loaded.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "game.safetensors").read_bytes()


@pytest.mark.parametrize("kind", [VAAL, SRAAL])
def test_round_trip_of_images(kind, digits, tmp_path):
    X, y = digits
    X, y = (X[:30] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), y[:30]
    given = {"estimator": NeuralClassifier(max_epochs=1, random_state=0)} if kind is SRAAL else {}
    model = kind(**QUICK_IMAGES, **given).fit(X, partly(y, 15))
    model.save(tmp_path / "game.safetensors")
    loaded = kind(**QUICK_IMAGES).load(tmp_path / "game.safetensors")
    np.testing.assert_array_equal(loaded.score_samples(X), model.score_samples(X))


class TestTaskModel:
    @pytest.fixture
    def saved(self, table, tmp_path):
        X, y = table
        names = np.array(["ant", "bee", "cow"])[y]
        sraal().fit(X[:40], names[:40], X_unlabeled=X[40:]).save(tmp_path / "game.safetensors")
        return tmp_path / "game.safetensors"

    def test_is_not_in_the_file(self, saved, table):
        X, _ = table
        loaded = sraal().load(saved)
        assert loaded.classes_.tolist() == ["ant", "bee", "cow"]
        assert loaded.score_samples(X).shape == (300,)
        with pytest.raises(NotFittedError, match="holds no task model. Give a fitted one as estimator before load"):
            loaded.predict(X)

    def test_may_be_given_fitted(self, saved, table):
        X, y = table
        task = GaussianNB().fit(X, y)
        np.testing.assert_array_equal(sraal(estimator=task).load(saved).predict(X), task.predict(X))

    def test_of_an_earlier_fit_is_forgotten(self, saved, table):
        X, y = table
        model = sraal().fit(X, partly(y, 40)).load(saved)
        assert not {"estimator_", "history_", "diagnostics_", "states_", "n_iter_"} & vars(model).keys()
        model.fit(X, partly(y, 40))
        assert model.predict(X).shape == (300,)


class TestFiles:
    @pytest.fixture
    def saved(self, table, tmp_path):
        X, y = table
        vaal().fit(X, partly(y, 40)).save(tmp_path / "game.safetensors")
        return tmp_path / "game.safetensors"

    def test_of_other_sizes(self, saved):
        for change in ({"latent_dim": 3}, {"module__hidden": (9,)}, {"discriminator__hidden": 9}):
            model = vaal(**change)
            with pytest.raises(ValueError, match="do not fit SavedNets. Load them with the module and the options"):
                model.load(saved)
            assert not hasattr(model, "net_")

    def test_of_another_ablation(self, saved):
        with pytest.raises(ValueError, match="saved with ablation=None, and this VAAL has 'no_vae'. Set it"):
            vaal(ablation="no_vae").load(saved)

    def test_of_another_estimator(self, saved):
        with pytest.raises(ValueError, match="was written by VAAL"):
            sraal().load(saved)
        with pytest.raises(ValueError, match="was written by VAAL"):
            NeuralClassifier().load(saved)

    def test_with_foreign_keys(self, saved, tmp_path):
        from safetensors import safe_open

        with safe_open(saved, framework="pt") as file:
            metadata = file.metadata()
        save_file({**load_file(saved), "hook": torch.zeros(3)}, tmp_path / "more.safetensors", metadata=metadata)
        with pytest.raises(ValueError, match="hook"):
            vaal().load(tmp_path / "more.safetensors")

    def test_a_pickle_is_refused_unread(self, tmp_path):
        class Bomb:
            def __reduce__(self):
                return open, (str(tmp_path / "boom"), "w")

        (tmp_path / "net.pkl").write_bytes(pickle.dumps(Bomb()))
        with pytest.raises(ValueError, match="is no safetensors file"):
            vaal().load(tmp_path / "net.pkl")
        assert not (tmp_path / "boom").exists()

    @pytest.mark.parametrize("kind", MAKERS)
    def test_nothing_to_save(self, kind, tmp_path):
        with pytest.raises(NotFittedError):
            MAKERS[kind]().save(tmp_path / "net.safetensors")
