"""What a region query may know: which regions there still are, and nothing of what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OpenRegions"]


class OpenRegions:
    """Maps of the regions that may still be asked for, image by image: what a region query is given.

    Parameters
    ----------
    maps : sequence of array-like of shape (H, W)
        Numbers of regions, below zero for none.

    Notes
    -----
    An item is made when it is read: the map of an image, with -1 where its region is closed. It holds no label.
    """

    def __init__(self, maps: Sequence[Any]) -> None:
        self._maps = maps
        self._closed: dict[int, set[int] | None] = {}  # regions of an image; None: all of them
        self._counts: list[int] | None = None

    def __len__(self) -> int:
        return len(self._maps)

    def __getitem__(self, image: Any) -> NDArray[Any]:
        if not 0 <= image < len(self):
            raise IndexError(f"OpenRegions: images are 0 to {len(self) - 1}, got {image}.")
        regions = np.asarray(self._maps[image])
        closed = self._closed.get(int(image), set())
        if closed is None:
            return np.full(regions.shape, -1, dtype=np.int32)
        return np.where(np.isin(regions, list(closed)), -1, regions) if closed else regions

    def is_open(self, image: int, region: int) -> bool:
        """Tell whether a region has not been closed."""
        closed = self._closed.get(image, set())
        return closed is not None and region not in closed

    @property
    def n_open(self) -> int:
        """Regions that are open; the maps are read for it once."""
        if self._counts is None:
            self._counts = [len(np.unique(regions[regions >= 0])) for regions in map(np.asarray, self._maps)]
        gone = (self._counts[i] if closed is None else len(closed) for i, closed in self._closed.items())
        return sum(self._counts) - sum(gone)

    def close(self, image: int, region: int | None = None) -> None:
        """Take a region out, or all of an image."""
        closed = self._closed.setdefault(image, set())
        if region is None or closed is None:
            self._closed[image] = None
        else:
            closed.add(region)
