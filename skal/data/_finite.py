"""Rows with NaN or infinity, in whatever container: columns of text say nothing of them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skal.data._blocks import blocks
from skal.data._kinds import is_columns, is_pandas, is_polars
from skal.data._rows import RowView, to_numpy

Rows = NDArray[np.intp]


def non_finite_rows(X: Any) -> Rows:
    """Return the positions of rows in which a number is NaN or infinite.

    Parameters
    ----------
    X : container of n rows
        Of a frame, columns of numbers are looked at, each for itself; text is not. A Dataset is not read, nor are
        rows of unequal length.

    Returns
    -------
    ndarray of intp
        Rising. Cost: one read of `X`, block by block.
    """
    X = _readable(X)
    found, start = [], 0
    if X is None:
        return np.empty(0, dtype=np.intp)
    for block, keep in blocks(X):
        bad = _bad(block)
        bad = bad if keep is None else bad[keep]
        found.append(start + np.flatnonzero(bad))
        start += len(bad)
    return np.concatenate(found).astype(np.intp) if found else np.empty(0, dtype=np.intp)


def _readable(X: Any) -> Any:
    """The container, if it tells its numbers without reading items one by one; None if it does not."""
    below = X.X if isinstance(X, RowView) else X
    known = hasattr(below, "dtype") or is_pandas(below) or is_polars(below) or is_columns(below)
    return X if known or isinstance(below, (list, tuple, np.ndarray)) else None


def _bad(block: Any) -> NDArray[np.bool_]:
    """Which rows of a block hold NaN or infinity."""
    if is_columns(block):
        return np.asarray(np.logical_or.reduce([_bad(column) for column in block.values()]))
    if sparse.issparse(block):
        rows = block.tocsr()
        bad = np.zeros(rows.shape[0], dtype=bool)
        bad[np.searchsorted(rows.indptr, np.flatnonzero(~np.isfinite(rows.data)), side="right") - 1] = True
        return bad
    n = len(block)
    if is_pandas(block) and hasattr(block, "columns"):
        block = block.select_dtypes("number")
    elif is_polars(block) and hasattr(block, "columns"):
        block = block.select(sys.modules["polars"].selectors.numeric())
    try:
        array = to_numpy(block)
    except ValueError:  # rows of unequal length
        return np.zeros(n, dtype=bool)
    if array.dtype.kind not in "fc" or array.size == 0:
        return np.zeros(n, dtype=bool)
    if np.isfinite(array).all():
        return np.zeros(n, dtype=bool)
    return np.asarray(~np.isfinite(array).reshape(n, -1).all(axis=1))
