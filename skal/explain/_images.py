"""Rows that are small images, as text a page can hold."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import to_numpy

_LARGEST = 256  # pixels a side: more belongs in a file of its own


def as_images(X: Any, shape: tuple[int, ...] | None = None) -> NDArray[Any] | None:
    """Return rows as (n, H, W) or (n, H, W, 3), or None if they are no small images.

    Parameters
    ----------
    X : container of n rows
        Rows (C, H, W) or (H, W, C) with one or three channels, or (H, W).
    shape : tuple of int, default=None
        Shape of a row, if the rows are flat.
    """
    if shape is None and len(getattr(X, "shape", (0, 0))) < 3:
        return None
    array = to_numpy(X)
    if shape is not None:
        array = array.reshape(len(array), *shape)
    if array.ndim == 4 and array.shape[1] in (1, 3) and array.shape[3] not in (1, 3):
        array = np.moveaxis(array, 1, -1)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    is_image = array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3)
    if not is_image or max(array.shape[1:3]) > _LARGEST or array.dtype.kind not in "fiub":
        return None
    return array


def shape_of_columns(names: Sequence[str]) -> tuple[int, int] | None:
    """Return (H, W) if columns are called ``pixel_ROW_COLUMN`` and are a whole image, row by row; else None."""
    found = [re.fullmatch(r"pixel_(\d+)_(\d+)", str(name)) for name in names]
    places = [(int(match[1]), int(match[2])) for match in found if match]
    if not places or len(places) < len(found):
        return None
    height, width = places[-1][0] + 1, places[-1][1] + 1
    whole = [(row, column) for row in range(height) for column in range(width)]
    return (height, width) if places == whole else None


def to_bytes(images: NDArray[Any], like: Sequence[NDArray[Any]] = ()) -> NDArray[np.uint8]:
    """Return images as 0..255: bytes as they are, others from the smallest to the largest value of all."""
    if images.dtype == np.uint8:
        return images
    everything = [np.nan_to_num(part.astype(np.float64)) for part in (images, *like)]
    low, high = min(part.min() for part in everything), max(part.max() for part in everything)
    scaled = (everything[0] - low) * (255.0 / ((high - low) or 1.0))
    return np.asarray(scaled.round(), dtype=np.uint8)


def data_url(image: NDArray[np.uint8]) -> str:
    """Return one image (H, W) or (H, W, 3) as the address of itself, for an img element."""
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    pixels = image if image.ndim == 3 else np.stack([image] * 3, axis=-1)
    imsave(buffer, pixels, format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
