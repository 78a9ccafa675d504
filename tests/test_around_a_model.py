"""Estimators around one other model: weights, rows as they came, scores, and what belongs to ``transform``."""

from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from made_adversarial import undiagnosed  # noqa: F401
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import has_fit_parameter

from skal import ActiveLearningClassifier, query
from skal.adversarial import SRAAL, VAAL, _diagnostics, _estimator
from skal.loop import rounds
from skal.neural import EnsembleClassifier
from skal.query import random_sampling
from skal.semi_supervised import PseudoLabelClassifier

NAMES = list("abcdef")  # of the columns of `table`
FEW: dict[str, Any] = {"max_steps": 1, "judge_steps": 0, "random_state": 0}
AROUND = {
    "loop": lambda model: ActiveLearningClassifier(model, random_sampling, n_initial=4, budget=12, random_state=0),
    "ensemble": lambda model: EnsembleClassifier(model, 2, bootstrap=True, random_state=0),
    "pseudo": lambda model: PseudoLabelClassifier(model, threshold=0.6),
    "sraal": lambda model: SRAAL(estimator=model, **FEW),
}
around_each = pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
pytestmark = [
    pytest.mark.filterwarnings("error:.*feature names"),
    pytest.mark.filterwarnings("ignore:.*(every row is labelled|no unlabelled row|discriminator|scores are noise)"),
]


class Keeper(ClassifierMixin, BaseEstimator):
    """Keeps what each fit saw, in one list for all copies; sure of rows with an even number in the first column."""

    fits: ClassVar[list] = []
    shown: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None, note=None):
        self.fits.append((X, np.asarray(y), sample_weight, note))
        self.classes_, self.n_features_in_ = np.unique(y), 2
        return self

    def predict_proba(self, X):
        self.shown.append(X)
        sure = np.where(np.asarray(X)[:, 0] % 2 == 0, 0.9, 0.5).astype(float)
        return np.column_stack([sure, 1 - sure])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.fixture
def keeper(monkeypatch):
    monkeypatch.setattr(Keeper, "fits", [])
    monkeypatch.setattr(Keeper, "shown", [])
    return Keeper()


@pytest.fixture
def numbered():
    """Rows with their number in front, labels of which those of the last ten rows are missing, and weights."""
    X = np.column_stack([np.arange(24.0), np.ones(24)])
    y = np.array([0, 1] * 7 + [-1] * 10)
    return X, y, np.arange(1.0, 25.0)


class TestWeights:
    @around_each
    def test_those_of_the_rows_of_each_fit_reach_it(self, around, keeper, numbered):
        X, y, weights = numbered
        around(keeper).set_params(missing_label=-1).fit(X, y, sample_weight=weights, note="same for all")
        assert keeper.fits
        for rows, _, seen, note in keeper.fits:
            np.testing.assert_array_equal(seen, rows[:, 0] + 1)
            assert note == "same for all"

    def test_pseudo_labelled_rows_keep_theirs(self, keeper, numbered):
        X, y, weights = numbered
        PseudoLabelClassifier(keeper, threshold=0.6, missing_label=-1).fit(X, y, weights)
        first, *_, last = keeper.fits
        assert first[0][:, 0].tolist() == list(range(14))
        assert last[0][:, 0].tolist() == [*range(14), 14, 16, 18, 20, 22]
        np.testing.assert_array_equal(last[2], last[0][:, 0] + 1)

    @pytest.mark.parametrize("learns", [False, True])
    def test_of_each_round_are_those_of_its_rows(self, learns, keeper, numbered, monkeypatch):
        X, y, weights = numbered
        monkeypatch.setattr(Keeper, "learns_from_unlabeled", learns, raising=False)
        monkeypatch.setattr(Keeper, "fit", _fit_to_rows)
        given = {"sample_weight": weights, "note": [1, 2]}
        for round_ in rounds(keeper, X, y.__getitem__, random_sampling, [3, 1], 4, 10, 0, fit_params=given):
            rows, _, seen, note = keeper.fits[-1]
            known = rows[: len(round_.labeled), 0]
            np.testing.assert_array_equal(known, round_.labeled)
            np.testing.assert_array_equal(seen, rows[:, 0] + 1)
            assert len(rows) == (24 if learns else len(round_.labeled)) and note == [1, 2]
        assert len(keeper.fits) == 3

    @around_each
    def test_in_a_pipeline_go_by_the_name_of_its_step(self, around, keeper, numbered):
        X, y, weights = numbered
        model = around(make_pipeline(keeper)).set_params(missing_label=-1)
        model.fit(X, y, keeper__sample_weight=weights)
        assert keeper.fits
        for rows, _, seen, _ in keeper.fits:
            np.testing.assert_array_equal(seen, rows[:, 0] + 1)

    @around_each
    def test_change_what_is_learnt_as_they_do_without(self, around, table):
        X, y = table[0][:40], (table[1][:40] > 0).astype(int)
        weights = np.where(y == 1, 1e-3, 1.0)
        plain, weighted = (around(LogisticRegression()).fit(X, y, given) for given in (None, weights))
        assert weighted.predict_proba(X)[:, 0].mean() > plain.predict_proba(X)[:, 0].mean() + 0.05

    @around_each
    def test_must_be_one_a_row_and_not_all_zero(self, around, numbered):
        X, y, _ = numbered
        model = around(LogisticRegression()).set_params(missing_label=-1)
        with pytest.raises(ValueError, match=r"sample_weight must have shape \(24,\).*got \(3,\)"):
            model.fit(X, y, [1.0, 2.0, 3.0])
        with pytest.raises(ValueError, match="at least one non-zero number"):
            model.fit(X, y, np.zeros(24))

    @around_each
    def test_are_in_the_signature_where_the_model_takes_them(self, around, numbered):
        X, y, weights = numbered
        X, y, weights = X[:14], y[:14], weights[:14]
        takes, takes_none = around(LogisticRegression()), around(KNeighborsClassifier(1))
        assert has_fit_parameter(takes, "sample_weight") and not has_fit_parameter(takes_none, "sample_weight")
        with pytest.raises(TypeError, match="sample_weight"):
            takes_none.fit(X, y, sample_weight=weights)

    def test_ensembles_of_scikit_learn_give_them(self, table):
        X, y = table[0][:60], table[1][:60]
        knn, linear = EnsembleClassifier(KNeighborsClassifier(1), 2), EnsembleClassifier(LogisticRegression(), 2)
        assert len(AdaBoostClassifier(linear, n_estimators=2, random_state=0).fit(X, y).estimators_) >= 1
        with pytest.raises(ValueError, match="sample_weight"):
            AdaBoostClassifier(knn, n_estimators=2).fit(X, y)
        for model in (knn, linear):
            assert BaggingClassifier(model, 2, random_state=0).fit(X, y).score(X, y) > 0.5

    def test_that_can_reach_no_fit_are_refused(self, numbered):
        X, y, weights = numbered
        fitted = LogisticRegression().fit(X[:14], y[:14])
        with pytest.raises(ValueError, match="SRAAL: sample_weight can reach no fit"):
            SRAAL(estimator=fitted, missing_label=-1, **FEW).fit(X, y, weights)
        with pytest.raises(ValueError, match="sample_weight must be given for unlabelled rows too"):
            PseudoLabelClassifier().fit(X[:14], y[:14], weights[:14], X_unlabeled=X[14:])


def _fit_to_rows(self, X, y, sample_weight=None, note=None):
    """As `Keeper.fit`, of views of rows and of labels that may be missing."""
    self.fits.append((np.asarray(X), y, sample_weight, note))
    self.classes_ = np.array([0, 1])
    return self


class TestRouting:
    @pytest.mark.parametrize("name", ["sample_weight", "importance"])
    @around_each
    def test_the_model_inside_gets_what_it_requests(self, around, name, keeper, numbered):
        X, y, weights = numbered[0], np.arange(24) // 2 % 2, numbered[2]
        with sklearn.config_context(enable_metadata_routing=True):
            asking = keeper.set_fit_request(sample_weight=True if name == "sample_weight" else name, note=True)
            model = around(asking).set_score_request(sample_weight=False)
            cross_validate(model, X, y, cv=2, params={name: weights, "note": "n"}, error_score="raise")
            assert keeper.fits
            for rows, _, seen, note in keeper.fits:
                np.testing.assert_array_equal(seen, rows[:, 0] + 1)
                assert note == "n"

    @around_each
    def test_the_model_inside_may_refuse_weights_that_the_score_takes(self, around, keeper, numbered):
        X, y, weights = numbered[0], np.arange(24) // 2 % 2, numbered[2]
        with sklearn.config_context(enable_metadata_routing=True):
            model = around(keeper.set_fit_request(sample_weight=False)).set_score_request(sample_weight=True)
            found = cross_validate(
                model, X, y, cv=2, params={"sample_weight": weights}, return_estimator=True, return_indices=True
            )
            with pytest.raises(TypeError, match="sample_weight"):  # a validation has asked the router before the fit
                model.fit(X, y, sample_weight=weights)
        assert keeper.fits
        assert all(seen is None for _, _, seen, _ in keeper.fits)
        for score, fitted, test in zip(
            found["test_score"], found["estimator"], found["indices"]["test"], strict=True
        ):
            right = fitted.predict(X[test]) == y[test]
            assert score == pytest.approx(np.average(right, weights=weights[test]))

    @around_each
    def test_what_nobody_requested_or_refused_raises(self, around, numbered):
        X, y, weights = numbered[0], np.arange(24) // 2 % 2, numbered[2]
        with sklearn.config_context(enable_metadata_routing=True):
            with pytest.raises(UnsetMetadataPassedError, match=r"Keeper\.fit"):
                around(Keeper()).fit(X, y, sample_weight=weights)
            with pytest.raises(TypeError, match="unexpected argument"):
                around(Keeper()).fit(X, y, unheard_of=weights)
            asking = around(Keeper().set_fit_request(sample_weight=True))
            with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
                cross_validate(asking, X, y, cv=2, params={"sample_weight": weights}, error_score="raise")


FRAMES = {"pandas": pd.DataFrame, "polars": pl.DataFrame}


class TestRowsAsTheyCame:
    @pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
    @around_each
    def test_frames_reach_the_model_inside(self, around, frame, keeper, numbered):
        X, y, _ = numbered
        rows = frame({"number": X[:, 0].astype(np.int64), "share": X[:, 1].astype(np.float32)})
        model = around(keeper).set_params(missing_label=-1).fit(rows, y)
        model.predict(rows), model.predict_proba(rows)
        assert keeper.fits and keeper.shown
        for seen in [*(fit[0] for fit in keeper.fits), *keeper.shown]:
            assert type(seen) is type(rows)
            assert list(seen.columns) == ["number", "share"]
            assert [str(kind) for kind in seen.dtypes] == [str(kind) for kind in rows.dtypes]

    @around_each
    def test_columns_are_found_by_their_names(self, around, table):
        rows = pd.DataFrame(table[0][:60], columns=NAMES)
        by_name = make_pipeline(make_column_transformer((StandardScaler(), ["c", "a"])), LogisticRegression())
        y = (rows["c"] > 0).astype(float).where(np.arange(60) % 3 > 0)
        model = around(by_name).fit(rows, y)
        assert model.feature_names_in_.tolist() == NAMES
        assert model.score(rows, y) > 0.8

    def test_texts_and_categories_stay(self, table):
        rows = pd.DataFrame({"a": table[0][:60, 2], "kind": np.where(table[1][:60] > 0, "big", "small")})
        rows["kind"] = rows["kind"].astype("category")
        encoder = make_column_transformer((OneHotEncoder(), ["kind"]), (StandardScaler(), ["a"]))
        y = pd.Series(table[1][:60].astype(float)).where(np.arange(60) % 3 > 0)
        for around in (AROUND["loop"], AROUND["ensemble"], AROUND["pseudo"]):
            assert around(make_pipeline(encoder, LogisticRegression())).fit(rows, y).score(rows, y) > 0.6


class TestScore:
    @around_each
    def test_leaves_unlabelled_rows_out(self, around, table):
        X, y = table[0][:60], np.where(np.arange(60) % 3, table[1][:60], -1)
        model = around(LogisticRegression()).set_params(missing_label=-1).fit(X, y)
        known = y >= 0
        assert model.score(X, y) == (model.predict(X)[known] == y[known]).mean() > 0.5
        weights = np.where(known, np.arange(60.0), 1e6)
        right = model.predict(X)[known] == y[known]
        assert model.score(X, y, weights) == pytest.approx(np.average(right, weights=np.arange(60.0)[known]))


class TestTransform:
    @pytest.mark.parametrize("around", [AROUND["loop"], AROUND["pseudo"]], ids=["loop", "pseudo"])
    def test_is_that_of_the_model_with_all_that_belongs_to_it(self, around, table):
        rows = pd.DataFrame(table[0][:60], columns=NAMES)
        y = table[1][:60]
        model = around(LinearDiscriminantAnalysis())
        assert get_tags(model).transformer_tags is not None
        embedded = model.fit_transform(rows, y)
        np.testing.assert_array_equal(embedded, model.estimator_.transform(rows))
        assert model.get_feature_names_out().tolist() == model.estimator_.get_feature_names_out().tolist()
        framed = around(LinearDiscriminantAnalysis()).set_output(transform="pandas").fit(rows, y)
        assert framed.transform(rows).columns.tolist() == model.get_feature_names_out().tolist()
        np.testing.assert_array_equal(framed.transform(rows), embedded)
        assert type(framed.set_output(transform="default").transform(rows)) is np.ndarray
        for method in ("decision_function", "predict_log_proba"):
            np.testing.assert_array_equal(getattr(model, method)(rows), getattr(model.estimator_, method)(rows))

    @pytest.mark.parametrize("around", [AROUND["loop"], AROUND["pseudo"]], ids=["loop", "pseudo"])
    def test_is_not_there_where_the_model_has_none(self, around):
        model = around(make_pipeline(StandardScaler(), LogisticRegression()))
        assert get_tags(model).transformer_tags is None
        assert not any(hasattr(model, name) for name in ("transform", "fit_transform", "set_output"))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (ActiveLearningClassifier(LogisticRegression), "estimator"),
        (ActiveLearningClassifier(query_strategy=VAAL), "query_strategy"),
        (EnsembleClassifier(LogisticRegression), "estimator"),
        (PseudoLabelClassifier(LogisticRegression), "estimator"),
        (SRAAL(estimator=LogisticRegression), "estimator"),
    ],
)
def test_a_class_in_the_place_of_an_instance_is_refused(model, name, table):
    with pytest.raises(TypeError, match=rf"{name}.*\bclass\b"):
        model.fit(*table)


COMMITTEE = {"consensus_entropy_sampling", "qbc", "vote_entropy_sampling"}
ONE_MODEL = {
    "core_set",
    "entropy_sampling",
    "margin_sampling",
    "badge",
    "density_weighted_sampling",
    "random_sampling",
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("name", sorted((COMMITTEE | ONE_MODEL) & set(query.__all__)))
def test_strategies_ask_of_frames_without_a_warning(frame, name, table):
    rows = frame(dict(zip(NAMES, table[0][:60].T, strict=True)))
    model = make_pipeline(StandardScaler(), LogisticRegression())
    task = AROUND["ensemble"](model) if name in COMMITTEE else model
    loop = ActiveLearningClassifier(
        task, getattr(query, name), n_initial=10, budget=14, n_instances=2, random_state=0
    )
    assert loop.fit(rows, table[1][:60]).feature_names_in_.tolist() == NAMES


def test_a_query_by_sraal_reads_a_frame_without_a_warning(table, monkeypatch):
    monkeypatch.setattr(_estimator, "diagnose", _diagnostics.diagnose)  # it reads the rows too
    rows = pd.DataFrame(table[0][:60], columns=NAMES)
    loop = ActiveLearningClassifier(LogisticRegression(), SRAAL(**FEW), n_initial=10, budget=14, n_instances=4)
    assert loop.fit(rows, table[1][:60]).feature_names_in_.tolist() == NAMES


@pytest.mark.parametrize("kind", [object, np.int32, float, "U1", bool])
@around_each
def test_labels_keep_their_type(around, kind, table):
    X = table[0][:40]
    names = ["a", "b"] if kind in (object, "U1") else [0, 1]
    y = np.array(names)[np.arange(40) % 2].astype(kind)
    classes = around(LogisticRegression()).fit(X, y).classes_
    assert classes.dtype == y.dtype and classes.tolist() == np.unique(y).tolist()


KINDS = {
    "a-pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
}


def checks_around_each_kind():
    for name, inside in KINDS.items():
        for estimator, check in estimator_checks_generator(
            ActiveLearningClassifier(inside, n_instances=90, random_state=0)
        ):
            what = ",".join(f"{key}={value}" for key, value in check.keywords.items())
            yield pytest.param(estimator, check, id=f"{name}-{check.func.__name__}({what})")


@pytest.mark.parametrize(("estimator", "check"), list(checks_around_each_kind()))
def test_scikit_learns_checks_of_the_loop_around_each_kind(estimator, check):
    check(estimator)
