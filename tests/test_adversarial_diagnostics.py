"""What a discriminator is for: it tells two clouds apart, and says so where there is nothing to be told."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from made_adversarial import MAKERS, half_labeled
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import roc_auc_score

from skal.adversarial import SRAAL, VAAL
from skal.adversarial._diagnostics import Diagnostics, _warn_of_noise, two_sample_auc

RNG = np.random.RandomState(0)
NEAR, FAR = RNG.normal(0, 1, (150, 4)), RNG.normal(5, 1, (150, 4))
STEPS = {"max_steps": 150, "judge_steps": 150, "random_state": 0}


def of_states(**given):
    """A SRAAL that asks as VAAL does, by states alone."""
    return SRAAL(indicator=None, **given)


def quiet(model, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        return model.fit(*args, **kwargs)


@pytest.mark.parametrize("settings", [{}, {"adversarial_weight": 0.0}], ids=["game", "no game"])
def test_two_clouds_are_told_apart(settings):
    model = quiet(VAAL(**STEPS, **settings), NEAR[:50], np.zeros(50), X_unlabeled=FAR[:100])
    near, far = model.score_samples(NEAR[50:]), model.score_samples(FAR[100:])  # rows that were never seen
    assert near.mean() < 0.05
    assert far.mean() > 0.95
    assert near.max() < 0.25 < 0.75 < far.min()
    found = model.diagnostics_
    assert found.auc > 0.99
    assert found.labeled_mean < 0.1
    assert found.unlabeled_mean > 0.9


@pytest.mark.parametrize(
    "make",
    [pytest.param(VAAL, marks=pytest.mark.nightly, id="VAAL"), pytest.param(of_states, id="SRAAL")],
)
def test_what_is_new_in_the_pool_is_asked_for(make):
    """The pool holds rows like the labelled ones and others: the largest score is the one that is asked for."""
    pool = np.concatenate([NEAR[50:], FAR[:100]])
    model = quiet(make(max_steps=300, judge_steps=200, random_state=0), NEAR[:50], np.zeros(50), X_unlabeled=pool)
    picks, scores = model.query(pool, 60, return_scores=True)
    assert (picks >= 100).all()
    np.testing.assert_array_equal(scores, model.score_samples(pool)[picks])
    assert (np.diff(scores) <= 0).all()
    assert scores[-1] > model.score_samples(NEAR[50:]).max()


def test_equal_pools_say_nothing_and_are_reported():
    model = VAAL(**STEPS)
    with pytest.warns(ConvergenceWarning, match="VAAL: the discriminator is at chance: .*AUC 0.*, chance") as caught:
        model.fit(NEAR[:60], np.zeros(60), X_unlabeled=NEAR[60:])
    assert caught[0].filename == __file__
    assert model.diagnostics_.auc < model.diagnostics_.chance
    fresh = np.random.RandomState(1).normal(0, 1, (400, 4))
    scores = model.score_samples(fresh)
    assert 0.3 < scores.mean() < 0.7
    for column in fresh.T:  # no direction in which rows look unlabelled
        assert abs(np.corrcoef(scores, column)[0, 1]) < 0.75


@pytest.mark.parametrize(
    ("auc", "spread", "mean", "message"),
    [
        (0.55, 0.2, 0.5, "at chance: .* AUC 0.55, chance goes up to 0.60"),
        (0.9, 0.01, 0.5, "undecided: unlabelled rows score 0.500, all alike"),
        (0.9, 0.01, 0.999, "saturated: unlabelled rows score 0.999, all alike"),
        (0.9, 0.01, 0.001, "saturated: unlabelled rows score 0.001, all alike"),
        (0.9, 0.2, 0.5, None),
        (np.nan, 0.2, 0.5, None),
    ],
)
def test_scores_that_are_noise_are_reported(auc, spread, mean, message):
    found = Diagnostics(auc, 0.6, spread, 0.1, mean)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _warn_of_noise(found, "VAAL", n_unlabeled=50)
    assert [w.category for w in caught] == ([] if message is None else [ConvergenceWarning])
    for warning in caught:
        assert re.search(message.replace(".* AUC", r".*\(AUC"), str(warning.message))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _warn_of_noise(Diagnostics(np.nan, 0.6, 0.0, 0.1, mean), "VAAL", n_unlabeled=1)  # one row is like itself


def test_held_out_rows_tell_equal_samples_from_others():
    """Under equal laws the statistic stays below its bound 19 times in 20."""
    rng = np.random.RandomState(0)
    above = []
    for seed in range(4):
        A, B = rng.normal(size=(40, 3)), rng.normal(size=(60, 3))
        auc, chance = two_sample_auc(A, B, seed)
        assert chance == pytest.approx(0.5 + 1.645 * np.sqrt(101 / (12 * 40 * 60)), abs=1e-3)
        above.append(auc > chance)
    assert sum(above) <= 1
    auc, chance = two_sample_auc(A, B + 1, 0)
    assert auc > chance
    assert auc == two_sample_auc(A, B + 1, 0)[0]


def test_few_rows_cannot_be_judged_and_are_not_complained_of():
    model = quiet(VAAL(**STEPS), NEAR[:3], np.zeros(3), X_unlabeled=np.concatenate([FAR[:20], NEAR[20:40]]))
    assert np.isnan(model.diagnostics_.auc)


class Unsure(ClassifierMixin, BaseEstimator):
    """Two classes, and a probability that depends on the side of the first column alone."""

    def __init__(self, sure=0.99, unsure=0.55):
        self.sure = sure
        self.unsure = unsure

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        p = np.where(X[:, 0] > 0, self.unsure, self.sure)
        return np.column_stack([p, 1 - p])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_among_equal_pools_the_uncertain_rows_come_first():
    """At p_L = p_U the discriminator is u / 2 (card 2b): certain and uncertain halves are told apart by u alone."""
    y = np.arange(150) % 2
    model = SRAAL(estimator=Unsure(), target_learner=False, max_steps=200, adversarial_weight=0, random_state=0).fit(
        NEAR[:60], y[:60], X_unlabeled=NEAR[60:]
    )
    expected = np.where(NEAR[60:, 0] > 0, 0.45, 0.01)
    np.testing.assert_allclose(model.states_, expected)
    fresh = np.random.RandomState(1).normal(0, 1, (400, 4))
    scores, sure = model.score_samples(fresh), fresh[:, 0] <= 0
    assert roc_auc_score(~sure, scores) > 0.8
    assert scores[sure].mean() < scores[~sure].mean() < 0.45


@pytest.mark.nightly
@pytest.mark.parametrize("make", MAKERS)
def test_unseen_classes_of_digits_come_first(make, digits):
    """Five of ten classes have labels; about 53 % of random picks are of the others."""
    X, y = digits
    labeled, seen = half_labeled(y, 20)
    model = {"VAAL": VAAL, "SRAAL": SRAAL}[make](max_steps=250, judge_steps=150, random_state=0)
    quiet(model, X[labeled], y[labeled], X_unlabeled=X[~labeled])
    picks = model.query(X[~labeled], 100)
    assert np.mean(~np.isin(y[~labeled][picks], seen)) >= 0.8
