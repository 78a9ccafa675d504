"""partial_fit of nets: one pass at a time, on from the weights, drawn again by the same calls."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearner
from skal.neural import LossPredictionClassifier, NeuralClassifier
from skal.semi_supervised import FixMatchClassifier, UDAClassifier

_NET: dict[str, Any] = {"module__hidden": (4,), "module__dropout": 0.3, "lr": 0.05, "batch_size": 8}
NETS: list[Any] = [
    NeuralClassifier(random_state=0, missing_label=-1, **_NET),
    LossPredictionClassifier(random_state=0, missing_label=-1, **_NET),
]
_RNG = np.random.default_rng(0)
X = _RNG.normal(size=(30, 3))
Y = np.digitize(X[:, 0], [-0.5, 0.5])


def weights_of(model):
    return np.concatenate([value.detach().numpy().ravel() for value in model.net_.module_.parameters()])


def passes(net, n=3, between=lambda net: net):
    model = clone(net).partial_fit(X[:10], Y[:10], classes=[0, 1, 2])
    for _ in range(n - 1):
        model = between(model).partial_fit(X[10:], Y[10:])
    return model


@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
class TestPasses:
    def test_the_first_one_is_a_fit_of_one_epoch(self, net):
        fitted = clone(net).set_params(max_epochs=1, classes=[0, 1, 2]).fit(X, Y)
        np.testing.assert_array_equal(weights_of(clone(net).partial_fit(X, Y, [0, 1, 2])), weights_of(fitted))

    def test_are_the_same_by_the_same_calls_and_across_pickles(self, net):
        whole = weights_of(passes(net))
        np.testing.assert_array_equal(weights_of(passes(net)), whole)
        pickled = passes(net, between=lambda model: pickle.loads(pickle.dumps(model)))
        np.testing.assert_array_equal(weights_of(pickled), whole)
        assert not np.array_equal(weights_of(passes(clone(net).set_params(random_state=1))), whole)

    def test_are_counted_and_go_on(self, net):
        model = clone(net).partial_fit(X[:10], Y[:10], classes=[0, 1, 2, 3])
        mean = model.inputs_.mean.copy()
        before = weights_of(model)
        model.partial_fit(X[10:] + 100, np.where(np.arange(20) < 5, -1, Y[10:]))
        assert (model.n_iter_, model.n_labeled_, len(model.history_)) == (2, 25, 2)
        np.testing.assert_array_equal(model.inputs_.mean, mean)  # scales are those of the first rows
        assert model.classes_.tolist() == [0, 1, 2, 3]
        assert not np.array_equal(weights_of(model), before)
        assert np.abs(weights_of(model) - before).max() < 0.5  # and not a net made anew

    def test_draw_anew_each_time(self, net):
        """At rate zero the weights rest, and two passes differ by dropout and order alone."""
        model = clone(net).set_params(lr=1e-30).partial_fit(X, Y, [0, 1, 2])
        for _ in range(2):
            model.partial_fit(X, Y)
        losses = [epoch["train_loss"] for epoch in model.history_]
        assert len(set(losses)) == 3

    def test_after_a_fit_and_a_load(self, net, tmp_path):
        fitted = clone(net).set_params(max_epochs=2).fit(X, Y)
        fitted.save(tmp_path / "net")
        assert fitted.partial_fit(X, Y).n_iter_ == 3
        loaded = clone(net).load(tmp_path / "net").partial_fit(X[:5], Y[:5])
        assert (loaded.n_labeled_, loaded.classes_.tolist()) == (5, [0, 1, 2])

    def test_rows_of_weight_zero_teach_nothing(self, net):
        other = np.where(np.arange(30) < 10, (Y + 1) % 3, Y)
        weights = np.where(np.arange(30) < 10, 0.0, 2.0)
        one, two = (clone(net).partial_fit(X, y, [0, 1, 2], sample_weight=weights) for y in (Y, other))
        np.testing.assert_allclose(weights_of(one), weights_of(two), atol=1e-7)

    def test_what_is_refused(self, net):
        with pytest.raises(ValueError, match="classes must be passed on the first call"):
            clone(net).partial_fit(X, Y)
        model = clone(net).partial_fit(X, Y, [0, 1, 2])
        with pytest.raises(ValueError, match="not the same as on the first call"):
            model.partial_fit(X, Y, [0, 1])
        with pytest.raises(ValueError, match=r"among classes=\[0, 1, 2\], got \[7\]"):
            model.partial_fit(X[:2], [0, 7])
        with pytest.raises(ValueError, match="features"):
            model.partial_fit(X[:, :2], Y)
        with pytest.raises(ValueError, match="class_weight='balanced' counts all rows"):
            model.set_params(class_weight="balanced").partial_fit(X, Y)


@pytest.mark.parametrize("kind", [UDAClassifier, FixMatchClassifier])
def test_not_where_unlabelled_rows_teach(kind):
    assert not hasattr(kind(), "partial_fit")


def test_the_classes_may_be_those_of_the_parameter():
    model = clone(NETS[0]).set_params(classes=[2, 1, 0]).partial_fit(X[:4], [0, 1, 0, 1])
    assert model.predict_proba(X).shape == (30, 3)


@pytest.mark.parametrize("only_new", [False, True])
def test_a_learner_that_goes_on(only_new):
    """All rows go to warm_start, for its epochs; new ones alone are a pass."""
    learner = ActiveLearner(
        clone(NETS[0]).set_params(max_epochs=3), retrain="warm", X_training=X[:10], y_training=Y[:10]
    )
    learner.teach(X[10:14], Y[10:14], only_new=only_new)
    assert learner.estimator.n_iter_ == (4 if only_new else 6)
    assert not learner.estimator.warm_start


def test_at_the_end_of_a_pipeline_the_last_step_goes_on():
    pipe = make_pipeline(StandardScaler(), clone(NETS[0]).set_params(max_epochs=1)).fit(X, Y)
    assert pipe[-1].partial_fit(pipe[:-1].transform(X), Y).n_iter_ == 2
