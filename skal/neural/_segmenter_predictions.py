"""What a trained segmenter tells of images: labels and probabilities of pixels, features, and a score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from skal.data import RowView, n_rows, take
from skal.labels import labeled_part, unlabeled_mask
from skal.masks import Confusion, checked_mask, mask_classes
from skal.neural._head_features import MapFeatures
from skal.training import ImageInputs, image_sizes, logits_of, read_batches

__all__ = ["SegmenterPredictions", "mean_iou", "small_labels", "stacked"]


class SegmenterPredictions(MapFeatures):
    """Base of a segmenter around a net: all that is read once it is trained; training is the subclass's."""

    ignore_label: int
    inputs_: ImageInputs

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most probable label of each pixel.

        Parameters
        ----------
        X : container of n images
            As in `fit`, of any sizes.

        Returns
        -------
        ndarray of shape (n, H, W), or of n arrays (H_i, W_i)
            Labels at the sizes of the images, uint8 where they fit; an object array where the sizes differ.

        Notes
        -----
        Probabilities are not kept: memory of one batch beside the result.
        """
        X = self._read_rows(X)
        return stacked(list(self._label_maps(X)))

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Class probabilities of pixels, in the order of ``classes_``.

        Parameters
        ----------
        X : container of n images
            As in `fit`.

        Returns
        -------
        ndarray of float32 of shape (n, C, H, W)
            Each pixel's add up to one. At `size` where that is given, else at the size of the images.

        Raises
        ------
        ValueError
            If the sizes of the images differ and there is no `size`.

        Notes
        -----
        Memory of ``4 n C H W`` bytes: a pool is read in blocks by ``skal.outputs.proba(model, X, then=score)``.
        """
        return self._read_proba(X, lambda x: self._proba(self._logits(x)))

    def sampled_proba(
        self, X: Any, n_samples: int = 10, random_state: int | np.random.RandomState | None = None
    ) -> NDArray[np.float32]:
        """Class probabilities of pixels under sampled dropout masks (MC dropout).

        Parameters
        ----------
        X : container of n images
            As in `fit`.
        n_samples : int, default=10
            Masks. Each is shared by all images.
        random_state : int, RandomState or None, default=None
            Seeds the masks; None: as in `fit`, where that has a seed.

        Returns
        -------
        ndarray of float32 of shape (n_samples, n, C, H, W)
            Dropout is on, batch normalisation is not.

        Raises
        ------
        TypeError
            If the net has no dropout: ``module__dropout=0.25`` of `skal.nets.UNet`.
        ValueError
            As of `predict_proba`.

        References
        ----------
        .. [1] Gal & Ghahramani, "Dropout as a Bayesian approximation", ICML 2016, equation 6.
        """
        return self._sampled(X, n_samples, random_state)

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Embed images: the mean over pixels of what goes into the convolution whose output the net returns.

        Parameters
        ----------
        X : container of n images
            As in `fit`, of any sizes.

        Returns
        -------
        ndarray of float32 of shape (n, d)
            One vector an image, d channels; of the layer that `embedding_layer` names where that is given.

        Raises
        ------
        TypeError
            If the net has no convolution.
        ValueError
            If `embedding_layer` names no layer of the net.

        Warns
        -----
        UserWarning
            If it cannot be told which layer's output is returned; then it is the convolution that runs last.
        """
        return self._features(X)

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Mean intersection over union of the classes that occur in the masks or in the predictions.

        Parameters
        ----------
        X : container of n images
            As in `fit`, of any sizes.
        y : masks of n images
            Images without one (None) are left out; pixels of `ignore_label` count nowhere.
        sample_weight : None
            Not offered: pixels are counted.

        Returns
        -------
        float
            In [0, 1].

        Notes
        -----
        Counts are added up image by image: memory of one batch.
        """
        if sample_weight is not None:
            raise ValueError(f"{type(self).__name__}: score counts pixels and takes no sample_weight.")
        X = self._read_rows(X)
        if unlabeled_mask(y).any():
            rows, y = labeled_part(y)
            X = RowView(X, rows)
        return mean_iou(self.classes_, self.ignore_label, y, self._label_maps(X))

    def numbers_per_row(self, X: Any) -> int:
        """Numbers that `predict_proba` gives an image: by this, blocks of images are cut that fit the memory.

        Parameters
        ----------
        X : container of n images
            As in `fit`.
        """
        size = self.inputs_.size or (image_sizes(take(X, slice(0, 1)))[0] if n_rows(X) else (0, 0))
        return len(self.classes_) * size[0] * size[1]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags

    def _passed(self, x: Tensor) -> Tensor:
        return logits_of(super()._passed(x))

    def _proba(self, logits: Tensor) -> Tensor:
        """Float32, for there are many: each is right to about 1e-7."""
        return torch.softmax(logits.float()[:, : len(self.classes_)], dim=1)

    def _read_proba(self, X: Any, forward: Callable[[Tensor], Tensor]) -> NDArray[Any]:
        """Read maps, or refuse images of a size that the first had not."""
        seen: list[tuple[int, ...]] = []

        def checked(x: Tensor) -> Tensor:
            seen.append(tuple(x.shape[2:]))
            if seen[0] != seen[-1]:
                raise ValueError(
                    f"{type(self).__name__}: probabilities are read at one size, and images have sizes {seen[0]}, "
                    f"{seen[-1]}. Set size=(height, width), to which all are resized; predict takes them as they are."
                )
            return forward(x)

        return self._read(X, checked)

    def _label_maps(self, X: Any) -> Iterator[NDArray[Any]]:
        """Predicted labels of each image (H, W), at its own size."""
        n_classes, labels = len(self.classes_), small_labels(self.classes_)
        for rows, x in read_batches(X, self.inputs_, self._module_device()):
            with torch.inference_mode():
                logits = self._logits(x)[: n_rows(rows), :n_classes].float()
                sizes = image_sizes(rows)
                if len(set(sizes)) == 1:
                    yield from labels[_most_probable(logits, sizes[0])]
                else:
                    for row, size in enumerate(sizes):
                        yield from labels[_most_probable(logits[row : row + 1], size)]


def _most_probable(logits: Tensor, size: tuple[int, int]) -> NDArray[Any]:
    """Positions of the largest logits at a size, (b, H, W)."""
    if tuple(logits.shape[2:]) != size:
        logits = F.interpolate(logits, size=size, mode="bilinear")
    codes = logits.argmax(dim=1)
    return np.asarray((codes.byte() if logits.shape[1] <= 256 else codes).cpu().numpy())


def small_labels(classes: NDArray[Any]) -> NDArray[Any]:
    """Labels as bytes where they fit: a label map of int64 is eight times as large."""
    return classes.astype(np.uint8) if classes[0] >= 0 and classes[-1] < 256 else classes


def stacked(masks: list[NDArray[Any]]) -> NDArray[Any]:
    """Masks as an array (n, H, W), or as an object array where their sizes differ."""
    if len({mask.shape for mask in masks}) == 1:
        return np.stack(masks)
    out = np.empty(len(masks), dtype=object)
    for row, mask in enumerate(masks):
        out[row] = mask
    return out


def mean_iou(classes: NDArray[Any], ignore_label: int, y: Any, predictions: Iterator[NDArray[Any]]) -> float:
    """Mean intersection over union of predictions that come one by one; labels that nobody learnt count as wrong."""
    confusion = Confusion(classes=np.union1d(classes, mask_classes(y, ignore_label)), ignore_label=ignore_label)
    for row, predicted in enumerate(predictions):
        truth = checked_mask(take(y, row), predicted.shape, None, ignore_label, "score", row=row, allow_void=True)
        confusion.add(truth, predicted)
    return confusion.mean_iou()
