"""A strategy of a comparison that asks for regions of images instead of whole ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.annotation import polygon_regions, superpixel_regions
from skal.data import n_rows, take, to_numpy
from skal.query import find_strategy, region_query

__all__ = ["RegionSampling"]

_REGIONS = ("polygons", "superpixels")


@dataclass(frozen=True)
class RegionSampling:
    """Ask for regions: images by one strategy, regions within them by another.

    Parameters
    ----------
    image_strategy : str or callable, default="random_sampling"
        Any query strategy, or its name.
    region_strategy : {"entropy_area", "mean_entropy", "random"}, default="entropy_area"
        Within an image; see `skal.query.region_query`.
    regions : {"polygons", "superpixels"}, default="polygons"
        What is chosen among: connected pieces of the truth, the oracle-assisted setting of the paper [1]_, or
        superpixels, which are made of the image alone.
    n_segments : int, default=100
        Superpixels of an image, about.
    background : int or None, default=None
        A class that is in no polygon.
    threshold : float, default=0.6
        In nats, of the area of high entropy.
    per_image : int, default=1
        Regions of an image that are asked for before the next image.

    References
    ----------
    .. [1] Mittal et al., "Parting with illusions about deep active learning", 2019: polygon-level labelling.

    Examples
    --------
    >>> RegionSampling(regions="superpixels").described()["regions"]
    'superpixels'
    """

    image_strategy: str | Callable[..., Any] = "random_sampling"
    region_strategy: str = "entropy_area"
    regions: str = "polygons"
    n_segments: int = 100
    background: int | None = None
    threshold: float = 0.6
    per_image: int = 1

    def __post_init__(self) -> None:
        if self.regions not in _REGIONS:
            raise ValueError(f"RegionSampling: regions must be one of {_REGIONS}, got {self.regions!r}.")
        self.query()  # raises where a strategy or a setting is none

    def query(self) -> Callable[..., Any]:
        """The query for regions."""
        strategy = self.image_strategy
        images = find_strategy(strategy) if isinstance(strategy, str) else strategy
        within: Any = self.region_strategy
        return region_query(images, within, threshold=self.threshold, per_image=self.per_image)

    def maps(self, X: Any, masks: NDArray[Any]) -> list[NDArray[np.int32]]:
        """Number of the region of each pixel, one map (H, W) an image."""
        if self.regions == "polygons":
            return [polygon_regions(mask, background=self.background) for mask in masks]
        images = (to_numpy(take(X, slice(row, row + 1)))[0] for row in range(n_rows(X)))
        return [superpixel_regions(image, self.n_segments) for image in images]

    def described(self) -> dict[str, Any]:
        """What the protocol says: settings that are not the default."""
        changed = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != field.default or field.name == "regions"
        }
        if "image_strategy" in changed and not isinstance(changed["image_strategy"], str):
            strategy = changed["image_strategy"]
            changed["image_strategy"] = getattr(strategy, "__name__", repr(strategy))
        return {"strategy": "region_sampling", **changed}
