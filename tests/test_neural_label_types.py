"""Labels keep their type in classes_ and in predictions, across files too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from sklearn.naive_bayes import GaussianNB

from skal.adversarial import SRAAL
from skal.neural import LossPredictionClassifier, NeuralClassifier
from skal.semi_supervised import UDAClassifier

pytestmark = pytest.mark.filterwarnings("ignore:.*no unlabelled row", "ignore:.*every row is labelled")

X = np.random.default_rng(0).normal(size=(12, 2))
_NET: dict[str, Any] = {"module__hidden": (4,), "random_state": 0}
NETS: list[Any] = [
    NeuralClassifier(max_epochs=1, **_NET),
    LossPredictionClassifier(max_epochs=1, **_NET),
    UDAClassifier(max_steps=1, **_NET),
    SRAAL(estimator=GaussianNB(), max_steps=1, judge_steps=1, **_NET),
]
LABELS = {
    "objects": np.array(["ant", "bee", "cow"], dtype=object),
    "texts": np.array(["ant", "bee", "cow"]),
    "floats": np.array([1.0, 2.0, 3.0]),
    "short floats": np.array([1.0, 2.0, 3.0], dtype=np.float32),
    "small": np.array([1, 2, 3], dtype=np.int8),
    "truth": np.array([False, True, True]),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
def test_stay_as_they_came(net, kind, tmp_path):
    y = np.resize(LABELS[kind], 12)
    model = net.fit(X, y)
    assert model.classes_.dtype == y.dtype
    if not isinstance(model, SRAAL):  # whose predictions are those of the task model
        assert model.predict(X).dtype == y.dtype
    model.save(tmp_path / "net")
    loaded = net.load(tmp_path / "net")
    assert loaded.classes_.dtype == y.dtype
    assert loaded.classes_.tolist() == np.unique(y).tolist()


def test_named_classes_take_the_type_of_the_labels():
    net = NeuralClassifier(max_epochs=1, **_NET)
    objects = net.set_params(classes=["ant", "bee", "cow", "dog"]).fit(X, np.resize(LABELS["objects"], 12))
    assert objects.classes_.dtype == object
    assert net.set_params(classes=[1, 2, 3, 4]).fit(X, np.resize(LABELS["floats"], 12)).classes_.dtype == float
    # A type that cannot hold all of them gives way.
    texts = net.set_params(classes=["ant", "bee", "cow", "giraffe"]).fit(X, np.resize(LABELS["texts"], 12))
    assert texts.classes_.tolist()[-1] == "giraffe"


def test_floats_become_whole_numbers_only_where_a_mark_made_them_floats():
    net = NeuralClassifier(max_epochs=1, **_NET)
    assert net.fit(X, [1.0, 2.0, np.nan] * 4).classes_.dtype.kind == "i"
    assert net.fit(X, [1.0, 2.0, 3.0] * 4).classes_.dtype.kind == "f"
