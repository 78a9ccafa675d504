"""An annotator who labels regions of images, and who is paid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import find_objects

from skal.annotation.costs import Cost, UniformCost
from skal.annotation.open_regions import OpenRegions
from skal.masks import checked_mask

__all__ = ["RegionOracle"]


class RegionOracle:
    """Answer for regions of images and for whole images, each once, and keep the masks and the bill.

    Parameters
    ----------
    masks : array-like of shape (n, H, W), or sequence of n masks
        The truth.
    region_maps : array-like of shape (n, H, W), or sequence of n maps
        Number of each pixel's region, from 0 on, below zero for none; see `polygon_regions`, `superpixel_regions`.
    cost : Cost, default=None
        What the truth inside a region costs: a superpixel in which several classes meet costs the clicks of all
        its pieces. None: every region and every image costs one.
    ignore_label : int, default=255
        Void pixels of the truth, and pixels that have not been labelled.

    Attributes
    ----------
    open_regions : OpenRegions
        Maps of what may still be asked for: for `skal.query.region_query`. It holds no label and no price.
    spent : float
        What the answers have cost.
    n_regions, n_images : int
        Regions and whole images that were answered.

    Raises
    ------
    ValueError
        If masks and maps differ in number, or a mask and its map in size.

    Notes
    -----
    Memory of the masks that were asked for. A question that is refused changes nothing: all of it is looked at before
    any of it is answered.

    Examples
    --------
    >>> oracle = RegionOracle([[[0, 0, 1, 1]]], [[[0, 1, 1, 2]]])
    >>> oracle.label([(0, 1)]), oracle.labeled_masks()[1][0].tolist()
    (1.0, [[255, 0, 1, 255]])
    >>> oracle.open_regions[0].tolist()
    [[0, -1, -1, 2]]
    """

    def __init__(self, masks: Any, region_maps: Any, *, cost: Cost | None = None, ignore_label: int = 255) -> None:
        if len(masks) != len(region_maps):
            raise ValueError(
                f"RegionOracle: one map a mask is needed, got {len(region_maps)} for {len(masks)} masks."
            )
        for image, (mask, regions) in enumerate(zip(masks, region_maps, strict=True)):
            if np.shape(mask) != np.shape(regions) or len(np.shape(mask)) != 2:
                raise ValueError(
                    f"RegionOracle: mask and map of an image must have one shape (H, W), got {np.shape(mask)} and "
                    f"{np.shape(regions)} of image {image}."
                )
        self.cost = UniformCost() if cost is None else cost
        self.ignore_label = ignore_label
        self.spent = 0.0
        self.n_regions = 0
        self.n_images = 0
        self.open_regions = OpenRegions(region_maps)
        self._masks = masks
        self._maps = region_maps
        self._filled: dict[int, NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self._masks)

    def __repr__(self) -> str:
        asked = f"{self.n_regions} regions and {self.n_images} whole ones asked for"
        return f"RegionOracle({len(self)} images, {asked}, {self.spent:g} {self.cost.unit} spent)"

    def price(self, image: int, region: int | None = None) -> float:
        """Return what a region, or what is left of an image, will cost: for whoever pays, and nothing that picks.

        Parameters
        ----------
        image : int
            Its number.
        region : int or None, default=None
            Its number; None: the whole image, without what has been labelled.

        Returns
        -------
        float
        """
        self._check_questions([(image, region)])
        return self._price(int(image), region)

    def label(self, pairs: ArrayLike) -> float:
        """Label regions.

        Parameters
        ----------
        pairs : array-like of int of shape (m, 2)
            Image and region, none asked for before.

        Returns
        -------
        float
            What they cost.

        Raises
        ------
        ValueError
            If a region has been asked for before, or twice now; then none is labelled.
        IndexError
            If there is no such image or region.
        TypeError
            If they are no pairs of whole numbers.
        """
        questions = np.asarray(pairs)
        if questions.size == 0:
            return 0.0
        if questions.ndim != 2 or questions.shape[1] != 2 or questions.dtype.kind not in "iu":
            raise TypeError(
                "RegionOracle: pairs must be whole numbers (image, region) of shape (m, 2), got "
                f"{questions.dtype} of shape {questions.shape}."
            )
        return self._answer([(int(image), int(region)) for image, region in questions])

    def label_images(self, images: ArrayLike) -> float:
        """Label whole images, as far as they are not labelled yet.

        Parameters
        ----------
        images : array-like of int of shape (m,)
            Their numbers.

        Returns
        -------
        float
            What it costs: of an image some regions of which are labelled, what the rest costs.

        Raises
        ------
        ValueError, IndexError
            As in `label`.
        """
        return self._answer([(int(image), None) for image in np.asarray(images, dtype=np.intp).ravel()])

    @property
    def labeled_images(self) -> NDArray[np.intp]:
        """Images of which anything was asked for, in the order in which it first was."""
        return np.array(list(self._filled), dtype=np.intp)

    def labeled_masks(self) -> tuple[NDArray[np.intp], list[NDArray[Any]]]:
        """Return the images in which a pixel has a label, and their partly labelled masks.

        Returns
        -------
        images : ndarray of intp of shape (m,)
            In the order in which they were first asked for. An image that has shown void pixels alone is left out:
            there is nothing in it to learn from.
        masks : list of m ndarrays of shape (H, W)
            `ignore_label` where a pixel is void or not labelled.
        """
        known = [image for image, mask in self._filled.items() if (mask != self.ignore_label).any()]
        return np.array(known, dtype=np.intp), [self._filled[image] for image in known]

    def _answer(self, questions: list[tuple[int, int | None]]) -> float:
        self._check_questions(questions)
        total = 0.0
        for image, region in questions:
            total += self._price(image, region)
            truth = checked_mask(self._masks[image], who="RegionOracle", allow_void=True)
            mask = self._filled.get(image)
            if mask is None:
                mask = np.full(truth.shape, self.ignore_label, dtype=np.result_type(truth, np.uint8))
            inside = ... if region is None else np.asarray(self._maps[image]) == region
            self._filled[image] = mask.copy()  # masks that were given away stay as they were
            self._filled[image][inside] = truth[inside]
            self.open_regions.close(image, region)
        self.spent += total
        whole = sum(region is None for _, region in questions)
        self.n_images += whole
        self.n_regions += len(questions) - whole
        return total

    def _price(self, image: int, region: int | None) -> float:
        """Price of the truth inside, cut out so that it takes the time of the region and not of the image."""
        truth = checked_mask(self._masks[image], who="RegionOracle", allow_void=True)
        regions = np.asarray(self._maps[image])
        if region is None:
            closed = self.open_regions[image] != regions
            return float(self.cost(np.where(closed, self.ignore_label, truth) if closed.any() else truth))
        inside = regions == region
        box = find_objects(inside.astype(np.uint8))[0]
        return float(self.cost(np.where(inside[box], truth[box], self.ignore_label)))

    def _check_questions(self, questions: Iterable[tuple[int, int | None]]) -> None:
        """Refuse what is not there, or not open any more."""
        seen: set[tuple[int, int | None]] = set()
        for image, region in questions:
            if not 0 <= image < len(self):
                raise IndexError(f"RegionOracle: images are 0 to {len(self) - 1}, got {image}.")
            what = f"image {image}" if region is None else f"region {region} of image {image}"
            if region is not None:
                regions = np.asarray(self._maps[image])
                if region < 0 or not (regions == region).any():
                    last = int(regions.max())
                    has = f"its regions are among 0 to {last}" if last >= 0 else "it has none"
                    raise IndexError(f"RegionOracle: there is no {what}; {has}.")
            closed = not self.open_regions.is_open(image, -1 if region is None else region)
            if closed or (image, region) in seen or (image, None) in seen:
                raise ValueError(f"RegionOracle: {what} was asked for before, and is asked for once.")
            seen.add((image, region))
