"""EnsembleClassifier: members by seed and by rows, their mean, and the ensemble as a committee."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skal import LabeledKFold, outputs
from skal.labels import labeled_part, learns_from_unlabeled
from skal.neural import EnsembleClassifier, NeuralClassifier
from skal.query import vote_entropy_sampling
from skal.semi_supervised import UDAClassifier

TREE = DecisionTreeClassifier(max_features=2)
NET = NeuralClassifier(max_epochs=2, module__hidden=(8,))


@parametrize_with_checks(
    [
        EnsembleClassifier(DecisionTreeClassifier(), 3, bootstrap=True, random_state=0),
        EnsembleClassifier(LogisticRegression(tol=1e-8, max_iter=1000), 2, random_state=0),
    ]
)
def test_scikit_learn_checks(estimator, check):
    if estimator.bootstrap and "sample_weight_equivalence" in check.func.__name__:
        pytest.skip("Of repeated rows a bootstrap draws others: so scikit-learn says of its BaggingClassifier.")
    check(estimator)


def test_mean_of_the_members(table):
    X, y = table
    model = EnsembleClassifier(TREE, 4, random_state=0).fit(X[:100], y[:100])
    members = [member.predict_proba(X) for member in model.members_]
    np.testing.assert_allclose(model.predict_proba(X), np.mean(members, axis=0), atol=1e-15)
    assert (model.predict(X) == model.classes_[np.mean(members, axis=0).argmax(axis=1)]).all()
    assert any(not np.array_equal(members[0], other) for other in members[1:])


@pytest.mark.parametrize("estimator", [TREE, NET, make_pipeline(StandardScaler(), NET)])
@pytest.mark.parametrize("bootstrap", [False, True])
def test_serial_and_parallel_members_are_the_same(estimator, bootstrap, table):
    X, y = table
    serial = EnsembleClassifier(estimator, 3, bootstrap=bootstrap, random_state=1).fit(X[:99], y[:99])
    parallel = EnsembleClassifier(estimator, 3, bootstrap=bootstrap, random_state=1, n_jobs=2).fit(X[:99], y[:99])
    np.testing.assert_array_equal(serial.predict_proba(X), parallel.predict_proba(X))
    other = EnsembleClassifier(estimator, 3, bootstrap=bootstrap, random_state=2).fit(X[:99], y[:99])
    assert not np.array_equal(other.predict_proba(X), serial.predict_proba(X))


def test_a_seed_of_the_estimator_does_not_make_members_equal(table):
    X, y = table
    estimator = DecisionTreeClassifier(max_features=2, random_state=0)
    model = EnsembleClassifier(estimator, 4, random_state=0).fit(X, y)
    assert len({member.random_state for member in model.members_}) == 4
    assert estimator.random_state == 0
    assert not hasattr(estimator, "tree_")


def test_nets_by_default(table):
    model = EnsembleClassifier(n_members=2, random_state=0).fit(table[0][:20], table[1][:20])
    assert [type(member) for member in model.members_] == [NeuralClassifier] * 2
    weights = [member.net_.module_.head.weight for member in model.members_]
    assert not (weights[0] == weights[1]).any()


class TestLabels:
    def test_missing_ones(self, table):
        X, y = table
        partly = [f"class {v}" if i < 50 else None for i, v in enumerate(y)]
        model = EnsembleClassifier(TREE, 3, random_state=0).fit(X, partly)
        alone = EnsembleClassifier(TREE, 3, random_state=0).fit(X[:50], partly[:50])
        np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
        assert model.classes_.tolist() == ["class 0", "class 1", "class 2"]
        assert set(model.predict(X)) <= set(model.classes_)

    def test_a_class_that_a_member_has_not_seen(self):
        X = np.arange(40.0).reshape(-1, 1)
        y = np.r_[0, np.ones(19, int), np.full(20, 2)]
        model = EnsembleClassifier(DecisionTreeClassifier(), 8, bootstrap=True, random_state=0).fit(X, y)
        seen = {tuple(member.classes_) for member in model.members_}
        assert len(seen) > 1
        P = model.predict_proba(X)
        np.testing.assert_allclose(P.sum(axis=1), 1)
        share = np.mean([0 in member.classes_ for member in model.members_])
        assert P[0, 0] == pytest.approx(share)
        assert P[-1].tolist() == [0, 0, 1]

    def test_a_bootstrap_has_two_classes(self):
        X = np.arange(10.0).reshape(-1, 1)
        y = np.r_[np.zeros(9, int), 1]
        model = EnsembleClassifier(LogisticRegression(), 20, bootstrap=True, random_state=0).fit(X, y)
        assert all(len(member.classes_) == 2 for member in model.members_)
        one = EnsembleClassifier(DecisionTreeClassifier(), 2, bootstrap=True).fit(X, np.zeros(10, int))
        assert one.classes_.tolist() == [0]

    def test_classes_that_members_are_told(self, table):
        X, y = table
        estimator = NeuralClassifier(max_epochs=1, classes=[0, 1, 2, 3])
        model = EnsembleClassifier(estimator, 2, random_state=0).fit(X[y < 2], y[y < 2])
        assert model.classes_.tolist() == [0, 1, 2, 3]
        assert model.predict_proba(X).shape == (300, 4)


class Remembers(DecisionTreeClassifier):
    """Learns from labelled rows, and remembers all that it was given."""

    learns_from_unlabeled = True

    def fit(self, X, y):
        rows, labels = labeled_part(y)
        self.given_ = np.asarray(X), list(y)
        return super().fit(np.asarray(X)[rows], labels)


class TestUnlabelledRows:
    @pytest.mark.parametrize("bootstrap", [False, True])
    def test_members_that_learn_from_them_get_them(self, bootstrap, table):
        X, y = table
        partly = [label if place % 3 == 0 else None for place, label in enumerate(y)]
        model = EnsembleClassifier(Remembers(), 3, bootstrap=bootstrap, random_state=0).fit(X, partly)
        assert learns_from_unlabeled(model)
        row_of = {row.tobytes(): place for place, row in enumerate(X)}
        for member in model.members_:
            rows, labels = member.given_
            places = np.array([row_of[row.tobytes()] for row in rows])
            missing = np.array([label is None for label in labels])
            assert sorted(places[missing]) == [place for place in range(len(y)) if place % 3]
            assert (y[places[~missing]] == np.array(labels, dtype=object)[~missing]).all()
            assert (len(set(places[~missing])) < (~missing).sum()) == bootstrap

    def test_other_members_do_not(self, table):
        X, y = table
        partly = [label if place % 3 == 0 else None for place, label in enumerate(y)]
        model = EnsembleClassifier(DecisionTreeClassifier(), 2, random_state=0).fit(X, partly)
        alone = EnsembleClassifier(DecisionTreeClassifier(), 2, random_state=0).fit(X[::3], y[::3])
        assert not learns_from_unlabeled(model)
        np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(X))

    def test_uda_inside(self, table):
        X, y = table
        partly = [label if place % 5 == 0 else None for place, label in enumerate(y)]
        member = UDAClassifier(max_steps=30, threshold=0.0, module__hidden=(8,))
        model = EnsembleClassifier(member, 2, random_state=0).fit(X, partly)
        assert all(net.history_[-1]["trusted"] > 0 for net in model.members_)
        assert outputs.is_committee(model) and model.predict_proba(X).shape == (300, 3)


class TestRows:
    def test_frames_reach_the_members(self, table):
        X, y = table
        frame = pd.DataFrame(X, columns=list("abcdef"))
        partly = [int(v) if i < 60 else None for i, v in enumerate(y)]
        model = EnsembleClassifier(TREE, 2, bootstrap=True, random_state=0).fit(frame, partly)
        assert model.members_[0].feature_names_in_.tolist() == list("abcdef")
        assert model.feature_names_in_.tolist() == list("abcdef")
        with pytest.raises(ValueError, match="feature names"):
            model.predict(frame[list("fedcba")])

    def test_texts(self):
        texts = ["good film", "bad film", "good book", "bad book"] * 3
        model = EnsembleClassifier(
            make_pipeline(TfidfVectorizer(), LogisticRegression(C=100)), 3, bootstrap=True, random_state=0
        ).fit(texts, [text.split()[0] for text in texts])
        assert model.predict(["good day", "bad day"]).tolist() == ["good", "bad"]

    def test_images_partly_labelled(self, digits):
        X, y = digits
        X = X[:30].reshape(-1, 1, 8, 8)
        partly = [int(v) if i % 2 else None for i, v in enumerate(y[:30])]
        model = EnsembleClassifier(NeuralClassifier(max_epochs=1), 2, random_state=0).fit(X, partly)
        assert model.predict_proba(X).shape == (30, len(set(y[1:30:2])))

    def test_folds_of_labelled_rows(self, table):
        X, y = table
        partly = np.where(np.arange(300) % 2, np.nan, y)
        model = EnsembleClassifier(RandomForestClassifier(10), 2, random_state=0)
        assert cross_val_score(model, X, partly, cv=LabeledKFold(3)).min() > 0.5


class TestCommittee:
    def test_of_its_members(self, table):
        X, y = table
        model = EnsembleClassifier(TREE, 4, bootstrap=True, random_state=0).fit(X[:40], y[:40])
        P = outputs.committee_proba(model, X)
        assert P.shape == (4, 300, 3)
        np.testing.assert_allclose(P.mean(axis=0), model.predict_proba(X), atol=1e-12)
        picks = vote_entropy_sampling(model, X, 6)
        assert len(set(np.asarray(picks).tolist())) == 6

    def test_at_the_end_of_a_pipeline(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), EnsembleClassifier(TREE, 3, random_state=0)).fit(X, y)
        np.testing.assert_allclose(outputs.committee_proba(pipeline, X).mean(axis=0), pipeline.predict_proba(X))


@pytest.mark.parametrize("n_members", [0, 2.5, True, None])
def test_number_of_members(n_members, table):
    with pytest.raises(ValueError, match="n_members must be an int >= 1"):
        EnsembleClassifier(TREE, n_members).fit(*table)


def test_unfitted(table):
    with pytest.raises(NotFittedError):
        EnsembleClassifier().predict(table[0])
