"""Containers: the one room that knows what kind of `X` it holds.

A pool may be an ndarray of any dimension, a memory map, a scipy sparse matrix or array, a pandas or
polars frame, one of pandas' extension arrays, a list, a dict of columns, a torch tensor, a torch Dataset,
an array with ``shape``, ``dtype`` and slices (h5py, zarr, dask), or a `RowView` of any of these. Rows are
always taken by position, never by label, and read in blocks, so that a pool on disk costs the memory of
one block. Masked arrays are refused.
"""

from skal.data._blocks import block_rows, blocks
from skal.data._concatenate import RowBuffer, concatenate
from skal.data._finite import non_finite_rows
from skal.data._keys import row_keys
from skal.data._pixels import PixelKind, pixel_kind
from skal.data._rows import RowView, in_memory, n_rows, take, to_numpy

__all__ = [
    "PixelKind",
    "RowBuffer",
    "RowView",
    "block_rows",
    "blocks",
    "concatenate",
    "in_memory",
    "n_rows",
    "non_finite_rows",
    "pixel_kind",
    "row_keys",
    "take",
    "to_numpy",
]
