"""Images as numbers: sizes and channels that vary, and what a linear model learns of it."""

import numpy as np
import pandas as pd
import pytest

from skal.features import ImageEncoder
from skal.outputs import embedding
from skal.study import make_estimator


def stripes(n, rng, sizes=(40,)):
    """Upright or lying stripes at any place: pixel by pixel there is nothing to learn."""
    y = np.arange(n) % 2
    images = []
    for label in y:
        side = int(rng.choice(sizes))
        wave = 127 * (1 + np.sin(np.arange(side) * 50 / side + rng.uniform(0, 6)))
        image = np.broadcast_to(wave, (side, side)) + rng.normal(0, 20, (side, side))
        images.append(np.clip(image.T if label else image, 0, 255).astype(np.uint8)[None])
    return images, y


def test_mixed_sizes_and_channels_are_learnt():
    images, y = stripes(80, np.random.default_rng(0), sizes=(30, 48, 90))
    images = [np.repeat(image, 3, axis=0) if place % 3 else image for place, image in enumerate(images)]
    model = make_estimator("image_features").fit(images[:40], y[:40])
    assert model.score(images[40:], y[40:]) == 1.0
    assert embedding(model, images).shape == (80, ImageEncoder().fit(images).n_features_out_)


def test_arrays_and_lists_of_them_are_the_same():
    images, _ = stripes(6, np.random.default_rng(1))
    array = np.stack(images)
    encoder = ImageEncoder(32).fit(array)
    Z = encoder.transform(array)
    assert (Z == encoder.transform(images)).all()
    assert np.allclose(Z, encoder.transform(np.repeat(array, 3, axis=1)), atol=1e-6), "grey is colour without colour"
    assert np.allclose(Z, encoder.transform(array / 255), atol=1e-6), "floats in [0, 1] are the same pixels"


def test_colours_are_told_apart():
    red, blue = np.zeros((2, 3, 20, 20), np.uint8)
    red[0], blue[2] = 200, 200
    Z = ImageEncoder(32).fit_transform([red, blue])
    assert not np.allclose(Z[0], Z[1])


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match=r"shape \(C, H, W\) with 1 or 3 channels, got shape \(8,\)"):
        ImageEncoder().fit(np.zeros((5, 8)))
    with pytest.raises(ValueError, match="pixels must be in 0..255, or floats in .0, 1., got float64 in .0, 7."):
        ImageEncoder().fit(np.array([[[[0.0, 7.0], [1.0, 2.0]]]]))
    with pytest.raises(ValueError, match="size must be at least 2 . cell = 40, got 32"):
        ImageEncoder(32, cell=20).fit(np.zeros((1, 1, 9, 9), np.uint8))


def test_tables_are_refused_by_name():
    with pytest.raises(ValueError, match="rows must be images .* got a table"):
        ImageEncoder().fit(pd.DataFrame({"a": [1, 2]}))
