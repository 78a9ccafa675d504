"""Scenes to segment, made of scikit-learn's digits: small, and there without a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom
from sklearn.datasets import load_digits

from skal.datasets._dataset import Dataset

_N_TRAIN, _N_TEST = 240, 100
_SIZE = (48, 72)
_SCALE = 3  # a digit is 24 x 24 pixels
_CELLS = (2, 3)  # places for digits, one each at most
_DIGITS = 6  # 0 to 5
_INK, _EDGE = 0.45, 0.25  # ink from here on is the digit's; between the two it is nobody's
_VOID = 255


def digit_scenes() -> Dataset:
    """Make images with one to four handwritten digits on an uneven ground, and masks of what digit a pixel is of.

    Returns
    -------
    Dataset
        240 images to learn from and 100 to test on, uint8 (n, 3, 48, 72), of different digits; masks uint8
        (n, 48, 72): 0 is the ground, 1 to 6 are the digits 0 to 5, 255 the edges of the ink. Colours tell nothing of
        the class. Always the same.

    Notes
    -----
    Half a second. Digits 0 to 2 are three times as frequent as 3 to 5, as some things are in a street.
    """
    found: Any = load_digits()
    rng = np.random.RandomState(0)
    order = rng.permutation(np.flatnonzero(found.target < _DIGITS))
    n_train = len(order) * _N_TRAIN // (_N_TRAIN + _N_TEST)
    X, y = _scenes(found.images[order[:n_train]] / 16, found.target[order[:n_train]], _N_TRAIN, rng)
    X_test, y_test = _scenes(found.images[order[n_train:]] / 16, found.target[order[n_train:]], _N_TEST, rng)
    classes = ("ground", *map(str, range(_DIGITS)))
    return Dataset("digit_scenes", X, y, X_test, y_test, classes=classes)


def _scenes(
    digits: NDArray[Any], labels: NDArray[Any], n: int, rng: np.random.RandomState
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    H, W = _SIZE
    images = np.empty((n, 3, H, W), dtype=np.uint8)
    masks = np.zeros((n, H, W), dtype=np.uint8)
    shares = np.where(labels < _DIGITS // 2, 3.0, 1.0)
    for image, mask in zip(images, masks, strict=True):
        ground = rng.uniform(60, 200, size=(3, 1, 1)) + _uneven(rng)
        canvas = np.broadcast_to(ground, (3, H, W)).copy()
        places = rng.permutation(_CELLS[0] * _CELLS[1])[: rng.randint(1, 5)]
        for place, digit in zip(
            places, rng.choice(len(digits), size=len(places), p=shares / shares.sum()), strict=True
        ):
            ink = zoom(digits[digit], _SCALE, order=1).clip(0, 1)
            top, left = (place // _CELLS[1]) * H // _CELLS[0], (place % _CELLS[1]) * W // _CELLS[1]
            here = (slice(top, top + ink.shape[0]), slice(left, left + ink.shape[1]))
            colour = rng.uniform(0, 255, size=(3, 1, 1))
            far = np.abs(colour - ground.mean()).max() < 60
            colour = (colour + 128) % 256 if far else colour
            canvas[:, here[0], here[1]] = canvas[:, here[0], here[1]] * (1 - ink) + colour * ink
            mask[here] = np.where(ink >= _INK, labels[digit] + 1, np.where(ink >= _EDGE, _VOID, mask[here]))
        image[:] = (canvas + rng.normal(0, 8, size=canvas.shape)).clip(0, 255).round()
    return images, masks


def _uneven(rng: np.random.RandomState) -> NDArray[Any]:
    """Light that changes slowly over the image, (1, H, W)."""
    coarse = rng.normal(0, 20, size=(3, 4))
    fine = zoom(coarse, (_SIZE[0] / 3, _SIZE[1] / 4), order=1)
    return fine[None]
