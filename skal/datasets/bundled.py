"""Real data that come with scikit-learn, so that they are there without a network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn import datasets

from skal.datasets._dataset import Dataset
from skal.datasets.digit_scenes import digit_scenes


def _table(name: str, loader: Callable[[], Any]) -> Dataset:
    found = loader()
    return Dataset(
        name,
        found.data,
        found.target.astype(np.int64),
        classes=tuple(map(str, found.target_names)),
        feature_names=tuple(map(str, found.feature_names)),
    )


def _digits_images() -> Dataset:
    """8x8 images of digits, uint8 (1797, 1, 8, 8): the original 0..16 scaled to 0..255, without loss."""
    found: Any = datasets.load_digits()
    X = np.round(found.images * (255 / 16)).astype(np.uint8)[:, None]
    return Dataset("digits_images", X, found.target.astype(np.int64), classes=tuple(map(str, found.target_names)))


# The registered names; each entry is called without arguments and gives a Dataset.
DATASETS: dict[str, Callable[[], Dataset]] = {
    "breast_cancer": partial(_table, "breast_cancer", datasets.load_breast_cancer),
    "digit_scenes": digit_scenes,
    "digits": partial(_table, "digits", datasets.load_digits),
    "digits_images": _digits_images,
    "iris": partial(_table, "iris", datasets.load_iris),
    "wine": partial(_table, "wine", datasets.load_wine),
}
