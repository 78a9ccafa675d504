"""Masks of Label Studio: brushes, polygons and rectangles as an answer of a project, and the other way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling.formats.brush import brush_of_mask, mask_of_brush
from skal.labeling.formats.controls import Unreadable, type_of
from skal.labeling.masks.drawing import draw_shapes
from skal.labeling.masks.shapes import VOID, checked_shapes

READABLE = ("brushlabels", "polygonlabels", "rectanglelabels")
_BRUSH = READABLE[0]
_BESIDE = ("choices", "textarea", "number", "rating", "taxonomy", "relation")  # answers to other questions


def drawing_of(
    results: Sequence[Mapping[str, Any]], classes: Sequence[str], size: tuple[int, int], control: str | None = None
) -> dict[str, Any] | NDArray[np.uint8]:
    """Read what was drawn on an image.

    Parameters
    ----------
    results : sequence of dict
        Of one annotation, later ones over earlier ones.
    classes : sequence of str
        Of the project.
    size : (height, width)
        Of the image.
    control : str, default=None
        Name of the control; None: all that draw.

    Returns
    -------
    dict or ndarray of uint8 of shape (H, W)
        Shapes, where all are polygons and rectangles, so that they can be changed later; else the mask: positions in
        `classes`, 255 where nothing is drawn.

    Raises
    ------
    Unreadable
        If something is no shape, of another class, or drawn on an image of another size.
    """
    drawn = [one for one in results if type_of(one) not in _BESIDE]
    if control is not None:
        drawn = [one for one in drawn if str(one.get("from_name")) == control]
    if not drawn:
        raise Unreadable(f"nothing is drawn{'' if control is None else f' with the control {control!r}'}.")
    shapes = [None if type_of(one) == _BRUSH else _outline(one, classes, size) for one in drawn]
    try:
        if None not in shapes:
            return {"shapes": checked_shapes(shapes, classes, size)}
        mask = np.full(size, VOID, dtype=np.uint8)
        for one, shape in zip(drawn, shapes, strict=True):
            name = _class_of(one, classes)
            _check_size(one, size)
            if shape is None:
                painted = mask_of_brush(_value(one).get("rle"), size)  # type: ignore[arg-type]
            else:
                painted = draw_shapes(checked_shapes([shape], classes, size), size, classes) != VOID
            mask[painted] = classes.index(name)
        return mask
    except ValueError as error:
        raise error if isinstance(error, Unreadable) else Unreadable(str(error)) from error


def results_of_mask(
    mask: NDArray[np.uint8], classes: Sequence[str], name: str, to_name: str, number: int
) -> list[dict[str, Any]]:
    """Return a mask as Label Studio writes it: one brush for each class in it.

    Parameters
    ----------
    mask : ndarray of uint8 of shape (H, W)
        Positions in `classes`; others are void.
    classes : sequence of str
        Names.
    name, to_name : str
        Of the control and of the image.
    number : int
        Makes the names of the results.
    """
    height, width = mask.shape
    about = {"from_name": name, "to_name": to_name, "type": _BRUSH, "origin": "manual", "image_rotation": 0}
    size = {"original_width": width, "original_height": height}
    return [
        {
            **{"id": f"skal-{number}-{place}", **about, **size},
            "value": {"format": "rle", "rle": brush_of_mask(mask == place), _BRUSH: [classes[place]]},
        }
        for place in np.unique(mask).tolist()
        if place < len(classes)
    ]


def _outline(one: Mapping[str, Any], classes: Sequence[str], size: tuple[int, int]) -> dict[str, Any]:
    """A polygon or a rectangle as a shape; Label Studio measures both in percent of the image."""
    kind, value = type_of(one), _value(one)
    if kind not in READABLE:
        raise Unreadable(f"{kind or 'a result without a type'} is not read as a mask; {', '.join(READABLE)} are.")
    _check_size(one, size)
    height, width = size
    if kind == "polygonlabels":
        points = value.get("points")
        if not isinstance(points, list) or not all(_is_point(point) for point in points):
            raise Unreadable("the points of a polygon must be pairs of numbers.")
        corners = [[x / 100 * width, y / 100 * height] for x, y in points]
    else:
        sides = [value.get(name) for name in ("x", "y", "width", "height")]
        turn = value.get("rotation", 0)
        if not all(map(_is_number, [*sides, turn])):
            raise Unreadable(f"a rectangle must have numbers for x, y, width, height and rotation, got {sides}.")
        x, y, w, h = (side / 100 * most for side, most in zip(sides, (width, height) * 2, strict=True))  # type: ignore[operator]
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))  # around the upper left corner
        ends = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)]
        corners = [[x + a * cos - b * sin, y + a * sin + b * cos] for a, b in ends]
    return {"kind": "polygon", "class": _class_of(one, classes), "points": corners}


def _class_of(one: Mapping[str, Any], classes: Sequence[str]) -> str:
    names = _value(one).get(type_of(one))
    if not isinstance(names, list) or len(names) != 1:
        raise Unreadable(f"what is drawn must have one class, got {names!r}.")
    if names[0] not in classes:
        raise Unreadable(f"{names[0]!r} is not a class; the classes are {', '.join(classes)}.")
    return str(names[0])


def _check_size(one: Mapping[str, Any], size: tuple[int, int]) -> None:
    if one.get("image_rotation") not in (0, None):
        raise Unreadable(f"the image was turned by {one['image_rotation']} degrees; draw on it as it is.")
    found = one.get("original_height", size[0]), one.get("original_width", size[1])
    if found != size:
        there, here = f"{found[1]} x {found[0]}", f"{size[1]} x {size[0]}"
        raise Unreadable(f"it was drawn on an image of {there} pixels; this has {here}.")


def _value(one: Mapping[str, Any]) -> Mapping[str, Any]:
    value = one.get("value")
    return value if isinstance(value, Mapping) else {}


def _is_point(point: Any) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(map(_is_number, point))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
