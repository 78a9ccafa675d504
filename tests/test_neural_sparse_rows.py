"""Sparse rows of nets: what dense ones give, without a dense copy of all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils import get_tags

from skal.adversarial import SRAAL, VAAL
from skal.neural import LossPredictionClassifier, NeuralClassifier, VariationalAutoencoder
from skal.semi_supervised import FixMatchClassifier, UDAClassifier

pytestmark = pytest.mark.filterwarnings("ignore:.*no guess on an", "ignore::sklearn.exceptions.ConvergenceWarning")

_NET: dict[str, Any] = {"module__hidden": (4,), "random_state": 0}
_GAME: dict[str, Any] = {**_NET, "missing_label": -1, "max_steps": 2, "judge_steps": 2}
NETS: list[Any] = [
    NeuralClassifier(max_epochs=2, missing_label=-1, **_NET),
    LossPredictionClassifier(max_epochs=2, missing_label=-1, **_NET),
    UDAClassifier(max_steps=2, missing_label=-1, **_NET),
    FixMatchClassifier(max_steps=2, missing_label=-1, **_NET),
    VariationalAutoencoder(max_epochs=2, **_NET),
    VAAL(**_GAME),
    SRAAL(estimator=LogisticRegression(max_iter=1000), **_GAME),
]
_RNG = np.random.default_rng(0)
X = _RNG.normal(3.0, 5.0, size=(24, 6)) * (_RNG.random((24, 6)) < 0.4)
Y = np.resize([0, 1, 2, -1], 24)


def said(model, rows):
    names = ["transform", "score_samples", "predict_loss", "predict_proba"]
    return [getattr(model, name)(rows) for name in names if hasattr(model, name)]


@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csr_array, sparse.csc_matrix, sparse.csc_array])
def test_give_what_dense_ones_give(net, kind):
    rows = kind(X)
    assert get_tags(net).input_tags.sparse
    dense, model = clone(net).fit(X, Y), clone(net).fit(rows, Y)
    for one, other in zip(said(dense, X), said(model, rows), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-5)
    np.testing.assert_allclose(model.inputs_.mean, X.mean(axis=0))
    np.testing.assert_allclose(model.inputs_.scale, X.std(axis=0))


class OnlyAFew(sparse.csr_matrix):
    """Rows that become dense a few at a time alone; what is cut from them, too."""

    most = 600

    def toarray(self, *args, **kwargs):
        assert self.shape[0] <= self.most, f"{self.shape[0]} rows became dense at once"
        return super().toarray(*args, **kwargs)


@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
def test_never_become_dense_as_a_whole(net):
    X = OnlyAFew(sparse.random(700, 4096, density=1e-3, random_state=0, format="csr"))
    y = np.resize([0, 1, -1], 700)
    assert isinstance(X[:2], OnlyAFew)
    assert len(clone(net).fit(X, y).transform(X)) == 700


def test_other_columns_are_refused():
    net = NeuralClassifier(max_epochs=1, **_NET).fit(sparse.csr_matrix(X), np.resize([0, 1], 24))
    with pytest.raises(ValueError, match="features"):
        net.predict(sparse.csr_matrix(X[:, :3]))


class Counted(sparse.csr_matrix):
    """Counts the rows that become dense."""

    n_dense = 0

    def toarray(self, *args, **kwargs):
        Counted.n_dense += self.shape[0]
        return super().toarray(*args, **kwargs)


def test_become_dense_anew_in_every_pass_and_are_not_kept():
    rows, y = Counted(X), np.resize([0, 1], 24)
    counts = []
    for max_epochs in (1, 5):
        Counted.n_dense = 0
        NeuralClassifier(max_epochs=max_epochs, **_NET).fit(rows, y)
        counts.append(Counted.n_dense)
    assert counts[1] - counts[0] == 4 * 24
