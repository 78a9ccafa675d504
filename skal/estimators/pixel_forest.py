"""A segmenter without a net: trees on colours and edges around each pixel, fitted in a second on a laptop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skal.data import n_rows, take

_SCALES = (1.0, 2.0, 4.0, 8.0)  # pixels, of the neighbourhoods that are looked at


class PixelForest(ClassifierMixin, BaseEstimator):
    """Label the pixels of images by a forest of random trees that sees what lies around each pixel.

    Parameters
    ----------
    n_trees : int, default=25
        Trees.
    min_samples_leaf : int, default=5
        Pixels in a leaf, at least.
    max_pixels : int, default=20000
        Labelled pixels that the trees are fitted to, at most: each image gives as many as any other, and each class
        in it as many as any other, as far as there are so many.
    classes : array-like of int, default=None
        All labels there are; None: those of the masks. A class that no mask holds has probability 0.
    ignore_label : int, default=255
        Label of pixels that are void or not labelled.
    random_state : int, RandomState or None, default=None
        Seeds the trees and the draw of the pixels.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    forest_ : ExtraTreesClassifier
        Fitted to pixels.

    Notes
    -----
    A pixel has 29 numbers: its colour, the mean colours, the edge, the contrast and the variance of the light around
    it at four scales (1, 2, 4 and 8 pixels), and its place in the image. On one core, 96 x 96 pixels take about 40 ms
    to predict, and a fit half a second. Where there is a GPU or time, `skal.neural.NeuralSegmenter` learns more.

    References
    ----------
    .. [1] Sommer et al., "ilastik: interactive learning and segmentation toolkit", ISBI 2011: trees on features of
       several scales, fitted again after a few strokes.
    .. [2] Geurts, Ernst & Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.zeros((2, 3, 16, 16), dtype=np.uint8)
    >>> images[:, :, :, 8:] = 200
    >>> masks = np.full((2, 16, 16), 255)
    >>> masks[:, :4, :6], masks[:, :4, 10:] = 0, 1
    >>> model = PixelForest(random_state=0).fit(images, masks)
    >>> model.predict(images)[0, 12].tolist()
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    """

    def __init__(
        self,
        n_trees: int = 25,
        *,
        min_samples_leaf: int = 5,
        max_pixels: int = 20_000,
        classes: Any = None,
        ignore_label: int = 255,
        random_state: Any = None,
    ) -> None:
        self.n_trees = n_trees
        self.min_samples_leaf = min_samples_leaf
        self.max_pixels = max_pixels
        self.classes = classes
        self.ignore_label = ignore_label
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> PixelForest:
        """Fit the trees to labelled pixels.

        Parameters
        ----------
        X : container of n images (C, H, W)
            Bytes, or floats in [0, 1].
        y : container of n masks (H, W)
            `ignore_label` where a pixel has no label.

        Returns
        -------
        PixelForest
            Itself.

        Raises
        ------
        ValueError
            If a setting is out of its range, a mask does not fit its image, or no pixel is labelled.
        """
        for name in ("n_trees", "min_samples_leaf", "max_pixels"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"PixelForest: {name} must be an int >= 1, got {value!r}.")
        n = n_rows(X)
        if n == 0 or n != n_rows(y):
            raise ValueError(f"PixelForest: one mask for each image is needed, got {n_rows(y)} for {n} images.")
        rng = check_random_state(self.random_state)
        quota = max(self.max_pixels // n, 1)
        rows, labels = [], []
        for row in range(n):
            image, mask = _checked_image(take(X, row)), np.asarray(take(y, row))
            if mask.shape != image.shape[1:] or mask.dtype.kind not in "iub":
                raise ValueError(
                    f"PixelForest: mask {row} must be whole numbers of the size of its image, {image.shape[1:]}, got "
                    f"{mask.dtype} of shape {mask.shape}."
                )
            drawn = _drawn(mask.ravel(), quota, self.ignore_label, rng)
            rows.append(_features(image).reshape(-1, mask.size).T[drawn])
            labels.append(mask.ravel()[drawn])
        known = np.concatenate(labels)
        if not len(known):
            raise ValueError(
                f"PixelForest: all pixels of the {n} masks are void ({self.ignore_label}), so there is nothing to "
                "learn from. Label a pixel."
            )
        self.classes_ = np.unique(known) if self.classes is None else np.unique(np.asarray(self.classes))
        if len(unknown := np.setdiff1d(known, self.classes_)):
            raise ValueError(
                f"PixelForest: labels of masks must be among classes={self.classes_.tolist()} or "
                f"ignore_label={self.ignore_label}, got {unknown[:5].tolist()}."
            )
        seed = int(rng.randint(2**31 - 1))
        self.forest_ = ExtraTreesClassifier(
            self.n_trees, min_samples_leaf=self.min_samples_leaf, random_state=seed
        ).fit(np.concatenate(rows), known)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Class probabilities of pixels, in the order of ``classes_``.

        Parameters
        ----------
        X : container of n images (C, H, W)
            Of one size.

        Returns
        -------
        ndarray of float32 of shape (n, C, H, W)

        Raises
        ------
        ValueError
            If the sizes of the images differ.
        """
        check_is_fitted(self)
        found = list(self._probabilities(X))
        if len({P.shape for P in found}) > 1:
            raise ValueError("PixelForest: predict_proba needs images of one size. Resize them, or call predict.")
        return np.stack(found) if found else np.empty((0, len(self.classes_), 0, 0), dtype=np.float32)

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most probable label of each pixel.

        Parameters
        ----------
        X : container of n images (C, H, W)
            Of any sizes.

        Returns
        -------
        ndarray of shape (n, H, W), or of n arrays (H_i, W_i)
            Labels; an object array where the sizes differ.
        """
        check_is_fitted(self)
        found = [self.classes_[P.argmax(axis=0)] for P in self._probabilities(X)]
        if len({mask.shape for mask in found}) == 1:
            return np.stack(found)
        out = np.empty(len(found), dtype=object)
        out[:] = found
        return out

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Describe images by the mean and the spread of what the trees see at their pixels.

        Parameters
        ----------
        X : container of n images (C, H, W)
            Of any sizes.

        Returns
        -------
        ndarray of float32 of shape (n, 2 d)
        """
        check_is_fitted(self)
        seen = (_features(_checked_image(take(X, row))) for row in range(n_rows(X)))
        found = [np.concatenate([F.mean(axis=(1, 2)), F.std(axis=(1, 2))]) for F in seen]
        return np.array(found, dtype=np.float32).reshape(len(found), -1)

    def _probabilities(self, X: Any) -> Iterator[NDArray[np.float32]]:
        places = np.searchsorted(self.classes_, self.forest_.classes_)
        for row in range(n_rows(X)):
            F = _features(_checked_image(take(X, row)))
            P = np.zeros((len(self.classes_), *F.shape[1:]), dtype=np.float32)
            P[places] = self.forest_.predict_proba(F.reshape(len(F), -1).T).T.reshape(len(places), *F.shape[1:])
            yield P


def _drawn(labels: NDArray[Any], quota: int, ignore_label: int, rng: np.random.RandomState) -> NDArray[np.intp]:
    """Places of labelled pixels, at most `quota`, of each class about as many, in the order of the image."""
    places = np.flatnonzero(labels != ignore_label)
    if len(places) <= quota:
        return places
    shuffled = rng.permutation(places)
    turn = np.empty(len(shuffled), dtype=np.intp)
    for label in np.unique(labels[places]):
        own = labels[shuffled] == label
        turn[own] = np.arange(own.sum())
    return np.sort(shuffled[np.argsort(turn, kind="stable")[:quota]])


def _checked_image(image: Any) -> NDArray[np.float32]:
    pixels = np.asarray(image)
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3 or pixels.size == 0 or pixels.dtype.kind not in "uif":
        raise ValueError(
            f"PixelForest: rows must be images of shape (C, H, W), got {pixels.dtype} of shape {pixels.shape}."
        )
    if not np.isfinite(pixels).all():
        raise ValueError("PixelForest: pixels must be finite, got NaN or infinity.")
    scale = np.float32(1 if pixels.dtype.kind == "f" else 255)
    return np.asarray(pixels, dtype=np.float32) / scale


def _features(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the trees see of each pixel, (d, H, W)."""
    from scipy.ndimage import gaussian_filter

    _, height, width = image.shape
    light = image.mean(axis=0)
    found: list[Any] = [*image]
    finer = light
    for scale in _SCALES:
        smooth = [gaussian_filter(channel, scale) for channel in image]
        around = np.mean(smooth, axis=0)
        down, across = (np.gradient(around, axis=axis) if around.shape[axis] > 1 else 0 * around for axis in (0, 1))
        variance = gaussian_filter((light - around) ** 2, scale)
        found += [*smooth, np.hypot(down, across), finer - around, variance]
        finer = around
    rows, columns = np.mgrid[:height, :width]
    return np.stack([*found, (rows + 0.5) / height, (columns + 0.5) / width]).astype(np.float32)
