"""MC dropout: shared masks, batch norm at rest, a net without dropout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from skal import outputs
from skal.data import block_rows
from skal.neural import NeuralClassifier


@pytest.fixture(scope="module")
def model(table):
    return NeuralClassifier(max_epochs=5, random_state=0).fit(*table)


@pytest.fixture(scope="module")
def images(digits):
    X, y = digits
    return (X[:40] / 16).astype(np.float32).reshape(-1, 1, 8, 8), y[:40]


def test_shape_and_sums(model, table):
    P = model.sampled_proba(table[0], 7)
    assert P.shape == (7, 300, 3)
    assert P.dtype == np.float64
    np.testing.assert_allclose(P.sum(axis=2), 1, atol=1e-12)


def test_samples_differ_and_lie_around_the_prediction(model, table):
    X, _ = table
    P = model.sampled_proba(X, 200)
    assert (P.std(axis=0) > 0).all()
    assert np.abs(P.mean(axis=0) - model.predict_proba(X)).mean() < 0.1
    assert len(np.unique(P[:, 0, 0])) > 150


def test_masks_are_shared_by_all_rows(model, table):
    X, _ = table
    P = model.sampled_proba(X, 4)
    one_by_one = np.concatenate([model.sampled_proba(X[i : i + 1], 4) for i in range(0, 300, 29)], axis=1)
    np.testing.assert_array_equal(one_by_one, P[:, ::29])
    twins = model.sampled_proba(X[[5, 5, 5]], 4)
    np.testing.assert_array_equal(twins[:, 0], twins[:, 2])


def test_blocks_of_outputs_share_them_too(model, table):
    X, _ = table
    with block_rows(64):
        in_blocks = outputs.sampled_proba(model, X, 3, random_state=1)
    np.testing.assert_array_equal(in_blocks, outputs.sampled_proba(model, X, 3, random_state=1))
    pipeline = make_pipeline(StandardScaler(), NeuralClassifier(max_epochs=1, random_state=0)).fit(*table)
    assert outputs.sampled_proba(pipeline, X, 3, random_state=1).shape == (3, 300, 3)


def test_seeds(model, table):
    X, _ = table
    np.testing.assert_array_equal(model.sampled_proba(X, 3), model.sampled_proba(X, 3))
    np.testing.assert_array_equal(model.sampled_proba(X, 3, 5), model.sampled_proba(X, 3, np.random.RandomState(5)))
    assert not np.array_equal(model.sampled_proba(X, 3, 5), model.sampled_proba(X, 3, 6))


def test_only_dropout_is_on(images):
    """Card 0, item 3: batch norm stays as in evaluation."""
    X, y = images
    model = NeuralClassifier(max_epochs=2, random_state=0).fit(X, y)
    module = model.net_.module_
    before = {name: value.clone() for name, value in module.state_dict().items()}
    P = model.sampled_proba(X, 3)
    np.testing.assert_array_equal(model.sampled_proba(X[:3], 3), P[:, :3])
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert not any(part.training for part in module.modules())


def test_by_hand():
    """One weight a unit and a mask that can be read off the output."""

    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, x):
            return F.dropout(x, 0.5, self.training) * self.scale

    X = np.log(np.array([[2.0, 3.0], [5.0, 7.0]]))
    model = NeuralClassifier(Masked(), max_epochs=1, lr=1e-30, standardize=False, random_state=0).fit(X, [0, 1])
    P = model.sampled_proba(X, 64)
    # Kept units are doubled: exp(2 log a) = a ** 2; dropped ones give exp(0) = 1.
    seen = {tuple(np.round(sample.ravel(), 6)) for sample in P}
    expected = set()
    for keep_a in (0, 1):
        for keep_b in (0, 1):
            odds = np.array([[2.0, 3.0], [5.0, 7.0]]) ** (2 * np.array([keep_a, keep_b]))
            expected.add(tuple(np.round((odds / odds.sum(axis=1, keepdims=True)).ravel(), 6)))
    assert seen == expected


@pytest.mark.parametrize("module", [nn.Linear(6, 3), nn.Sequential(nn.Dropout(0.0), nn.Linear(6, 3))])
def test_a_net_without_dropout_is_an_error(module, table):
    model = NeuralClassifier(module, max_epochs=1).fit(*table)
    with pytest.raises(TypeError, match="has none. Use a net with dropout .* or an EnsembleClassifier"):
        model.sampled_proba(table[0])


@pytest.mark.parametrize("n_samples", [0, -1, 2.5, True, None])
def test_number_of_samples(n_samples, model, table):
    with pytest.raises(ValueError, match="n_samples must be an int >= 1"):
        model.sampled_proba(table[0], n_samples)
