"""The folder of masks: each answer a PNG and a JSON file, written once, before the journal names them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling._errors import ProjectError
from skal.labeling.masks.drawing import draw_shapes
from skal.labeling.masks.pictures import mask_as_png, mask_of_png
from skal.labeling.masks.shapes import VOID, checked_shapes
from skal.labeling.masks.votes import JOINT, PREFIX, digests_in, most_given
from skal.masks import checked_mask, resized_mask

__all__ = ["MaskStore", "StoredMask"]

FOLDER = "masks"
_LONGEST = 64  # letters of a digest
Mask = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class StoredMask:
    """One mask as it was answered.

    Attributes
    ----------
    mask : ndarray of uint8 of shape (H, W)
        Positions in `classes`, 255 for void.
    classes : list of str
        Names, as they were when the mask was drawn.
    shapes : list of dict
        What was drawn, see `checked_shapes`; empty for a mask that came as an array.
    clicks : int or None
        What it took; None where nobody counted.
    """

    mask: Mask
    classes: list[str]
    shapes: list[dict[str, Any]] = field(default_factory=list)
    clicks: int | None = None


class MaskStore:
    """Masks of a project, by the digest of all that was answered.

    Parameters
    ----------
    folder : Path
        Of the project; the masks lie in ``masks`` below it. ``masks/<digest>.png`` holds a class a pixel,
        ``masks/<digest>.json`` the shapes, the clicks, the names of the classes and the digest of the pixels.

    Notes
    -----
    A file is written under another name, flushed to the disk and then renamed, so that there is no half of one, and
    what a journal names is on the disk before the journal is. Nothing is ever changed or deleted. A digest is that of
    the content: the same answer twice is one pair of files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        self._small: dict[Any, Mask] = {}
        self._holds: dict[str, list[str]] = {}

    def write(
        self,
        given: Any,
        size: tuple[int, int],
        classes: Sequence[str],
        *,
        clicks: int | None = None,
    ) -> str:
        """Keep an answer.

        Parameters
        ----------
        given : mapping, or array-like of shape (H, W)
            ``{"shapes": [...], "clicks": 12, "size": [width, height]}`` as a page sends it, the last two if wanted;
            or a mask of positions in `classes`, 255 for void.
        size : (height, width)
            Of the image, upright.
        classes : sequence of str
            Names.
        clicks : int, default=None
            Where they do not stand in `given`.

        Returns
        -------
        str
            The label for the journal, ``"mask:<digest>"``. Both files are on the disk.

        Raises
        ------
        ValueError
            If the shapes or the mask cannot be taken.
        ProjectError
            If they cannot be written.
        """
        if isinstance(given, Mapping):
            shapes, n_clicks = self._of_page(given, size, classes)
            mask = draw_shapes(shapes, size, classes, lambda digest: self._start(digest, classes))
            clicks = clicks if n_clicks is None else n_clicks
        else:
            shapes = []
            found = checked_mask(given, size, range(len(classes)), VOID, "the answer", allow_void=True)
            mask = found.astype(np.uint8)
        about = {
            "size": [size[1], size[0]],
            "classes": list(classes),
            "clicks": checked_clicks(clicks),
            "shapes": shapes,
            "holds": [name for name, n in zip(classes, np.bincount(mask.ravel(), minlength=256), strict=False) if n],
            "pixels": _digest(mask.tobytes()),
        }
        text = json.dumps(about, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        digest = _digest(text.encode())
        self._write(f"{digest}.png", mask_as_png(mask))
        self._write(f"{digest}.json", text.encode())
        return PREFIX + digest

    def read(self, label: str) -> StoredMask:
        """Return a mask by its label.

        Parameters
        ----------
        label : str
            As `write` or `joint_label` gives it; of several masks each pixel has the class that most of them give it,
            and is void in a tie.

        Raises
        ------
        ProjectError
            If a file is missing, or is not what was written.
        """
        if JOINT in label:
            return self._joint(label)
        digest = self.digest_of(label)
        data, picture = self._bytes(f"{digest}.json"), self._bytes(f"{digest}.png")
        try:
            about = json.loads(data)
            mask = mask_of_png(picture)
        except ValueError as error:
            raise ProjectError(f"{self.folder / digest}: {error} Put back a copy of the folder.") from error
        if _digest(data) != digest or _digest(mask.tobytes()) != about["pixels"]:
            raise ProjectError(
                f"{self.folder / digest}: the mask is not what was written. Put back a copy of the folder."
            )
        return StoredMask(mask, about["classes"], about["shapes"], about["clicks"])

    def about(self, label: str) -> dict[str, Any]:
        """Return what stands beside a mask (shapes, clicks, classes, size), without reading its pixels."""
        found: dict[str, Any] = json.loads(self._bytes(f"{self.digest_of(label)}.json"))
        return found

    def classes_in(self, label: str) -> list[str]:
        """Return the classes that pixels are of; of several masks those of any."""
        if label not in self._holds:
            digests = digests_in(label)
            names = dict.fromkeys(name for digest in digests for name in self.about(PREFIX + digest)["holds"])
            self._holds[label] = list(names)
        return self._holds[label]

    def png(self, label: str) -> bytes:
        """Return the picture of a mask as it lies in the folder."""
        return self._bytes(f"{self.digest_of(label)}.png")

    def holds(self, label: str) -> bool:
        """Tell whether both files of a label are there."""
        try:
            digest = self.digest_of(label)
        except ProjectError:
            return False
        return all((self.folder / f"{digest}{ending}").is_file() for ending in (".png", ".json"))

    def in_classes(self, label: str, classes: Sequence[str]) -> Mask:
        """Return a mask as positions in other names than those it was drawn with; classes that are gone are void."""
        return _renamed(self.read(label), classes)

    def small(self, label: str, classes: Sequence[str], size: tuple[int, int]) -> Mask:
        """Return a mask at another size, each pixel at the nearest one; what was read once is remembered."""
        key = (label, tuple(classes), size)
        if key not in self._small:
            self._small[key] = resized_mask(self.in_classes(label, classes), size)
        return self._small[key]

    def _joint(self, label: str) -> StoredMask:
        digests = digests_in(label)
        stored = [self.read(PREFIX + digest) for digest in digests]
        names = list(dict.fromkeys(name for one in stored for name in one.classes))
        size = stored[0].mask.shape
        return StoredMask(most_given([resized_mask(_renamed(one, names), size) for one in stored], len(names)), names)

    @staticmethod
    def digest_of(label: str) -> str:
        """Return the digest in a label.

        Raises
        ------
        ProjectError
            If it is no label of a mask; it never leads out of the folder.
        """
        digest = label.removeprefix(PREFIX)
        named = digest.isascii() and digest.isalnum() and len(digest) <= _LONGEST
        if not label.startswith(PREFIX) or not named:
            raise ProjectError(f"{label[:80]!r} is not the label of a mask, which is 'mask:' and a digest.")
        return digest

    def _start(self, digest: str, classes: Sequence[str]) -> Mask:
        if not self.holds(PREFIX + digest):
            raise ValueError(f"there is no stored mask {digest[:80]!r} to start from.")
        return self.in_classes(PREFIX + digest, classes)

    @staticmethod
    def _of_page(
        given: Mapping[str, Any], size: tuple[int, int], classes: Sequence[str]
    ) -> tuple[list[dict[str, Any]], int | None]:
        if unknown := sorted(set(given) - {"shapes", "clicks", "size"}):
            raise ValueError(f"a mask has the entries shapes, clicks and size, got {unknown[0]!r}.")
        if "size" in given and given["size"] not in ([size[1], size[0]], (size[1], size[0])):
            raise ValueError(
                f"the image is {size[1]} x {size[0]} pixels (width x height), the mask was drawn on {given['size']}. "
                "Load the page again."
            )
        if "shapes" not in given:
            raise ValueError("a mask needs its shapes; an empty list is a mask of void.")
        return checked_shapes(given["shapes"], classes, size), given.get("clicks")

    def _bytes(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise ProjectError(f"{self.folder / name} is missing. Put back a copy of the folder.") from None
        except OSError as error:
            raise ProjectError(f"{self.folder / name} cannot be read: {error.strerror}.") from error

    def _write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        if path.is_file() and path.stat().st_size == len(data):
            return  # the name is the digest of the content
        try:
            self.folder.mkdir(exist_ok=True)
            write_flushed(path, data)
        except OSError as error:
            raise ProjectError(
                f"{path} cannot be written: {error.strerror}. The answer was not kept; those before are intact."
            ) from error


def _renamed(stored: StoredMask, classes: Sequence[str]) -> Mask:
    if stored.classes == list(classes):
        return stored.mask
    table = np.full(256, VOID, dtype=np.uint8)
    for place, name in enumerate(stored.classes):
        if name in classes:
            table[place] = list(classes).index(name)
    return table[stored.mask]


def checked_clicks(clicks: Any) -> int | None:
    """Return a number of clicks, or raise."""
    if clicks is None:
        return None
    if isinstance(clicks, bool) or not isinstance(clicks, int) or not 0 <= clicks <= 10**6:
        raise ValueError(f"clicks must be a whole number from 0 to 1000000, got {clicks!r}.")
    return clicks


def write_flushed(path: Path, data: bytes) -> None:
    """Write a file whole, and return when it is on the disk, its name too."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with open(draft, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # elsewhere a folder cannot be flushed
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
