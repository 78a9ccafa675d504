"""Images as numbers without pretrained weights: edges by direction, and colours by place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

_GRID = 4  # colours are averaged over 4 x 4 places
_LEVELS = 4  # of each colour, in the histogram


class ImageEncoder(TransformerMixin, BaseEstimator):
    """Describe images by histograms of oriented gradients and by their colours, for a linear model.

    Parameters
    ----------
    size : int, default=48
        Height and width to which images are resized first; images may have different sizes.
    cell : int, default=8
        Height and width of the cells of pixels in which directions of edges are counted.

    Attributes
    ----------
    n_features_out_ : int
        Columns of `transform`.

    Notes
    -----
    Nothing is learnt from the rows: the same image always has the same numbers. Put a scaler behind it. Grey images
    are taken for colour images without colour, so both kinds can be mixed. At size 48 an image has 900 numbers for
    its edges and 115 for its colours; 1000 images take about two seconds on one core. A net with pretrained weights
    describes photographs much better; this needs no weights and no GPU.

    References
    ----------
    .. [1] Dalal & Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.

    Examples
    --------
    >>> import numpy as np
    >>> grey, colour = np.zeros((1, 30, 40), np.uint8), np.zeros((3, 64, 64), np.uint8)
    >>> ImageEncoder(size=32).fit_transform([grey, colour]).shape
    (2, 439)
    """

    def __init__(self, size: int = 48, cell: int = 8) -> None:
        self.size = size
        self.cell = cell

    def fit(self, X: Any, y: Any = None) -> ImageEncoder:
        """Check the parameters and the first image.

        Parameters
        ----------
        X : uint8 array of shape (n, C, H, W), or list of n arrays (C, H, W)
            Images with 1 or 3 channels.
        y : None
            Not used.

        Returns
        -------
        ImageEncoder
            Itself.

        Raises
        ------
        ValueError
            If a parameter is out of range, or the rows are no images.
        """
        for name in ("size", "cell"):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or value < 4:
                raise ValueError(f"ImageEncoder: {name} must be an int >= 4, got {value!r}.")
        if hasattr(X, "columns"):
            raise ValueError(
                "ImageEncoder: rows must be images of shape (C, H, W), got a table with columns. For tables take "
                "TableEncoder, or by name an estimator such as logistic or forest."
            )
        if self.size < 2 * self.cell:
            raise ValueError(f"ImageEncoder: size must be at least 2 * cell = {2 * self.cell}, got {self.size}.")
        self.n_features_out_ = len(self._numbers(X[0]))
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Describe images.

        Parameters
        ----------
        X : uint8 array of shape (n, C, H, W), or list of n arrays (C, H, W)
            Images.

        Returns
        -------
        ndarray of float32 of shape (n, d)
            Edges first, then colours.
        """
        numbers = np.empty((len(X), self.n_features_out_), dtype=np.float32)
        for row in range(len(X)):
            numbers[row] = self._numbers(X[row])
        return numbers

    def _numbers(self, image: Any) -> NDArray[np.float64]:
        from skimage.feature import hog

        pixels = _resized(image, self.size)  # (size, size, 3), in [0, 1]
        edges = hog(pixels, 9, (self.cell, self.cell), (2, 2), "L2-Hys", channel_axis=-1)
        side = self.size // _GRID * _GRID
        tiles = pixels[:side, :side].reshape(_GRID, side // _GRID, _GRID, side // _GRID, 3)
        levels = np.minimum((pixels * _LEVELS).astype(int), _LEVELS - 1) @ [_LEVELS * _LEVELS, _LEVELS, 1]
        counts = np.bincount(levels.ravel(), minlength=_LEVELS**3) / levels.size
        return np.concatenate([edges, tiles.mean(axis=(1, 3)).ravel(), pixels.std(axis=(0, 1)), np.sqrt(counts)])


def _resized(image: Any, size: int) -> NDArray[np.float64]:
    """An image (C, H, W) or (H, W) as (size, size, 3) in [0, 1]."""
    from PIL import Image

    pixels = np.asarray(image)
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3 or pixels.shape[0] not in (1, 3):
        raise ValueError(
            f"ImageEncoder: images must have shape (C, H, W) with 1 or 3 channels, got shape {np.shape(image)}. For "
            "a table use TableEncoder."
        )
    if pixels.dtype != np.uint8:
        if pixels.size and not (0 <= pixels.min() and pixels.max() <= (1 if pixels.dtype.kind == "f" else 255)):
            raise ValueError(
                f"ImageEncoder: pixels must be in 0..255, or floats in [0, 1], got {pixels.dtype} in "
                f"[{pixels.min():g}, {pixels.max():g}]."
            )
        pixels = (pixels * 255 if pixels.dtype.kind == "f" else pixels).round().astype(np.uint8)
    pixels = np.repeat(pixels, 3, axis=0) if pixels.shape[0] == 1 else pixels
    if pixels.shape[1:] == (size, size):
        return pixels.transpose(1, 2, 0) / 255
    small = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).resize(
        (size, size), Image.Resampling.BILINEAR
    )
    return np.asarray(small, dtype=np.float64) / 255
