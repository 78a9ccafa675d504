"""The segmenter of labelling projects: what it learns, what it refuses, and that strategies can read it."""

import numpy as np
import pytest
from made_streets import streets
from sklearn.base import clone, is_classifier

from skal import ActiveLearner
from skal.data import block_rows
from skal.estimators import make_estimator
from skal.estimators.pixel_forest import PixelForest
from skal.masks import Confusion
from skal.outputs import embedding, proba
from skal.query import core_set, entropy_sampling, margin_sampling, region_query, select, uncertainty_herding

X, y = streets(24, void=0.1)
KNOWN, POOL = slice(0, 6), slice(6, 24)


@pytest.fixture(scope="module")
def model():
    return PixelForest(10, max_pixels=600, random_state=0).fit(X[KNOWN], y[KNOWN])


def test_it_finds_sky_road_and_box_after_six_images(model):
    assert Confusion(3).add(y[POOL], model.predict(X[POOL])).mean_iou() > 0.9


def test_probabilities_are_a_distribution_for_each_pixel_and_each_image_stands_alone(model):
    P = model.predict_proba(X[POOL])
    assert P.shape == (18, 3, 16, 24)
    assert np.allclose(P.sum(axis=1), 1, atol=1e-5)
    assert (model.predict(X[POOL]) == model.classes_[P.argmax(axis=1)]).all()
    assert (model.predict_proba(X[POOL][3:4]) == P[3:4]).all()
    with block_rows(5):
        assert (proba(model, X[POOL]) == P).all()
        assert (embedding(model, X[POOL]) == model.transform(X[POOL])).all()


def test_the_same_seed_gives_the_same_trees_and_void_pixels_do_not_count(model):
    again = clone(model).fit(X[KNOWN], y[KNOWN])
    assert (again.predict_proba(X[POOL]) == model.predict_proba(X[POOL])).all()
    half = y[KNOWN].copy()
    half[:, :, 12:] = 255
    changed = X[KNOWN].copy()
    changed[0, :, 0, 23] ^= 1  # a pixel that is void: the trees see it only in the neighbourhood of others
    few = clone(model).set_params(max_pixels=10**6).fit(X[KNOWN], half)
    assert few.forest_.n_features_in_ == 29
    assert few.forest_.estimators_[0].tree_.n_node_samples[0] == (half != 255).sum()


def test_rare_classes_get_as_many_pixels_as_others():
    mask = np.zeros((1, 40, 40), dtype=np.uint8)
    mask[0, 0, :10] = 1
    small = PixelForest(1, max_pixels=20, min_samples_leaf=1, random_state=0).fit(np.zeros((1, 3, 40, 40)), mask)
    tree = small.forest_.estimators_[0].tree_
    assert tree.n_node_samples[0] == 20
    assert np.allclose(tree.value[0], 0.5)


def test_classes_that_no_mask_holds_have_probability_zero():
    model = PixelForest(2, classes=[0, 1, 2, 7], random_state=0).fit(X[KNOWN], y[KNOWN])
    assert model.classes_.tolist() == [0, 1, 2, 7]
    assert (model.predict_proba(X[POOL])[:, 3] == 0).all()


def test_images_of_several_sizes_are_labelled_at_their_own(model):
    found = model.predict([X[0], X[1, :, :9]])
    assert [mask.shape for mask in found] == [(16, 24), (9, 24)]
    with pytest.raises(ValueError, match="images of one size"):
        model.predict_proba([X[0], X[1, :, :9]])


@pytest.mark.parametrize("strategy", [entropy_sampling, margin_sampling, uncertainty_herding, core_set])
def test_strategies_pick_by_it_whatever_the_block(model, strategy):
    learner = ActiveLearner.fitted(model, X[KNOWN], y[KNOWN], strategy)
    picks, _ = select(strategy, learner, X[POOL], 5, random_state=0)
    assert len(set(picks.tolist())) == 5
    with block_rows(4):
        assert (select(strategy, learner, X[POOL], 5, random_state=0)[0] == picks).all()


def test_regions_are_picked_where_it_is_unsure(model):
    regions = np.tile(np.arange(24) // 12, (18, 16, 1))
    pairs, _ = region_query(entropy_sampling, "mean_entropy")(model, X[POOL], regions, 6, random_state=0)
    P = model.predict_proba(X[POOL])
    entropies = -(P * np.log(np.maximum(P, 1e-12))).sum(axis=1)
    for image, region in pairs:
        halves = [entropies[image][regions[image] == number].mean() for number in (0, 1)]
        assert region == int(np.argmax(halves))


@pytest.mark.parametrize(
    ("settings", "images", "masks", "words"),
    [
        ({"n_trees": 0}, X[:1], y[:1], "n_trees must be an int >= 1"),
        ({"max_pixels": 2.5}, X[:1], y[:1], "max_pixels must be an int >= 1"),
        ({}, X[:2], y[:1], "one mask for each image"),
        ({}, X[:1], y[:1, :4], "mask 0 must be whole numbers of the size of its image"),
        ({}, X[:1], y[:1] * 0 + 255, "all pixels of the 1 masks are void"),
        ({"classes": [0]}, X[:1], y[:1], r"must be among classes=\[0\]"),
        ({}, X[:1, 0, 0], y[:1], "rows must be images"),
        ({}, np.full((1, 3, 16, 24), np.nan), y[:1], "must be finite"),
    ],
)
def test_what_cannot_be_learned_is_refused(settings, images, masks, words):
    with pytest.raises(ValueError, match=words):
        PixelForest(**settings).fit(images, masks)


def test_it_has_a_name():
    model = make_estimator("pixel_forest:n_trees=3")
    assert isinstance(model, PixelForest) and model.n_trees == 3 and is_classifier(model)
