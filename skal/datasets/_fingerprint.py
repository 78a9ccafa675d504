"""A digest of data that depends on their values alone: not on layout, byte order or process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_BLOCK = 2**20  # bytes hashed at a time
_PLAIN = "biufcmM"  # kinds of dtypes whose bytes are their values
_TEXT = 256  # bytes that a value of text is taken for, when blocks are cut


def fingerprint(*parts: Any) -> str:
    """Digest arrays, tables and None: the first 16 hexadecimal digits of one SHA-256 over all of them."""
    digest = hashlib.sha256()
    for part in parts:
        for piece in _pieces(part):
            digest.update(piece)
    return digest.hexdigest()[:16]


def _pieces(part: Any) -> Iterator[bytes]:
    if part is None:
        return iter((b"nothing;",))
    if hasattr(part, "detach"):  # a tensor, perhaps on a device
        part = part.detach().cpu().numpy()
    if hasattr(part, "iloc"):
        return _frame(part) if hasattr(part, "columns") else _column(part)
    if sparse.issparse(part):
        return _sparse(part)
    if isinstance(part, Mapping):
        return _columns(part)
    if isinstance(part, (list, tuple)):
        try:
            return _array(np.asarray(part))
        except ValueError:  # rows of unequal length
            return _items(part)
    if getattr(part, "shape", ()) and hasattr(part, "__array__"):
        return _array(part)
    if hasattr(part, "__len__") and hasattr(part, "__getitem__") and not isinstance(part, (str, bytes)):
        return _items(part)
    raise TypeError(f"A fingerprint is taken of arrays, tables and sequences, got {type(part).__name__}.")


def _array(array: Any) -> Iterator[bytes]:
    """Whatever can be sliced by rows into arrays: nothing but a block is in memory at a time."""
    shape = tuple(array.shape)
    width = int(np.prod(shape[1:], dtype=np.int64))
    dtype = np.asarray(array[:1]).dtype
    if not _is_plain(dtype):
        yield f"text {shape};".encode()
        for start, stop in _steps(shape[0], width * _TEXT):
            yield b"".join(map(_text, np.asarray(array[start:stop], dtype=object).flat))
        return
    little = dtype.newbyteorder("<")
    yield f"array {shape} {little.str};".encode()
    for start, stop in _steps(shape[0], width * dtype.itemsize):
        yield np.asarray(array[start:stop]).astype(little, order="C", copy=False).tobytes()


def _frame(frame: Any) -> Iterator[bytes]:
    """A frame of one plain dtype is the array that it stands for; any other, one column after another."""
    dtypes = set(frame.dtypes)
    if len(dtypes) == 1 and _is_plain(dtypes.pop()):
        yield from _array(_Rows(frame))
        return
    yield f"frame {frame.shape};".encode()
    for place in range(frame.shape[1]):
        yield from _column(frame.iloc[:, place])


def _column(column: Any) -> Iterator[bytes]:
    if _is_plain(column.dtype):
        return _array(column.to_numpy())
    return _array(_Rows(column.astype(object)))


class _Rows:
    """A frame or column of pandas as an array that is made slice by slice."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.shape = frame.shape

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        values: NDArray[Any] = self._frame.iloc[rows].to_numpy()
        return values


def _sparse(matrix: Any) -> Iterator[bytes]:
    """Nonzero values and their places, whatever the format."""
    csr = sparse.csr_array(matrix, copy=True)
    csr.sum_duplicates()
    csr.eliminate_zeros()
    yield f"sparse {csr.shape};".encode()
    for part in (csr.indptr.astype(np.int64), csr.indices.astype(np.int64), csr.data):
        yield from _array(part)


def _columns(columns: Mapping[Any, Any]) -> Iterator[bytes]:
    yield f"columns {len(columns)};".encode()
    for column in columns.values():
        yield from _pieces(column)


def _items(items: Any) -> Iterator[bytes]:
    """Rows of unequal shape, or those of a torch Dataset: an item (x, y, ...) counts as x there."""
    is_dataset = not isinstance(items, (list, tuple))
    yield f"items {len(items)};".encode()
    for place in range(len(items)):
        item = items[place]
        item = item[0] if is_dataset and isinstance(item, (list, tuple)) else item
        yield from _pieces(item) if np.ndim(item) else (_text(item),)


def _is_plain(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in _PLAIN


def _steps(n: int, row_bytes: int) -> Iterator[tuple[int, int]]:
    rows = max(1, _BLOCK // max(1, row_bytes))
    return ((start, min(start + rows, n)) for start in range(0, n, rows))


def _text(value: Any) -> bytes:
    """One value with its type and length, so that no two lists of values look alike."""
    value = value.item() if isinstance(value, np.generic) else value
    kind = type(value).__name__
    if value is None or kind in ("NAType", "NaTType") or (isinstance(value, float) and value != value):
        return b"missing;"
    content = str(value).encode("utf-8", "surrogatepass")
    return f"{kind} {len(content)}:".encode() + content
