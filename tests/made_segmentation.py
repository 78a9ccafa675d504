"""Small scenes whose classes have colours of their own, and a segmenter without a net."""

import numpy as np
from sklearn.base import BaseEstimator

from skal.masks import Confusion, mask_classes


def scenes(n, size=(12, 16), n_classes=3, seed=0, noise=30.0):
    """Images (n, 3, H, W) of bytes and masks (n, H, W): a background, and one rectangle of another class each."""
    rng = np.random.RandomState(seed)
    colours = rng.uniform(40, 215, size=(n_classes, 3))
    H, W = size
    masks = np.zeros((n, H, W), dtype=np.uint8)
    for mask in masks:
        h, w = rng.randint(3, H - 2), rng.randint(3, W - 2)
        top, left = rng.randint(0, H - h), rng.randint(0, W - w)
        mask[top : top + h, left : left + w] = rng.randint(1, n_classes)
    X = np.moveaxis(colours[masks], -1, 1) + rng.normal(0, noise, size=(n, 3, H, W))
    return X.clip(0, 255).astype(np.uint8), masks


class PixelClassifier(BaseEstimator):
    """Every pixel by itself: the nearer to the mean colour of a class, the more probable it is."""

    def __init__(self, classes=None, random_state=None):
        self.classes = classes
        self.random_state = random_state

    def fit(self, X, y):
        X, y = np.asarray(X, dtype=float), np.asarray(y)
        self.classes_ = np.asarray(mask_classes(y) if self.classes is None else self.classes)
        pixels, labels = np.moveaxis(X, 1, -1).reshape(-1, X.shape[1]), y.ravel()
        means = [pixels[labels == label].mean(axis=0) if (labels == label).any() else None for label in self.classes_]
        self.means_ = np.array([np.full(X.shape[1], 1e4) if mean is None else mean for mean in means])
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        distances = ((X[:, None] - self.means_[None, :, :, None, None]) ** 2).sum(axis=2)
        logits = -distances / 2000
        P = np.exp(logits - logits.max(axis=1, keepdims=True))
        return P / P.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def transform(self, X):
        return np.asarray(X, dtype=float).mean(axis=(2, 3))

    def score(self, X, y):
        confusion = Confusion(classes=self.classes_)
        for truth, prediction in zip(y, self.predict(X), strict=True):
            confusion.add(truth, prediction)
        return confusion.mean_iou()
