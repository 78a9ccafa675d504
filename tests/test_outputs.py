"""Reading models of every kind."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skal import ActiveLearner, Committee
from skal.data import RowView, block_rows
from skal.outputs import (
    InvalidOutput,
    MissingOutput,
    UnfittedLearner,
    committee_proba,
    embedding,
    is_committee,
    is_fitted,
    labeled_data,
    multilabel_proba,
    proba,
    task_model,
)


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_proba_is_the_models_whatever_the_block(rows, table):
    X, y = table
    model = GaussianNB().fit(X, y)
    with block_rows(rows):
        np.testing.assert_allclose(proba(model, X), model.predict_proba(X), rtol=1e-12)


def test_proba_of_a_view_leaves_out_the_other_rows(table):
    """Rows that are read only because they lie in between are not in the result."""
    X, y = table
    model = GaussianNB().fit(X, y)
    rows = np.setdiff1d(np.arange(300), [5, 77, 150])
    np.testing.assert_allclose(proba(model, RowView(X, rows)), model.predict_proba(X)[rows], rtol=1e-12)


def test_spatial_probabilities_are_checked_along_the_class_axis():
    class Segmenter:
        def predict_proba(self, X):
            return np.full((len(X), 4, 2, 3), 0.25)

    assert proba(Segmenter(), np.zeros((5, 1, 2, 3))).shape == (5, 4, 2, 3)
    assert proba(Segmenter(), np.zeros((5, 1, 2, 3)), then=lambda P: P.sum(axis=(1, 2, 3))).tolist() == [6.0] * 5


def test_non_finite_rows_are_counted_over_all_blocks():
    class Broken:
        def predict_proba(self, X):
            P = np.full((len(X), 2), 0.5)
            P[X[:, 0] < 0] = np.nan
            return P

    X = np.ones((20, 1))
    X[[6, 13, 19]] = -1
    with block_rows(4), pytest.raises(InvalidOutput, match="3 of 20 rows, first row 6"):
        proba(Broken(), X)
    without_first = RowView(X, np.delete(np.arange(20), 6))
    with block_rows(10), pytest.raises(InvalidOutput, match="2 of 19 rows, first row 12"):
        proba(Broken(), without_first)


def test_wrong_number_of_rows_is_refused():
    class Short:
        def predict_proba(self, X):
            return np.full((1, 2), 0.5)

    with pytest.raises(InvalidOutput, match="one row a row, got 1 for 3"):
        proba(Short(), np.zeros((3, 1)))


@pytest.mark.parametrize(
    "ensemble",
    [
        RandomForestClassifier(10, random_state=0),
        ExtraTreesClassifier(10, random_state=0),
        BaggingClassifier(GaussianNB(), max_features=0.5, random_state=0),
        VotingClassifier([("a", GaussianNB()), ("b", DecisionTreeClassifier(max_depth=3))], voting="soft"),
    ],
    ids=lambda e: type(e).__name__,
)
@pytest.mark.parametrize("labels", ["ints", "strings"])
@pytest.mark.parametrize("piped", [False, True])
def test_members_of_an_ensemble_average_to_its_own_probabilities(ensemble, labels, piped, table):
    X, y = table
    y = np.array(["b", "c", "a"])[y] if labels == "strings" else y * 5 + 2
    model = make_pipeline(StandardScaler(), ensemble) if piped else ensemble
    model.fit(X, y)
    P = committee_proba(model, X)
    assert P.ndim == 3 and is_committee(model)
    np.testing.assert_allclose(P.mean(axis=0), model.predict_proba(X), atol=1e-12)


def test_members_with_different_classes_are_aligned(table):
    X, y = table
    first, second = (GaussianNB().fit(X[y != gone], y[y != gone]) for gone in (0, 2))
    P = committee_proba([first, second], X)
    assert P.shape == (2, 300, 3)
    assert (P[0, :, 0] == 0).all() and (P[1, :, 2] == 0).all()
    np.testing.assert_allclose(P.sum(axis=2), 1.0)


def test_a_single_model_is_no_committee(table):
    model = GaussianNB().fit(*table)
    assert not is_committee(model)
    with pytest.raises(MissingOutput, match="GaussianNB is a single model"):
        committee_proba(model, table[0])


@pytest.mark.parametrize("kind", ["columns", "list"])
def test_both_forms_of_multilabel_probabilities_are_read(kind, table):
    X, _ = table
    Y = (X[:, :3] > 0).astype(int)
    if kind == "columns":
        from sklearn.multiclass import OneVsRestClassifier

        model = OneVsRestClassifier(LogisticRegression()).fit(X, Y)
        expected = model.predict_proba(X)
    else:
        model = MultiOutputClassifier(LogisticRegression()).fit(X, Y)
        expected = np.column_stack([p[:, 1] for p in model.predict_proba(X)])
    np.testing.assert_allclose(multilabel_proba(model, X), expected, rtol=1e-9)
    assert (multilabel_proba(model, X, then=lambda P: P.max(axis=1))).shape == (300,)


def test_a_label_never_seen_has_probability_zero_or_one(table):
    X, _ = table
    Y = np.column_stack([X[:, 0] > 0, np.zeros(300), np.ones(300)]).astype(int)
    P = multilabel_proba(RandomForestClassifier(5, random_state=0).fit(X, Y), X)
    assert (P[:, 1] == 0).all() and (P[:, 2] == 1).all()


class TestEmbedding:
    def test_pipeline_gives_what_its_last_step_sees(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), PCA(3, random_state=0), GaussianNB()).fit(X, y)
        np.testing.assert_allclose(embedding(pipeline, X), pipeline[:-1].transform(X))

    def test_estimator_with_transform_gives_that(self, table):
        pca = PCA(2, random_state=0).fit(table[0])
        np.testing.assert_allclose(embedding(pca, table[0]), pca.transform(table[0]))

    def test_plain_classifier_gives_raw_features(self, table):
        X, y = table
        assert (embedding(GaussianNB(), X) == X).all()
        assert embedding(None, (X * 10).astype(np.uint8)).dtype == np.float32
        assert (embedding(None, sparse.csr_matrix(X)) == X).all()
        assert (embedding(None, X.astype(object)) == X).all()

    @pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.uint32, np.int64, np.float32, np.float64])
    def test_numbers_keep_their_digits(self, dtype):
        """The largest whole numbers of a type are different places, and so are 2^24 and 2^24 + 1."""
        whole = np.issubdtype(dtype, np.integer)
        top = min(int(np.iinfo(dtype).max), 2**53) if whole else 2 ** (np.finfo(dtype).nmant + 1)
        values = [value for value in (0, 2**24, 2**24 + 1, top - 1, top) if value <= top]
        Z = embedding(None, np.array(values, dtype=dtype)[:, None])
        assert [int(value) for value in Z[:, 0]] == values

    def test_predictions_of_a_vote_are_no_embedding(self, table):
        vote = VotingClassifier([("a", GaussianNB())]).fit(*table)
        assert embedding(vote, table[0]).shape == (300, 6)

    def test_users_source_comes_first(self, table):
        X, y = table
        assert (embedding(GaussianNB(), X, np.abs) == np.abs(X)).all()
        scaler = StandardScaler().fit(X)
        np.testing.assert_allclose(embedding(GaussianNB(), X, scaler), scaler.transform(X))
        with pytest.raises(MissingOutput, match="embedding must be a callable or a fitted transformer, got int"):
            embedding(GaussianNB(), X, 3)

    def test_committee_of_pipelines_gives_them_side_by_side(self, table):
        X, y = table
        members = [make_pipeline(PCA(k, random_state=0), GaussianNB()).fit(X, y) for k in (2, 3)]
        assert embedding(members, X).shape == (300, 5)
        assert embedding([GaussianNB(), GaussianNB()], X).shape == (300, 6)

    def test_texts_are_read_through_their_pipeline(self):
        texts, y = ["good", "bad", "good good", "bad bad"], [1, 0, 1, 0]
        pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, y)
        assert embedding(pipeline, texts).shape == (4, 2)
        assert proba(pipeline, texts).shape == (4, 2)

    def test_huge_sparse_rows_are_not_made_dense(self):
        wide = sparse.csr_matrix((5000, 100_000))
        with pytest.raises(MissingOutput, match="more than 2 GiB.*TruncatedSVD"):
            embedding(None, wide)

    def test_unfitted_pipeline_says_so(self, table):
        with pytest.raises(UnfittedLearner):
            embedding(make_pipeline(StandardScaler(), GaussianNB()), table[0])


def test_models_are_found_behind_learners_and_searches(table):
    X, y = table
    search = GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}).fit(X, y)
    assert task_model(search) is search.best_estimator_
    learner = ActiveLearner(GaussianNB(), X_training=X, y_training=y, duplicates="allow")
    assert task_model(learner) is learner.estimator


def test_a_frozen_model_is_read_like_the_model_itself(table):
    """It passes on what is asked of it, but it is no Pipeline and no forest."""
    X, y = table
    pipeline = make_pipeline(PCA(2), GaussianNB()).fit(X, y)
    np.testing.assert_array_equal(embedding(FrozenEstimator(pipeline), X), embedding(pipeline, X))
    forest = RandomForestClassifier(3, random_state=0).fit(X, y)
    assert is_committee(FrozenEstimator(forest))
    np.testing.assert_array_equal(committee_proba(FrozenEstimator(forest), X), committee_proba(forest, X))
    search = GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}).fit(X, y)
    assert task_model(FrozenEstimator(search)) is search.best_estimator_


def test_fitted_is_told_for_every_kind(table):
    X, y = table

    class Foreign:
        def predict_proba(self, X):
            return X

    assert is_fitted(Foreign()) and not is_fitted(GaussianNB()) and is_fitted(GaussianNB().fit(X, y))
    assert not is_fitted([GaussianNB().fit(X, y), GaussianNB()]) and not is_fitted([])
    assert not is_fitted(ActiveLearner(GaussianNB()))


def test_labelled_data_of_a_committee_are_those_of_its_members(table):
    X, y = table
    same = [ActiveLearner(GaussianNB(), X_training=X[:30], y_training=y[:30]) for _ in range(2)]
    assert labeled_data(Committee(same))[0].shape == (30, 6)
    differ = [ActiveLearner(GaussianNB(), X_training=X[k : k + 30], y_training=y[k : k + 30]) for k in (0, 30)]
    assert labeled_data(Committee(differ))[0].shape == (60, 6)
    # Rows that the first member lacks and two others have are there once, each with its label.
    spans = [(0, 30), (20, 60), (40, 80), (0, 80)]
    several = [ActiveLearner(GaussianNB(), X_training=X[a:b], y_training=y[a:b]) for a, b in spans]
    known, labels = labeled_data(Committee(several))
    np.testing.assert_array_equal(known, X[:80])
    np.testing.assert_array_equal(labels, y[:80])
    assert labeled_data(GaussianNB()) == (None, None)
