"""A random order of rows that needs no memory: that of digests of a seed and the rows' ids.

A row that comes to the pool later joins it at a random place, without moving another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def random_order(ids: Sequence[str], seed: int) -> NDArray[np.intp]:
    """Positions of rows in a random order that depends on each row's own id and on the seed."""
    start = hashlib.blake2b(f"skal audit {seed} ".encode(), digest_size=8)
    keys = np.empty(len(ids), dtype=np.uint64)
    for place, row in enumerate(ids):
        own = start.copy()
        own.update(row.encode())
        keys[place] = int.from_bytes(own.digest(), "big")
    return np.argsort(keys, kind="stable")
