"""A net as a regressor: scikit-learn's own checks, the scale of its targets, its dropout, its files, its refusals."""

import numpy as np
import pytest
import torch
from made_checks import briefly, not_of_nets
from sklearn.base import is_regressor
from sklearn.datasets import make_regression
from sklearn.ensemble import BaggingRegressor
from sklearn.utils.estimator_checks import estimator_checks_generator
from torch import nn

from skal import ActiveLearner, nets
from skal.neural import NeuralRegressor
from skal.outputs import embedding, offers_std, predicted_std

X, y = make_regression(80, 4, noise=2.0, random_state=0)
QUICK = {"max_epochs": 30, "lr": 1e-2, "random_state": 0, "module__hidden": (32,)}
HELD = not_of_nets(NeuralRegressor())


def own_checks():
    for estimator, check in estimator_checks_generator(NeuralRegressor(max_epochs=8, lr=5e-2, random_state=0)):
        if check.func.__name__ not in HELD:
            what = ",".join(f"{key}={value}" for key, value in check.keywords.items())
            yield pytest.param(estimator, check, id=f"{check.func.__name__}({what})")


@pytest.mark.parametrize(("estimator", "check"), list(own_checks()))
def test_scikit_learns_own_checks_pass(estimator, check):
    briefly(estimator, check, max_epochs=1)


@pytest.fixture(scope="module")
def fitted():
    return NeuralRegressor(**QUICK).fit(X, y)


def test_it_learns_and_says_what_it_is(fitted):
    assert fitted.score(X, y) > 0.9 and is_regressor(fitted) and not hasattr(fitted, "classes_")
    assert fitted.predict(X).dtype == np.float64


def test_a_shifted_and_stretched_target_is_predicted_shifted_and_stretched(fitted):
    other = NeuralRegressor(**QUICK).fit(X, 1e4 + 50.0 * y)
    np.testing.assert_allclose(other.predict(X), 1e4 + 50.0 * fitted.predict(X), rtol=1e-3, atol=5.0)


def test_rows_without_a_number_are_not_trained_on():
    known = np.arange(80) % 2 == 0
    partly = np.where(known, y, np.nan)
    wrong = X.copy()
    wrong[~known] += 1000.0
    settings = {**QUICK, "standardize": False}
    one, other = (NeuralRegressor(**settings).fit(rows, partly) for rows in (X, wrong))
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    assert one.n_labeled_ == 40 and one.score(X, partly) == pytest.approx(one.score(X[known], y[known]))
    assert NeuralRegressor(missing_label=-1.0, **settings).fit(X, np.where(known, y, -1.0)).n_labeled_ == 40


def test_dropout_says_how_sure_it_is(fitted):
    mean, std = fitted.predict(X, return_std=True)
    passes = fitted.sampled_predict(X, 20)
    assert passes.shape == (20, 80)
    np.testing.assert_array_equal(mean, fitted.predict(X))
    np.testing.assert_allclose(std, passes.std(axis=0))
    np.testing.assert_allclose(predicted_std(fitted, X), std, rtol=1e-5)
    assert offers_std(NeuralRegressor()) and offers_std(BaggingRegressor(NeuralRegressor()))
    far = np.vstack([X[:10], 20 * X[:10]])
    assert predicted_std(fitted, far)[10:].mean() > 3 * predicted_std(fitted, far)[:10].mean()


def test_strategies_read_it(fitted):
    learner = ActiveLearner.fitted(fitted, X[:40], y[:40], "max_std_sampling")
    picks, _ = learner.query(X[40:], n_instances=3)
    assert len(set(picks)) == 3
    assert embedding(learner, X).shape == (80, 32)
    for strategy in ("bmdal:selection=max_det", "igs"):
        assert len(ActiveLearner.fitted(fitted, X[:40], y[:40], strategy).query(X[40:], n_instances=3)[0]) == 3


def test_a_file_gives_the_same_predictions(fitted, tmp_path):
    fitted.save(tmp_path / "net.safetensors")
    again = NeuralRegressor(**QUICK).load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    assert (again.center_, again.scale_) == (fitted.center_, fitted.scale_)


def test_a_warm_start_goes_on_in_the_scale_it_had():
    model = NeuralRegressor(warm_start=True, **{**QUICK, "max_epochs": 5}).fit(X, y)
    before, center = model.score(X, y), model.center_
    model.fit(X[:60], y[:60])
    assert model.center_ == center and model.n_iter_ == 10 and model.score(X, y) > before


def test_weights_of_rows_count():
    """Of two targets for the same rows, the heavier one is learnt."""
    twice, both = np.vstack([X, X]), np.concatenate([y, -y])
    heavy = np.repeat([1.0, 0.0], 80)
    model = NeuralRegressor(**QUICK).fit(twice, both, sample_weight=heavy)
    assert model.score(X, y) > 0.8


class TwoNumbers(nn.Module):
    def __init__(self, input_shape):
        super().__init__()
        self.head = nn.Linear(input_shape[0], 2)

    def forward(self, x):
        return self.head(x)


def test_what_it_cannot_learn_is_refused():
    words = np.array(["a", "b"] * 40)
    with pytest.raises(ValueError, match="must hold numbers to predict, got .*a.*use NeuralClassifier"):
        NeuralRegressor(**QUICK).fit(X, words)
    with pytest.raises(ValueError, match=r"one number a row, \(n,\), got shape \(80, 2\)"):
        NeuralRegressor(**QUICK).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match=r"one number a row, \(b,\) or \(b, 1\), got \(32, 2\)"):
        NeuralRegressor(TwoNumbers, max_epochs=1).fit(X, y)
    dry = NeuralRegressor(max_epochs=1, module__dropout=0.0, random_state=0).fit(X, y)
    with pytest.raises(TypeError, match="sampled_predict needs dropout.*or BaggingRegressor"):
        dry.predict(X, return_std=True)
    with pytest.raises(ValueError, match="n_samples must be an int >= 1, got 0"):
        NeuralRegressor(n_samples=0, max_epochs=1).fit(X, y)


def test_images_have_numbers_too():
    images = np.random.default_rng(0).random((24, 1, 8, 8), dtype=np.float32)
    bright = images.mean(axis=(1, 2, 3))
    model = NeuralRegressor(max_epochs=2, random_state=0).fit(images, bright)
    assert isinstance(model.net_.module_, nets.SmallCNN) and model.predict(images).shape == (24,)
    assert torch.get_default_dtype() == torch.float32
