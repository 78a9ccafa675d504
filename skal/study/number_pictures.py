"""The picture of a round of regression: what is predicted of the test rows against what is true."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["numbers_picture"]

_SIDE = 240  # of the square, pixels
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 8, 12, 34
_POINT = 2  # pixels to a side
_BLUE, _ORANGE, _GREY = (0, 114, 178), (213, 94, 0), (150, 150, 150)
_FAINTEST = 0.35  # of a single point; more of them on one place are darker
_WORST = 0.9


def numbers_picture(true: ArrayLike, predicted: ArrayLike) -> bytes:
    """Draw a point a test row: across what is true, up what is predicted; the worst tenth of the rows in orange.

    Parameters
    ----------
    true : array-like of shape (n,)
        Their range is that of both axes, so that pictures of several models can be laid side by side.
    predicted : array-like of shape (n,)
        Beyond the range they are drawn at its edge.

    Returns
    -------
    bytes
        A PNG, a few KiB.
    """
    from PIL import Image, ImageDraw

    y, f = np.asarray(true, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    low, high = float(y.min()), float(y.max())
    room = 0.04 * (high - low) or 0.5
    low, high = low - room, high + room
    across, up = (_places(values, low, high) for values in (y, f))
    errors = np.abs(f - y)
    worst = errors > np.quantile(errors, _WORST)
    square = np.full((_SIDE, _SIDE, 3), 255.0)
    diagonal = np.arange(_SIDE)
    square[_SIDE - 1 - diagonal, diagonal] = _GREY
    for rows, colour in ((~worst, _BLUE), (worst, _ORANGE)):
        _paint(square, across[rows], up[rows], colour)
    canvas = np.full((_TOP + _SIDE + _BOTTOM, _LEFT + _SIDE + _RIGHT, 3), 255, dtype=np.uint8)
    canvas[_TOP : _TOP + _SIDE, _LEFT : _LEFT + _SIDE] = square.round().astype(np.uint8)
    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    draw.rectangle((_LEFT - 1, _TOP - 1, _LEFT + _SIDE, _TOP + _SIDE), outline=_GREY)
    base, middle = _TOP + _SIDE, _LEFT + _SIDE // 2
    ink = (80, 80, 80)
    for value in (float(y.min()), float(y.max())):
        text = f"{value:.4g}"
        place = int(_places(np.array([value]), low, high)[0])
        draw.text((_LEFT + place, base + 4), text, fill=ink, anchor="ma")
        draw.text((_LEFT - 6, base - 1 - place), text, fill=ink, anchor="rm")
    draw.text((middle, base + 18), "true", fill=ink, anchor="ma")
    draw.text((_LEFT - 6, _TOP + _SIDE // 2), "predicted", fill=ink, anchor="rm")
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _places(values: NDArray[Any], low: float, high: float) -> NDArray[np.intp]:
    """Pixels of values, from the lower or left edge; beyond the limits, at the edge."""
    shares = (values - low) / (high - low)
    return np.asarray((shares * (_SIDE - _POINT)).round().clip(0, _SIDE - _POINT), dtype=np.intp)


def _paint(square: NDArray[Any], across: NDArray[np.intp], up: NDArray[np.intp], colour: tuple[int, ...]) -> None:
    """Blend points into the square; where several lie, the colour is stronger."""
    counts = np.zeros(square.shape[:2])
    for dx in range(_POINT):
        for dy in range(_POINT):
            np.add.at(counts, (_SIDE - 1 - (up + dy), across + dx), 1)
    strength = np.where(counts > 0, 1.0 - (1.0 - _FAINTEST) ** counts, 0.0)[..., None]
    square *= 1.0 - strength
    square += strength * np.array(colour, dtype=np.float64)
