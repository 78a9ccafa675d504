"""A score of a net is of the labelled rows, whatever marks the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_streets import streets
from sklearn.base import clone
from sklearn.naive_bayes import GaussianNB

from skal.adversarial import SRAAL
from skal.neural import LossPredictionClassifier, NeuralClassifier, NeuralSegmenter
from skal.semi_supervised import FixMatchClassifier, UDAClassifier

pytestmark = pytest.mark.filterwarnings("ignore:.*no guess on an", "ignore::sklearn.exceptions.ConvergenceWarning")

_NET: dict[str, Any] = {"module__hidden": (4,), "random_state": 0, "missing_label": -1}
MODELS: list[Any] = [
    NeuralClassifier(max_epochs=4, **_NET),
    LossPredictionClassifier(max_epochs=4, **_NET),
    UDAClassifier(max_steps=4, **_NET),
    FixMatchClassifier(max_steps=4, **_NET),
    SRAAL(estimator=GaussianNB(), max_steps=2, judge_steps=2, **_NET),
]


@pytest.mark.parametrize("estimator", MODELS, ids=lambda estimator: type(estimator).__name__)
def test_rows_without_a_label_are_left_out(estimator):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    y = np.where(X[:, 0] > 0, 1, 0)
    labeled = np.arange(30) % 3 > 0
    weights = rng.random(30)
    model = clone(estimator).fit(X, np.where(labeled, y, -1))
    hits = (model.predict(X) == y)[labeled]
    assert model.score(X, np.where(labeled, y, -1)) == pytest.approx(hits.mean())
    weighted = model.score(X, np.where(labeled, y, -1), weights)
    assert weighted == pytest.approx(np.average(hits, weights=weights[labeled]))
    assert model.score(X, np.where(labeled, y, np.nan)) == pytest.approx(hits.mean())
    with pytest.raises(ValueError, match="label"):
        model.score(X, np.full(30, -1))


def test_images_without_a_mask_are_left_out():
    X, masks = streets(4, size=(8, 12))
    model = NeuralSegmenter(module__width=4, module__depth=1, max_epochs=1, random_state=0).fit(X, masks)
    assert model.score(X, [masks[0], None, masks[2], None]) == model.score(X[[0, 2]], masks[[0, 2]])
    assert model.score(X, masks) != model.score(X[[0, 2]], masks[[0, 2]])
