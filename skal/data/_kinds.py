"""What kind of container is at hand, told without importing a package that nobody has imported yet."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse


def is_columns(X: Any) -> bool:
    """A dict of columns; a dictionary-of-keys sparse matrix is a mapping too, of another kind."""
    return isinstance(X, Mapping) and not sparse.issparse(X)


def is_pandas(X: Any) -> bool:
    return hasattr(X, "iloc")


def is_extension(X: Any) -> bool:
    """An array of pandas that is no ndarray, which ``.values`` of many columns is: text, categories, Int64, Arrow."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(X, pandas.api.extensions.ExtensionArray)


def is_polars(X: Any) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(X, (polars.DataFrame, polars.Series))


def is_tensor(X: Any) -> bool:
    # No import: whoever holds a tensor has imported torch already.
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(X, torch.Tensor)


def is_sliced(X: Any) -> bool:
    """An array of another house, as a rule on disk: with shape, dtype and slices, such as of h5py, zarr and dask.

    A Dataset of torch has no shape, and a sparse matrix or array of pandas is of a kind of its own.
    """
    if isinstance(X, (np.ndarray, np.generic)) or is_pandas(X) or is_polars(X) or is_tensor(X) or is_extension(X):
        return False
    shape = getattr(X, "shape", None)
    return (
        isinstance(shape, tuple)
        and len(shape) > 0
        and hasattr(X, "dtype")
        and hasattr(X, "__getitem__")
        and not sparse.issparse(X)
    )


def refuse_loader(X: Any) -> None:
    """Raise if this is a DataLoader of torch: its items are batches, in an order of its own."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(X, torch.utils.data.DataLoader):
        raise TypeError(
            "X must be rows, got a DataLoader, which gives batches in an order of its own. Pass its data set, "
            "loader.dataset."
        )


def refuse_masked(X: Any) -> None:
    """Raise if an array is masked: what lies below the mask would be read as if it were there."""
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(
            "X and y must be arrays without a mask, got a numpy.ma.MaskedArray, whose hidden values would be read as "
            "if they were there. Take X.filled(numpy.nan) for missing values, or X.compressed() without them."
        )
