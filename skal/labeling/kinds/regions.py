"""One class for each superpixel of an image: the region that is asked is outlined, and one key names its class."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from skal.labeling._cleaning import Cleaned
from skal.labeling._errors import ProjectError
from skal.labeling._settings import Settings
from skal.labeling._sources import Rows
from skal.labeling.kinds.classes import ClassAnswers
from skal.labeling.masks.segmenters import check_mask_classes, segmenter

__all__ = ["MIXED", "RegionAnswers"]

MIXED = "(void)"  # a region that is of no class, or of several


class RegionAnswers(ClassAnswers):
    """A class a region; "(void)" is one that nothing is learned from."""

    name: ClassVar[str] = "region"
    control: ClassVar[str] = "region"
    holds: ClassVar[str] = "classes of regions"
    hint: ClassVar[str] = "Regions are shown on the page: skal label"
    default_strategy: ClassVar[str] = "region_sampling:regions=superpixels"
    default_candidates: ClassVar[int] = 300
    needed: ClassVar[str] = "labels of two classes besides (void)"
    asks_regions: ClassVar[bool] = True
    of_pixels: ClassVar[bool] = True
    sorts_files: ClassVar[bool] = False

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Refuse to begin without the names of the classes, or with a strategy that does not ask for superpixels."""
        check_mask_classes(settings, "regions")
        if MIXED in settings.classes:
            raise ProjectError(f"{MIXED} stands for regions of no class; leave it out of the classes.")
        region_strategy(settings.strategy)
        if settings.audit:
            raise ProjectError(
                "Audit rows cannot be regions: a model that learns from the other regions of the image measures "
                "itself there, and whole masks, which would tell mean IoU, are not asked. Leave "
                f"audit={settings.audit!r} out, or measure in a project of its own, answer='mask' with audit, on "
                "images that are in no other."
            )

    def classes(self, given: Collection[str]) -> list[str]:
        """Return the classes of the settings, and the one for regions of none."""
        return [*self.settings.classes, MIXED]

    def read(
        self, given: Iterable[Any], classes: Sequence[str], *, allowed: Collection[str] = (), any_new: bool = False
    ) -> Cleaned:
        """Turn answers into names of classes; new ones are refused."""
        return super().read(given, classes)

    def rows(self, rows: Rows) -> Rows:
        """Return the regions of the images."""
        from skal.labeling.masks.regions import region_rows

        return region_rows(rows, self.folder, region_strategy(self.settings.strategy).n_segments)

    def source(self, row: str) -> str:
        """Return the id of the image of a region."""
        from skal.labeling.masks.regions import image_of_region

        return image_of_region(row)

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether there are two classes besides void."""
        return len(set(y) - {MIXED}) > 1

    @classmethod
    def default_estimator(cls, uses_or_X: Any) -> tuple[str, str]:
        """Choose trees on pixels, which need no GPU."""
        return "pixel_forest", "regions are made of pixels: trees on the colours and edges around each"

    @classmethod
    def estimator(cls, name: str, columns: Mapping[str, str] | None = None) -> Any:
        """Make a segmenter by name."""
        return segmenter(name)


def region_strategy(text: str) -> Any:
    """Return the strategy of a project of regions.

    Raises
    ------
    ProjectError
        If it asks for something else than superpixels.
    """
    from skal.study import RegionSampling, parse_strategy

    _, strategy = parse_strategy(text)
    if not isinstance(strategy, RegionSampling) or strategy.regions != "superpixels":
        raise ProjectError(
            "A project of regions asks by region_sampling:regions=superpixels, with options such as "
            f"image_strategy=entropy_sampling, region_strategy=mean_entropy, n_segments=60; got {text!r}."
        )
    return strategy
