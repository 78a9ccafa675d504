"""Committees of segmenters: probabilities of all members, over the union of their classes, and their label maps."""

import numpy as np
import pytest
from made_streets import streets

from skal.neural import EnsembleClassifier, NeuralSegmenter
from skal.outputs import committee_proba, is_committee, proba
from skal.query import bald, consensus_entropy_sampling, core_set, entropy_sampling, margin_sampling
from skal.scores import bald as bald_score

X, y = streets(10)


def member(**options):
    settings = {"module__width": 4, "module__depth": 1, "max_epochs": 2, "batch_size": 4, "device": "cpu"}
    return NeuralSegmenter(**{**settings, **options})


@pytest.fixture(scope="module")
def ensemble():
    return EnsembleClassifier(member(module__dropout=0.2), n_members=3, random_state=0).fit(X, [*y[:8], None, None])


def test_members_differ_and_all_are_read(ensemble):
    assert is_committee(ensemble)
    P = committee_proba(ensemble, X)
    assert P.shape == (3, 10, 3, 16, 24)
    for one, read in zip(ensemble.members_, P, strict=True):
        np.testing.assert_allclose(one.predict_proba(X), read, atol=1e-6)
    assert np.abs(P[0] - P[1]).max() > 1e-3
    np.testing.assert_allclose(ensemble.predict_proba(X), P.mean(axis=0), atol=1e-6)
    assert committee_proba(ensemble, X, then=bald_score).shape == (10,)


def test_the_mean_tells_labels_and_is_scored(ensemble):
    P = proba(ensemble, X)
    np.testing.assert_array_equal(ensemble.predict(X), P.argmax(axis=1))
    assert 0.0 < ensemble.score(X, y) < 1.0
    from skal.masks import Confusion

    assert ensemble.score(X, y) == Confusion(3).add(y, ensemble.predict(X)).mean_iou()


def test_bootstraps_draw_images_and_classes_unite():
    partly = [np.where(mask == 2, 255, mask) for mask in y[:5]] + list(y[5:])
    ensemble = EnsembleClassifier(member(), n_members=4, bootstrap=True, random_state=3).fit(X, partly)
    assert ensemble.classes_.tolist() == [0, 1, 2]
    assert committee_proba(ensemble, X[:2]).shape == (4, 2, 3, 16, 24)
    assert len({tuple(one.predict_proba(X[:1]).ravel()[:5]) for one in ensemble.members_}) == 4


def test_a_smaller_size_tells_labels_of_all_pixels():
    ensemble = EnsembleClassifier(member(size=(8, 12)), n_members=2, random_state=0).fit(X, y)
    assert ensemble.predict_proba(X).shape == (10, 3, 8, 12)
    assert ensemble.predict(X).shape == y.shape


@pytest.mark.parametrize(
    ("strategy", "options"),
    [(entropy_sampling, {}), (margin_sampling, {}), (consensus_entropy_sampling, {}), (bald, {"n_samples": 2})],
)
def test_strategies_ask_for_images(ensemble, strategy, options):
    learner = ensemble if strategy is not bald else ensemble.members_[0]
    chosen = strategy(learner, X, n_instances=3, random_state=0, **options)
    chosen = chosen[0] if isinstance(chosen, tuple) else chosen
    assert len(set(np.asarray(chosen).tolist())) == 3


def test_core_set_reads_the_pooled_features(ensemble):
    chosen = core_set(ensemble.members_[0], X[4:], 2, X_labeled=X[:4])
    assert len(np.asarray(chosen)) == 2
