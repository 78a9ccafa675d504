"""Which regions are asked next: by `skal.query.region_query`, with a segmenter fitted to those that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import take
from skal.labeling._asking import Chooser
from skal.labeling._errors import ProjectError
from skal.labeling._settings import Settings
from skal.labeling.kinds import AnswerKind
from skal.labeling.kinds.regions import region_strategy
from skal.labeling.masks.regions import RegionRows, filled
from skal.labeling.masks.shapes import VOID
from skal.loop import Labels, fit_round, seeds_of
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

    @property
    def n_open(self) -> int:
        """Regions that may be asked and are to be seen at this size."""
        return sum(len(np.unique(regions[regions >= 0])) for regions in map(self.__getitem__, self._open))


class RegionChooser(Chooser):
    """Chooses regions of images; the fits and queries are those of `skal.loop.region_rounds`.

    Parameters
    ----------
    settings : Settings
        Of the project.
    rows : RegionRows
        The data.
    kind : AnswerKind
        Of the project.
    """

    def __init__(self, settings: Settings, rows: Any, kind: AnswerKind) -> None:
        super().__init__(settings, rows.X, kind)
        self.rows: RegionRows = rows
        self.maps = rows.small_maps()
        pairs = zip(rows.image_of.tolist(), rows.number_of.tolist(), strict=True)
        self._places = {pair: place for place, pair in enumerate(pairs)}

    @property
    def model(self) -> Any:
        """The segmenter of the project, unfitted."""
        return self.kind.estimator(self.settings.estimator)

    def fitted(self, rows: Indices, labels: list[str], number: int) -> Any:
        """Return a learner of pixels fitted to regions, with the seed of a round."""
        images, masks = self._partly_labeled(rows, labels)
        known = Labels(take(self.rows.images, images), images, masks)
        remaining = np.setdiff1d(np.arange(len(self.rows.images)), images)
        try:
            return fit_round(self.model, self.rows.images, known, remaining, uncertainty_sampling, self.seed, number)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise ProjectError(f"The estimator {self.settings.estimator} cannot be fitted. {said}") from error

    def _picked(self, learner: Any, remaining: Indices, n: int, number: int) -> tuple[Indices, NDArray[Any]]:
        """Regions that the query picks; with very many images those of some, drawn at random."""
        rng = np.random.RandomState(seeds_of(self.seed, number)[1])
        images = np.unique(self.rows.image_of[remaining])
        if len(images) > self.settings.candidates:
            some = np.sort(rng.permutation(images)[: self.settings.candidates])
            kept = remaining[np.isin(self.rows.image_of[remaining], some)]
            remaining = kept if len(kept) >= n else remaining
        open_maps = OpenMaps(self.maps, self.rows, remaining)
        n_open = open_maps.n_open
        query = region_strategy(self.settings.strategy).query()
        pairs, scores = query(learner, self.rows.images, open_maps, min(n, n_open), random_state=rng)
        picked = np.array([self._places[int(image), int(region)] for image, region in pairs], dtype=np.intp)
        unseen = np.setdiff1d(remaining, picked)[: n - len(picked)]  # too small to be seen at the model's size
        return np.concatenate([picked, unseen]), np.concatenate([scores, np.zeros(len(unseen))])

    def _guesses(self, learner: Any, rows: Indices) -> list[dict[str, Any]]:
        """The class of the highest mean probability inside each region."""
        classes = np.asarray(self.settings.classes, dtype=object)
        found: dict[int, dict[str, Any]] = {}
        for image in np.unique(self.rows.image_of[rows]):
            (P,) = proba(learner, self.rows.images[image : image + 1])
            for place in np.flatnonzero(self.rows.image_of[rows] == image):
                inside = self.maps[image] == self.rows.number_of[rows[place]]
                if inside.any():
                    means = P[:, inside].mean(axis=1)
                    best = int(means.argmax())
                    label = str(classes[int(learner.classes_[best])])
                    found[int(place)] = {"guess": label, "probability": round(float(means[best]), 6)}
        return [found.get(place, {}) for place in range(len(rows))]

    def _partly_labeled(self, rows: Indices, labels: list[str]) -> tuple[Indices, NDArray[np.uint8]]:
        """Images in which a region has a class, in the order of their first, and their masks."""
        classes = list(self.settings.classes)
        answers: dict[int, list[tuple[int, int]]] = {}
        for place, label in zip(rows, labels, strict=True):
            known = answers.setdefault(int(self.rows.image_of[place]), [])
            known.append((int(self.rows.number_of[place]), classes.index(label) if label in classes else VOID))
        masks = {image: filled(self.maps[image], known, VOID) for image, known in answers.items()}
        masks = {image: mask for image, mask in masks.items() if (mask != VOID).any()}
        return np.array(list(masks), dtype=np.intp), np.stack(list(masks.values()))
