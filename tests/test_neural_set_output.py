"""Outputs of nets as scikit-learn's transformers give them: frames, names of features, and what is built of both."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from made_adversarial import undiagnosed  # noqa: F401
from made_streets import streets
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from skal.adversarial import SRAAL, VAAL
from skal.data import RowView
from skal.neural import (
    LossPredictionClassifier,
    LossPredictionSegmenter,
    NeuralClassifier,
    NeuralSegmenter,
    VariationalAutoencoder,
)
from skal.semi_supervised import FixMatchClassifier, S4GANSegmenter, UDAClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore:.*no guess on an")

_NET: dict[str, Any] = {"module__hidden": (5,), "random_state": 0}
_GAME: dict[str, Any] = {**_NET, "max_steps": 2, "judge_steps": 2, "latent_dim": 4, "missing_label": -1}
TABLES: list[Any] = [
    NeuralClassifier(max_epochs=1, missing_label=-1, **_NET),
    LossPredictionClassifier(max_epochs=1, missing_label=-1, **_NET),
    UDAClassifier(max_steps=1, missing_label=-1, **_NET),
    FixMatchClassifier(max_steps=1, missing_label=-1, **_NET),
    VariationalAutoencoder(max_epochs=1, latent_dim=3, **_NET),
    VAAL(**_GAME),
    SRAAL(estimator=GaussianNB(), **_GAME),
]
_UNET: dict[str, Any] = {"module__width": 4, "module__depth": 1, "random_state": 0}
IMAGES: list[Any] = [
    NeuralSegmenter(max_epochs=1, **_UNET),
    LossPredictionSegmenter(max_epochs=1, **_UNET),
    S4GANSegmenter(max_steps=1, discriminator_width=4, **_UNET),
]


def named(estimator):
    return type(estimator).__name__


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(18, 3)), columns=["a", "b", "c"], index=np.arange(100, 118))
    return X, np.resize([0, 1, -1], 18)


def checked_names(model, X):
    """Compare frames with arrays; returns the width."""
    Z = model.set_output(transform="default").transform(X)
    names = model.get_feature_names_out()
    assert names.tolist() == [f"{named(model).lower()}{column}" for column in range(Z.shape[1])]
    for kind in ("pandas", "polars"):
        framed = model.set_output(transform=kind).transform(X)
        assert type(framed).__module__.startswith(kind)
        assert list(framed.columns) == names.tolist()
        np.testing.assert_array_equal(framed.to_numpy(), Z)
    model.set_output(transform="default")
    return Z.shape[1]


@pytest.mark.parametrize("estimator", TABLES, ids=named)
def test_of_rows(estimator, frame, tmp_path):
    X, y = frame
    model = sklearn.clone(estimator).fit(X, y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert model.n_features_in_ == 3
    width = checked_names(model, X)
    with sklearn.config_context(transform_output="pandas"):
        Z = sklearn.clone(estimator).fit_transform(X, y)
    assert Z.index.tolist() == X.index.tolist()
    np.testing.assert_array_equal(Z.to_numpy(), model.transform(X))
    assert get_tags(model).transformer_tags is not None

    model.save(tmp_path / "net")
    loaded = sklearn.clone(estimator).load(tmp_path / "net")
    assert loaded.feature_names_in_.tolist() == ["a", "b", "c"]
    assert checked_names(loaded, X) == width
    assert len(pickle.loads(pickle.dumps(model)).get_feature_names_out()) == width

    # Another width after another fit: nothing that was kept may stand in the way.
    wider = {"latent_dim": 2 * width} if "latent_dim" in model.get_params() else {"module__hidden": (2 * width,)}
    model.set_params(**wider).fit(X.to_numpy(), y)
    assert not hasattr(model, "feature_names_in_")
    assert checked_names(model, X.to_numpy()) == 2 * width


@pytest.mark.parametrize("estimator", IMAGES, ids=named)
def test_of_images(estimator):
    X, masks = streets(4, size=(8, 12))
    model = sklearn.clone(estimator).fit(X, [*masks[:3], None])
    assert checked_names(model, X) == 4
    np.testing.assert_array_equal(sklearn.clone(estimator).fit_transform(X, [*masks[:3], None]), model.transform(X))


def test_views_of_frames_have_names(frame):
    X, y = frame
    model = NeuralClassifier(max_epochs=1, **_NET).fit(RowView(X, [0, 1, 3, 4]), y[[0, 1, 3, 4]])
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]


def test_loading_a_net_without_names_forgets_those_that_were(frame, tmp_path):
    X, y = frame
    VariationalAutoencoder(max_epochs=1, **_NET).fit(X.to_numpy()).save(tmp_path / "net")
    model = VariationalAutoencoder(max_epochs=1, **_NET).fit(X).load(tmp_path / "net")
    assert not hasattr(model, "feature_names_in_")


def test_names_before_a_fit_are_refused():
    with pytest.raises(sklearn.exceptions.NotFittedError):
        NeuralClassifier().get_feature_names_out()


NET = TABLES[0]
NAMES = [f"neuralclassifier{column}" for column in range(5)]


class TestComposition:
    def test_at_the_end_of_a_pipeline(self, frame):
        X, y = frame
        pipe = make_pipeline(StandardScaler(), NET).set_output(transform="pandas").fit(X, y)
        assert list(pipe.transform(X).columns) == NAMES
        assert pipe.get_feature_names_out().tolist() == NAMES

    def test_in_the_midst_of_a_pipeline(self, frame):
        X, y = frame
        pipe = make_pipeline(NET, GaussianNB()).set_output(transform="polars").fit(X, y)
        assert pipe[-1].feature_names_in_.tolist() == NAMES

    def test_in_a_union(self, frame):
        X, y = frame
        union = FeatureUnion([("p", PCA(1)), ("n", NET)]).set_output(transform="pandas")
        assert list(union.fit_transform(X, y).columns) == ["p__pca0", *(f"n__{name}" for name in NAMES)]

    @pytest.mark.parametrize("kind", ["pandas", "polars"])
    def test_on_some_columns(self, frame, kind):
        X, y = frame
        columns = ColumnTransformer([("n", NET, ["a", "c"]), ("s", StandardScaler(), ["b"])])
        Z = columns.set_output(transform=kind).fit_transform(X, y)
        assert list(Z.columns) == [*(f"n__{name}" for name in NAMES), "s__b"]

    def test_in_a_stack_with_the_rows_beside(self, frame):
        X, y = frame
        stack = StackingClassifier([("n", NET)], LogisticRegression(), cv=2, passthrough=True)
        stack = stack.set_output(transform="pandas").fit(X, y % 2)
        assert list(stack.transform(X).columns) == ["stackingclassifier_n", "a", "b", "c"]
