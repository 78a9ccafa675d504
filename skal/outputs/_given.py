"""Vectors that are given in the place of a model, for the rows of one query."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import n_rows
from skal.outputs._dense import dense, floats
from skal.outputs._reading import Array, InvalidOutput, MissingOutput

_REMEDY = "Pass a callable or a transformer, which gives the vectors of any rows."


class GivenVectors:
    """Vectors of the rows of one query, given in the place of a model; made by `given_vectors`.

    Rows are known by the container that holds them, not by how many they are: there may be as many labelled rows as
    rows in the pool.
    """

    def __init__(self, *known: tuple[Any, Array]) -> None:
        self._known = known

    def of(self, X: Any) -> Array:
        """Return the vectors of the rows of a container of the query, or raise."""
        for rows, vectors in self._known:
            if X is rows:
                return vectors
        raise MissingOutput(
            f"embedding holds vectors of the query's own rows, and {n_rows(X)} others were asked for. {_REMEDY}"
        )


def given_vectors(source: Any, X_pool: Any, X_labeled: Any = None) -> Any:
    """Tie arrays that were given as `embedding` to the rows of a query; a callable or transformer stays as it is.

    Parameters
    ----------
    source : callable, transformer, array of shape (n, d), pair of arrays, or None
        A pair holds the vectors of the labelled rows (m, d) first, then those of the pool (n, d).
    X_pool, X_labeled : container
        Rows of the query; no labelled ones where the strategy reads none.

    Returns
    -------
    GivenVectors
        Or `source`.

    Raises
    ------
    InvalidOutput
        If an array has not one finite vector a row, or labelled rows have none.
    """
    pair = isinstance(source, (tuple, list)) and len(source) == 2 and all(hasattr(part, "shape") for part in source)
    if not pair and not hasattr(source, "shape"):
        return source
    labeled, pool = source if pair else (None, source)
    known = [(X_pool, _vectors(pool, X_pool, "the pool"))]
    m = 0 if X_labeled is None else n_rows(X_labeled)
    if m and labeled is None:
        raise InvalidOutput(
            f"embedding is an array of the pool, and {m} labelled rows need vectors too. Pass a pair of arrays, "
            f"(labelled, pool). {_REMEDY}"
        )
    if X_labeled is not None:
        width = known[0][1].shape[1]
        Z = np.empty((0, width)) if labeled is None else _vectors(labeled, X_labeled, "the labelled data")
        if Z.shape[1] != width:
            raise InvalidOutput(
                f"embedding: vectors of labelled rows and of the pool must be of one width, got {Z.shape[1]} and "
                f"{width}."
            )
        known.append((X_labeled, Z))
    return GivenVectors(*known)


def _vectors(array: Any, X: Any, whose: str) -> Array:
    n = n_rows(X)
    if array.shape[0] != n:
        raise InvalidOutput(
            f"embedding must have a vector for each of the {n} rows of {whose}, got {array.shape[0]}. An array is "
            f"for one query; in a loop or a study the pool shrinks every round. {_REMEDY}"
        )
    Z = floats(dense(array, n, "embedding"), "embedding")
    bad = np.flatnonzero(~np.isfinite(Z).all(axis=1))
    if len(bad):
        raise InvalidOutput(
            f"embedding must be finite, got NaN or infinity in {len(bad)} of {n} rows of {whose}, first row {bad[0]}."
        )
    return Z
