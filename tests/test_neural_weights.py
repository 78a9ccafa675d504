"""Trained nets on disk: pickles and safetensors give the same predictions, and no file runs code."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.exceptions import NotFittedError

from skal.neural import LossPredictionClassifier, NeuralClassifier, VariationalAutoencoder

QUICK = {"max_epochs": 2, "module__hidden": (8,), "random_state": 0}


@pytest.fixture(scope="module")
def model(table):
    return NeuralClassifier(**QUICK).fit(*table)


@pytest.fixture
def saved(model, tmp_path):
    model.save(tmp_path / "net.safetensors")
    return tmp_path / "net.safetensors"


@pytest.mark.parametrize("kind", [NeuralClassifier, LossPredictionClassifier, VariationalAutoencoder])
def test_a_pickle_predicts_the_same(kind, table):
    X, y = table
    model = kind(**QUICK).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    for method in ("predict_proba", "predict_loss", "transform", "score_samples", "sampled_proba"):
        if hasattr(model, method):
            np.testing.assert_array_equal(getattr(again, method)(X), getattr(model, method)(X))
    np.testing.assert_array_equal(again.fit(X, y).transform(X), model.transform(X))


def test_round_trip(model, saved, table):
    X, _ = table
    loaded = NeuralClassifier(module__hidden=(8,)).load(saved)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.n_features_in_ == 6
    assert not loaded.net_.module_.training


def test_round_trip_of_images_and_texts_as_labels(digits, tmp_path):
    X, y = digits
    X, y = X[:40].reshape(-1, 1, 8, 8), np.array(list("abcdefghij"))[y[:40]]
    model = NeuralClassifier(max_epochs=1).fit(X, y)
    model.save(tmp_path / "net.safetensors")
    loaded = NeuralClassifier().load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_a_loaded_net_trains_on(saved, table):
    X, y = table
    loaded = NeuralClassifier(warm_start=True, **QUICK).load(saved)
    before = loaded.net_.module_.head.weight.clone()
    loaded.fit(X, y)
    assert 0 < (before - loaded.net_.module_.head.weight).abs().max() < 0.2


def test_another_module(saved):
    with pytest.raises(ValueError, match="do not fit MLP. Load them with the module and the options"):
        NeuralClassifier(module__hidden=(9,)).load(saved)


def test_foreign_keys(saved, tmp_path):
    from safetensors import safe_open

    with safe_open(saved, framework="pt") as file:
        metadata = file.metadata()
    save_file({**load_file(saved), "hook": torch.zeros(3)}, tmp_path / "more.safetensors", metadata=metadata)
    with pytest.raises(ValueError, match="hook"):
        NeuralClassifier(module__hidden=(8,)).load(tmp_path / "more.safetensors")


def test_of_somebody_else(tmp_path):
    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="was not written by NeuralClassifier.save"):
        NeuralClassifier().load(tmp_path / "other.safetensors")


def test_a_pickle_is_refused_unread(tmp_path):
    class Bomb:
        def __reduce__(self):
            return open, (str(tmp_path / "boom"), "w")

    (tmp_path / "net.pkl").write_bytes(pickle.dumps(Bomb()))
    torch.save({"weight": torch.zeros(3)}, tmp_path / "net.pt")
    for name in ("net.pkl", "net.pt"):
        with pytest.raises(ValueError, match="is no safetensors file"):
            NeuralClassifier().load(tmp_path / name)
    assert not (tmp_path / "boom").exists()


def test_of_another_estimator(saved, tmp_path, table):
    VariationalAutoencoder(**QUICK).fit(table[0]).save(tmp_path / "vae.safetensors")
    with pytest.raises(ValueError, match="was written by VariationalAutoencoder"):
        NeuralClassifier().load(tmp_path / "vae.safetensors")
    with pytest.raises(ValueError, match="was written by NeuralClassifier"):
        VariationalAutoencoder().load(saved)


def test_nothing_to_save(tmp_path):
    with pytest.raises(NotFittedError):
        NeuralClassifier().save(tmp_path / "net.safetensors")


def test_shared_weights_are_saved(table, tmp_path):
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Linear(6, 6)
            self.second = torch.nn.Linear(6, 6)
            self.second.weight = self.first.weight
            self.head = torch.nn.Linear(6, 3)

        def forward(self, x):
            return self.head(self.second(self.first(x)))

    X, y = table
    model = NeuralClassifier(Tied, max_epochs=1).fit(X, y)
    model.save(tmp_path / "net.safetensors")
    loaded = NeuralClassifier(Tied).load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
