"""Masks and regions of a project: what was drawn, what it took, and what a page needs to draw on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from skal.labeling._errors import ProjectError
from skal.labeling._opened import OpenProject
from skal.labeling.kinds import MaskAnswers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skal.annotation import Cost


class Drawn(OpenProject):
    """Masks and regions of a project."""

    def masks(self) -> Iterator[tuple[str, NDArray[np.uint8], list[dict[str, Any]]]]:
        """Yield the masks that hold, image by image, at the images' own sizes.

        Yields
        ------
        id : str
            Of the image.
        mask : ndarray of uint8 of shape (H, W)
            Positions in `classes`; 255 where a pixel is void or not labelled.
        shapes : list of dict
            As they were drawn: polygons and strokes with names of classes and points (x, y). Empty for masks of
            arrays, of several people, and of regions.

        Raises
        ------
        ProjectError
            If the answers of this project are no masks and no regions.
        """
        labeled = self._answers().labeled()
        if isinstance(self.kind, MaskAnswers):
            store = self.kind.store
            for row, label in labeled.items():
                yield row, store.in_classes(label, self.settings.classes), store.read(label).shapes
            return
        self._check_regions("masks")
        from skal.labeling.masks.regions import masks_of_regions

        places = self._data.places
        here = {row: label for row, label in labeled.items() if row in places}
        digests = {row: self._data.digests[places[row]] for row in here}
        yield from masks_of_regions(self.folder, here, digests, self.settings.classes)

    def paid(self, unit: Literal["clicks", "seconds"] = "clicks") -> Cost:
        """Return what the masks have really cost, as a cost of `skal.annotation`.

        Parameters
        ----------
        unit : {"clicks", "seconds"}, default="clicks"
            What is counted. Masks of which it was not counted are left out.

        Returns
        -------
        Cost
            ``cost(mask)`` gives the price of a mask as `masks` yields it, the mean of those who drew it.

        Raises
        ------
        ProjectError
            If the answers of this project are no masks.
        """
        from skal.labeling.masks.cost import PaidClicks, PaidSeconds

        if unit not in ("clicks", "seconds"):
            raise ValueError(f"Project.paid: unit must be 'clicks' or 'seconds', got {unit!r}.")
        if not isinstance(self.kind, MaskAnswers):
            raise ProjectError(f"The answers of {self.folder} are {self.kind.holds}: only masks have such a cost.")
        store, found = self.kind.store, []
        for given in self._answers().by_row.values():
            for event in given.values():
                if event.label is None:
                    continue
                price = event.seconds if unit == "seconds" else store.about(event.label)["clicks"]
                if price is not None:
                    found.append((store.in_classes(event.label, self.settings.classes), price))
        return (PaidClicks if unit == "clicks" else PaidSeconds)(found)

    def on_page(self, id: Any, earlier: str | None = None) -> dict[str, Any]:
        """Return what a page needs beside the image to ask about a row.

        Parameters
        ----------
        id : str
            Of the row.
        earlier : str, default=None
            Label of an answer that is opened again.

        Returns
        -------
        dict
            Of masks ``size`` [width, height], ``proposal`` (the mask that the model guessed: ``mask``, its digest,
            ``size``, and ``runs`` of equal pixels, row by row: ``values``, a byte a run, and ``lengths``, four bytes
            a run, the lowest first, in base64 each) and ``drawn`` (the shapes of `earlier`, and the stored masks that
            they start from); each where there is one. Of regions ``region`` with ``size`` and ``rings``, outlines as
            points [x, y]. Of other answers nothing.
        """
        row = self._known(id)
        if isinstance(self.kind, MaskAnswers):
            from skal.labeling.masks.page import drawn_on_page, mask_on_page

            asks = self._answers().asked.get(row, [])
            guess = next((ask.why["guess"] for ask in reversed(asks) if ask.why and ask.why.get("guess")), None)
            classes, store = self.settings.classes, self.kind.store
            found = {} if guess is None else {"proposal": mask_on_page(store, guess, classes)}
            return found if earlier is None else {**found, "drawn": drawn_on_page(store, earlier, classes)}
        if self.kind.asks_regions:
            from skal.labeling.masks.regions import region_on_page

            return {"region": region_on_page(self.folder, row, self._data.digests[self._data.places[row]])}
        return {}

    def _check_regions(self, what: str) -> None:
        if not self.kind.asks_regions:
            raise ProjectError(f"The answers of {self.folder} are {self.kind.holds}: it has no {what}.")
