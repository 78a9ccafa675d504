"""Features are the input of the layer whose output is returned, or of the layer that is named."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from skal import nets
from skal.neural import (
    LossPredictionClassifier,
    LossPredictionSegmenter,
    NeuralClassifier,
    NeuralRegressor,
    NeuralSegmenter,
)
from skal.semi_supervised import FixMatchClassifier, S4GANSegmenter, UDAClassifier

ONCE = {"max_epochs": 1, "standardize": False, "random_state": 0}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return rng.normal(size=(12, 5)).astype(np.float32), np.arange(12) % 3


class Body(nn.Module):
    """Five numbers to four features; what is returned is up to each subclass."""

    def __init__(self, n_outputs=3):
        super().__init__()
        self.body = nn.Linear(5, 4)
        self.head = nn.Linear(4, n_outputs)
        self.other = nn.Sequential(nn.Linear(4, 2), nn.ReLU(), nn.Linear(2, n_outputs))

    def features(self, x):
        return torch.relu(self.body(x))


class AuxiliaryLast(Body):
    def forward(self, x):
        z = self.features(x)
        logits = self.head(z)
        self.projected = self.other(z)
        return logits


class Scaled(Body):
    def forward(self, x):
        z = self.features(x)
        logits = self.head(z)
        self.other(z)
        return (logits / 0.5 - logits.mean(dim=1, keepdim=True)).reshape(len(x), -1)


class PutInPlace(Body):
    def forward(self, x):
        z, logits = self.features(x), x.new_zeros(len(x), 3)
        logits[:, :3] = self.head(z)
        self.other(z)
        return logits


class SameFeatures(Body):
    """Two heads of one vector, side by side."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(4, 1), nn.Linear(4, 2)

    def forward(self, x):
        z = self.features(x)
        return torch.cat([self.one(z), self.two(z)], dim=1)


class Recurrent(Body):
    """Its last layer is a linear one, after a layer that is none."""

    def __init__(self):
        super().__init__()
        self.steps = nn.LSTM(1, 4, batch_first=True)

    def features(self, x):
        return self.steps(x.unsqueeze(2))[0][:, -1]

    def forward(self, x):
        z = self.features(x)
        logits = self.head(z)
        self.other(z)
        return logits


@pytest.mark.parametrize("kind", [AuxiliaryLast, Scaled, PutInPlace, SameFeatures, Recurrent])
def test_features_are_those_of_the_output(rows, kind):
    X, y = rows
    model = NeuralClassifier(kind, **ONCE).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Z = model.transform(X)
    with torch.inference_mode():
        expected = model.net_.module_.features(torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(Z, expected, atol=1e-6)
    assert model.get_feature_names_out().tolist() == [f"neuralclassifier{i}" for i in range(4)]


class AddedUp(Body):
    def forward(self, x):
        z = self.features(x)
        return self.head(z) + self.other(z)


class ProductLast(Body):
    """The last layer is a product with weights of its own, which is no linear layer."""

    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.ones(4, 3))

    def forward(self, x):
        return self.features(x) @ self.weights


@pytest.mark.parametrize("kind, width", [(AddedUp, 2), (ProductLast, 5)])
def test_what_cannot_be_told_is_the_last_one_and_said(rows, kind, width):
    X, y = rows
    model = NeuralClassifier(kind, **ONCE).fit(X, y)
    message = (
        f"NeuralClassifier: the output of {kind.__name__} comes of no single linear layer.*embedding_layer='head'"
    )
    with pytest.warns(UserWarning, match=message) as told:
        assert model.transform(X).shape == (12, width)
    assert len(told) == 1


def test_a_named_layer(rows):
    X, y = rows
    model = NeuralClassifier(AddedUp, embedding_layer="other.2", **ONCE).fit(X, y)
    module = model.net_.module_
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("error")
        Z = model.transform(X)
        expected = module.other[:2](module.features(torch.from_numpy(X)))
    np.testing.assert_allclose(Z, expected.numpy(), atol=1e-6)
    assert not module.other[2]._forward_pre_hooks  # nothing is left behind
    assert len(model.get_feature_names_out()) == 2
    copy = clone(model).set_params(embedding_layer="body").fit(X, y)
    np.testing.assert_array_equal(copy.transform(X), X)


def test_a_name_that_is_none_is_refused_at_the_fit(rows):
    X, y = rows
    message = r"NeuralClassifier: embedding_layer must name a layer of AddedUp.* got 'heads', did you mean 'head'"
    model = NeuralClassifier(AddedUp, embedding_layer="heads", **ONCE)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "net_")
    with pytest.raises(ValueError, match="NeuralClassifier: embedding_layer must .* got 3"):
        NeuralClassifier(AddedUp, embedding_layer=3, **ONCE).partial_fit(X, y, classes=[0, 1, 2])


def test_a_named_layer_that_does_not_run(rows):
    X, y = rows
    model = NeuralClassifier(SameFeatures, embedding_layer="other.0", **ONCE).fit(X, y)
    with pytest.raises(TypeError, match="the layer embedding_layer='other.0' does not run"):
        model.transform(X)


class AsksAnother(AuxiliaryLast):
    """While it runs, another thread passes other rows through the same net."""

    def forward(self, x):
        logits = super().forward(x)
        if getattr(self, "meanwhile", None) is not None:
            run, self.meanwhile = self.meanwhile, None
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        return logits


def test_a_named_layer_of_another_thread(rows):
    X, y = rows
    model = NeuralClassifier(AsksAnother, embedding_layer="body", **ONCE).fit(X, y)
    model.net_.module_.meanwhile = lambda: model.predict_proba(X + 1)
    np.testing.assert_array_equal(model.transform(X), X)


@pytest.mark.parametrize(
    "model",
    [
        NeuralRegressor("MLP", max_epochs=1),
        LossPredictionClassifier("MLP", max_epochs=1),
        UDAClassifier("MLP", max_steps=1),
        FixMatchClassifier("MLP", max_steps=1),
    ],
    ids=lambda model: type(model).__name__,
)
def test_layers_are_named_as_in_the_module_of_the_user(rows, model):
    X, y = rows
    settings = {"module__hidden": (6, 4), "random_state": 0}
    whole = clone(model).set_params(**settings)
    partly = y.astype(float)
    if hasattr(model, "max_steps"):
        partly[6:] = np.nan
    names = [name for name, part in nets.MLP((5,), 3, hidden=(6, 4)).named_modules() if isinstance(part, nn.Linear)]
    widths = [
        clone(whole).set_params(embedding_layer=name).fit(X, partly).transform(X).shape[1]
        for name in (names[1], "head")
    ]
    assert widths == [6, 4]
    assert whole.fit(X, partly).transform(X).shape[1] == 4


class Pixels(nn.Module):
    """Logits of pixels, and after them an auxiliary map of other features."""

    def __init__(self, n_outputs=2):
        super().__init__()
        self.body = nn.Conv2d(1, 3, 3, padding=1)
        self.head, self.aux = nn.Conv2d(3, n_outputs, 1), nn.Conv2d(3, 5, 1)
        self.last = nn.Conv2d(5, n_outputs, 1)

    def forward(self, x):
        return self.forward_stages(x)[0]

    def forward_stages(self, x):
        z = torch.relu(self.body(x))
        logits = nn.functional.interpolate(self.head(z), scale_factor=2)[:, :, ::2, ::2]
        self.seen = self.last(self.aux(z))
        return logits, [z]


@pytest.mark.parametrize("kind", [NeuralSegmenter, LossPredictionSegmenter, S4GANSegmenter])
def test_segmenters(kind):
    rng = np.random.default_rng(0)
    X, masks = rng.random((4, 1, 6, 8), dtype=np.float32), rng.integers(2, size=(4, 6, 8))
    once = {"max_steps": 1} if kind is S4GANSegmenter else {"max_epochs": 1}
    model = kind(Pixels, random_state=0, batch_size=2, **once)
    partly = [*masks[:2], None, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.fit(X, partly).transform(X).shape == (4, 3)
        named = model.set_params(embedding_layer="last").fit(X, partly)
        assert named.transform(X).shape == (4, 5)
    with pytest.raises(ValueError, match=f"{kind.__name__}: embedding_layer must name a layer of Pixels"):
        model.set_params(embedding_layer="discriminator").fit(X, partly)


def test_maps_of_a_named_layer_are_their_means():
    X = np.random.default_rng(0).random((6, 2, 4, 4), dtype=np.float32)
    module = nn.Sequential(nn.Conv2d(2, 3, 4), nn.Flatten(), nn.Linear(3, 2))
    model = NeuralClassifier(module, embedding_layer="0", max_epochs=1, random_state=0).fit(X, [0, 1] * 3)
    np.testing.assert_allclose(model.transform(X), X.mean(axis=(2, 3)), atol=1e-6)
