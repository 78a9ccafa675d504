"""Shapes as a page sends them: what may be in one, checked before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["VOID", "checked_shapes"]

VOID = 255  # of pixels that nobody labelled, and of those that are nobody's class
_GRID = 16  # coordinates are kept to a sixteenth of a pixel
_MOST_SHAPES = 5_000
_MOST_POINTS = 200_000
_MOST_PAINT = 400_000_000  # pixels looked at for the strokes of one answer: some seconds
_KEYS = {
    "start": {"kind", "mask"},
    "polygon": {"kind", "class", "points", "holes"},
    "stroke": {"kind", "class", "size", "points"},
    "rest": {"kind", "class"},
}


def checked_shapes(given: Any, classes: Sequence[str], size: tuple[int, int]) -> list[dict[str, Any]]:
    """Return shapes in the form in which they are kept, or raise.

    Parameters
    ----------
    given : sequence of mappings
        In the order of drawing, later ones over earlier ones. Points are (x, y) in pixels of the image, from its
        upper left corner: the pixel in row r and column c covers x from c to c + 1 and y from r to r + 1.

        - ``{"kind": "start", "mask": digest}``: a mask that is stored already, such as the model's; the first only;
        - ``{"kind": "polygon", "class": name, "points": [[x, y], ...], "holes": [[[x, y], ...], ...]}``;
        - ``{"kind": "stroke", "class": name, "size": diameter, "points": [[x, y], ...]}``: a round brush;
        - ``{"kind": "rest", "class": name}``: all pixels that have no class.

        A class of None is void: it erases.
    classes : sequence of str
        The names that are allowed.
    size : (height, width)
        Of the image.

    Returns
    -------
    list of dict
        With coordinates rounded to a sixteenth of a pixel.

    Raises
    ------
    ValueError
        That names the shape and says what is wrong with it.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Sequence):
        raise ValueError(f"shapes must be a list of shapes, got {type(given).__name__}.")
    if len(given) > _MOST_SHAPES:
        raise ValueError(f"there may be {_MOST_SHAPES} shapes in a mask, got {len(given)}.")
    found = [_checked(shape, number, classes, size) for number, shape in enumerate(given, start=1)]
    n_points = sum(len(ring) for shape in found for ring in (shape.get("points", ()), *shape.get("holes", ())))
    if n_points > _MOST_POINTS:
        raise ValueError(f"there may be {_MOST_POINTS} points in a mask, got {n_points}.")
    paint = sum(_paint(shape, size) for shape in found if shape["kind"] == "stroke")
    if paint > _MOST_PAINT:
        raise ValueError("the brush strokes are too many and too thick to be drawn. Draw large areas as polygons.")
    return found


def _checked(shape: Any, number: int, classes: Sequence[str], size: tuple[int, int]) -> dict[str, Any]:
    kind = shape.get("kind") if isinstance(shape, Mapping) else None
    if not isinstance(kind, str) or kind not in _KEYS:
        raise ValueError(f"shape {number} must be one of {', '.join(_KEYS)} (its kind), got {_shown(kind)}.")
    who = f"shape {number} ({kind})"
    if unknown := sorted(set(shape) - _KEYS[kind]):
        raise ValueError(f"{who}: there is no entry {unknown[0]!r}; there are {', '.join(sorted(_KEYS[kind]))}.")
    if kind == "start":
        digest = shape.get("mask")
        if number > 1:
            raise ValueError(f"{who}: a mask to start from must be the first shape.")
        if not isinstance(digest, str):
            raise ValueError(f"{who}: mask must be the digest of a stored mask, got {_shown(digest)}.")
        return {"kind": kind, "mask": digest}
    name = shape.get("class")
    if "class" not in shape or not (name is None or name in classes):
        raise ValueError(f"{who}: class must be one of {', '.join(classes)}, or null for void, got {_shown(name)}.")
    found: dict[str, Any] = {"kind": kind, "class": name}
    if kind == "polygon":
        found["points"] = _points(shape.get("points"), 3, who, size)
        holes = shape.get("holes", [])
        if not isinstance(holes, (list, tuple)):
            raise ValueError(f"{who}: holes must be a list of outlines, got {_shown(holes)}.")
        if holes:
            found["holes"] = [_points(hole, 3, f"{who}, a hole", size) for hole in holes]
    elif kind == "stroke":
        found["points"] = _points(shape.get("points"), 1, who, size)
        found["size"] = _number(shape.get("size"), who, "size", 1 / _GRID, 2.0 * max(size))
    return found


def _points(given: Any, least: int, who: str, size: tuple[int, int]) -> list[list[float]]:
    if not isinstance(given, (list, tuple)) or len(given) < least:
        n = len(given) if isinstance(given, (list, tuple)) else 0
        raise ValueError(f"{who}: points must be a list of at least {least} pairs [x, y], got {n}.")
    if len(given) > _MOST_POINTS:
        raise ValueError(f"{who}: there may be {_MOST_POINTS} points in a mask, got {len(given)}.")
    height, width = size
    pairs = []
    for point in given:
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise ValueError(f"{who}: a point must be [x, y], got {_shown(point)}.")
        # Outlines may leave the image; what is drawn is the part inside.
        x = _number(point[0], who, "x", -width - 1.0, 2.0 * width + 1)
        pairs.append([x, _number(point[1], who, "y", -height - 1.0, 2.0 * height + 1)])
    return pairs


def _number(value: Any, who: str, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{who}: {name} must be a finite number, got {_shown(value)}.")
    rounded = round(float(value) * _GRID) / _GRID
    if not low <= rounded <= high:
        raise ValueError(f"{who}: {name} must be in [{low:g}, {high:g}], got {value:g}.")
    return rounded


def _paint(stroke: Mapping[str, Any], size: tuple[int, int]) -> int:
    """Pixels that drawing a stroke looks at: the box of each of its segments."""
    height, width = size
    points, brush = stroke["points"], stroke["size"]
    total = 0
    for (x, y), (u, v) in zip(points, points[1:] or points, strict=False):
        total += int(min(abs(x - u) + brush + 2, width) * min(abs(y - v) + brush + 2, height))
    return total


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
