"""Masks as PNG: one byte a pixel, its class, with a palette so that people see it; nothing is lost."""

from __future__ import annotations

import colorsys
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling.masks.shapes import VOID

Mask = NDArray[np.uint8]
# Okabe & Ito, "Color universal design": colours that people with any kind of colour vision can tell apart.
_FIRST = ((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (213, 94, 0), (86, 180, 233), (240, 228, 66))


def class_colors(n: int) -> list[tuple[int, int, int]]:
    """Return colours (red, green, blue) for n classes; those of the first seven are told apart by everybody."""
    found = list(_FIRST[:n])
    for k in range(n - len(found)):
        hue, value = (0.11 + k * 0.618034) % 1, (0.95, 0.7, 0.5)[k % 3]
        red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.6, value))
        found.append((red, green, blue))
    return found


def mask_as_png(mask: Mask) -> bytes:
    """Return a mask as the bytes of a PNG whose pixels are the classes; void is black."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(mask, dtype=np.uint8), "L")
    image.putpalette([part for color in [*class_colors(VOID), (0, 0, 0)] for part in color])
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def mask_of_png(data: bytes) -> Mask:
    """Return the mask in the bytes of a PNG of `mask_as_png`.

    Raises
    ------
    ValueError
        If it is no such picture.
    """
    from PIL import Image

    try:
        image: Any = Image.open(io.BytesIO(data), formats=("PNG",))
        image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"no PNG that can be read: {error}.") from error
    if image.mode not in ("P", "L"):
        raise ValueError(f"a mask has one byte a pixel, and this picture has {image.mode}.")
    return np.asarray(image)
