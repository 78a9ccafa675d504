"""NeuralClassifier as a scikit-learn classifier: labels, rows, parameters, errors."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from made_checks import briefly, not_of_nets
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from skal import LabeledKFold
from skal.nets import MLP
from skal.neural import NeuralClassifier

QUICK = {"max_epochs": 3, "module__hidden": (8,), "random_state": 0}


@pytest.fixture(scope="module")
def images(digits):
    X, y = digits
    return (X[:60] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), y[:60]


@parametrize_with_checks(
    [NeuralClassifier(partial(MLP, hidden=(32,)), max_epochs=8, lr=3e-2, random_state=0)],
    expected_failed_checks=not_of_nets,
)
def test_scikit_learn_checks(estimator, check):
    briefly(estimator, check, max_epochs=1)


class TestLabels:
    def test_of_any_type(self, table):
        X, y = table
        names = np.array(["ant", "bee", "cow"])[y]
        gone = np.arange(len(y)) % 3 == 0
        kinds = {
            "ints beside None": [None if g else int(v) for g, v in zip(gone, y, strict=True)],
            "floats beside NaN": np.where(gone, np.nan, y),
            "strings beside None": [None if g else v for g, v in zip(gone, names, strict=True)],
            "category": pd.Series(np.where(gone, None, names), dtype="category"),
            "nullable ints": pd.array(np.where(gone, None, y), dtype="Int64"),
        }
        expected = None
        for kind, labels in kinds.items():
            model = NeuralClassifier(**QUICK).fit(X, labels)
            assert model.n_labeled_ == (~gone).sum(), kind
            whole_numbers = model.classes_.dtype.kind == "i"
            assert model.classes_.tolist() == ([0, 1, 2] if whole_numbers else ["ant", "bee", "cow"]), kind
            P = model.predict_proba(X)
            expected = P if expected is None else expected
            np.testing.assert_array_equal(P, expected, err_msg=kind)
        assert set(NeuralClassifier(**QUICK).fit(X, names).predict(X)) <= set(names)

    def test_booleans(self, table):
        X, y = table
        model = NeuralClassifier(**QUICK).fit(X, y > 0)
        assert model.predict(X).dtype == bool

    def test_positions_are_not_labels(self, table):
        """Trap 3: skorch's own predict returns positions."""
        X, y = table
        assert set(NeuralClassifier(**QUICK).fit(X, y * 10 + 5).predict(X)) <= {5, 15, 25}

    def test_a_missing_label_of_ones_own(self, table):
        X, y = table
        model = NeuralClassifier(missing_label=-7, **QUICK).fit(X, np.where(np.arange(len(y)) < 40, y, -7))
        assert model.n_labeled_ == 40

    def test_unlabelled_rows_are_not_trained_on(self, images):
        X, y = images
        partly = [int(v) if i % 2 else None for i, v in enumerate(y)]
        noisy = X.copy()
        noisy[::2] = 255 - noisy[::2]
        first, second = (NeuralClassifier(max_epochs=1, random_state=0).fit(A, partly) for A in (X, noisy))
        np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))

    def test_unlabelled_rows_count_for_the_scale_of_columns_alone(self, table):
        X, y = table
        partly = [int(v) if i % 2 else None for i, v in enumerate(y)]
        noisy = X.copy()
        noisy[::2] += 100
        fitted = [NeuralClassifier(standardize=False, **QUICK).fit(A, partly) for A in (X, noisy)]
        np.testing.assert_array_equal(fitted[0].predict_proba(X), fitted[1].predict_proba(X))
        assert NeuralClassifier(**QUICK).fit(noisy, partly).inputs_.mean[0] > 40

    def test_no_labels_at_all(self, table):
        with pytest.raises(ValueError, match="at least one row must be labelled"):
            NeuralClassifier(**QUICK).fit(table[0], [None] * len(table[0]))


class TestFewRows:
    @pytest.mark.parametrize("n", [1, 2, 5, 33])
    def test_fewer_than_a_batch_or_one_more(self, n, table, images):
        for X, y in (table, images):
            model = NeuralClassifier(max_epochs=2, batch_size=32, random_state=0).fit(X[:n], y[:n])
            assert np.isfinite(model.predict_proba(X)).all()

    def test_batch_norm_over_a_lone_last_row(self, table):
        X, y = table
        module = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))
        model = NeuralClassifier(module, max_epochs=1, batch_size=32, random_state=0).fit(X[:33], y[:33])
        assert np.isfinite(model.predict_proba(X)).all()

    def test_one_class(self, table):
        X, _ = table
        model = NeuralClassifier(**QUICK).fit(X, ["only"] * len(X))
        np.testing.assert_array_equal(model.predict_proba(X), np.ones((len(X), 1)))
        assert set(model.predict(X)) == {"only"}


class TestClasses:
    def test_missing_ones_have_a_column(self, table):
        X, y = table
        model = NeuralClassifier(classes=[3, 0, 1, 2], **QUICK).fit(X[y < 2], y[y < 2])
        assert model.classes_.tolist() == [0, 1, 2, 3]
        assert model.predict_proba(X).shape == (len(X), 4)

    def test_few_labels_of_many_classes_are_no_regression(self):
        """scikit-learn suspects one where more than half of at least 21 labels are distinct."""
        X, y = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32), np.arange(24)
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="The number of unique classes")
            assert len(NeuralClassifier(**QUICK).fit(X, y).classes_) == 24

    def test_a_label_that_is_none_of_them(self, table):
        X, y = table
        with pytest.raises(ValueError, match=r"must be among classes=\[0, 1\], got \[2\]"):
            NeuralClassifier(classes=[0, 1], **QUICK).fit(X, y)


class TestWarmStart:
    def test_goes_on(self, table):
        X, y = table
        model = NeuralClassifier(warm_start=True, **QUICK).fit(X, y)
        before = model.history_[-1]["train_loss"]
        weights = model.net_.module_.head.weight.clone()
        model.fit(X, y)
        assert model.n_iter_ == 6
        assert model.history_[3]["train_loss"] < model.history_[0]["train_loss"]
        assert model.history_[3]["train_loss"] < before * 1.1
        assert not torch.equal(weights, model.net_.module_.head.weight)

    def test_starts_anew_without_it(self, table):
        X, y = table
        model = NeuralClassifier(**QUICK).fit(X, y)
        first = model.predict_proba(X)
        np.testing.assert_array_equal(model.fit(X, y).predict_proba(X), first)
        assert model.n_iter_ == 3

    def test_new_classes_begin_again_with_a_warning(self, table):
        X, y = table
        model = NeuralClassifier(warm_start=True, **QUICK).fit(X[y < 2], y[y < 2])
        with pytest.warns(UserWarning, match="starts anew. Name all labels by classes=") as caught:
            model.fit(X, y)
        assert caught[0].filename == __file__
        assert model.n_iter_ == 3
        assert model.classes_.tolist() == [0, 1, 2]

    def test_named_classes_keep_the_weights(self, table):
        X, y = table
        model = NeuralClassifier(warm_start=True, classes=[0, 1, 2], **QUICK).fit(X[y < 2], y[y < 2])
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            model.fit(X, y)
        assert model.n_iter_ == 6

    def test_takes_a_new_learning_rate(self, table):
        X, y = table
        model = NeuralClassifier(warm_start=True, **QUICK).fit(X, y)
        weights = model.net_.module_.head.weight.clone()
        model.set_params(lr=1e-12).fit(X, y)
        torch.testing.assert_close(weights, model.net_.module_.head.weight, atol=1e-6, rtol=0)


class TestModule:
    def test_an_instance_is_copied(self, table):
        X, y = table
        module = MLP((6,), 3)
        before = {name: value.clone() for name, value in module.state_dict().items()}
        model = NeuralClassifier(module, max_epochs=2, random_state=0).fit(X, y)
        assert model.net_.module_ is not module
        assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
        again = NeuralClassifier(module, max_epochs=2, random_state=0).fit(X, y)
        np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))

    def test_by_name_class_and_function(self, table):
        X, y = table
        ways = ["MLP", MLP, lambda input_shape, n_outputs, hidden: MLP(input_shape, n_outputs, hidden)]
        P = [NeuralClassifier(way, **QUICK).fit(X, y).predict_proba(X) for way in ways]
        np.testing.assert_array_equal(P[0], P[1])
        np.testing.assert_array_equal(P[0], P[2])

    def test_options_reach_module_and_optimizer(self, table):
        X, y = table
        model = NeuralClassifier(
            max_epochs=1, module__hidden=(7, 5), optimizer=torch.optim.SGD, optimizer__momentum=0.5
        ).fit(X, y)
        assert model.net_.module_.head.in_features == 5
        assert model.net_.optimizer_.param_groups[0]["momentum"] == 0.5

    def test_options_are_cloned_and_searched(self, table):
        X, y = table
        model = NeuralClassifier(**QUICK)
        assert clone(model).get_params()["module__hidden"] == (8,)
        grid = GridSearchCV(model, {"module__hidden": [(4,), (9,)], "lr": [1e-3, 1e-1]}, cv=2).fit(X, y)
        assert grid.best_params_["lr"] == 1e-1
        assert grid.best_estimator_.net_.module_.head.in_features in (4, 9)

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"bach_size": 3}, TypeError, "no parameter 'bach_size', did you mean 'batch_size'; besides"),
            ({"criterion__weight": 1}, TypeError, r"takes module__\* and optimizer__\*"),
            ({"module": "Mlp"}, ValueError, "there is no module 'Mlp' in skal.nets; there are MLP"),
            ({"module": nn.Linear(6, 3), "module__bias": False}, ValueError, "module is an instance of Linear"),
            ({"module": dict}, TypeError, "must make a torch.nn.Module, got dict"),
            ({"max_epochs": 0}, ValueError, "max_epochs must be an int >= 1, got 0"),
            ({"batch_size": 2.5}, ValueError, "batch_size must be an int >= 1, got 2.5"),
            ({"lr": -1}, ValueError, "lr must be a positive number, got -1"),
            ({"device": "abacus"}, ValueError, 'device must be "auto", "cpu".*got \'abacus\''),
        ],
    )
    def test_what_is_no_option_is_said_in_fit(self, options, error, message, table):
        model = NeuralClassifier(**options)
        with pytest.raises(error, match=message):
            model.fit(*table)


class TestRows:
    def test_a_missing_number(self, table):
        X, y = table
        X = X.copy()
        X[3, 2] = np.nan
        with pytest.raises(ValueError, match="NaN"):
            NeuralClassifier(**QUICK).fit(X, y)
        model = NeuralClassifier(**QUICK).fit(*table)
        with pytest.raises(ValueError, match="NaN"):
            model.predict(X)

    def test_another_shape_than_in_fit(self, images):
        X, y = images
        model = NeuralClassifier(max_epochs=1).fit(X, y)
        with pytest.raises(ValueError, match=r"rows must have shape \(1, 8, 8\), as in fit, got \(1, 4, 4\)"):
            model.predict(X[:, :, :4, :4])

    def test_divergence(self, table):
        X, y = table
        model = NeuralClassifier(max_epochs=20, lr=1e6, optimizer=torch.optim.SGD, random_state=0)
        with pytest.raises(ValueError, match="training diverged: the loss is .* Lower lr"):
            model.fit(X * 1e6, y)

    def test_a_constant_column(self, table):
        X, y = table
        X = np.column_stack([X, np.full(len(X), 7.0)])
        assert np.isfinite(NeuralClassifier(**QUICK).fit(X, y).predict_proba(X)).all()


def test_learns(digits):
    X, y = digits
    model = NeuralClassifier(max_epochs=15, random_state=0).fit(X[:500], y[:500])
    assert model.score(X[500:1000], y[500:1000]) > 0.85
    assert model.transform(X[:9]).shape == (9, 128)
    assert model.transform(X[:9]).dtype == np.float32


def test_transform_is_what_the_head_reads(table):
    X, y = table
    model = NeuralClassifier(**QUICK).fit(X, y)
    head = model.net_.module_.head
    logits = model.transform(X) @ head.weight.detach().numpy().T + head.bias.detach().numpy()
    P = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(P / P.sum(axis=1, keepdims=True), model.predict_proba(X), atol=1e-5)


def test_transform_without_a_linear_layer(images):
    X, y = images
    module = nn.Sequential(nn.Conv2d(1, 10, 8), nn.Flatten())
    model = NeuralClassifier(module, max_epochs=1).fit(X, y)
    with pytest.raises(TypeError, match="Sequential has none. Pass embedding="):
        model.transform(X)


def test_in_a_pipeline_with_missing_labels(table):
    X, y = table
    partly = np.where(np.arange(len(y)) % 3 == 0, np.nan, y)
    pipeline = make_pipeline(StandardScaler(), NeuralClassifier(max_epochs=15, lr=1e-2, random_state=0))
    scores = cross_val_score(pipeline, X, partly, cv=LabeledKFold(3))
    assert len(scores) == 3
    assert scores.min() > 0.5


def test_boundary_distance_is_in_units_of_the_net(table):
    X, y = table
    module = nn.Linear(6, 2)
    model = NeuralClassifier(module, max_epochs=5, lr=1e-1, random_state=0).fit(X, y > 0)
    weights, biases = (values.detach().numpy() for values in model.net_.module_.parameters())
    W, b = weights[1] - weights[0], biases[1] - biases[0]
    Z = (X - model.inputs_.mean) / model.inputs_.scale
    by_hand = np.abs(Z @ W + b) / np.linalg.norm(W)
    np.testing.assert_allclose(model.boundary_distance(X), by_hand, rtol=1e-3, atol=1e-4)


def test_boundary_distance_of_one_class(table):
    X, _ = table
    assert np.isinf(NeuralClassifier(**QUICK).fit(X, np.zeros(len(X), int)).boundary_distance(X)).all()
