"""Encoded images as one uint8 array: the file that knows what can be wrong with an image."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skal.datasets._dataset import Skipped
from skal.image_files import IMAGE_ENDINGS

# Formats that PIL reads by itself: no PostScript interpreter or other program is ever started.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
ENDINGS = IMAGE_ENDINGS

ORIENTATION = 0x0112  # of EXIF
TURNED = "skal.orientation"  # in `info` of an opened image: the orientation that it was stored in, or None

# What PIL is known to raise on damaged bytes; whatever else happens is no property of the file.
_DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
)


class BadImage(ValueError):
    """An image that cannot be read; the message names it."""


def decode_images(
    names: Sequence[str],
    read: Callable[[int], bytes],
    *,
    resize: tuple[int, int] | None,
    on_bad: str,
    remedy: str = "",
) -> tuple[NDArray[np.uint8], NDArray[np.intp], tuple[Skipped, ...]]:
    """Decode images into one array.

    Parameters
    ----------
    names : sequence of str
        For messages.
    read : callable
        ``read(i)`` gives the encoded bytes of image i.
    resize : (height, width) or None
        Bilinear, antialiased; None: all images must have one size.
    on_bad : {"raise", "skip"}
        What to do with an image that cannot be read.
    remedy : str
        Ends the message about a bad image.

    Returns
    -------
    X : ndarray of uint8 of shape (n_good, 3, H, W)
        Red, green, blue.
    kept : ndarray of intp of shape (n_good,)
        Positions of the good ones.
    skipped : tuple of Skipped
        The others.
    """
    check_options(resize, on_bad)
    found = gathered(names, lambda i: (decode(read(i), resize),), on_bad=on_bad, remedy=remedy)
    return found.parts[0], found.kept, found.skipped


class Gathered(NamedTuple):
    """What `gathered` returns."""

    parts: tuple[Any, ...]  # an array, or a list, of each part of an item: images, or images and masks
    kept: NDArray[np.intp]  # positions of the good items
    skipped: tuple[Skipped, ...]


def gathered(
    names: Sequence[str],
    item: Callable[[int], tuple[NDArray[np.uint8], ...]],
    *,
    on_bad: str,
    remedy: str = "",
    lists: bool = False,
) -> Gathered:
    """Gather images, or images with their masks, whose sizes are one; with `lists` as they are.

    ``item(i)`` gives the parts of item i, the image first, or raises `BadImage`.
    """
    stacks: tuple[Any, ...] = ()
    first = 0
    kept: list[int] = []
    skipped: list[Skipped] = []
    for i, name in enumerate(names):
        try:
            parts = item(i)
        except BadImage as error:
            if on_bad == "raise":
                hint = remedy or 'Mend it or take it away, or pass on_bad="skip".'
                raise BadImage(f"{name} cannot be read: {error} {hint}") from error
            skipped.append(Skipped(name, str(error)))
            continue
        if lists:
            stacks = stacks or tuple([] for _ in parts)
            for stack, part in zip(stacks, parts, strict=True):
                stack.append(np.ascontiguousarray(part))
            kept.append(i)
            continue
        if not stacks:
            stacks = tuple(np.empty((len(names), *part.shape), dtype=np.uint8) for part in parts)
            first = i
        elif parts[0].shape != stacks[0].shape[1:]:
            height, width = stacks[0].shape[2:]
            raise ValueError(
                f"The sizes of the images vary: {names[first]} is {height}x{width} (height x width), {name} "
                f"is {parts[0].shape[1]}x{parts[0].shape[2]}. Pass resize=(height, width)."
            )
        for stack, part in zip(stacks, parts, strict=True):
            stack[len(kept)] = part
        kept.append(i)
    if not stacks:
        raise BadImage(f"None of {len(names)} images can be read. The first: {skipped[0].path}: {skipped[0].reason}")
    good = stacks if lists else tuple(stack[: len(kept)] for stack in stacks)
    return Gathered(good, np.array(kept, dtype=np.intp), tuple(skipped))


def check_options(resize: Any, on_bad: str) -> None:
    """Refuse, before any work, options that mean nothing."""
    if on_bad not in ("raise", "skip"):
        raise ValueError(f"on_bad must be 'raise' or 'skip', got {on_bad!r}.")
    if resize is None:
        return
    sides = resize if isinstance(resize, (tuple, list)) else ()
    if len(sides) != 2 or not all(isinstance(side, (int, np.integer)) and side > 0 for side in sides):
        raise ValueError(f"resize must be (height, width), two whole numbers above 0, got {resize!r}.")


def check_one_size(X: Any, X_test: Any) -> None:
    """Refuse images to learn from and images to test on whose sizes differ."""
    if X.shape[1:] != X_test.shape[1:]:
        raise ValueError(
            f"The sizes of the images vary: those of train are {X.shape[2:]}, those of test {X_test.shape[2:]}. "
            "Pass resize=(height, width)."
        )


def decode(data: bytes, resize: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Decode one image to RGB, uint8 (3, H, W): upright, 8 bits a channel, without transparency.

    Raises
    ------
    BadImage
        With the reason, but not the name, which the caller knows.
    """
    return pixels(opened(data, upright_rgb), resize)


def pixels(image: Any, resize: tuple[int, int] | None) -> NDArray[np.uint8]:
    """Return an image of PIL as uint8 (C, H, W), resized where asked for."""
    from PIL import Image

    if resize is not None:
        image = image.resize((resize[1], resize[0]), Image.Resampling.BILINEAR)
    return np.asarray(image).transpose(2, 0, 1)


def opened(data: bytes, read: Callable[[Any], Any]) -> Any:
    """Return what `read` makes of an image that PIL has opened and unpacked; all damage is a `BadImage`."""
    from PIL import Image

    if not data:
        raise BadImage("the file is empty.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            image.info[TURNED] = image.getexif().get(ORIENTATION)  # of TIFF, loading turns the image and forgets it
            image.load()
            return read(image)
    except Image.UnidentifiedImageError as error:
        raise BadImage(f"it is none of {', '.join(FORMATS)}; it begins with {data[:16]!r}.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImage(
            f"it unpacks to more pixels than PIL.Image.MAX_IMAGE_PIXELS ({Image.MAX_IMAGE_PIXELS}), a decompression "
            "bomb, as it seems. Raise that limit if the file can be trusted."
        ) from error
    except _DAMAGE as error:
        if isinstance(error, BadImage):
            raise
        raise BadImage(f"{str(error).rstrip('.') or type(error).__name__}.") from error


def upright_rgb(image: Any) -> Any:
    """Turn an image as its EXIF data say, and its pixels to RGB of 8 bits."""
    from PIL import Image, ImageOps

    coding = image.format
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = Image.fromarray(_high_byte(np.asarray(image), coding))
    if "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("RGB")


def _high_byte(values: NDArray[Any], coding: str | None) -> NDArray[np.uint8]:
    """16-bit grey as 8-bit: the high byte, 0..65535 -> 0..255, as PIL does for 16-bit colour.

    Older versions of PIL give 16-bit PNG as 32-bit integers. Other wide pixels have no known white.
    """
    is_16_bit = values.dtype.kind == "u" and values.dtype.itemsize == 2
    if not is_16_bit and not (coding in ("PNG", "PPM") and values.dtype.kind == "i"):
        raise BadImage(f"its pixels are {values.dtype}, of unknown range. Save it with 8 or 16 bits a channel.")
    return (values // 256).clip(0, 255).astype(np.uint8)
