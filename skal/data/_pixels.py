"""In what numbers images come: bytes, bytes written as floats, shares of white, or numbers of another kind."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from skal.data._rows import RowView, n_rows, take, to_numpy

PixelKind = Literal["bytes", "bytes as floats", "shares", "either", "bright", "floats"]
_LOOKED_AT = 64  # images
_BEYOND = 0.5  # what an interpolation may pass its ends by
_NO_SHARE = 10.0  # no share of white, whatever was done to it


def pixel_kind(X: Any) -> PixelKind:
    """Tell in what numbers images come, by a few of them.

    Parameters
    ----------
    X : container of n images, n at least 1
        Up to 64 at even steps are looked at, of a Dataset or list the first.

    Returns
    -------
    {"bytes", "bytes as floats", "shares", "either", "bright", "floats"}
        ``uint8``; whole numbers of 0 to 255; numbers of 0 to 1, or a little beyond, as a resized image has them;
        zeros and ones alone, which may be either; numbers of 0 to 255 with some above 10, such as bytes that were
        resized; any others.

    Examples
    --------
    >>> image = np.arange(16).reshape(1, 1, 4, 4)
    >>> [pixel_kind(image.astype(kind)) for kind in ("uint8", "float32")]
    ['bytes', 'bytes as floats']
    >>> pixel_kind(image / 15), pixel_kind(image - 8.5)
    ('shares', 'floats')
    """
    source = X.X if isinstance(X, RowView) else X
    n, many = n_rows(X), hasattr(source, "shape")
    rows = np.unique(np.linspace(0, n - 1, min(n, _LOOKED_AT if many else 1)).astype(np.intp))
    if getattr(source, "dtype", None) == np.uint8:
        return "bytes"
    images = [np.asarray(to_numpy(take(X, slice(int(row), int(row) + 1)))) for row in rows]
    if all(image.dtype == np.uint8 for image in images):
        return "bytes"
    values = np.concatenate([image.ravel() for image in images])
    if values.dtype.kind not in "biuf" or values.size == 0:
        return "floats"
    low, high = float(values.min()), float(values.max())
    if not low >= -_BEYOND or not high <= 255 + _BEYOND:  # NaN is neither
        return "floats"
    if low >= 0 and bool((values == np.rint(values)).all()):
        return "either" if high <= 1 else "bytes as floats"
    if high <= 1 + _BEYOND:
        return "shares"
    return "bright" if high > _NO_SHARE else "floats"
