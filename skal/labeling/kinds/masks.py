"""One mask an image: a class for each pixel. The journal names it, the folder of masks holds it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from skal.labeling._cleaning import Cleaned, label_text
from skal.labeling._errors import ProjectError
from skal.labeling._folders import SIDE
from skal.labeling._settings import Settings
from skal.labeling._sources import Rows
from skal.labeling.kinds.base import AnswerKind
from skal.labeling.masks.images import image_size
from skal.labeling.masks.segmenters import check_mask_classes, segmenter
from skal.labeling.masks.votes import digests_in, joint_label

if TYPE_CHECKING:  # what draws masks is loaded when there is one
    from numpy.typing import NDArray

    from skal.labeling.masks.store import MaskStore

__all__ = ["MaskAnswers", "MeanOverlap"]


@dataclass(frozen=True)
class MeanOverlap:
    """How well guesses of models cover the masks of random images, which were drawn afterwards.

    Attributes
    ----------
    n : int
        Images.
    mean : float
        Mean of the images' overlaps: of each class in guess or mask the pixels in both, over those in either,
        averaged over the classes.
    """

    n: int
    mean: float

    def __str__(self) -> str:
        images = "image" if self.n == 1 else "images"
        return (
            f"{self.mean:.2f} mean overlap (IoU) of the model's masks with those drawn, on {self.n} random {images}"
        )


class MaskAnswers(AnswerKind):
    """A mask an image: its text is ``mask:`` and the digest of its files."""

    name: ClassVar[str] = "mask"
    control: ClassVar[str] = "mask"
    holds: ClassVar[str] = "masks"
    hint: ClassVar[str] = "Masks are drawn on the page: skal label"
    default_candidates: ClassVar[int] = 300
    of_pixels: ClassVar[bool] = True
    mean_of_classes: ClassVar[Literal["", "macro_f1", "mean_iou"]] = "mean_iou"
    needed: ClassVar[str] = "masks with pixels of two classes"

    @cached_property
    def store(self) -> MaskStore:
        """The folder of the masks."""
        from skal.labeling.masks.store import MaskStore

        return MaskStore(self.folder)

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Refuse to begin without the names of the classes, since masks hold their positions."""
        check_mask_classes(settings, "masks")

    def rows(self, rows: Rows) -> Rows:
        """Return the images without labels: folders are no classes here."""
        if rows.files is None or len(getattr(rows.X, "shape", ())) != 4:
            raise ProjectError("Masks are drawn on images: the data must be a folder of images.")
        return rows.without_labels()

    def keep(self, ids: Sequence[str], given: Sequence[Any], file_of: Callable[[str], Path | None]) -> list[Any]:
        """Write masks that came as shapes or arrays, and return their texts; other answers as they are.

        What cannot be written comes back as the error, which `read` gives as the reason of the refusal.
        """
        return [self._kept(file_of, row, one) for row, one in zip(ids, given, strict=True)]

    def read(
        self, given: Iterable[Any], classes: Sequence[str], *, allowed: Collection[str] = (), any_new: bool = False
    ) -> Cleaned:
        """Return the texts of masks that are in the folder; see `AnswerKind.read`."""
        labels: list[str | None] = []
        refused: dict[int, str] = {}
        for place, one in enumerate(given):
            labels.append(None)
            if isinstance(one, ValueError):
                refused[place] = f"the mask cannot be taken: {one}"
                continue
            if (text := label_text(one)) is None:
                continue
            if self.store.holds(text.strip()):
                labels[-1] = text.strip()
            else:
                refused[place] = f"{text[:60]!r} is not the label of a mask in {self.store.folder}. {self.hint}."
        return Cleaned(labels, refused=refused)

    def same(self, one: str | None, other: str | None) -> bool:
        """Tell whether two masks are the same, or one of them is among several that hold together."""
        if one is None or other is None or one == other:
            return one == other
        return set(digests_in(one)) <= set(digests_in(other)) or set(digests_in(other)) <= set(digests_in(one))

    def written(self, given: Any, text: str) -> str | None:
        """Return nothing: a mask is not written."""
        return None

    def verdict(self, votes: Mapping[str, str]) -> str | None:
        """Return a label for the majority of each pixel; masks are never in conflict as a whole."""
        return joint_label(list(votes.values()))

    def parts(self, text: str) -> list[str]:
        """Return the classes that pixels of a mask are of."""
        return self.store.classes_in(text)

    def values(self, texts: Sequence[str], classes: Sequence[str]) -> Any:
        """Return the masks at the size at which models read images, (n, 96, 96)."""
        import numpy as np

        found = [self.store.small(text, classes, (SIDE, SIDE)) for text in texts]
        return np.stack(found) if found else np.empty((0, SIDE, SIDE), dtype=np.uint8)

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether pixels are of two classes."""
        from skal.masks import mask_classes

        return len(y) > 0 and len(mask_classes(y)) > 1

    def predicted(self, model: Any, X: Any, classes: Sequence[str]) -> tuple[list[str], list[float | None]]:
        """Write what a model takes pixels for, as small masks, and return their labels."""
        masks = model.predict(X)
        return [self.store.write(mask, mask.shape, classes) for mask in masks], [None] * len(masks)

    def right(self, guess: str, label: str) -> float:
        """Return the overlap of a guess with a mask."""
        from skal.labeling.masks.overlap import overlap

        classes = self.settings.classes
        found = self.store.in_classes(guess, classes)
        return overlap(self.store.small(label, classes, found.shape), found)

    def by_class(self, guess: str, label: str, classes: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the overlap of each class, and the share of the image's pixels that are of it in guess or mask.

        Over many images the sum of weights times values, by that of the weights, is the pixels in both over those in
        either: the IoU of the class, of which the mean is mean IoU.
        """
        from skal.labeling.masks.overlap import overlap_by_class

        names = self.settings.classes
        found = self.store.in_classes(guess, names)
        shares, weights = overlap_by_class(self.store.small(label, names, found.shape), found, len(names))
        order = [names.index(name) for name in classes]
        return shares[order], weights[order]

    def accuracy(self, pairs: Sequence[tuple[str, str]]) -> Any:
        """Return the mean overlap."""
        if not pairs:
            return None
        return MeanOverlap(len(pairs), sum(self.right(*pair) for pair in pairs) / len(pairs))

    @classmethod
    def default_estimator(cls, uses_or_X: Any) -> tuple[str, str]:
        """Choose trees on pixels, which need no GPU."""
        return "pixel_forest", "each pixel has a class: trees on the colours and edges around it, fitted in seconds"

    @classmethod
    def estimator(cls, name: str, columns: Mapping[str, str] | None = None) -> Any:
        """Make a segmenter by name."""
        return segmenter(name)

    def _kept(self, file_of: Callable[[str], Path | None], row: str, given: Any) -> Any:
        if given is None or isinstance(given, (str, float)) or (file := file_of(row)) is None:
            return given
        try:
            return self.store.write(given, image_size(file), self.settings.classes)
        except ValueError as error:
            return error
