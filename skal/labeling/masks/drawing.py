"""From shapes to pixels, by the rule of `skal.annotation.draw_polygons`: a pixel is where its centre is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.annotation import Polygon, draw_polygons
from skal.labeling.masks.shapes import VOID
from skal.masks import resized_mask

__all__ = ["draw_shapes"]

Mask = NDArray[np.uint8]
_Box = tuple[slice, slice]


def draw_shapes(
    shapes: Sequence[Mapping[str, Any]],
    size: tuple[int, int],
    classes: Sequence[str],
    start: Callable[[str], Mask] | None = None,
) -> Mask:
    """Draw shapes, later ones over earlier ones.

    Parameters
    ----------
    shapes : sequence of mappings
        As `checked_shapes` returns them.
    size : (height, width)
        Of the mask.
    classes : sequence of str
        Names; the mask holds positions among them.
    start : callable, default=None
        Gives the mask of a digest, of any size: it is read at the nearest pixel. Needed where the first shape is a
        mask to start from.

    Returns
    -------
    ndarray of uint8 of shape (H, W)
        255 where no shape is, or the last one is void.

    Notes
    -----
    Polygons are filled as `skal.annotation.draw_polygons` does: two polygons along one edge neither share a pixel nor
    leave one out. A pixel is of a stroke if its centre is no farther from the line through its points than half its
    size. A page that draws by the same two rules shows what will be kept.

    Examples
    --------
    >>> square = {"kind": "polygon", "class": "car", "points": [[1, 0], [3, 0], [3, 2], [1, 2]]}
    >>> draw_shapes([square, {"kind": "rest", "class": "road"}], (2, 4), ["road", "car"])
    array([[0, 1, 1, 0],
           [0, 1, 1, 0]], dtype=uint8)
    """
    mask = np.full(size, VOID, dtype=np.uint8)
    for shape in shapes:
        if shape["kind"] == "start":
            if start is None:
                raise ValueError("draw_shapes: the first shape is a mask to start from, so start= is needed.")
            mask[:] = resized_mask(start(shape["mask"]), size)
            continue
        value = VOID if shape["class"] is None else list(classes).index(shape["class"])
        if shape["kind"] == "rest":
            mask[mask == VOID] = value
        elif shape["kind"] == "polygon":
            box, inside = _polygon(shape, size)
            mask[box][inside] = value
        else:
            _stroke(mask, shape, value)
    return mask


def _polygon(shape: Mapping[str, Any], size: tuple[int, int]) -> tuple[_Box, NDArray[np.bool_]]:
    """The pixels of a polygon in the box around it: small polygons are quick in large images too."""
    rings = [np.array(ring, dtype=np.float64)[:, ::-1] for ring in (shape["points"], *shape.get("holes", ()))]
    box = _box(
        np.min([ring.min(axis=0) for ring in rings], axis=0), np.max([r.max(axis=0) for r in rings], axis=0), size
    )
    corner = np.array([box[0].start, box[1].start])
    outer, *holes = (ring - corner for ring in rings)
    inner = (box[0].stop - box[0].start, box[1].stop - box[1].start)
    return box, draw_polygons([Polygon(0, outer, tuple(holes))], inner) == 0


def _stroke(mask: Mask, shape: Mapping[str, Any], value: int) -> None:
    height, width = mask.shape
    points, radius = shape["points"], shape["size"] / 2
    for (x, y), (u, v) in zip(points, points[1:] or points, strict=False):
        low = np.array([min(y, v) - radius, min(x, u) - radius])
        high = np.array([max(y, v) + radius, max(x, u) + radius])
        box = _box(low, high, (height, width))
        rows = np.arange(box[0].start, box[0].stop)[:, None] + 0.5
        columns = np.arange(box[1].start, box[1].stop)[None] + 0.5
        dx, dy = u - x, v - y
        length = dx * dx + dy * dy
        part: Any = 0.0
        if length > 0:
            part = np.clip(((columns - x) * dx + (rows - y) * dy) / length, 0.0, 1.0)
        across, down = columns - (x + part * dx), rows - (y + part * dy)
        mask[box][across * across + down * down <= radius * radius] = value


def _box(low: NDArray[Any], high: NDArray[Any], size: tuple[int, int]) -> _Box:
    """The part of an image between two corners (row, column), rounded outwards."""
    top, left = (min(max(math.floor(place), 0), most) for place, most in zip(low, size, strict=True))
    bottom, right = (min(max(math.ceil(place), 0), most) for place, most in zip(high, size, strict=True))
    return slice(top, max(top, bottom)), slice(left, max(left, right))
