"""Made data: the same for every side of a case."""

import numpy as np


def points(kind, n, d, seed=0, n_clusters=50):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n, d), dtype=np.float32)
    if kind == "clustered":
        Z += 10 * rng.standard_normal((n_clusters, d), dtype=np.float32)[rng.integers(0, n_clusters, n)]
    return Z


def probabilities(n, n_classes, seed=0):
    P = np.exp(2 * np.random.default_rng(seed).standard_normal((n, n_classes), dtype=np.float32))
    P /= P.sum(axis=1, keepdims=True)
    return P


def committee(n_members, n, n_classes, seed=0):
    """Members (T, n, C) that agree more on some rows than on others."""
    rng = np.random.default_rng(seed)
    shared = 2 * rng.standard_normal((1, n, n_classes), dtype=np.float32)
    noise = rng.random((1, n, 1), dtype=np.float32)
    P = np.exp(shared + noise * rng.standard_normal((n_members, n, n_classes), dtype=np.float32))
    P /= P.sum(axis=2, keepdims=True)
    return P


class Fixed:
    """A model that costs nothing: rows are their own probabilities."""

    def __init__(self, n_classes):
        self.classes_ = np.arange(n_classes)

    def predict_proba(self, X):
        return X


def skactiveml_fixed(P):
    """A classifier of scikit-activeml that gives the probabilities at hand, whatever it is asked."""
    from skactiveml.base import SkactivemlClassifier

    class FixedClassifier(SkactivemlClassifier):
        def fit(self, X, y, sample_weight=None):
            self.classes_ = np.arange(P.shape[1])
            return self

        def predict_proba(self, X):
            return P[: len(X)]

    return FixedClassifier(classes=list(range(P.shape[1])))
