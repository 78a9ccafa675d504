"""What rows and classes count in the loss of a net: hand-computed gradients, rows left out, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import has_fit_parameter
from skorch.dataset import ValidSplit
from torch import nn

from skal.neural import LossPredictionClassifier, NeuralClassifier, VariationalAutoencoder
from skal.semi_supervised import FixMatchClassifier, UDAClassifier

pytestmark = pytest.mark.filterwarnings("ignore:.*no guess on an")

_RNG = np.random.default_rng(0)
X = _RNG.normal(size=(16, 3))
Y = np.resize([0, 1, 2, -1], 16)
LABELED = Y >= 0
W = np.where(LABELED, _RNG.uniform(0.2, 3.0, size=16), np.nan)  # what stands at unlabelled rows is not looked at

_NET: dict[str, Any] = {"module__hidden": (4,), "lr": 0.05, "random_state": 0, "missing_label": -1}
NETS: list[Any] = [
    NeuralClassifier(max_epochs=3, batch_size=4, **_NET),
    LossPredictionClassifier(max_epochs=3, batch_size=4, **_NET),
    UDAClassifier(max_steps=3, batch_size=4, ema_decay=None, **_NET),
    FixMatchClassifier(max_steps=3, batch_size=4, ema_decay=None, **_NET),
]


def named(estimator):
    return type(estimator).__name__


def weights_of(model):
    return np.concatenate([value.detach().numpy().ravel() for value in model.net_.module_.parameters()])


@pytest.mark.parametrize("net", NETS, ids=named)
class TestOfEveryClassifier:
    def test_equal_weights_change_no_digit(self, net):
        plain = weights_of(clone(net).fit(X, Y))
        for equal in (np.full(16, 0.1), np.where(LABELED, 3.0, 7.0), 2.0):
            np.testing.assert_array_equal(weights_of(clone(net).fit(X, Y, sample_weight=equal)), plain)
        np.testing.assert_array_equal(weights_of(clone(net).set_params(class_weight={}).fit(X, Y)), plain)

    def test_only_their_ratios_matter_and_only_those_of_labelled_rows(self, net):
        once = weights_of(clone(net).fit(X, Y, W))
        np.testing.assert_allclose(weights_of(clone(net).fit(X, Y, 4.0 * W)), once, atol=1e-6)
        elsewhere = np.where(LABELED, W, -5.0)
        np.testing.assert_array_equal(weights_of(clone(net).fit(X, Y, pd.Series(elsewhere))), once)
        assert not np.array_equal(once, weights_of(clone(net).fit(X, Y)))

    @pytest.mark.parametrize("class_weight", ["balanced", {0: 5.0, 2: 0.5}, {0: 2.0, 9: 3.0}])
    def test_of_classes_are_those_of_their_rows(self, net, class_weight):
        y = np.where(np.arange(16) < 6, Y, np.where(LABELED, 0, -1))  # not as many of each
        known = {0: 2.0} if isinstance(class_weight, dict) and 9 in class_weight else class_weight
        of_rows = np.zeros(16)
        of_rows[y >= 0] = compute_sample_weight(known, y[y >= 0])
        by_class = clone(net).set_params(class_weight=class_weight)
        by_row = weights_of(clone(net).fit(X, y, of_rows))
        np.testing.assert_array_equal(weights_of(by_class.fit(X, y)), by_row)
        both = weights_of(by_class.fit(X, y, W))
        np.testing.assert_array_equal(both, weights_of(clone(net).fit(X, y, W * of_rows)))
        assert not np.array_equal(by_row, weights_of(clone(net).fit(X, y)))

    @pytest.mark.parametrize(
        "weights",
        [np.full(15, 1.0), np.full((16, 2), 1.0), np.where(np.arange(16) == 1, -1.0, 1.0), ["heavy"] * 16,
         np.where(np.arange(16) == 1, np.nan, 1.0), np.where(np.arange(16) == 1, np.inf, 1.0), np.zeros(16)],
        ids=["too few", "two columns", "negative", "text", "NaN", "infinite", "nothing"],
    )  # fmt: skip
    def test_what_is_no_weight_is_refused(self, net, weights):
        with pytest.raises(ValueError, match=rf"^{named(net)}: .*weight"):
            clone(net).fit(X, Y, weights)

    @pytest.mark.parametrize("class_weight", ["balance", [1.0, 2.0], {0: -1.0}, {0: np.nan}])
    def test_what_is_no_weight_of_a_class_is_refused(self, net, class_weight):
        with pytest.raises(ValueError, match=rf"^{named(net)}: .*class_weight"):
            clone(net).set_params(class_weight=class_weight).fit(X, Y)

    def test_is_seen_by_meta_estimators(self, net):
        assert has_fit_parameter(net, "sample_weight")


def linear(input_shape, n_outputs):
    return nn.Linear(*input_shape, n_outputs)


def one_step(y, weights=None, rows=X, batch_size=100, epochs=1):
    """Weights of a linear net after full steps of plain gradient descent at rate 1, on rows as they are."""
    net = NeuralClassifier(
        linear, max_epochs=epochs, batch_size=batch_size, lr=1.0, optimizer=torch.optim.SGD, standardize=False,
        random_state=0, missing_label=-1, classes=[0, 1, 2],
    )  # fmt: skip
    return net.fit(rows, y, weights).net_.module_.weight.detach().numpy().astype(np.float64)


def start():
    return one_step(Y, None, epochs=1) + gradient(np.ones(16))


def gradient(weights):
    """Gradient of the weighted mean of cross-entropies at the initial weights of the seed, by autograd in float64."""
    with torch.no_grad():
        module = nn.Linear(3, 3).double()
        first = NeuralClassifier(
            linear, max_epochs=1, lr=1e-30, optimizer=torch.optim.SGD, standardize=False, random_state=0,
            missing_label=-1,
        ).fit(X, Y)  # fmt: skip
        module.weight.copy_(first.net_.module_.weight)
        module.bias.copy_(first.net_.module_.bias)
    losses = nn.functional.cross_entropy(
        module(torch.from_numpy(X[LABELED])), torch.from_numpy(Y[LABELED]), reduction="none"
    )
    w = torch.from_numpy(np.asarray(weights, dtype=np.float64)[LABELED])
    ((w * losses).sum() / w.sum()).backward()
    return module.weight.grad.numpy()


class TestGradients:
    def test_are_those_of_the_weighted_mean(self):
        np.testing.assert_allclose(one_step(Y, W), start() - gradient(W), atol=1e-5)

    @given(st.lists(st.integers(0, 3), min_size=16, max_size=16).filter(lambda w: any(np.array(w)[LABELED])))
    @settings(max_examples=10)  # two fits each
    def test_whole_weights_are_repetition_in_one_batch(self, times):
        times = np.array(times)
        repeated = one_step(np.repeat(Y, times), rows=np.repeat(X, times, axis=0), epochs=3)
        np.testing.assert_allclose(one_step(Y, times, epochs=3), repeated, atol=1e-4)

    def test_batches_are_not_brought_to_one_size(self):
        """Rows that count next to nothing move the net by next to nothing, also where they fill a batch."""
        weights = np.where(np.arange(16) < 6, 1e-9, 1.0)
        exchanged = np.where((weights < 1) & LABELED, (Y + 1) % 3, Y)
        moved = one_step(Y, weights, batch_size=2, epochs=4)
        np.testing.assert_allclose(one_step(exchanged, weights, batch_size=2, epochs=4), moved, atol=1e-6)


@pytest.mark.parametrize("net", NETS, ids=named)
def test_rows_of_weight_zero_teach_nothing(net):
    """Their labels can be exchanged, in both losses of a loss prediction too."""
    weights = np.where(np.arange(16) % 3 == 0, 0.0, 1.0)
    other = np.where(LABELED & (weights == 0), (Y + 1) % 3, Y)
    model = clone(net).set_params(classes=[0, 1, 2], standardize=True)
    one = weights_of(clone(model).fit(X, Y, weights))
    np.testing.assert_allclose(weights_of(clone(model).fit(X, other, weights)), one, atol=1e-7)
    assert not np.allclose(weights_of(clone(model).fit(X, other)), weights_of(clone(model).fit(X, Y)), atol=1e-4)


def test_weights_beside_features_of_a_loss_prediction():
    features = VariationalAutoencoder(max_epochs=1, latent_dim=2, random_state=0).fit(X)
    net = clone(NETS[1]).set_params(features=features)
    assert not np.array_equal(weights_of(net.fit(X, Y, W)), weights_of(net.fit(X, Y)))


@pytest.mark.parametrize("meta", [AdaBoostClassifier, BaggingClassifier])
def test_in_ensembles_of_scikit_learn(meta):
    net = NeuralClassifier(max_epochs=8, module__hidden=(4,), lr=0.05)
    model = meta(net, n_estimators=2, random_state=0).fit(X[LABELED], Y[LABELED])
    assert model.predict(X).shape == (16,)


def test_split_off_rows_are_weighted_too():
    net = clone(NETS[0]).set_params(train_split=ValidSplit(3), max_epochs=1)
    heavy = net.fit(X, Y, W).history_[0]["valid_loss"]
    assert heavy != net.fit(X, Y).history_[0]["valid_loss"]
