"""Rows of any container, as `modAL.utils.data`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from skal.data import concatenate, n_rows, take

__all__ = ["data_vstack", "drop_rows", "retrieve_rows"]


def data_vstack(blocks: Sequence[Any]) -> Any:
    """Append containers of rows to the first of them; `skal.data.concatenate` of two.

    Parameters
    ----------
    blocks : sequence of container
        One at least, of one kind.

    Returns
    -------
    container
        Of the kind of the first.

    Raises
    ------
    TypeError
        If one of them holds no rows.
    """
    for block in blocks:
        if np.ndim(block) == 0 and not hasattr(block, "shape"):
            raise TypeError(f"data_vstack: containers of rows are needed, got {block!r}.")
    return reduce(concatenate, blocks)


def retrieve_rows(X: Any, I: Any) -> Any:  # noqa: E741
    """Take rows by position, also of frames; one position gives a container of one row.

    Parameters
    ----------
    X : container of n rows
        Of any kind.
    I : int or sequence of int
        Positions.

    Returns
    -------
    container
        Of the kind of `X`.
    """
    return take(X, np.atleast_1d(np.asarray(I)))


def drop_rows(X: Any, I: Any) -> Any:  # noqa: E741
    """Leave rows out by position.

    Parameters
    ----------
    X : container of n rows
        Of any kind.
    I : int or sequence of int
        Positions.

    Returns
    -------
    container
        Of the kind of `X`.
    """
    keep = np.ones(n_rows(X), dtype=bool)
    keep[np.asarray(I)] = False
    return take(X, np.flatnonzero(keep))
