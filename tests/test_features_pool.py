"""Encoders that learn from the pool: fitted once, frozen, the same in every round."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from test_features_encoder import reviews

from skal import ActiveLearningClassifier
from skal.cloning import fresh
from skal.estimators.presets import with_column_uses
from skal.features import TableEncoder
from skal.loop import fitted_to_pool, rounds
from skal.query import random_sampling
from skal.study import compare, make_estimator


def test_words_and_scales_come_from_the_pool_and_not_from_the_labels():
    table, y = reviews(300)
    model = fitted_to_pool(make_estimator("logistic"), table, np.arange(200), 0)
    assert isinstance(model[0], FrozenEstimator)
    before = model[0].get_feature_names_out()
    fitted = fresh(model, 1).fit(table[:10], y[:10])
    assert fitted[0].get_feature_names_out().tolist() == before.tolist()
    assert any("boring" in name for name in before)


def test_the_model_is_left_alone_and_a_frozen_one_is_returned():
    table, _ = reviews(60)
    model = make_estimator("logistic")
    known = fitted_to_pool(model, table, np.arange(60), 0)
    assert not hasattr(model[0], "uses_") and fitted_to_pool(known, table, np.arange(60), 0) is known
    plain = LogisticRegression()
    assert fitted_to_pool(plain, table, np.arange(60), 0) is plain


def test_steps_in_front_and_behind_are_kept():
    X = np.random.default_rng(0).normal(size=(80, 6)) * [1, 10, 100, 1, 1, 1]
    model = make_pipeline(PCA(3), TableEncoder(), PCA(2), LogisticRegression())
    known = fitted_to_pool(model, X, np.arange(80), 0)
    assert [type(step).__name__ for _, step in known.steps] == ["PCA", "FrozenEstimator", "PCA", "LogisticRegression"]
    assert np.allclose(known[1].estimator.scaler_.var_, PCA(3).fit_transform(X).var(axis=0))
    assert known.fit(X[:20], np.arange(20) % 2).predict(X).shape == (80,)


def test_no_more_rows_are_read_than_fit():
    seen = []

    class Watching(TableEncoder):
        def fit(self, X, y=None):
            seen.append(np.shape(X))
            return super().fit(X)

    X = np.random.default_rng(0).normal(size=(21_000, 2))
    first = fitted_to_pool(make_pipeline(Watching(), LogisticRegression()), X, np.arange(21_000), 3)
    again = fitted_to_pool(make_pipeline(Watching(), LogisticRegression()), X, np.arange(21_000), 3)
    assert seen == [(20_000, 2)] * 2 and (first[0].scaler_.mean_ == again[0].scaler_.mean_).all()
    images = np.broadcast_to(np.zeros((1, 3, 512, 512), np.uint8), (100, 3, 512, 512))
    fitted_to_pool(make_pipeline(Watching(kind="tree"), LogisticRegression()), images, np.arange(100), 0)
    assert seen[-1][0] == 2**24 // (3 * 512 * 512)


def test_rounds_use_the_frozen_encoder():
    table, y = reviews(120)
    known = fitted_to_pool(make_estimator("logistic"), table, np.arange(120), 0)
    found = list(rounds(known, table, lambda rows: y[rows], random_sampling, np.arange(10), 5, 20, 0))
    assert len(found) == 3 and all(one.learner.estimator[0] is known[0] for one in found)


def test_a_comparison_decides_on_the_whole_table_and_stores_it():
    table, y = reviews(200)
    few = {"n_initial": 10, "n_instances": 10, "n_rounds": 1, "n_trials": 2}
    found = compare(table, y, make_estimator("logistic"), ["core_set"], **few)
    kinds = found.protocol["columns"]
    assert kinds["review_id"] == "id" and kinds["text"] == "text" and kinds["when"] == "date"
    assert any("Columns: review_id (left out); text (text)" in said for said in found.conditions)
    own = compare(table, y, make_pipeline(OwnText(), LogisticRegression()), [], **few)
    assert "columns" not in own.protocol


class OwnText(TransformerMixin, BaseEstimator):
    """The user's own transformer, which gets the frame untouched."""

    def fit(self, X, y=None):
        assert isinstance(X, pd.DataFrame) and next(iter(X.columns)) == "review_id"
        self.words_ = TfidfVectorizer().fit(X["text"])
        return self

    def transform(self, X):
        return self.words_.transform(X["text"])


def test_an_encoder_behind_a_step_of_the_user_is_not_told_of_columns_it_does_not_see():
    table, y = reviews(120)
    chosen = FunctionTransformer(lambda frame: frame[["text", "site"]])
    model = with_column_uses(make_pipeline(chosen, TableEncoder(), LogisticRegression()), table)
    assert model[1].columns is None and model.fit(table, y).score(table, y) > 0.9
    wrapped = with_column_uses(BaggingClassifier(make_estimator("logistic")), table)
    assert wrapped.estimator[0].columns["text"] == "text"


def test_a_strategy_for_distances_runs_on_text():
    table, y = reviews(200)
    few = {"n_initial": 10, "n_instances": 10, "n_rounds": 1, "n_trials": 1}
    strategies = ["typiclust", "uncertainty_herding", "badge"]
    found = compare(table[["text"]], y, make_estimator("logistic"), strategies, **few)
    assert all(np.isfinite(found.scores[name]).all() for name in strategies)


def test_a_study_with_other_columns_is_another_study(tmp_path):
    from skal.study import StudyError

    table, y = reviews(100)
    few = {"n_initial": 10, "n_instances": 5, "n_rounds": 1, "n_trials": 1, "estimator_name": "logistic"}
    compare(table, y, make_estimator("logistic"), [], out=tmp_path, **few)
    with pytest.raises(StudyError, match="columns"):
        compare(table, y, make_estimator("logistic", {"stars": "drop"}), [], out=tmp_path, **few)


def test_the_classifier_fits_its_encoder_to_the_pool():
    """On ten labelled rows the texts would be taken for anything."""
    table, y = reviews(150)
    model = ActiveLearningClassifier(
        make_estimator("logistic"), n_initial=10, n_instances=5, budget=20, random_state=0
    )
    table = table.drop(columns="stars")
    model.fit(table, y)
    assert isinstance(model.estimator_[0], FrozenEstimator) and model.estimator_[0].uses_["text"].kind == "text"
    assert model.score(table, y) > 0.6


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_of_both_kinds_are_compared(kind):
    table, y = reviews(150)
    if kind == "polars":
        table = pytest.importorskip("polars").DataFrame({name: column.tolist() for name, column in table.items()})
    few = {"n_initial": 30, "n_instances": 10, "n_rounds": 1, "n_trials": 1}
    found = compare(table, y, make_estimator("logistic"), ["typiclust"], **few)
    assert found.protocol["columns"]["when"] == "date" and found.scores["typiclust"].mean() > 0.7
