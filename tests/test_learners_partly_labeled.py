"""Rows without a label in what learners and committees are taught, and in their score."""

from typing import ClassVar

import numpy as np
import pytest
from made_learners import X0, Recorder, X, X_pool, y, y0, y_pool
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearner, Committee
from skal.labels import LabeledKFold, masked_scorer, unlabeled_mask

EVEN = np.arange(20) % 2 == 0


def without_odd(labels, mark=None):
    found = np.array(labels, dtype=object)
    found[1::2] = mark
    return found


class Learns(GaussianNB):
    """Says that it learns from unlabelled rows, and writes down what it was given."""

    learns_from_unlabeled = True
    given: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None):
        Learns.given.append((np.array(X), np.array(y), None if sample_weight is None else np.array(sample_weight)))
        known = ~unlabeled_mask(y)
        return super().fit(X[known], np.array(y)[known].astype(int))


@pytest.fixture
def given():
    Learns.given.clear()
    return Learns.given


@pytest.fixture
def fits():
    Recorder.fits.clear()
    return Recorder.fits


def learner_of(model, **parameters):
    return ActiveLearner(model, **parameters)


def committee_of(model, **parameters):
    return Committee([ActiveLearner(model)], **parameters)


MAKERS = {"learner": learner_of, "committee": committee_of}
both = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


class TestModelsThatDoNotLearnFromThem:
    @both
    @pytest.mark.parametrize("mark", [None, np.nan, -1, "?"], ids=str)
    def test_are_trained_without_them(self, make, mark, fits):
        parameters = {} if mark is None or mark is np.nan else {"missing_label": mark}
        model = make(Recorder(), **parameters).fit(X0, without_odd(y0, mark), sample_weight=np.arange(20.0))
        for rows, labels, weights in fits:
            np.testing.assert_array_equal(rows, X0[EVEN])
            np.testing.assert_array_equal(labels, y0[EVEN])
            np.testing.assert_array_equal(weights, np.arange(20.0)[EVEN])
        np.testing.assert_array_equal(model.X_training, X0[EVEN])
        np.testing.assert_array_equal(model.y_training, y0[EVEN])
        assert model.y_training.dtype.kind == "i"

    @both
    @pytest.mark.parametrize("all_weights", [False, True])
    def test_are_taught_without_them(self, make, all_weights, fits):
        model = make(Recorder()).fit(X0, y0)
        weights = np.arange(20.0) + 1
        passed = np.concatenate([np.ones(20), weights]) if all_weights else weights
        model.teach(X_pool[:20], without_odd(y_pool[:20]), sample_weight=passed)
        rows, labels, given = fits[-1]
        np.testing.assert_array_equal(rows, np.vstack([X0, X_pool[:20][EVEN]]))
        np.testing.assert_array_equal(labels, np.concatenate([y0, y_pool[:20][EVEN]]))
        np.testing.assert_array_equal(given, np.concatenate([np.ones(20), weights[EVEN]]))

    @both
    def test_minus_one_is_a_class_unless_it_is_said_to_be_missing(self, make):
        assert make(GaussianNB()).fit(X0, y0 - 1).classes_.tolist() == [-1, 0, 1]
        assert make(GaussianNB(), missing_label=-1).fit(X0, y0 - 1).classes_.tolist() == [0, 1]


class TestModelsThatLearnFromThem:
    @both
    @pytest.mark.parametrize("wrap", [lambda model: model, lambda model: make_pipeline(StandardScaler(), model)])
    def test_are_given_them(self, make, wrap, given):
        model = make(wrap(Learns())).fit(X0, without_odd(y0))
        rows, labels, _ = given[0]
        assert len(rows) == 20
        assert unlabeled_mask(labels).sum() == 10
        assert labels[~unlabeled_mask(labels)].tolist() == y0[EVEN].tolist()
        np.testing.assert_array_equal(model.X_training, X0[EVEN])

    def test_are_given_each_row_beside_its_own_label(self, given):
        learner_of(Learns()).fit(X0, without_odd(y0), sample_weight=np.full(20, 3.0))
        rows, labels, weights = given[0]
        for row, label, weight in zip(rows, labels, weights, strict=True):
            at = int(np.flatnonzero((X0 == row).all(axis=1))[0])
            assert label == (y0[at] if EVEN[at] else None)
            assert weight == (3.0 if EVEN[at] else 1.0)

    @both
    def test_keep_them_until_they_are_taught(self, make, given):
        model = make(Learns()).fit(X0, without_odd(y0))
        model.teach(X0[1:4:2], y0[1:4:2])
        rows, labels, _ = given[-1]
        assert len(rows) == len(np.unique(rows, axis=0)) == 20
        assert unlabeled_mask(labels).sum() == 8
        model.teach(X_pool[:2], [y0[0], None])
        assert [len(given[-1][0]), int(unlabeled_mask(given[-1][1]).sum())] == [22, 9]
        model.fit(X0, y0)
        model.teach(X_pool[:1], y_pool[:1])
        assert not unlabeled_mask(given[-1][1]).any()

    def test_rebagged_and_bootstrapped_ones_are_given_them_too(self, given):
        committee = committee_of(Learns()).fit(X0, without_odd(y0), bootstrap=True)
        committee.rebag()
        assert [(len(rows), int(unlabeled_mask(labels).sum())) for rows, labels, _ in given] == [(20, 10)] * 2

    def test_clones_start_without_them(self, given):
        clone(learner_of(Learns()).fit(X0, without_odd(y0))).teach(X_pool[:9], y_pool[:9])
        assert len(given[-1][0]) == 9


@both
class TestScores:
    def test_leave_them_out(self, make):
        model = make(GaussianNB()).fit(X0, y0)
        for mark, parameters in ((None, {}), (np.nan, {}), (-1, {"missing_label": -1})):
            scored = model.set_params(**parameters).score(X0, without_odd(y0, mark))
            assert scored == model.score(X0[EVEN], y0[EVEN])
        weights = np.where(EVEN, np.arange(20.0), 99.0)
        expected = model.score(X0[EVEN], y0[EVEN], sample_weight=weights[EVEN])
        assert model.score(X0, without_odd(y0), sample_weight=weights) == expected

    def test_of_no_label_are_an_error(self, make):
        with pytest.raises(ValueError, match="at least one row must be labelled"):
            make(GaussianNB()).fit(X0, y0).score(X0[:2], [None, None])

    def test_side_by_side_in_one_search(self, make, given):
        labels = np.array(y, dtype=object)
        labels[::3] = None
        name = "estimator" if make is learner_of else "0__estimator"
        grid = {name: [GaussianNB(), Learns()]}
        search = GridSearchCV(make(GaussianNB()), grid, cv=LabeledKFold(2), scoring=masked_scorer(), refit=False)
        search.fit(X, labels)
        assert len(set(search.cv_results_["mean_test_score"])) == 1
        assert any(unlabeled_mask(labels).any() for _, labels, _ in given)


# --- Several columns of labels.


@pytest.mark.parametrize(
    ("labels", "meant", "wrapper"),
    [
        (np.c_[y0, y0], "2 columns, a class of its own in each", MultiOutputClassifier),
        (np.c_[y0 == 0, y0 == 1].astype(int), "2 columns, a set of labels a row", OneVsRestClassifier),
    ],
    ids=["classes", "sets"],
)
@both
def test_a_model_of_one_column_says_what_two_mean_and_how_to_wrap_it(make, labels, meant, wrapper):
    with pytest.raises(ValueError, match=f"LogisticRegression takes one label a row, .* {meant}.*{wrapper.__name__}"):
        make(LogisticRegression()).fit(X0, labels)
    model = wrapper(LogisticRegression())
    assert learner_of(model).fit(X0, labels).predict(X0).shape == (20, 2)
