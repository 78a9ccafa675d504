"""What a mask costs: an image, clicks, or pixels of boundary. Known when the mask is, which is after labelling."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skal.annotation._masks import check_outlining, check_whole, left_out
from skal.annotation.polygons import clicked_rings
from skal.masks import checked_mask

__all__ = ["BoundaryCost", "ClickCost", "Cost", "UniformCost"]


class Cost(ABC):
    """The price of one mask; a cost of one's own is a class derived from this with ``__call__``, `name` and `unit`.

    Attributes
    ----------
    name : str
        As it is called on the command line.
    unit : str
        What it counts, for axes and tables.
    """

    name: ClassVar[str]
    unit: ClassVar[str]

    @abstractmethod
    def __call__(self, mask: Any) -> float:
        """Return the price of a mask of shape (H, W), a finite number >= 0."""

    def total(self, masks: Iterable[Any]) -> float:
        """Return the price of several masks, one after another: an array (n, H, W), a memory map or a list."""
        return math.fsum(self(mask) for mask in masks)


@dataclass(frozen=True)
class UniformCost(Cost):
    """Every image costs one.

    Examples
    --------
    >>> UniformCost().total([[[0, 1]], [[1, 1]]])
    2.0
    """

    name: ClassVar[str] = "images"
    unit: ClassVar[str] = "images"

    def __call__(self, mask: Any) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class ClickCost(Cost):
    """Clicks of an annotator who draws a polygon around every connected piece of every class.

    Parameters
    ----------
    tolerance : float, default=10.0
        Pixels that an outline may be off by; 10 on images of about 375 x 500 in the paper. It is in pixels of the
        mask, so on masks of half the size take half.
    connectivity : {1, 2}, default=2
        2: pixels that meet at a corner are of one piece.
    holes : bool, default=True
        Whether outlines of gaps in a piece are clicked.
    min_clicks : int, default=3
        Price of an outline that is within the tolerance of a line, or smaller than it (the floor rule): a triangle.
        1: a single click marks a small thing.
    background : int, default=None
        A class that nobody draws around.
    ignore_label : int, default=255
        Void pixels, which nobody draws around either.

    Raises
    ------
    ValueError
        If a setting is out of its range; in the call, if a mask is no (H, W) of whole numbers.

    See Also
    --------
    skal.annotation.polygons : What is clicked, and its choices.
    skal.annotation.approximate_mask : What the annotator's polygons give.

    Notes
    -----
    About 60 ms of one core for a street scene of 180 x 240 pixels with eighty pieces. A mask of void alone costs 0.

    References
    ----------
    .. [1] Mittal et al., "Parting with illusions about deep active learning", 2019: PASCAL VOC, tolerance 10 pixels,
       33 clicks an image in the mean.

    Examples
    --------
    >>> mask = np.zeros((120, 120), dtype=int)
    >>> mask[10:110, 10:110] = 1
    >>> ClickCost(tolerance=10, background=0)(mask)
    4.0
    >>> ClickCost(tolerance=10)(mask)  # the frame around it has an outline and a hole
    12.0
    """

    name: ClassVar[str] = "clicks"
    unit: ClassVar[str] = "clicks"

    tolerance: float = 10.0
    connectivity: int = 2
    holes: bool = True
    min_clicks: int = 3
    background: int | None = None
    ignore_label: int = 255

    def __post_init__(self) -> None:
        check_outlining(
            "ClickCost", self.tolerance, self.connectivity, self.holes, self.background, self.ignore_label
        )
        check_whole(self.min_clicks, "min_clicks", "ClickCost", 1)

    def __call__(self, mask: Any) -> float:
        """Return the clicks of a mask."""
        mask = checked_mask(mask, who="ClickCost", allow_void=True)
        unclicked = left_out(self.background, self.ignore_label)
        pieces = clicked_rings(mask, float(self.tolerance), self.connectivity, self.holes, unclicked)
        kept = (len(simple) for _, rings in pieces for _, simple in rings)
        return float(sum(n if n > 2 else self.min_clicks for n in kept))


@dataclass(frozen=True)
class BoundaryCost(Cost):
    """Pixels that have a pixel of another class above, below or beside them.

    Parameters
    ----------
    ignore_label : int, default=255
        Void pixels: neither counted, nor another class.

    Notes
    -----
    Both sides of a boundary count; the border of the image is none. One pass over the mask, a fraction of a
    millisecond: a stand-in for clicks where these take too long, or where annotators paint.

    Examples
    --------
    >>> BoundaryCost()([[0, 0, 1], [0, 0, 1]])
    4.0
    """

    name: ClassVar[str] = "boundary"
    unit: ClassVar[str] = "pixels of boundary"

    ignore_label: int = 255

    def __post_init__(self) -> None:
        check_outlining("BoundaryCost", 0, 2, True, None, self.ignore_label)

    def __call__(self, mask: Any) -> float:
        """Return the pixels of boundary of a mask."""
        mask = checked_mask(mask, who="BoundaryCost", allow_void=True)
        known = mask != self.ignore_label
        on_boundary = np.zeros(mask.shape, dtype=bool)
        for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
            differs = (mask[one] != mask[other]) & known[one] & known[other]
            on_boundary[one] |= differs
            on_boundary[other] |= differs
        return float(on_boundary.sum())
