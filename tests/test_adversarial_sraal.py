"""SRAAL's own: the task model, the indicator and its states, the target learner, classes."""

from __future__ import annotations

import numpy as np
import pytest
from made_adversarial import QUICK_IMAGES, partly, sraal, undiagnosed, vaal  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import parametrize_with_checks

from skal import scores
from skal.adversarial import SRAAL
from skal.neural import NeuralClassifier


# scikit-learn hands over labels of all rows.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*every row is labelled")
@parametrize_with_checks([SRAAL(estimator=LogisticRegression(), max_steps=4, judge_steps=4, random_state=0)])
def test_scikit_learn_checks(estimator, check):
    if "sample_weight_equivalence" in check.func.__name__:
        pytest.skip("Weights are the task model's, the nets of the game see each row alike: latents are others.")
    check(estimator)


class TestIndicator:
    @pytest.mark.parametrize("indicator", ["oui", "entropy", "std"])
    def test_is_of_the_task_model_s_probabilities(self, indicator, table):
        X, y = table
        P = GaussianNB().fit(X[:40], y[:40]).predict_proba(X[40:])
        expected = {
            "oui": scores.oui(P),
            "entropy": -(P * np.log(P.clip(1e-300))).sum(axis=1) / np.log(3),
            "std": 1 - P.std(axis=1) / np.sqrt(2 / 9),
        }[indicator]
        model = sraal(indicator=indicator).fit(X, partly(y, 40))
        np.testing.assert_allclose(model.states_, expected, atol=1e-12)
        assert 0 <= model.states_.min() < model.states_.max() <= 1

    def test_without_one_every_state_is_1(self, table):
        X, y = table
        model = sraal(indicator=None).fit(X, partly(y, 40))
        assert (model.states_ == 1).all()

    def test_without_indicator_and_target_learner_it_is_vaal(self, table):
        """The same steps; the latents that are decoded are half of SRAAL's, so the nets are not the same."""
        X, y = table
        model = sraal(indicator=None, target_learner=False, module="MLPVAE").fit(X, partly(y, 40))
        expected = vaal(module="MLPVAE").fit(X, partly(y, 40))
        assert "target" not in model.history_[0]
        for ours, theirs in zip(model.history_, expected.history_, strict=True):
            assert {k: v for k, v in ours.items() if k != "dur"} == {k: v for k, v in theirs.items() if k != "dur"}
        np.testing.assert_array_equal(model.score_samples(X), expected.score_samples(X))

    def test_no_such_indicator(self, table):
        with pytest.raises(ValueError, match=r"SRAAL: indicator must be one of \('oui', .*got 'margin'"):
            sraal(indicator="margin").fit(*table)


class TestTaskModel:
    def test_a_fitted_one_is_read_as_it_is(self, table):
        X, y = table
        task = GaussianNB().fit(X, y)
        for given in (task, FrozenEstimator(task)):
            model = sraal(estimator=given).fit(X, partly(y, 40))
            assert model.estimator_ is given
            np.testing.assert_array_equal(model.states_, scores.oui(task.predict_proba(X[40:])))
            np.testing.assert_array_equal(model.predict(X), task.predict(X))
            np.testing.assert_array_equal(model.predict_proba(X), task.predict_proba(X))

    def test_another_is_cloned_and_fitted_to_the_labelled_rows(self, table):
        X, y = table
        given = LogisticRegression()
        model = sraal(estimator=given).fit(X, partly(y, 40))
        assert not hasattr(given, "coef_")
        np.testing.assert_array_equal(model.predict(X), LogisticRegression().fit(X[:40], y[:40]).predict(X))

    def test_by_default_it_is_a_net(self, table):
        X, y = table
        model = sraal(estimator=None).fit(X, partly(y, 40))
        assert isinstance(model.estimator_, NeuralClassifier)
        assert model.estimator_.random_state is not None
        assert model.score(X[:40], y[:40]) > 0.9

    def test_one_without_probabilities(self, table):
        X, y = table
        with pytest.raises((TypeError, AttributeError), match="RidgeClassifier"):
            sraal(estimator=RidgeClassifier()).fit(X, partly(y, 40))

    def test_of_images(self, digits):
        X, y = digits
        X, y = (X[:30] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), partly(y[:30], 15)
        model = SRAAL(estimator=NeuralClassifier(max_epochs=1), **QUICK_IMAGES).fit(X, y)
        assert model.predict(X).shape == (30,)
        assert model.states_.shape == (15,)


class TestClasses:
    def test_one_alone(self, table):
        X, _ = table
        for estimator in (GaussianNB(), NeuralClassifier(max_epochs=1)):
            model = sraal(estimator=estimator).fit(X, np.where(np.arange(300) < 40, 7, np.nan))
            assert model.classes_.tolist() == [7]
            assert np.isfinite(model.score_samples(X)).all()
            assert set(model.predict(X)) == {7}

    def test_missing_ones_have_an_output(self, table):
        X, y = table
        model = sraal(classes=[3, 0, 1, 2]).fit(X[:40], y[:40], X_unlabeled=X[40:])
        assert model.classes_.tolist() == [0, 1, 2, 3]
        assert model.net_.module_.classifier[-1].out_features == 4
        with pytest.raises(ValueError, match=r"must be among classes=\[0, 1\], got \[2\]"):
            sraal(classes=[0, 1]).fit(X[:40], y[:40], X_unlabeled=X[40:])

    def test_of_texts(self, table):
        X, y = table
        names = np.array(["ant", "bee", "cow"])[y]
        model = sraal().fit(X, np.where(np.arange(300) < 40, names, None))
        assert set(model.predict(X)) <= {"ant", "bee", "cow"}
        assert model.classes_.tolist() == ["ant", "bee", "cow"]
        numbered = sraal().fit(X, partly(y, 40))
        np.testing.assert_array_equal(model.score_samples(X), numbered.score_samples(X))


def test_the_target_learner_learns_the_labels(table):
    X, y = table
    model = SRAAL(estimator=GaussianNB(), max_steps=150, judge_steps=0, random_state=0)  # weights by default
    losses = [row["target"] for row in model.fit(X, partly(y, 60)).history_]
    assert losses[-1] < 0.7 * losses[0] < 0.8
