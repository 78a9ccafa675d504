"""Images as a net for segmentation reads them: of one size, or of sizes that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from skal.data import RowView, n_rows, pixel_kind, take, to_numpy
from skal.training.inputs import Inputs

__all__ = ["ImageInputs", "image_sizes", "is_dataset", "pixels_of", "sizes_may_differ"]

_PIXELS_A_BATCH = 2**18  # in reading: what goes through the layers is many times as large


@dataclass(frozen=True)
class ImageInputs(Inputs):
    """What is done to an image before the net sees it.

    Attributes
    ----------
    shape : (C, H, W)
        Of the first image; at `size` where that is given.
    size : (int, int) or None
        Height and width that every image is resized to, bilinearly with antialiasing; None: none is resized.
    sizes_differ : bool
        Whether images that are trained on are read one by one, since they cannot be stacked.
    """

    size: tuple[int, int] | None = None
    sizes_differ: bool = False

    @classmethod
    def of_images(cls, X: Any, size: tuple[int, int] | None, sizes_differ: bool) -> ImageInputs:
        """Look at the first image."""
        n_channels, *own = np.shape(pixels_of(X, 0))
        shape = (n_channels, *(own if size is None else size))
        return cls(shape, pixels=pixel_kind(X), size=size, sizes_differ=sizes_differ)

    @property
    def is_uniform(self) -> bool:
        """Whether images come out in one size, so that they can be kept in one tensor."""
        return not self.sizes_differ

    def same_net(self, other: Inputs) -> bool:
        """Tell whether a net for images of the one reads images of the other: of any size."""
        return self.shape[0] == other.shape[0]

    def parts(self, rows: Any) -> list[Any]:
        """Cut a block into containers of images of one size each."""
        if isinstance(rows, np.ndarray) and rows.dtype != object:
            return [rows]
        if self.size is not None or len(set(image_sizes(rows))) <= 1:
            return [rows]
        return [take(rows, slice(row, row + 1)) for row in range(n_rows(rows))]

    def scoring_batch(self, X: Any, device: torch.device) -> int:
        """Rows a batch in reading, by the images that are read: those of a fit may have been smaller.

        A power of two, so that blocks of images are whole batches.
        """
        height, width = self.size or (np.shape(pixels_of(X, 0))[1:] if n_rows(X) else self.shape[1:])
        rows = int(np.clip(_PIXELS_A_BATCH // max(height * width, 1), 1, 64))
        rows = 1 << (rows.bit_length() - 1)
        return rows if device.type == "cpu" else 8 * rows

    def tensor(self, rows: Any) -> torch.Tensor:
        """Images of one size, or of any where there is a `size`, as (b, C, H, W) on the host; bytes stay bytes."""
        if isinstance(rows, np.ndarray) and rows.dtype != object:
            return self._resized(self._tensor(rows))
        images = [self._resized(self._tensor(pixels_of(rows, row)[None])) for row in range(n_rows(rows))]
        sizes = {tuple(image.shape[2:]) for image in images}
        if len(sizes) > 1:
            raise ValueError(
                f"images of one batch have sizes {sorted(sizes)[:3]}. Set size=(height, width), to which all are "
                "resized, or crop_size= for training."
            )
        return torch.cat(images)

    def _tensor(self, images: np.ndarray[Any, Any]) -> torch.Tensor:
        if images.ndim != 4 or images.shape[1] != self.shape[0]:
            raise ValueError(
                f"images must have shape ({self.shape[0]}, H, W), as in fit, got {tuple(images.shape[1:])}."
            )
        return self.scaled(images)

    def _resized(self, x: torch.Tensor) -> torch.Tensor:
        if self.size is None or tuple(x.shape[2:]) == self.size:
            return x
        return F.interpolate(x, size=self.size, mode="bilinear", antialias=True)


def pixels_of(X: Any, row: int) -> Any:
    """Return one image (C, H, W) of a container."""
    image = take(X, row)
    return image if isinstance(image, np.ndarray) else to_numpy(image)


def is_dataset(X: Any) -> bool:
    """Tell whether images come from a Dataset, where a look at one reads it."""
    source = X.X if isinstance(X, RowView) else X
    return not isinstance(source, (list, tuple)) and not hasattr(source, "shape")


def sizes_may_differ(X: Any) -> bool:
    """Tell whether images may have to be taken one by one: a list is looked at, a Dataset is not."""
    return is_dataset(X) or len(set(image_sizes(X))) > 1


def image_sizes(X: Any) -> list[tuple[int, int]]:
    """Height and width of each image; a Dataset is read for them."""
    source = X.X if isinstance(X, RowView) else X
    shape = getattr(source, "shape", ())
    if len(shape) == 4:
        return [tuple(shape[2:])] * n_rows(X)
    return [np.shape(pixels_of(X, row))[1:] for row in range(n_rows(X))]
