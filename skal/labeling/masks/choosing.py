"""Which regions are asked next: by `skal.query.region_query`, with a segmenter fitted to the regions that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import take
from skal.labeling._asking import Chooser
from skal.labeling.masks.regions import RegionRows, filled
from skal.labeling.masks.shapes import VOID
from skal.loop import Labels, fit_round
from skal.outputs import proba
from skal.query import uncertainty_sampling

Indices = NDArray[np.intp]


class OpenMaps:
    """Maps of the regions that may be asked, image by image, made when they are read."""

    def __init__(self, maps: NDArray[np.int32], rows: RegionRows, remaining: Indices) -> None:
        self._maps = maps
        self._open: dict[int, NDArray[np.intp]] = {}
        images, numbers = rows.image_of[remaining], rows.number_of[remaining]
        for image in np.unique(images):
            self._open[int(image)] = numbers[images == image]

    def __len__(self) -> int:
        return len(self._maps)

    def __getitem__(self, image: Any) -> NDArray[np.int32]:
        regions = self._maps[image]
        is_open = np.zeros(int(regions.max()) + 1, dtype=bool)
        numbers = self._open.get(int(image), np.empty(0, dtype=np.intp))
        is_open[numbers[numbers < len(is_open)]] = True
        return np.where(is_open[regions], regions, -1)


class RegionChooser(Chooser):
    """Chooses regions of images; rounds are those of `skal.loop.region_rounds`."""

    def partly_labeled(self, rows: Indices, labels: list[str]) -> tuple[Indices, NDArray[np.uint8]]:
        """Return the images in which a region has a class, in the order of their first, and their masks."""
        classes = list(self.settings.classes)
        answers: dict[int, list[tuple[int, int]]] = {}
        for place, label in zip(rows, labels, strict=True):
            known = answers.setdefault(int(self.rows.image_of[place]), [])
            known.append((int(self.rows.number_of[place]), classes.index(label) if label in classes else VOID))
        masks = {image: filled(self.maps[image], known, VOID) for image, known in answers.items()}
        masks = {image: mask for image, mask in masks.items() if (mask != VOID).any()}
        return np.array(list(masks), dtype=np.intp), np.stack(list(masks.values()))
