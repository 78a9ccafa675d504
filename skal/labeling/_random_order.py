"""A random order of rows that needs no memory: that of digests of a seed and the rows' ids.

A row that comes to the pool later joins it at a random place, without moving another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skal.labeling._errors import ProjectError

_MOST_STRATA = 50


def random_order(ids: Sequence[str], seed: int) -> NDArray[np.intp]:
    """Positions of rows in a random order that depends on each row's own id and on the seed."""
    start = hashlib.blake2b(f"skal audit {seed} ".encode(), digest_size=8)
    keys = np.empty(len(ids), dtype=np.uint64)
    for place, row in enumerate(ids):
        own = start.copy()
        own.update(row.encode())
        keys[place] = int.from_bytes(own.digest(), "big")
    return np.argsort(keys, kind="stable")


def spread_over(order: NDArray[np.intp], strata: NDArray[np.intp]) -> NDArray[np.intp]:
    """Mix the strata of a random order, so that each start of it holds each stratum in proportion to its size.

    Within a stratum the rows keep their order, also when others join. With one stratum nothing changes.
    """
    in_order = strata[order]
    sizes = np.bincount(in_order)
    rank = np.empty(len(order))
    for stratum in np.flatnonzero(sizes):
        mine = in_order == stratum
        rank[mine] = (np.arange(sizes[stratum]) + 0.5) / sizes[stratum]
    return order[np.argsort(rank, kind="stable")]


def strata_of(cells: Sequence[str], column: str) -> NDArray[np.intp]:
    """Stratum of each row by its cell, counted from 0 in the order of the cells.

    Raises
    ------
    ProjectError
        If there are too many different cells.
    """
    names, codes = np.unique(np.array(cells, dtype=str), return_inverse=True)
    if len(names) > _MOST_STRATA:
        raise ProjectError(
            f"audit_strata: column {column!r} has {len(names)} different cells, and audit rows are drawn by at most "
            f"{_MOST_STRATA} strata. Make a column of fewer groups."
        )
    return codes.astype(np.intp)
