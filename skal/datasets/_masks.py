"""Encoded masks: which class each pixel of an image has, and what can be wrong with that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.datasets._images import TURNED, BadImage, opened, pixels, upright_rgb

IGNORE = 255  # of void pixels
VOID = ("void", "unlabelled", "unlabeled", "ignore")  # names that stand for no class, in small letters

Mask = NDArray[np.uint8]

_BYTES, _COLORS = 2**8, 2**24
_NOTHING = -1  # in a table of labels: no class, nor void
# EXIF's orientations: whether left and right are swapped, and how many quarter turns (to the left) follow.
_TURNS = {2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3), 7: (True, 3), 8: (False, 1)}
_SIDEWAYS = (5, 6, 7, 8)


class MaskLabels:
    """What the values, or the colours, of encoded masks mean: positions in `classes`, or void.

    Parameters
    ----------
    names : sequence of str
        Of the values 0, 1, ...
    void : str or collection of str
        Of these names, large letters or small, those that stand for no class.
    labels : mapping, default=None
        From values, or from colours (red, green, blue), to names; None as a name is void, too.
    who : str
        For messages.
    """

    def __init__(
        self,
        names: Sequence[str],
        void: str | Collection[str] = VOID,
        labels: Mapping[Any, str | None] | None = None,
        who: str = "load_segmentation_folder",
    ) -> None:
        names = [str(name) for name in names]
        if len(set(names)) < len(names) or not names:
            raise ValueError(f"{who}: classes must be different names, at least one, got {names}.")
        left_out = {name.lower() for name in ([void] if isinstance(void, str) else void)}
        self.classes = tuple(name for name in names if name.lower() not in left_out)
        if not 1 <= len(self.classes) <= IGNORE:
            raise ValueError(f"{who}: there must be 1 to {IGNORE} classes beside void, got {len(self.classes)}.")
        meaning: Mapping[Any, str | None] = dict(enumerate(names)) if labels is None else labels
        places: dict[str | None, int] = dict.fromkeys((None, *names), IGNORE)
        places |= {name: place for place, name in enumerate(self.classes)}
        if unknown := [name for name in meaning.values() if name not in places]:
            raise ValueError(f"{who}: labels names {unknown[0]!r}, which is none of the classes {', '.join(names)}.")
        self.are_colors = any(not isinstance(value, (int, np.integer)) for value in meaning)
        try:
            known = {
                (_packed(value) if self.are_colors else int(value)): places[name] for value, name in meaning.items()
            }
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{who}: the keys of labels must be all whole numbers, or all colours (red, green, blue), got "
                f"{list(meaning)[:5]}."
            ) from error
        self._table = np.full(_COLORS if self.are_colors else max(_BYTES, *known) + 1, _NOTHING, dtype=np.int16)
        if not self.are_colors:
            self._table[IGNORE] = IGNORE
        self._table[list(known)] = list(known.values())

    def of(self, values: NDArray[Any]) -> Mask:
        """Return the positions in `classes` of a mask (H, W), or of a picture (H, W, 3) where colours are labels.

        Raises
        ------
        BadImage
            Where a value is no label.
        """
        values = np.asarray(values)
        if self.are_colors:
            red, green, blue = (values[..., channel].astype(np.int32) for channel in range(3))
            values = red << 16 | green << 8 | blue
        elif values.ndim != 2 or values.dtype.kind not in "iub":
            raise BadImage(f"a mask must be whole numbers of shape (H, W), got {values.dtype} of {values.shape}.")
        values = values.astype(np.int64, copy=False)
        outside = (values < 0) | (values >= len(self._table))
        found: NDArray[np.int16] = self._table[np.where(outside, 0, values)]
        wrong = outside | (found == _NOTHING)
        if wrong.any():
            value = int(values[wrong][0])
            shown = str((value >> 16, value >> 8 & 255, value & 255)) if self.are_colors else str(value)
            raise BadImage(
                f"it has {'the colour' if self.are_colors else 'the label'} {shown}: {int(wrong.sum())} pixels are "
                f"of none of the {len(self.classes)} classes, nor void."
            )
        return found.astype(np.uint8)

    def decoded(self, data: bytes) -> tuple[Mask, bool]:
        """Return the mask (H, W) of an encoded one: values, positions in a palette, or colours.

        It is turned upright as its own EXIF data say; whether they do is returned, too.
        """
        values, is_upright = opened(data, self._values_of)
        return self.of(values), is_upright

    def _values_of(self, image: Any) -> tuple[NDArray[Any], bool]:
        from PIL import ImageOps

        is_upright = image.info[TURNED] is not None
        image = ImageOps.exif_transpose(image) if is_upright else image
        if self.are_colors:
            return np.asarray(image.convert("RGB")), is_upright
        if image.mode not in ("1", "L", "P", "I") and not image.mode.startswith("I;"):
            raise BadImage(
                f"it is a picture in colours ({image.mode}), where one whole number a pixel was expected. If colours "
                'are its labels, pass labels={(red, green, blue): "name", ...}.'
            )
        return np.asarray(image), is_upright


def decoded_pair(
    image: bytes, mask: Mask, resize: tuple[int, int] | None, is_upright: bool = False
) -> tuple[NDArray[np.uint8], Mask]:
    """Return an encoded image as uint8 (3, H, W) with its mask (H, W), both resized where asked for.

    Where the EXIF data of the image turn it, the mask is turned with it, pixel by pixel; unless the mask is upright
    already, as its own EXIF data say, or as its size does if it has that of the upright image alone.

    Raises
    ------
    BadImage
        If the image cannot be read, or the two differ in size before they are resized.
    """
    from PIL import Image

    picture, orientation = opened(image, _with_orientation)
    upright = (picture.height, picture.width)
    stored = upright[::-1] if orientation in _SIDEWAYS else upright
    if not is_upright and orientation in _TURNS and mask.shape == stored:
        mask = _turned(mask, orientation)
    check_pair(upright, mask.shape)
    if resize is not None:
        # The nearest pixel: a label between two labels would be a third.
        resized = Image.fromarray(mask).resize((resize[1], resize[0]), Image.Resampling.NEAREST)
        mask = np.asarray(resized)
    return pixels(picture, resize), mask


def _with_orientation(image: Any) -> tuple[Any, int]:
    return upright_rgb(image), image.info[TURNED] or 1


def _turned(mask: Mask, orientation: int) -> Mask:
    """A mask turned and mirrored as EXIF's orientation says of an image."""
    mirrored, quarters = _TURNS[orientation]
    return np.ascontiguousarray(np.rot90(mask[:, ::-1] if mirrored else mask, quarters))


def check_pair(image: tuple[int, ...], mask: tuple[int, ...]) -> None:
    """Refuse a mask of another height and width than its image."""
    if image != mask:
        raise BadImage(f"the image is {image[0]}x{image[1]} (height x width), its mask {mask[0]}x{mask[1]}.")


def _packed(color: Any) -> int:
    red, green, blue = (int(part) for part in color)
    if not all(0 <= part <= 255 for part in (red, green, blue)):
        raise ValueError(f"a colour has three parts in 0..255, got {color!r}.")
    return red << 16 | green << 8 | blue
