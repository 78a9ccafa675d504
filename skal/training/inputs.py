"""How rows of a container become the floats that a net reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from sklearn.preprocessing import StandardScaler

from skal.data import PixelKind, RowView, blocks, n_rows, pixel_kind, take, to_numpy
from skal.training.contract import is_of_tokens

Standardize = bool | Literal["auto"]
# bool and bytes stay bytes until they are on the device: a quarter of the memory and of the traffic.
_BYTES = np.dtype(np.uint8)
# What the fit read, and what is no other scale, or is brought to it with certainty.
_READ: dict[str, tuple[str, ...]] = {
    "bytes": ("bytes as floats", "bright", "shares"),
    "bytes as floats": ("bytes", "bright", "floats"),
    "shares": ("bytes", "bytes as floats", "floats"),
    "either": ("bytes", "bytes as floats", "shares", "floats"),
    "bright": ("bytes as floats", "shares", "floats"),
    "floats": ("bytes as floats", "bright", "shares"),
}
_IN_WORDS = {
    "bytes": "bytes of 0 to 255",
    "bytes as floats": "whole numbers of 0 to 255",
    "shares": "floats of 0 to 1",
    "either": "zeros and ones",
    "bright": "floats of 0 to 255",
    "floats": "numbers of another range",
}
_NUMBERS_A_BATCH = 2**22  # in reading
_NUMBERS_A_BLOCK = 2**21  # of sparse rows that become dense


@dataclass(frozen=True)
class Inputs:
    """What is done to a row before the net sees it.

    Attributes
    ----------
    shape : tuple of int
        Of one row: (d,) or (C, H, W).
    mean, scale : ndarray of shape (d,) or None
        A table's columns are standardised by these; None: rows are taken as they are.
    clip : float or None
        Standardised columns are cut at this many deviations.
    tokens : bool
        Whether rows are whole numbers for an embedding, which stay whole: floats would lose those above 2**24.
    pixels : str or None
        In what numbers the images of the fit came, see `skal.data.pixel_kind`: bytes are read as shares of white, all
        others as they are. None: not images, or not known.
    came : str or None
        In what numbers the images of this container come, where these are others.
    """

    shape: tuple[int, ...]
    mean: NDArray[Any] | None = None
    scale: NDArray[Any] | None = None
    clip: float | None = None
    tokens: bool = False
    pixels: PixelKind | None = None
    came: PixelKind | None = None

    @classmethod
    def of(cls, *containers: Any, standardize: Standardize = "auto", clip: float | None = None) -> Inputs:
        """Look at all rows once, block by block.

        Parameters
        ----------
        *containers : containers of rows
            Numbers, rows of one shape.
        standardize : bool or "auto"
            Take the mean from every column of a table and divide by its standard deviation; "auto": tables
            yes. Images are never standardised: bytes become [0, 1], floats stay.
        clip : float or None, default=None
            Cut standardised columns at this many deviations, for losses that outliers would rule.
        """
        shape = tuple(to_numpy(take(containers[0], slice(0, 1))).shape[1:])
        if len(shape) == 3:
            return cls(shape, pixels=pixel_kind(containers[0]))
        if len(shape) != 1 or not standardize:
            return cls(shape)
        scaler = StandardScaler()
        for X in containers:
            for block, keep in blocks(X, dense_block_rows(X, shape)):
                scaler.partial_fit(to_numpy(block if keep is None else take(block, keep)).astype(np.float64))
        return cls(shape, scaler.mean_, scaler.scale_, clip)

    def for_module(self, module: torch.nn.Module, X: Any, who: str) -> Inputs:
        """Return the inputs of a module: of one that begins with an embedding whole numbers, as they are.

        Raises
        ------
        ValueError
            If rows for an embedding are no whole numbers.
        """
        if not is_of_tokens(module):
            return self
        first = to_numpy(take(X, slice(0, 1)))
        if first.dtype.kind not in "iu":
            raise ValueError(
                f"{who}: {type(module).__name__} begins with an embedding, so rows must be whole numbers, got "
                f"{first.dtype}. Pass X.astype(numpy.int64)."
            )
        return Inputs(self.shape, tokens=True)

    def reading(self, X: Any) -> Self:
        """Return the inputs for a container: images in other numbers than those of the fit are brought to these.

        Raises
        ------
        ValueError
            If it is not certain how.
        """
        if self.pixels is None or not n_rows(X):
            return self
        came = pixel_kind(X)
        if came in (self.pixels, "either", *_READ[self.pixels]):
            return replace(self, came=came)
        raise ValueError(
            f"images must be in the numbers of those of the fit, {_IN_WORDS[self.pixels]}, got {_IN_WORDS[came]}. "
            "Convert them: bytes are (255 * shares).round().astype(numpy.uint8), and shares are bytes / 255."
        )

    def scaled(self, images: NDArray[Any]) -> torch.Tensor:
        """Images on the host in the numbers of the fit: its bytes as bytes, all else as float32."""
        as_bytes = images.dtype == _BYTES and self.pixels in (None, "bytes", "shares", "either")
        if as_bytes:
            return torch.from_numpy(np.array(images))
        x = torch.from_numpy(images.astype(np.float32))
        in_shares = self.pixels in ("bytes", "shares", "either")
        return x.div_(255) if in_shares and self.came in ("bytes as floats", "bright") else x

    @property
    def is_uniform(self) -> bool:
        """Whether all rows have one shape, so that they can be kept in one tensor."""
        return True

    def same_net(self, other: Inputs) -> bool:
        """Tell whether a net for rows of the one reads rows of the other."""
        return self.shape == other.shape

    def parts(self, rows: Any) -> list[Any]:
        """Cut a block into containers of rows of one shape each."""
        return [rows]

    def scoring_batch(self, X: Any, device: torch.device) -> int:
        """Rows a batch in reading."""
        return scoring_batch(self.shape, device)

    def tensor(self, rows: Any) -> torch.Tensor:
        """Rows on the host: bytes of images as bytes, all else float32, standardised if it is a table."""
        array = to_numpy(rows)
        if tuple(array.shape[1:]) != self.shape:
            raise ValueError(f"rows must have shape {self.shape}, as in fit, got {tuple(array.shape[1:])}.")
        if self.tokens:
            if array.dtype.kind not in "iu":
                raise ValueError(f"rows must be whole numbers, as in fit, got {array.dtype}. Pass X.astype(int).")
            return torch.from_numpy(array.astype(np.int64))
        if self.mean is not None:
            array = (array.astype(np.float64) - self.mean) / self.scale
            array = array if self.clip is None else array.clip(-self.clip, self.clip)
        elif array.ndim > 2:
            return self.scaled(array)
        return torch.from_numpy(array.astype(np.float32))

    @staticmethod
    def floats(x: torch.Tensor) -> torch.Tensor:
        """Batch on the device as floats; bytes become [0, 1]."""
        return x.float().div_(255) if x.dtype == torch.uint8 else x


def scoring_batch(shape: tuple[int, ...], device: torch.device) -> int:
    """Rows a batch: the same for the same kind of rows, since the size moves results in the last digits."""
    size = int(np.prod(shape, dtype=np.int64))
    rows = int(np.clip(_NUMBERS_A_BATCH // (max(size, 1) * 4), 8, 256))
    return rows if device.type == "cpu" else 4 * rows


def dense_block_rows(X: Any, shape: tuple[int, ...]) -> int | None:
    """Rows of a block where sparse ones become dense; None where rows are dense as they are."""
    source = X.X if isinstance(X, RowView) else X
    return max(1, _NUMBERS_A_BLOCK // max(shape[0], 1)) if sparse.issparse(source) else None


class Rows:
    """Rows of a container as batches on a device: all of them kept there, or read when they are asked for.

    Parameters
    ----------
    X : container of n rows
        Whatever `skal.data` names, of numbers.
    inputs : Inputs
        How a row becomes numbers.
    device : torch.device
        Where batches go.
    keep : bool or "auto", default="auto"
        Keep all rows on the device. "auto": where they take less than a quarter of what is free on a GPU, and
        on the host where they are a table of less than 1 GiB that is in memory already. A file on disk
        (memory map, Dataset) and sparse rows cost one batch.
    """

    def __init__(self, X: Any, inputs: Inputs, device: torch.device, keep: Standardize = "auto") -> None:
        self.X = X
        self.inputs = inputs.reading(X)
        self.device = device
        self.kept: torch.Tensor | None = None
        if keep is True or (keep == "auto" and self._fits()):
            self.kept = self._read_all()

    def __len__(self) -> int:
        return n_rows(self.X)

    def batch(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows (on the host, int64) as a tensor on the device; bytes stay bytes."""
        if self.kept is not None:
            return self.kept[rows.to(self.device, non_blocking=True)]
        return self._finite(self.inputs.tensor(take(self.X, rows.numpy())), rows).to(self.device, non_blocking=True)

    def _finite(self, x: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Rows as they are, or raise with the first that a net would learn nothing but NaN from."""
        if x.is_floating_point() and not bool(torch.isfinite(x.sum())):
            bad = torch.nonzero(~torch.isfinite(x).flatten(1).all(dim=1)).flatten()
            if len(bad):
                row = int(rows[bad[0]])
                row = int(self.X.rows[row]) if isinstance(self.X, RowView) else row
                raise ValueError(
                    f"rows must be finite, got NaN or infinity in row {row} ({len(bad)} of {len(x)} read with it). "
                    "Leave such rows out, or mend what reads them."
                )
        return x

    def _fits(self) -> bool:
        source = self.X.X if isinstance(self.X, RowView) else self.X
        if not self.inputs.is_uniform or sparse.issparse(source):
            return False  # sparse rows become dense batch by batch
        # Bytes of images are kept as bytes; where that is not known they are counted as floats.
        itemsize = 1 if getattr(source, "dtype", None) == _BYTES and len(self.inputs.shape) > 1 else 4
        size = len(self) * int(np.prod(self.inputs.shape, dtype=np.int64)) * itemsize
        if self.device.type == "cuda":
            return size < torch.cuda.mem_get_info(self.device)[0] // 4
        in_memory = hasattr(source, "shape") and not isinstance(source, np.memmap)
        return in_memory and len(self.inputs.shape) == 1 and size < 2**30

    def _read_all(self) -> torch.Tensor:
        parts: list[torch.Tensor] = []
        n_read = 0
        for block, keep in blocks(self.X, dense_block_rows(self.X, self.inputs.shape)):
            part = self.inputs.tensor(block if keep is None else take(block, keep))
            parts.append(self._finite(part, torch.arange(n_read, n_read + len(part))).to(self.device))
            n_read += len(part)
        return torch.cat(parts) if parts else torch.empty((0, *self.inputs.shape), device=self.device)
