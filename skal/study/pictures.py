"""Pictures of a round of segmentation: what the model sees in test images, and what was asked for."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import n_rows, take, to_numpy
from skal.masks import resized_mask
from skal.outputs import MissingOutput, proba
from skal.scores import entropy

__all__ = ["palette", "round_picture"]

N_TEST, N_PICKS = 2, 4  # images of a picture
_WIDTH = 160  # of an image, pixels
_GAP = 4
_VOID = (20, 20, 20)
_WHITE = 255
# Colours that neighbouring numbers do not share, light and dark in turn (Okabe & Ito, then their darker kin).
_COLOURS = (
    *((86, 180, 233), (213, 94, 0), (240, 228, 66), (0, 114, 178), (204, 121, 167), (0, 158, 115), (230, 159, 0)),
    *((120, 80, 40), (160, 0, 60), (130, 200, 130), (90, 60, 150), (200, 200, 200), (0, 90, 90), (250, 170, 190)),
)

Image = NDArray[np.uint8]


def palette(n_classes: int) -> NDArray[np.uint8]:
    """Colours of so many classes, (C, 3); the first fourteen stay apart, further ones are darker repeats."""
    colours = np.array(_COLOURS, dtype=np.float64)
    turns, places = np.divmod(np.arange(n_classes), len(colours))
    return (colours[places] * 0.75 ** turns[:, None]).round().astype(np.uint8)


def round_picture(
    learner: Any, classes: NDArray[Any], X_test: Any, y_test: Any, X_picked: Any, y_picked: Any
) -> bytes:
    """Draw the first test images, their truth, prediction and uncertainty, and below them the first picks.

    Parameters
    ----------
    learner : learner
        Fitted; with ``predict``, and ``predict_proba`` for the uncertainty.
    classes : ndarray of shape (C,)
        All labels.
    X_test, y_test : container of images (n, C, H, W), masks
        The first two are drawn.
    X_picked, y_picked : container of images, masks
        What was labelled in the round; the first four are drawn.

    Returns
    -------
    bytes
        A PNG, some tens of KiB.
    """
    from PIL import Image as Pillow

    X = take(X_test, slice(0, N_TEST))
    truths, predictions = [y_test[row] for row in range(n_rows(X))], learner.predict(X)
    uncertain = _uncertainty(learner, X, len(classes))
    lines = []
    for row in range(n_rows(X)):
        panels = [_photo(X, row), _coloured(truths[row], classes), _coloured(predictions[row], classes)]
        if uncertain is not None:
            panels.append(_grey(resized_mask(uncertain[row], np.shape(truths[row]))))
        lines.append(_beside(panels))
    shown = range(min(n_rows(X_picked), N_PICKS // 2))
    picks = [panel for row in shown for panel in (_photo(X_picked, row), _coloured(y_picked[row], classes))]
    if picks:
        lines.append(_beside(picks))
    width = max(line.shape[1] for line in lines)
    lines = [np.pad(line, ((0, _GAP), (0, width - line.shape[1]), (0, 0)), constant_values=_WHITE) for line in lines]
    file = io.BytesIO()
    Pillow.fromarray(np.concatenate(lines)).save(file, "PNG", optimize=True)
    return file.getvalue()


def _uncertainty(learner: Any, X: Any, n_classes: int) -> NDArray[Any] | None:
    """Entropy of every pixel, 0 to 1; None where the model has no probabilities."""
    try:
        P = proba(learner, X)
    except MissingOutput:
        return None
    n, C, *size = P.shape
    pixels = np.moveaxis(P, 1, -1).reshape(-1, C)
    return (entropy(pixels) / np.log(max(n_classes, 2))).reshape(n, *size)


def _photo(X: Any, row: int) -> Image:
    pixels = np.asarray(to_numpy(take(X, slice(row, row + 1))))[0]
    if pixels.dtype != np.uint8:
        pixels = (np.clip(pixels, 0.0, 1.0) * 255).round().astype(np.uint8)
    return _small(np.broadcast_to(pixels[:3] if len(pixels) >= 3 else pixels[:1], (3, *pixels.shape[1:])))


def _coloured(mask: Any, classes: NDArray[Any]) -> Image:
    mask = np.asarray(mask)
    colours = np.vstack([palette(len(classes)), np.array([_VOID], dtype=np.uint8)])
    places = np.searchsorted(classes, mask).clip(0, len(classes) - 1)
    places = np.where(classes[places] == mask, places, len(classes))
    return _small(np.moveaxis(colours[places], -1, 0))


def _grey(values: NDArray[Any]) -> Image:
    grey = (np.clip(values, 0.0, 1.0) * 255).round().astype(np.uint8)
    return _small(np.broadcast_to(grey, (3, *grey.shape)))


def _small(image: NDArray[Any]) -> Image:
    """Channels last, at the width of a panel, by the nearest pixel."""
    height = max(1, round(image.shape[1] * _WIDTH / image.shape[2]))
    return np.ascontiguousarray(np.moveaxis(resized_mask(image, (height, _WIDTH)), 0, -1))


def _beside(panels: list[Image]) -> Image:
    height = max(panel.shape[0] for panel in panels)
    padded = [
        np.pad(panel, ((0, height - panel.shape[0]), (0, _GAP), (0, 0)), constant_values=_WHITE) for panel in panels
    ]
    return np.concatenate(padded, axis=1)
