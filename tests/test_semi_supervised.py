"""Classifiers that learn from unlabelled rows too."""

import copy
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import torch
from made_checks import briefly, not_of_nets
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch.callbacks import Callback
from skorch.dataset import ValidSplit

import skal
from skal.data import RowView
from skal.labels import LabeledKFold, masked_scorer
from skal.loop import rounds
from skal.nets import MLP
from skal.neural import LossPredictionClassifier, NeuralClassifier
from skal.query import margin_sampling
from skal.semi_supervised import FixMatchClassifier, PseudoLabelClassifier, UDAClassifier
from skal.semi_supervised._net import ConsistencyNet

CONSISTENCY = (UDAClassifier, FixMatchClassifier)
QUICK = {"module": "MLP", "max_steps": 60, "batch_size": 16, "random_state": 0}


@pytest.fixture(scope="module")
def table():
    """Three clouds of 100 rows or so, four labels in each."""
    rng = np.random.RandomState(0)
    centers = rng.normal(size=(3, 8)) * 3
    y = rng.randint(3, size=300)
    X = centers[y] + rng.normal(size=(300, 8))
    labels = np.full(300, np.nan)
    for label in range(3):
        labels[np.flatnonzero(y == label)[:4]] = label
    return X, y, labels


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    images = (X.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    labels = np.full(1200, np.nan)
    rng = np.random.RandomState(1)
    for label in range(10):
        labels[rng.permutation(np.flatnonzero(y[:1200] == label))[:4]] = label
    return images[:1200], labels, images[1200:], y[1200:]


@pytest.mark.slow
@parametrize_with_checks(
    [
        UDAClassifier(
            max_steps=50, lr=3e-2, module=partial(MLP, hidden=(32,)), random_state=0
        ),  # FixMatch: test_nightly_checks.py
        PseudoLabelClassifier(),
    ],
    expected_failed_checks=lambda estimator: not_of_nets(estimator) if isinstance(estimator, UDAClassifier) else {},
)
@pytest.mark.filterwarnings("ignore:.*no unlabelled row:UserWarning")
def test_scikit_learn_checks(estimator, check):
    briefly(estimator, check, **({"max_steps": 2} if isinstance(estimator, UDAClassifier) else {}))


# What they learn.


@pytest.mark.nightly
def test_unlabelled_images_teach(digits):
    """Four labels a class; benchmarks/recipes.py has trials, and other recipes."""
    X, labels, X_test, y_test = digits
    how = {"module": "SmallCNN", "module__width": 16, "random_state": 0}
    known = ~np.isnan(labels)
    alone = NeuralClassifier(**how).fit(X[known], labels[known]).score(X_test, y_test)
    how |= {"augment": skal.augment.Weak(flip=False), "strong": skal.augment.Strong(flip=False), "max_steps": 800}
    model = UDAClassifier(**how).fit(X, labels)
    assert model.score(X_test, y_test) > alone + 0.05
    assert model.history_[-1]["trusted"] > 0.5


@pytest.mark.parametrize("cls", CONSISTENCY)
def test_rows_of_a_table(cls, table):
    X, y, labels = table
    model = cls(**QUICK).fit(X, labels)
    assert model.score(X, y) > 0.9
    assert model.n_labeled_ == 12
    assert model.predict_proba(X).shape == (300, 3)
    assert model.transform(X).shape[0] == 300
    assert model.sampled_proba(X[:5], 4).shape == (4, 5, 3)
    assert {"train_loss", "labeled_loss", "consistency_loss", "trusted", "dur"} <= set(model.history_[-1])


@pytest.mark.parametrize("cls", CONSISTENCY)
def test_unlabelled_rows_may_come_apart(cls, table):
    X, _, labels = table
    known = ~np.isnan(labels)
    together = cls(**QUICK).fit(np.concatenate([X[known], X[~known]]), np.r_[labels[known], labels[~known]])
    apart = cls(**QUICK).fit(X[known], labels[known], X_unlabeled=X[~known])
    np.testing.assert_allclose(together.predict_proba(X), apart.predict_proba(X), atol=1e-6)


def test_labels_of_any_type(table):
    X, y, labels = table
    names = np.array([None if np.isnan(label) else "abc"[int(label)] for label in labels], dtype=object)
    model = UDAClassifier(**QUICK).fit(X, names)
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert np.mean(model.predict(X) == np.array(list("abc"))[y]) > 0.9


def test_a_view_is_trained_on_as_an_array_is(table):
    X, _, labels = table
    rows = np.random.RandomState(0).permutation(300)[:200]
    labels = np.where(np.arange(300) < 30, np.arange(300) % 3, np.nan)
    view = UDAClassifier(**QUICK).fit(RowView(X, rows), labels[rows])
    array = UDAClassifier(**QUICK).fit(X[rows], labels[rows])
    np.testing.assert_array_equal(view.predict_proba(X), array.predict_proba(X))


# How they train.


class Recorder(torch.nn.Module):
    """A linear net that writes down what it is given."""

    def __init__(self, input_shape, n_outputs):
        super().__init__()
        self.head = torch.nn.Linear(input_shape[0], n_outputs)
        self.seen = []

    def forward(self, x):
        self.seen.append((len(x), torch.is_grad_enabled(), x.detach().clone()))
        return self.head(x)


def test_a_step_guesses_without_gradient_and_trains_on_both_kinds_of_rows(table):
    X, _, labels = table
    model = UDAClassifier(Recorder, max_steps=3, batch_size=5, unlabeled_batch_size=20, random_state=0)
    model.set_params(augment=None, strong=lambda x: x + 100.0, threshold=0.0).fit(X, labels)
    _, *seen, _ = model.net_.module_.seen  # before the first step and after the last it is looked at
    assert [(n, grad) for n, grad, _ in seen] == [(20, False), (25, True)] * 3
    for (_, _, weak), (_, _, both) in zip(seen[::2], seen[1::2], strict=True):
        torch.testing.assert_close(both[5:], weak + 100.0)  # the same rows, bent


def test_scores_are_of_rows_as_they_are(table):
    X, _, labels = table
    broken = UDAClassifier(Recorder, max_steps=2, random_state=0, augment=lambda x: x * 0, strong=lambda x: x * 0)
    model = broken.fit(X, labels)
    model.net_.module_.seen.clear()
    model.predict_proba(X[:3])
    model.transform(X[:3])
    seen, expected = model.net_.module_.seen, model.inputs_.tensor(X[:3])
    assert len(seen) == 2 and bool(expected.abs().sum(dim=1).all()), "both have read, and no row is a row of zeros"
    for _, _, x in seen:
        torch.testing.assert_close(x[:3], expected)


@pytest.mark.parametrize("cls", [NeuralClassifier, LossPredictionClassifier])
def test_nets_are_augmented_in_training_alone(cls, table):
    X, y, _ = table
    calls = []

    def noted(x):
        calls.append(len(x))
        return x + 0.01 * torch.randn_like(x)

    model = cls("MLP", max_epochs=2, batch_size=100, augment=noted, random_state=0).fit(X, y)
    assert calls == [100] * 6
    model.predict_proba(X)
    model.sampled_proba(X[:4], 3)
    assert len(calls) == 6
    split = cls("MLP", max_epochs=2, augment=noted, train_split=ValidSplit(0.5), batch_size=100, random_state=0)
    split.fit(X, y)
    assert sum(calls[6:]) == 2 * 150  # the half that is watched is read as it is
    again = cls("MLP", max_epochs=2, batch_size=100, augment=noted, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))
    plain = cls("MLP", max_epochs=2, batch_size=100, random_state=0).fit(X, y)
    assert not np.array_equal(model.predict_proba(X), plain.predict_proba(X))


def test_the_learning_rate_falls_along_the_cosine(table):
    X, _, labels = table
    rates = []

    class Watch(Callback):
        def on_batch_end(self, net, **kwargs):
            rates.append(net.optimizer_.param_groups[0]["lr"])

    UDAClassifier(**{**QUICK, "max_steps": 100}, lr=0.5, callbacks=[("watch", Watch())]).fit(X, labels)
    steps = np.arange(100)
    np.testing.assert_allclose(rates, 0.5 * np.cos(7 * np.pi * steps / (16 * 100)))


def test_the_average_of_the_weights_predicts(table):
    X, _, labels = table
    last = UDAClassifier(**QUICK, ema_decay=None).fit(X, labels)
    averaged = UDAClassifier(**QUICK, ema_decay=0.9).fit(X, labels)
    assert not np.allclose(last.predict_proba(X), averaged.predict_proba(X))
    none = UDAClassifier(**QUICK, ema_decay=0.0).fit(X, labels)  # an average of the last alone
    np.testing.assert_allclose(last.predict_proba(X), none.predict_proba(X), atol=1e-6)


def test_steps_are_the_unit(table, monkeypatch):
    X, _, labels = table
    done = []
    step = ConsistencyNet.train_step
    monkeypatch.setattr(ConsistencyNet, "train_step", lambda self, *a, **k: done.append(1) or step(self, *a, **k))
    model = UDAClassifier(**{**QUICK, "max_steps": 120}).fit(X, labels)
    assert len(done) == 120
    assert model.n_iter_ == len(model.history_) == 3


def test_warm_start_goes_on(table):
    X, y, labels = table
    model = UDAClassifier(**{**QUICK, "max_steps": 20, "warm_start": True, "threshold": 0.4}).fit(X, labels)
    first = model.net_
    before = copy.deepcopy(first.module_.state_dict())
    model.fit(X, labels)
    assert model.net_ is first
    assert any(not torch.equal(before[name], value) for name, value in first.module_.state_dict().items())
    assert model.score(X, y) > 0.9


# Hard cases: each trains, or says why not.


@pytest.mark.parametrize("cls", [*CONSISTENCY, PseudoLabelClassifier])
def test_no_unlabelled_row_is_supervised_training_and_said(cls, table):
    X, y, _ = table
    model = cls() if cls is PseudoLabelClassifier else cls(**QUICK)
    with pytest.warns(UserWarning, match="no unlabelled row"):
        model.fit(X, y)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("cls", CONSISTENCY)
def test_no_guess_is_trusted_and_that_is_said(cls, table):
    X, _, labels = table
    hopeless = cls(**{**QUICK, "max_steps": 3, "threshold": 0.9999999, "lr": 1e-6})
    with pytest.warns(UserWarning, match="no guess on an unlabelled row was above threshold"):
        hopeless.fit(X, labels)
    assert hopeless.predict(X).shape == (300,)


@pytest.mark.parametrize("cls", [*CONSISTENCY, PseudoLabelClassifier])
@pytest.mark.parametrize("n_labeled", [1, 2])
def test_few_labels_and_one_unlabelled_row(cls, n_labeled, table):
    X, _, _ = table
    y = np.array([0.0, 1.0, np.nan])[[*range(n_labeled), 2]]
    model = cls(DecisionTreeClassifier()) if cls is PseudoLabelClassifier else cls(**QUICK)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X[: n_labeled + 1], y)
    assert model.predict_proba(X).shape == (300, n_labeled)


def test_classes_that_are_still_missing(table):
    X, _, labels = table
    labels = np.where(labels == 2, np.nan, labels)
    model = UDAClassifier(**QUICK, classes=[0, 1, 2]).fit(X, labels)
    assert model.predict_proba(X).shape == (300, 3)


def test_images_with_batch_norm_and_one_label():
    images = np.random.RandomState(0).rand(6, 1, 8, 8).astype(np.float32)
    model = FixMatchClassifier("SmallCNN", module__width=4, max_steps=2, batch_size=1, unlabeled_batch_size=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.set_params(random_state=0).fit(images, [0, 1, None, None, None, None])
    assert np.isfinite(model.predict_proba(images)).all()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"threshold": 1.0}, r"threshold must be a number in \[0, 1\), got 1.0"),
        ({"threshold": True}, "threshold must be"),
        ({"max_steps": 0}, "max_steps must be an int >= 1, got 0"),
        ({"ema_decay": 1.0}, "ema_decay must be a number"),
        ({"unlabeled_weight": -1}, "unlabeled_weight must be a number >= 0, got -1"),
        ({"unlabeled_batch_size": 0}, "unlabeled_batch_size must be an int >= 1"),
        ({"schedule": "step"}, "schedule must be 'cosine' or None, got 'step'"),
        ({"annealing": "cubic"}, "annealing must be one of"),
        ({"temperature": 0}, "temperature must be a positive number, got 0"),
        ({"strong": "stronger"}, "stronger"),
    ],
)
def test_bad_parameters_are_named(options, message, table):
    X, _, labels = table
    with pytest.raises(ValueError, match=message):
        UDAClassifier(**{**QUICK, **options}).fit(X, labels)


def test_unlabelled_rows_in_both_ways_are_refused(table):
    X, _, labels = table
    with pytest.raises(ValueError, match="with X_unlabeled every label in y is needed, got 288 missing"):
        UDAClassifier(**QUICK).fit(X, labels, X_unlabeled=X)


def test_unknown_options_and_papers_are_refused(table):
    X, _, labels = table
    with pytest.raises(TypeError, match="has no parameter 'treshold', did you mean 'threshold'"):
        UDAClassifier(treshold=0.5).fit(X, labels)
    with pytest.raises(ValueError, match="paper must be one of uda, mittal, got 'fixmatch'"):
        UDAClassifier.published("fixmatch")


def test_published_settings():
    """METHODS: threshold and temperature 0.8 and 0.4 in the released code, 0.6 and 0.5 in Mittal et al."""
    uda, mittal, fixmatch = (
        UDAClassifier.published(),
        UDAClassifier.published("mittal", random_state=1),
        FixMatchClassifier.published(),
    )
    assert (uda.threshold, uda.temperature, uda.unlabeled_batch_size) == (0.8, 0.4, 448)
    assert (mittal.threshold, mittal.temperature, mittal.unlabeled_batch_size) == (0.6, 0.5, 320)
    assert (mittal.max_steps, mittal.random_state) == (50_000, 1)
    assert (fixmatch.threshold, fixmatch.max_steps) == (0.95, 2**20)
    images = np.random.RandomState(0).rand(6, 3, 32, 32).astype(np.float32)
    tiny = {"max_steps": 1, "batch_size": 2, "unlabeled_batch_size": 2, "module__depth": 10, "module__width": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for model in (uda, mittal, fixmatch):
            model.set_params(**tiny).fit(images, [0, 1, 0, None, None, None])
            assert model.net_.optimizer_.param_groups[0]["nesterov"]
            assert model.predict_proba(images).shape == (6, 2)


# Seeds, copies and files.


@pytest.mark.parametrize("cls", CONSISTENCY)
def test_same_seed_same_net_in_threads(cls, table):
    X, _, labels = table
    before = torch.get_rng_state()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: cls(**QUICK).fit(X, labels).predict_proba(X), range(4)))
    for P in found[1:]:
        np.testing.assert_array_equal(P, found[0])
    assert torch.equal(before, torch.get_rng_state())
    other = cls(**{**QUICK, "random_state": 1}).fit(X, labels).predict_proba(X)
    assert not np.array_equal(other, found[0])


@pytest.mark.parametrize("cls", CONSISTENCY)
def test_pickles_files_and_clones(cls, table, tmp_path):
    X, _, labels = table
    model = cls(**QUICK).fit(X, labels)
    P = model.predict_proba(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), P)
    model.save(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(cls(**QUICK).load(tmp_path / "net.safetensors").predict_proba(X), P)
    np.testing.assert_array_equal(clone(model).fit(X, labels).predict_proba(X), P)


# Pseudo labels.


def test_pseudo_labels_are_those_it_is_sure_of(table):
    X, y, labels = table
    model = PseudoLabelClassifier(LogisticRegression(), threshold=0.9).fit(X, labels)
    assert model.n_labeled_ == 12
    assert 100 < model.n_pseudo_labeled_ <= 288
    assert model.score(X, y) > 0.9
    names = np.array([None if np.isnan(label) else "xyz"[int(label)] for label in labels], dtype=object)
    named = PseudoLabelClassifier(LogisticRegression(), threshold=0.9).fit(X, names)
    np.testing.assert_array_equal(named.predict_proba(X), model.predict_proba(X))
    assert named.classes_.tolist() == ["x", "y", "z"]


def test_pseudo_labels_for_a_net_on_images(digits):
    X, labels, X_test, y_test = digits
    net = NeuralClassifier("SmallCNN", module__width=8, max_epochs=30, random_state=0)
    model = PseudoLabelClassifier(net, threshold=0.5, max_iter=1).fit(X[:300], labels[:300])
    assert model.n_pseudo_labeled_ > 0
    assert model.predict_proba(X_test).shape == (len(X_test), len(model.classes_))
    assert model.transform(X_test[:5]).shape[0] == 5
    assert model.sampled_proba(X_test[:5], 3).shape[:2] == (3, 5)


def test_pseudo_labels_offer_what_the_classifier_offers():
    assert not hasattr(PseudoLabelClassifier(LogisticRegression()), "sampled_proba")
    assert hasattr(PseudoLabelClassifier(NeuralClassifier()), "sampled_proba")


@pytest.mark.parametrize("options", [{"threshold": 1.5}, {"max_iter": 0}])
def test_bad_parameters_of_pseudo_labels_are_named(options, table):
    X, _, labels = table
    (name,) = options
    with pytest.raises(ValueError, match=f"PseudoLabelClassifier: {name} must be"):
        PseudoLabelClassifier(**options).fit(X, labels)


# In learners, loops, pipelines and cross-validation.


def test_a_learner_is_taught_with_its_pool(table):
    X, y, labels = table
    known = np.flatnonzero(~np.isnan(labels))
    pool = np.setdiff1d(np.arange(300), known)
    learner = skal.ActiveLearner(UDAClassifier(**QUICK), margin_sampling, random_state=0)
    learner.teach(X[known], y[known], X_unlabeled=X[pool])
    picks, rows = learner.query(X[pool], n_instances=5)
    learner.teach(rows, y[pool[picks]], X_unlabeled=np.delete(X[pool], picks, axis=0))
    assert len(learner.y_training) == 17
    assert learner.score(X, y) > 0.9


class Spy(PseudoLabelClassifier):
    """Writes down the labels of each fit."""

    fits = ()

    def fit(self, X, y):
        type(self).fits = (*type(self).fits, (np.asarray(X), np.asarray(y)))
        return super().fit(X, y)


@pytest.mark.parametrize("in_a_pipeline", [False, True])
def test_a_loop_gives_all_rows_and_the_labels_it_has(in_a_pipeline, table):
    X, y, _ = table
    Spy.fits = ()
    model = make_pipeline(StandardScaler(), Spy(threshold=0.9)) if in_a_pipeline else Spy(threshold=0.9)
    initial = np.concatenate([np.flatnonzero(y == label)[:2] for label in range(3)])
    candidates = np.arange(100)
    run = list(rounds(model, X, y.__getitem__, margin_sampling, initial, 4, 14, 0, candidates=candidates))
    assert [len(round_.labeled) for round_ in run] == [6, 10, 14]
    for round_, (rows, labels) in zip(run, Spy.fits, strict=True):
        known = [label is not None for label in labels]
        assert len(rows) == 100  # candidates alone: rows that are tested on are not looked at
        assert labels[known].tolist() == y[round_.labeled].tolist()
        if not in_a_pipeline:
            np.testing.assert_array_equal(rows[known], X[round_.labeled])
            np.testing.assert_array_equal(np.unique(rows, axis=0), np.unique(X[:100], axis=0))
    assert run[-1].learner.X_training.shape == (14, 8)


def test_a_model_that_does_not_say_so_gets_labels_alone(table):
    X, y, _ = table

    class Strict(LogisticRegression):
        def fit(self, X, y):
            assert len(X) in (6, 10)
            return super().fit(X, y)

    initial = np.concatenate([np.flatnonzero(y == label)[:2] for label in range(3)])
    list(rounds(Strict(), X, y.__getitem__, margin_sampling, initial, 4, 10, 0))


def test_a_comparison_of_strategies_on_it(table):
    X, y, _ = table
    found = skal.compare(
        X,
        y,
        PseudoLabelClassifier(LogisticRegression(), threshold=0.9),
        ["margin_sampling"],
        n_initial=9,
        n_instances=5,
        n_rounds=1,
        n_trials=2,
        seed=0,
    )
    assert found.scores["margin_sampling"].shape == (2, 2)


def test_cross_validation_with_missing_labels(table):
    X, _, labels = table
    labels = np.where(np.random.RandomState(0).rand(300) < 0.7, np.nan, table[1])
    model = make_pipeline(StandardScaler(), UDAClassifier(**QUICK))
    found = cross_val_score(model, X, labels, cv=LabeledKFold(3), scoring=masked_scorer("accuracy"))
    assert found.mean() > 0.9
