"""Masks as an annotator draws them: polygons, one around each connected piece of a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from skal.annotation._contours import Vertices, components, enclosed_area, outlines, pieces, simplified, triangle
from skal.annotation._masks import check_outlining, is_whole, left_out
from skal.masks import checked_mask

__all__ = ["Polygon", "approximate_mask", "draw_polygons", "polygons"]

Uncovered = Literal["void", "nearest"] | int


@dataclass(frozen=True, eq=False)
class Polygon:
    """One piece of one class, as it is clicked.

    Parameters
    ----------
    label : int
        Its class.
    outer : array-like of shape (m, 2)
        Vertices (row, column) of the closed outline, at least three; the first is not said again at the end. Pixel
        (r, c) covers r to r + 1 and c to c + 1: where pixels are drawn around their centres, take off 0.5.
    holes : sequence of array-like of shape (m, 2), default=()
        Outlines of the gaps in it.

    Attributes
    ----------
    n_clicks : int
        Vertices, those of holes counted.

    Raises
    ------
    ValueError
        If an outline has fewer than three vertices, or one that is no pair of finite numbers.

    Examples
    --------
    >>> Polygon(1, [(0, 0), (0, 4), (3, 0)])
    Polygon(label=1, 3 clicks)
    """

    label: int
    outer: Vertices
    holes: tuple[Vertices, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "outer", _checked_ring(self.outer, "outer"))
        object.__setattr__(self, "holes", tuple(_checked_ring(hole, "a hole") for hole in self.holes))

    @property
    def n_clicks(self) -> int:
        """Vertices, those of holes counted."""
        return len(self.outer) + sum(map(len, self.holes))

    def __repr__(self) -> str:
        n = len(self.holes)
        holes = f", {n} hole{'s' if n > 1 else ''}" if n else ""
        return f"Polygon(label={self.label}, {self.n_clicks} clicks{holes})"


def _checked_ring(vertices: Any, what: str) -> Vertices:
    ring = np.asarray(vertices, dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] != 2 or not np.isfinite(ring).all():
        raise ValueError(
            f"Polygon: {what} must be finite vertices (row, column) of shape (m, 2), got shape {ring.shape}."
        )
    if len(ring) < 3:
        raise ValueError(
            f"Polygon: {what} must have at least 3 vertices, got {len(ring)}; fewer enclose no pixel. Click a third "
            "point, or leave the polygon out."
        )
    return ring


def clicked_rings(
    mask: NDArray[Any], tolerance: float, connectivity: int, holes: bool, unclicked: tuple[int, ...]
) -> Iterator[tuple[int, list[tuple[Vertices, Vertices]]]]:
    """Of each component: its class, and its rings, the outer first, each as it is and simplified."""
    for box, inside in pieces(components(mask, unclicked, connectivity)):
        rings = outlines(inside, connectivity)[: None if holes else 1]
        corner = np.array([box[0].start, box[1].start])
        label = int(mask[box][inside][0])
        yield label, [(ring + corner, simplified(ring + corner, tolerance)) for ring in rings]


def polygons(
    mask: Any,
    tolerance: float = 0.0,
    *,
    connectivity: int = 2,
    holes: bool = True,
    background: int | None = None,
    ignore_label: int = 255,
) -> list[Polygon]:
    """Draw around every connected piece of every class, with no more clicks than the tolerance needs.

    Parameters
    ----------
    mask : array-like of shape (H, W)
        One class a pixel.
    tolerance : float, default=0.0
        Pixels that an outline may be off by. 0: none; the polygons are the mask.
    connectivity : {1, 2}, default=2
        2: pixels that meet at a corner are of one piece (8-connectivity), and gaps that meet at a corner are two;
        1: the other way round.
    holes : bool, default=True
        Whether gaps in a piece are drawn. False: outer outlines alone; what lies in a gap is drawn over the piece.
    background : int, default=None
        A class that nobody draws around, such as PASCAL VOC's 0.
    ignore_label : int, default=255
        Void pixels: in no piece.

    Returns
    -------
    list of Polygon
        In the order in which they are drawn: by the area within the outer outline, the largest first, so that what
        lies in a gap and small things are seen; of equals, the one whose first pixel comes first.

    Raises
    ------
    ValueError
        If the mask is no (H, W) of whole numbers, or a setting is out of its range.

    Notes
    -----
    Outlines run along the edges of pixels, along the border of the image too. They are simplified by
    Ramer-Douglas-Peucker with a ring cut at the two vertices that are farthest apart, so that the number of vertices
    neither depends on where the ring begins nor grows with the tolerance. **Floor rule**: a ring that is within the
    tolerance of a line, or smaller than it, is drawn as a triangle, of the two vertices farthest apart and the one
    farthest from their line. No piece is left out.

    Half a millisecond for a small piece; for large ones the time of pixels, and of vertices times those kept.

    References
    ----------
    .. [1] Mittal et al., "Parting with illusions about deep active learning", 2019: clicks on polygons of connected
       components, simplified by Ramer-Douglas-Peucker, tolerance 10 pixels.
    .. [2] Douglas & Peucker, "Algorithms for the reduction of the number of points required to represent a digitized
       line or its caricature", Cartographica 10(2), 1973.

    Examples
    --------
    >>> mask = np.zeros((120, 120), dtype=int)
    >>> mask[10:110, 10:110] = 1
    >>> polygons(mask, 10, background=0)
    [Polygon(label=1, 4 clicks)]
    """
    mask = checked_mask(mask, who="polygons", allow_void=True)
    check_outlining("polygons", tolerance, connectivity, holes, background, ignore_label)
    found = []
    unclicked = left_out(background, ignore_label)
    for label, rings in clicked_rings(mask, float(tolerance), connectivity, bool(holes), unclicked):
        drawn = [kept if len(kept) > 2 else triangle(ring) for ring, kept in rings]
        found.append((enclosed_area(rings[0][0]), Polygon(label, drawn[0], tuple(drawn[1:]))))
    found.sort(key=lambda piece: -piece[0])
    return [polygon for _, polygon in found]


def draw_polygons(
    drawn: Iterable[Polygon], shape: tuple[int, int], *, uncovered: Uncovered = "void", ignore_label: int = 255
) -> NDArray[np.intp]:
    """Fill polygons, each over those before it.

    Parameters
    ----------
    drawn : iterable of Polygon
        In order: a pixel in several is of the last one.
    shape : (int, int)
        Height and width of the mask.
    uncovered : {"void", "nearest"} or int, default="void"
        Pixels in no polygon: void, as nobody has said what they are; the class of the nearest pixel that is covered;
        or a class, such as the background.
    ignore_label : int, default=255
        The void class.

    Returns
    -------
    ndarray of intp of shape (H, W)

    Notes
    -----
    A pixel is inside if its centre is; rings of a polygon are filled even-odd, so that holes stay open. A centre on
    an edge is on one side of it: two polygons along one edge neither share a pixel nor leave one out.
    """
    if not (uncovered in ("void", "nearest") if isinstance(uncovered, str) else is_whole(uncovered)):
        raise ValueError(
            f"draw_polygons: uncovered must be 'void', 'nearest' or a class (an int), got {uncovered!r}."
        )
    mask = np.full(shape, ignore_label if isinstance(uncovered, str) else int(uncovered), dtype=np.intp)
    covered = np.zeros(shape, dtype=bool)
    for polygon in drawn:
        inside = filled((polygon.outer, *polygon.holes), shape)
        mask[inside] = polygon.label
        covered |= inside
    if uncovered == "nearest" and covered.any() and not covered.all():
        rows, columns = distance_transform_edt(~covered, return_distances=False, return_indices=True)
        mask = mask[rows, columns]
    return mask


def filled(rings: Iterable[Vertices], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels whose centres are inside an odd number of rings, of shape (H, W)."""
    height, width = shape
    toggles = np.zeros((height, width + 1), dtype=np.intp)
    for ring in rings:
        upper, lower = ring, np.roll(ring, -1, axis=0)
        swapped = upper[:, :1] > lower[:, :1]
        upper, lower = np.where(swapped, lower, upper), np.where(swapped, upper, lower)
        # Rows whose middle an edge crosses: from above its upper end up to its lower one.
        first = np.clip(np.ceil(upper[:, 0] - 0.5), 0, height).astype(np.intp)
        last = np.clip(np.ceil(lower[:, 0] - 0.5), 0, height).astype(np.intp)
        counts = last - first
        edge = np.repeat(np.arange(len(ring)), counts)
        row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
        part = (row + 0.5 - upper[edge, 0]) / (lower[edge, 0] - upper[edge, 0])
        crossing = upper[edge, 1] + part * (lower[edge, 1] - upper[edge, 1])
        column = np.clip(np.ceil(crossing - 0.5), 0, width).astype(np.intp)
        np.add.at(toggles, (row, column), 1)
    return (np.cumsum(toggles, axis=1)[:, :width] % 2).astype(bool)


def approximate_mask(
    mask: Any,
    tolerance: float = 10.0,
    *,
    uncovered: Uncovered | None = None,
    connectivity: int = 2,
    holes: bool = True,
    background: int | None = None,
    ignore_label: int = 255,
) -> NDArray[Any]:
    """Return the labels that an annotator gives who draws polygons, instead of the exact ones.

    Parameters
    ----------
    mask : array-like of shape (H, W)
        The truth.
    tolerance : float, default=10.0
        Pixels that an outline may be off by. 0 gives the mask back, void pixels as they are.
    uncovered : {"void", "nearest"} or int, default=None
        Pixels in no polygon; see `draw_polygons`. None: the background, where there is one, else void.
    connectivity, holes, background, ignore_label
        As in `polygons`.

    Returns
    -------
    ndarray of shape (H, W)
        Of the dtype of `mask`, where that holds all labels.

    Raises
    ------
    ValueError
        As in `polygons`.

    Notes
    -----
    Pieces are drawn in the order of `polygons`, smaller ones over larger ones. Simplified outlines leave gaps and
    overlap: gaps go by `uncovered`, overlaps to the smaller piece. Polygons also reach into void pixels of the truth;
    the annotator has labelled those, so they are labelled here.

    Examples
    --------
    >>> mask = np.zeros((60, 60), dtype=np.uint8)
    >>> mask[20:40, 10:50] = 1
    >>> bool((approximate_mask(mask, 5, background=0) == mask).all())
    True
    """
    mask = checked_mask(mask, who="approximate_mask", allow_void=True)
    options: dict[str, Any] = {"connectivity": connectivity, "holes": holes, "background": background}
    check_outlining("approximate_mask", tolerance, connectivity, holes, background, ignore_label)
    if uncovered is None:
        uncovered = "void" if background is None else background
    drawn = polygons(mask, tolerance, ignore_label=ignore_label, **options)
    labels = draw_polygons(drawn, mask.shape, uncovered=uncovered, ignore_label=ignore_label)
    narrow = labels.astype(mask.dtype)
    return narrow if (narrow == labels).all() else labels
