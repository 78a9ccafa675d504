"""How large an image is, without unpacking it."""

from __future__ import annotations

import os

from skal.labeling._errors import ProjectError

_ORIENTATION = 0x0112  # of EXIF
_SIDEWAYS = (5, 6, 7, 8)


def image_size(file: str | os.PathLike[str]) -> tuple[int, int]:
    """Return height and width of an image as it is shown: upright, as its EXIF data say.

    Raises
    ------
    ProjectError
        If it cannot be read.
    """
    from PIL import Image

    try:
        with Image.open(file) as image:
            sideways = image.getexif().get(_ORIENTATION) in _SIDEWAYS
            width, height = image.size
    except (OSError, SyntaxError, ValueError) as error:
        raise ProjectError(f"{file} cannot be read: {error}.") from error
    return (width, height) if sideways else (height, width)
