"""`NeuralClassifier` with several labels a row: its loss, its forms, and what it refuses."""

import copy
import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from sklearn.datasets import make_multilabel_classification  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.metrics import accuracy_score  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402

from skal import ActiveLearner  # noqa: E402
from skal.neural import EnsembleClassifier, LossPredictionClassifier, NeuralClassifier  # noqa: E402
from skal.outputs import multilabel_proba  # noqa: E402
from skal.query import cvirs, multilabel_badge, select  # noqa: E402
from skal.semi_supervised import FixMatchClassifier, PseudoLabelClassifier, UDAClassifier  # noqa: E402

X, Y = make_multilabel_classification(80, n_features=6, n_classes=4, random_state=0)
QUICK = {"max_epochs": 15, "lr": 1e-2, "random_state": 0, "module__hidden": (16,), "device": "cpu"}


def net(**options):
    return NeuralClassifier(**{**QUICK, **options})


@pytest.fixture(scope="module")
def fitted():
    return net(max_epochs=100).fit(X, Y)


def test_it_has_the_forms_of_scikit_learns_own_net(fitted):
    theirs = MLPClassifier((16,), max_iter=5, random_state=0)
    with pytest.warns(ConvergenceWarning):
        theirs.fit(X, Y)
    assert fitted.classes_.tolist() == theirs.classes_.tolist() == [0, 1, 2, 3]
    assert fitted.predict_proba(X).shape == theirs.predict_proba(X).shape == (80, 4)
    assert fitted.predict(X).shape == theirs.predict(X).shape and fitted.predict(X).dtype.kind == "i"
    assert (fitted.predict(X) == (fitted.predict_proba(X) > 0.5)).all()
    assert fitted.score(X, Y) == accuracy_score(Y, fitted.predict(X)) > 0.5
    np.testing.assert_array_equal(multilabel_proba(fitted, X), fitted.predict_proba(X))
    with pytest.raises(NotFittedError):
        net().predict(X)


@pytest.mark.parametrize("weights", [None, np.arange(1.0, 81.0)])
def test_the_loss_is_the_mean_binary_cross_entropy(weights):
    """One step of plain gradient descent from known weights, against the gradient by hand."""
    module = torch.nn.Sequential(torch.nn.Linear(6, 4))
    options = {"max_epochs": 1, "batch_size": 80, "lr": 0.5, "optimizer": torch.optim.SGD, "standardize": False}
    found = NeuralClassifier(module, **options, random_state=0, device="cpu").fit(X, Y, sample_weight=weights)
    W, b = (one.detach().double().numpy() for one in module.parameters())
    P = 1 / (1 + np.exp(-(X @ W.T + b)))
    w = np.ones(80) if weights is None else weights / weights.mean()
    gradient = (w[:, None] * (P - Y)).T @ X / (80 * 4)
    np.testing.assert_allclose(found.net_.module_[0].weight.detach().numpy(), W - 0.5 * gradient, atol=1e-4)
    losses = -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean(axis=1)
    assert found.history_[0]["train_loss"] == pytest.approx((w * losses).mean(), rel=1e-4)


def test_rows_without_labels_are_not_trained_on():
    partly = Y.astype(float)
    partly[40:] = np.nan
    options = {"standardize": False}
    some, half = net(**options).fit(X, partly), net(**options).fit(X[:40], Y[:40])
    assert some.n_labeled_ == 40
    np.testing.assert_allclose(some.predict_proba(X), half.predict_proba(X), rtol=1e-5)
    assert some.score(X, partly) == pytest.approx(half.score(X[:40], Y[:40]))


def test_a_row_of_zeros_is_a_label_set_like_others():
    none = np.zeros_like(Y)
    assert (net(max_epochs=40).fit(X, none).predict(X) == 0).all()


def test_files_pickles_and_copies_tell_the_same(fitted, tmp_path):
    fitted.save(tmp_path / "net.safetensors")
    options = {"module__hidden": (16,)}
    for other in (
        NeuralClassifier(**options).load(tmp_path / "net.safetensors"),
        pickle.loads(pickle.dumps(fitted)),
        copy.deepcopy(fitted),
    ):
        assert other.predict(X).shape == (80, 4)
        np.testing.assert_allclose(other.predict_proba(X), fitted.predict_proba(X), rtol=1e-6)


def test_passes_over_some_rows_go_on():
    model = net(lr=3e-2)
    for _ in range(20):
        model.partial_fit(X, Y, classes=np.arange(4))
    assert model.score(X, Y) > 0.4
    with pytest.raises(ValueError, match="y holds one class a row, and before it was several labels a row"):
        model.partial_fit(X, Y[:, 0])
    with pytest.raises(ValueError, match="y holds several labels a row, and before it was one class a row"):
        net().partial_fit(X, Y[:, 0], classes=[0, 1]).partial_fit(X, Y)


def test_warm_start_goes_on_with_sets_and_not_from_classes():
    model = net(warm_start=True).fit(X, Y)
    before = model.net_
    assert model.fit(X, Y).net_ is before
    classes = Y[:, :2] @ [1, 2]  # as many classes as there are labels
    with pytest.warns(UserWarning, match="starts anew"):
        model.fit(X, classes)
    assert model.predict(X).shape == (80,)


def test_sampled_probabilities_are_those_of_labels():
    found = net(module__dropout=0.5).fit(X, Y).sampled_proba(X, 5, random_state=0)
    assert found.shape == (5, 80, 4) and not np.allclose(found.sum(axis=2), 1.0) and found.std(axis=0).max() > 0


def test_a_learner_asks_by_it():
    learner = ActiveLearner(net(), X_training=X[:30], y_training=Y[:30])
    for strategy in (cvirs, multilabel_badge):
        assert len(set(select(strategy, learner, X[30:], 5, random_state=0)[0])) == 5
    learner.teach(X[30:35], Y[30:35])
    assert learner.predict(X).shape == (80, 4)


REFUSED = {
    "class weights": (lambda: net(class_weight="balanced").fit(X, Y), "class_weight is of one class a row"),
    "names of labels": (lambda: net(classes=[*"abcd"]).fit(X, Y), "numbers of the columns of y, 0 to 3, got"),
    "other values": (lambda: net().fit(X, Y + 0.5), r"one class a row, \(n,\), got shape \(80, 4\)\.$"),
    "learning of losses": (
        lambda: LossPredictionClassifier().fit(X, Y),
        "labels a row are learned by NeuralClassifier",
    ),
    "an ensemble": (lambda: EnsembleClassifier(net()).fit(X, Y), "EnsembleClassifier.*learned by NeuralClassifier"),
    "FixMatch": (lambda: FixMatchClassifier().fit(X, Y), "FixMatchClassifier: y must hold one class a row"),
    "UDA": (lambda: UDAClassifier().fit(X, Y), "UDAClassifier: y must hold one class a row"),
    "pseudo labels": (lambda: PseudoLabelClassifier(net()).fit(X, Y), "Pseudo.*: y must hold one class a row"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_take_several_labels_says_so(name):
    call, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_there_is_no_way_to_the_boundary_of_sets(fitted):
    with pytest.raises(TypeError, match="4 labels a row.*max_margin_uncertainty"):
        fitted.boundary_distance(X)
