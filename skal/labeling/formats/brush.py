"""The brush of Label Studio: masks as the run lengths that its JSON holds.

The format is that of rle-pack by Karsten Schmidt (@thi.ng/rle-pack), a stream of bits, most significant first: 32
bits for the number of values; 5 bits for the width of a value minus one; four times 4 bits for the width of a length
minus one; then chunks. A chunk is 1 bit (1: one value repeated, 0: different values), 2 bits that choose one of the
four widths, the length minus one, and the value or values. Label Studio packs the pixels of a drawing in it, row by
row, four bytes for each; a pixel belongs to the mask if its last byte, the opacity, is not 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

_WIDTHS = (3, 4, 8, 16)  # bits of a length: those that Label Studio's own tools write
_LONGEST = 2 ** _WIDTHS[-1]
_HEADER = 32 + 5 + 4 * 4
_CHANNELS = 4
_OPAQUE = 255


def brush_of_mask(mask: ArrayLike) -> list[int]:
    """Pack a mask for Label Studio.

    Parameters
    ----------
    mask : array_like of bool of shape (H, W)
        Pixels that the brush has painted.

    Returns
    -------
    list of int
        Bytes, as they stand in the entry "rle" of its JSON; they are those that Label Studio's converter writes.

    Notes
    -----
    Time and memory grow with the number of runs, which is at most that of the pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from skal.labeling.formats import brush_of_mask, mask_of_brush
    >>> mask = np.array([[True, False], [False, False]])
    >>> packed = brush_of_mask(mask)
    >>> mask_of_brush(packed, (2, 2)).tolist()
    [[True, False], [False, False]]
    """
    painted = np.asarray(mask)
    if painted.ndim != 2 or painted.dtype != bool:
        raise ValueError(
            f"brush_of_mask: mask must be an array of bool of shape (H, W), got {painted.dtype} of shape "
            f"{painted.shape}. For one class of a mask of classes pass mask == that class."
        )
    lengths, values = _runs(painted.ravel())
    lengths, values = _cut(lengths * _CHANNELS, values * _OPAQUE)
    choice = np.searchsorted(2 ** np.array(_WIDTHS), lengths)  # the narrowest that holds the length
    width = np.array(_WIDTHS)[choice]
    # One chunk: 1 bit "repeated", 2 bits choice, the length less one, 8 bits value. A single value is no exception
    # but in the first bit.
    repeated = (lengths > 1).astype(np.int64)
    codes = (((((repeated << 2) | choice) << width) | (lengths - 1)) << 8) | values
    bits = np.concatenate([_bits(_header(painted.size * _CHANNELS), _HEADER), _many_bits(codes, width + 11)])
    packed = np.packbits(bits).tolist()
    return packed if len(bits) % 8 else [*packed, 0]  # the converter always fills up, and by a whole byte if need be


def mask_of_brush(packed: Sequence[int], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Unpack a mask of Label Studio.

    Parameters
    ----------
    packed : sequence of int
        Bytes of the entry "rle".
    shape : (int, int)
        Height and width of the image: "original_height" and "original_width".

    Returns
    -------
    ndarray of bool of shape (H, W)
        Pixels whose opacity is not 0.

    Raises
    ------
    ValueError
        If the bytes are no such mask, or one of another size.
    """
    height, width = shape
    n = height * width * _CHANNELS
    data = _bytes(packed)
    reader = _Reader(data)
    if len(data) * 8 < _HEADER:
        raise ValueError(f"the brush has {len(data)} bytes, which is less than its own head.")
    found = reader.read(32)
    if found != n:
        raise ValueError(
            f"the brush has {found // _CHANNELS} pixels, and the image {height} x {width} = {n // _CHANNELS}."
        )
    value_width = reader.read(5) + 1
    if value_width > 8:
        raise ValueError(f"the brush has values of {value_width} bits, and pixels have 8.")
    widths = [reader.read(4) + 1 for _ in range(4)]
    out = np.empty(n, dtype=np.uint8)
    at = 0
    while at < n:
        is_repeated = reader.read(1)
        end = at + reader.read(widths[reader.read(2)]) + 1
        if end > n:
            raise ValueError("the brush holds more pixels than it says.")
        out[at:end] = reader.read(value_width) if is_repeated else reader.read_many(end - at, value_width)
        at = end
    return out[_CHANNELS - 1 :: _CHANNELS].reshape(height, width) > 0


class _Reader:
    """Reads numbers from bits."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.end = 8 * len(data)

    def read(self, width: int) -> int:
        """Return the number in the next bits."""
        first, self.at = self.at, self._past(width)
        last = (self.at + 7) >> 3
        held = int.from_bytes(self.data[first >> 3 : last], "big")
        return (held >> (8 * last - self.at)) & ((1 << width) - 1)

    def read_many(self, n: int, width: int) -> NDArray[np.uint8]:
        """Return numbers of the same width, of at most 8 bits each."""
        first, self.at = self.at, self._past(n * width)
        held = np.frombuffer(self.data[first >> 3 : (self.at + 7) >> 3], dtype=np.uint8)
        bits = np.unpackbits(held)[first & 7 :][: n * width].reshape(n, width)
        return (bits << np.arange(width - 1, -1, -1, dtype=np.uint8)).sum(axis=1, dtype=np.uint8)

    def _past(self, n_bits: int) -> int:
        if self.at + n_bits > self.end:
            raise ValueError("the brush ends in the middle of a mask.")
        return self.at + n_bits


def _bytes(packed: Sequence[int]) -> bytes:
    try:
        if not isinstance(packed, Sequence):  # bytes(7) would be seven zeros
            raise TypeError
        return bytes(packed)
    except (TypeError, ValueError) as error:
        raise ValueError("a brush must be a list of bytes (whole numbers from 0 to 255).") from error


def _runs(flat: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lengths and values of runs of equal values."""
    if not len(flat):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    return np.diff(np.append(starts, len(flat))), flat[starts].astype(np.int64)


def _cut(lengths: NDArray[np.int64], values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut runs that are longer than a length can say."""
    n_parts = -(-lengths // _LONGEST)
    parts = np.full(n_parts.sum(), _LONGEST)
    parts[np.cumsum(n_parts) - 1] = lengths - (n_parts - 1) * _LONGEST
    return parts, np.repeat(values, n_parts)


def _header(n_values: int) -> int:
    head = (n_values << 5) | (8 - 1)
    for width in _WIDTHS:
        head = (head << 4) | (width - 1)
    return head


def _bits(number: int, width: int) -> NDArray[np.uint8]:
    return np.array([(number >> place) & 1 for place in range(width - 1, -1, -1)], dtype=np.uint8)


def _many_bits(codes: NDArray[np.int64], widths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The bits of numbers of different widths, one after the other."""
    ends = np.cumsum(widths)
    place = np.repeat(ends, widths) - 1 - np.arange(widths.sum())  # of each bit in its number, 0 for the last
    return ((np.repeat(codes, widths) >> place) & 1).astype(np.uint8)
