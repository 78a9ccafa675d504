"""The outlines of a mask's components, and what is left of them when they are drawn with few clicks.

Vertices are (row, column) on the grid of the pixels' corners: pixel (r, c) covers r to r + 1 and c to c + 1. So an
outline runs between pixels, neighbours share it, and a square of 100 x 100 pixels has four vertices, 100 apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects
from scipy.spatial import ConvexHull

Vertices = NDArray[np.float64]

_FEW = 64  # vertices whose distances are taken without a convex hull first


def components(mask: NDArray[Any], left_out: tuple[int, ...], connectivity: int) -> NDArray[np.intp]:
    """Number the connected pieces of equal class from 1, in the order of their first pixels; 0: left out."""
    from skimage.measure import label  # scikit-image is loaded where there are masks only

    classes, positions = np.unique(mask, return_inverse=True)
    positions = positions.reshape(mask.shape) + 1
    positions[np.isin(classes, left_out)[positions - 1]] = 0
    numbers: NDArray[np.intp] = label(positions, background=0, connectivity=connectivity)
    return numbers


def pieces(numbers: NDArray[np.intp]) -> Iterator[tuple[tuple[slice, slice], NDArray[np.bool_]]]:
    """Each component in its bounding box: the box, and where in it the component is."""
    for number, box in enumerate(find_objects(numbers), start=1):
        if box is not None:
            yield box, numbers[box] == number


def outlines(inside: NDArray[np.bool_], connectivity: int) -> list[Vertices]:
    """Closed outlines of one component, (m, 2) each, the outer one first, then those of its holes.

    Marching squares at the level between out and in crosses the middle of every edge between two pixels of which one
    is inside. Where it turns, between a horizontal and a vertical edge, their common corner is a vertex.
    """
    from skimage.measure import find_contours

    padded = np.pad(inside, 1).astype(np.float64)
    # Holes have the other connectivity: two pixels that touch at a corner are one component or one gap, not both.
    found = find_contours(padded, 0.5, fully_connected="high" if connectivity == 2 else "low")
    rings = [_corners(crossings) - 0.5 for crossings in found]
    rings.sort(key=enclosed_area, reverse=True)
    return rings


def _corners(crossings: Vertices) -> Vertices:
    here, there = crossings[:-1], crossings[1:]
    turns = (here != there).all(axis=1)
    here, there = here[turns], there[turns]
    # Of the two coordinates of a crossing, that between two pixels is no whole number: the corner has those of both.
    corners: Vertices = np.where(here % 1 != 0, here, there)
    return corners


def enclosed_area(ring: Vertices) -> float:
    """Area within a ring, by the shoelace formula."""
    rows, columns = ring.T
    return float(abs(np.dot(rows, np.roll(columns, -1)) - np.dot(columns, np.roll(rows, -1)))) / 2


def simplified(ring: Vertices, tolerance: float) -> Vertices:
    """Vertices that closed Ramer-Douglas-Peucker keeps; two, where the whole ring is within the tolerance of a line.

    A ring has no ends to start from. It is cut at the two vertices that are farthest apart, so that the result does
    not depend on where its list of vertices begins.
    """
    from skimage.measure import approximate_polygon

    if tolerance == 0:
        return ring
    first, second = farthest_pair(ring)
    if ((ring[first] - ring[second]) ** 2).sum() <= tolerance**2:
        return ring[[first, second]]  # all of it is as near to either
    ring = np.concatenate([ring[first:], ring[:first]])
    cut = (second - first) % len(ring)
    halves = (ring[: cut + 1], np.concatenate([ring[cut:], ring[:1]]))
    return np.concatenate([approximate_polygon(half, tolerance)[:-1] for half in halves])


def farthest_pair(ring: Vertices) -> tuple[int, int]:
    """Positions of the two vertices farthest apart; of equals, the pair whose coordinates come first."""
    places = np.arange(len(ring)) if len(ring) <= _FEW else ConvexHull(ring).vertices
    places = places[np.lexsort((ring[places, 1], ring[places, 0]))]
    rows, columns = ring[places].T
    apart = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2  # whole numbers: equals are equal
    a, b = divmod(int(apart.argmax()), len(places))
    return int(places[a]), int(places[b])


def triangle(ring: Vertices) -> Vertices:
    """The two vertices farthest apart and the one farthest from their line: a ring too narrow for its tolerance."""
    first, second = farthest_pair(ring)
    along = ring[second] - ring[first]
    across = np.abs((ring[:, 0] - ring[first, 0]) * along[1] - (ring[:, 1] - ring[first, 1]) * along[0])
    return ring[np.sort([first, second, int(across.argmax())])]
