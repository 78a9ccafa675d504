"""auto_sampling: what it decides from labels, the picks of each way, and how it says why."""

from functools import partial

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import pairwise_distances

from skal import ActiveLearner, scores
from skal.explain import explain_query
from skal.query import (
    auto_choice,
    auto_sampling,
    margin_sampling,
    max_herding,
    reason_of,
    select,
    subsample,
    typiclust,
)
from skal.selection import herding, unit_rows

RNG = np.random.default_rng(0)
CENTERS = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]])
POOL = RNG.normal(size=(90, 3)) + CENTERS[np.arange(90) % 3]


def labeled(each, seed=1, shuffled=False):
    """So many rows of each of three blobs, with their classes, or with labels that tell nothing."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2], each)
    X = rng.normal(size=(len(y), 3)) + CENTERS[y]
    return X, rng.permutation(y) if shuffled else y


def taught(X, y):
    return ActiveLearner(LogisticRegression(), X_training=X, y_training=y)


def picks_of(strategy, learner, n=6, **options):
    return select(strategy, learner, POOL, n, random_state=0, **options)


@pytest.mark.parametrize(
    ("each", "shuffled", "way"),
    [
        (3, False, "typical"),
        (4, False, "mixture"),
        (49, False, "mixture"),
        (50, False, "margin"),
        (60, True, "mixture"),
    ],
)
def test_labels_a_class_and_what_they_tell_decide(each, shuffled, way):
    found = auto_choice(taught(*labeled(each, shuffled=shuffled)))
    assert (found.way, found.n_labels, found.n_classes) == (way, 3 * each, 3)
    assert found.guess == pytest.approx(1 / 3)
    assert f"{3 * each} labels of 3 classes" in found.because
    assert {"typical": "typical rows", "mixture": "a mixture", "margin": "small margin"}[way] in found.because


def test_accuracy_is_that_of_the_nearest_other_labelled_row():
    """By angle: 0 and 10 degrees agree, 80 agrees with 90, 100 has 90 as its nearest and another class."""
    angles = np.deg2rad([0, 10, 80, 90, 101, 190, 200, 355])
    X = np.c_[np.cos(angles), np.sin(angles)] * np.array([[5.0]])
    y = np.array([0, 0, 1, 1, 0, 1, 1, 0])
    found = auto_choice(taught(X, y))
    assert (found.accuracy, found.guess) == (7 / 8, 1 / 2)
    assert found.trust == pytest.approx(np.sqrt((7 / 8 - 1 / 2) / (1 / 2)))
    assert "the nearest labelled row is right in 88 %" in found.because and "weighs 87 %" in found.because
    told = auto_choice(taught(X, y), accuracy=0.6)
    assert told.trust == pytest.approx(np.sqrt(0.2)) and "the model is right in 60 %" in told.because
    assert auto_choice(taught(X, y), accuracy=0.4).trust == 0.0


def test_few_labels_ask_for_typical_rows_and_many_that_tell_for_small_margins():
    few, many = taught(*labeled(3)), taught(*labeled(50))
    for learner, same in ((few, typiclust), (many, margin_sampling)):
        ours, theirs = picks_of(auto_sampling, learner), picks_of(same, learner)
        assert ours[0].tolist() == theirs[0].tolist() and np.array_equal(ours[1], theirs[1])
    assert picks_of(typiclust, many)[0].tolist() != picks_of(margin_sampling, many)[0].tolist()


def test_a_mixture_weighs_rows_by_tempered_margins_as_far_as_labels_tell():
    X, y = labeled(8)
    learner = taught(X, y)
    choice = auto_choice(learner)
    logits = np.log(learner.predict_proba(POOL))

    def confidence(log_temperature):
        return softmax(logits / np.exp(log_temperature), axis=1).max(axis=1).mean() - choice.accuracy

    P = softmax(logits / np.exp(brentq(confidence, -4, 4)), axis=1)
    assert 0 < choice.trust < 1 and abs(P - softmax(logits, axis=1)).max() > 0.01
    known = unit_rows(X)
    width = pairwise_distances(known)[np.triu_indices(len(X), 1)].min()
    weights = 1 - choice.trust + choice.trust * scores.margin(P)
    expected, gains = herding(unit_rows(POOL), 6, known, weights, 0, width=width)
    picks, found = picks_of(auto_sampling, learner)
    assert picks.tolist() == expected.tolist()
    np.testing.assert_allclose(found, gains, rtol=1e-4)


def test_labels_that_tell_no_more_than_guessing_leave_all_rows_alike():
    X, y = labeled(20, shuffled=True)
    width = pairwise_distances(unit_rows(X))[np.triu_indices(len(X), 1)].min()
    found = picks_of(auto_sampling, taught(X, y), accuracy=0.3)
    alike = picks_of(partial(max_herding, width=width), taught(X, y))
    assert found[0].tolist() == alike[0].tolist()
    assert found[0].tolist() != picks_of(auto_sampling, taught(X, y), accuracy=1.0)[0].tolist()


def test_from_no_label_and_with_one_class_typical_rows():
    untaught = ActiveLearner(LogisticRegression())
    assert auto_choice(untaught).because == "no model has learned yet: typical rows."
    with pytest.warns(UserWarning, match="auto_sampling: the model is not fitted.*cold start"):
        picks = picks_of(auto_sampling, untaught)[0]
    assert picks.tolist() == picks_of(typiclust, untaught)[0].tolist()
    one = ActiveLearner(Constant(), X_training=POOL[:5], y_training=np.ones(5, dtype=int))
    assert auto_choice(one).because == "all 5 labels are of one class: typical rows."
    assert picks_of(auto_sampling, one)[0].tolist() == picks_of(typiclust, one)[0].tolist()


class Constant(ClassifierMixin, BaseEstimator):
    """Knows the classes that it has seen, counts the rows that it reads, and cannot be fitted twice."""

    def fit(self, X, y):
        assert not hasattr(self, "classes_")
        self.classes_, self.n_read_ = np.unique(y), 0
        return self

    def predict_proba(self, X):
        self.n_read_ += len(X)
        P = 1.0 + np.arange(len(self.classes_)) + np.abs(np.asarray(X)[:, :1])
        return P / P.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("each", [2, 10, 60])
def test_the_model_reads_the_pool_once_at_most_and_is_not_trained(each):
    X, y = labeled(each)
    model = Constant().fit(X, y)
    select(auto_sampling, model, POOL, 5, X_labeled=X, y_labeled=y, random_state=0)
    assert model.n_read_ <= len(POOL)


def test_why_is_told_wherever_a_query_is_explained():
    learner = taught(*labeled(3))
    said = "9 labels of 3 classes, fewer than 4 a class: typical rows."
    assert reason_of(auto_sampling, learner) == reason_of(subsample(auto_sampling, 50), learner) == said
    assert reason_of(subsample(margin_sampling, 50), learner) is None and reason_of(Ridge(), learner) is None
    X, y = labeled(5)
    assert "the model is right in 70 %" in reason_of(partial(auto_sampling, accuracy=0.7), taught(X, y))
    assert f"auto_sampling: {said}" in explain_query(learner, POOL, "auto_sampling", 3, random_state=0).notes
    model = LogisticRegression().fit(X, y)  # holds no labels
    given = {"X_labeled": X, "y_labeled": y}
    asked = explain_query(model, POOL, partial(auto_sampling, **given), 3, random_state=0)
    assert not any("auto_sampling" in note for note in asked.notes)


def test_what_it_cannot_serve_is_refused():
    X, y = labeled(5)
    with pytest.raises(ValueError, match=r"auto_sampling: accuracy must be None or in \[0, 1\], got 1.2"):
        auto_sampling(taught(X, y), POOL, accuracy=1.2)
    with pytest.raises(ValueError, match=r"auto_choice: accuracy must be in \[0, 1\], got -1"):
        auto_choice(taught(X, y), accuracy=-1)
    with pytest.raises(ValueError, match="auto_sampling: y_labeled must hold classes, got numbers such as 0.5"):
        auto_sampling(Ridge().fit(X, y), POOL, X_labeled=X, y_labeled=y + 0.5)
    with pytest.raises(ValueError, match="auto_sampling: y_labeled must hold one class a row"):
        auto_sampling(LogisticRegression().fit(X, y), POOL, X_labeled=X, y_labeled=np.c_[y == 0, y == 1])
    with pytest.raises(TypeError, match="auto_choice needs the labelled data"):
        auto_choice(LogisticRegression().fit(X, y))
