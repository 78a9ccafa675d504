"""Small segmentation problems, without a net: images whose pixels are labelled, and a model of pixels."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from skal.data import to_numpy
from skal.testing._problems import NetOutputs, Problem, Strategy, learner_maker

_VOID = 255
_SIZE = (5, 7)  # height and width of the images


class PixelModel(NetOutputs, ClassifierMixin, BaseEstimator):
    """Logistic regression on the channels of each pixel: images (n, c, H, W) to probabilities (n, C, H, W)."""

    def fit(self, X: Any, y: Any) -> PixelModel:
        """Fit to images and masks (n, H, W); pixels of 255 are void."""
        images, masks = to_numpy(X), np.asarray(y)
        known = masks != _VOID
        self.model_ = LogisticRegression().fit(np.moveaxis(images, 1, -1)[known], masks[known])
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: Any) -> Any:
        """Return probabilities (n, C, H, W)."""
        check_is_fitted(self)
        images = to_numpy(X).astype(np.float64)
        pixels = np.moveaxis(images, 1, -1)  # (n, H, W, c)
        P = self.model_.predict_proba(pixels.reshape(-1, pixels.shape[-1]))
        return np.ascontiguousarray(np.moveaxis(P.reshape(*pixels.shape[:-1], -1), -1, 1))

    def predict(self, X: Any) -> Any:
        """Return masks (n, H, W)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def transform(self, X: Any) -> Any:
        """Return the mean of each channel (n, c): an embedding pooled over the image."""
        check_is_fitted(self)
        return to_numpy(X).astype(np.float64).mean(axis=(2, 3))


def segmentation(strategy: Strategy) -> Problem:
    """Make the problem of pixels: images of three classes, partly void, and a pool of noisier ones.

    Parameters
    ----------
    strategy : callable
        What it reads decides on the learner, as in `classification`.

    Returns
    -------
    Problem
        16 images in the pool, 8 labelled, 3 channels of 5 x 7 pixels, no two images and no two scores alike.
    """
    rng = np.random.RandomState(5)
    centers = np.array([[2.0, 0.0, 0.5], [-2.0, 1.0, 0.0], [0.0, -2.0, -0.5]])
    masks = rng.randint(3, size=(8, *_SIZE))
    images = np.moveaxis(centers[masks] + rng.normal(scale=0.7, size=(8, *_SIZE, 3)), -1, 1)
    masks[:, 0, :2] = _VOID
    noise = np.linspace(0.5, 3.0, 16)[:, None, None, None]
    pool = rng.permutation(np.moveaxis(centers[rng.randint(3, size=(16, *_SIZE))], -1, 1)) * rng.normal(
        1.0, 0.3, size=(16, 1, 1, 1)
    )
    return Problem(pool + noise * rng.normal(size=pool.shape), images, masks, pixel_learner_maker(strategy))


def known_and_unknown_images(strategy: Strategy) -> Problem:
    """Make a problem of pixels whose first 8 images are labelled already, and plain; the other 8 are neither."""
    rng = np.random.RandomState(3)
    masks = rng.randint(2, size=(8, *_SIZE))
    sides = np.where(masks == 0, -3.0, 3.0) + rng.normal(scale=0.3, size=masks.shape)
    known = np.stack([sides, rng.normal(scale=0.3, size=masks.shape)], axis=1)
    between = np.stack([rng.normal(scale=0.1, size=masks.shape), 6.0 + rng.normal(size=masks.shape)], axis=1)
    return Problem(np.concatenate([known, between]), known, masks, pixel_learner_maker(strategy))


def pixel_learner_maker(strategy: Strategy) -> Any:
    """Return how to make a learner of pixels from which the strategy can read."""
    return functools.partial(learner_maker(strategy, PixelModel()))
