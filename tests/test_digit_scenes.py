"""Scenes made of digits: the same every time, with a mask that follows the ink."""

import numpy as np

from skal.datasets import load_dataset


def test_scenes_are_the_same_every_time_and_hold_every_class():
    first, again = load_dataset("digit_scenes"), load_dataset("digit_scenes")
    assert first.fingerprint() == again.fingerprint()
    assert first.X.shape == (240, 3, 48, 72) and first.X.dtype == np.uint8
    assert first.y.shape == (240, 48, 72) and first.X_test.shape == (100, 3, 48, 72)
    assert len(first.classes) == 7
    for masks in (first.y, first.y_test):
        assert np.unique(masks).tolist() == [*range(7), 255]


def test_an_image_has_one_to_four_digits_and_edges_belong_to_nobody():
    found = load_dataset("digit_scenes")
    n_kinds = [len(np.setdiff1d(np.unique(mask), [0, 255])) for mask in found.y]
    assert 1 <= min(n_kinds) and max(n_kinds) <= 4
    shares = np.bincount(found.y.ravel(), minlength=256) / found.y.size
    assert shares[255] < 0.08 < shares[1:7].sum() < 0.25
    assert shares[1:4].sum() > 2 * shares[4:7].sum()


def test_colour_alone_does_not_tell_the_class():
    found = load_dataset("digit_scenes")
    pixels = np.moveaxis(found.X, 1, -1)
    means = np.array([pixels[found.y == label].mean(axis=0) for label in range(1, 7)])
    spread = np.array([pixels[found.y == label].std(axis=0) for label in range(1, 7)])
    assert (means.std(axis=0) < 0.5 * spread.mean(axis=0)).all()
