"""Compressed NumPy archives: arrays, or encoded images one after another."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.datasets._dataset import Dataset, Skipped
from skal.datasets._images import check_options, decode_images, gathered
from skal.datasets._labels import positions
from skal.datasets._masks import IGNORE, VOID, MaskLabels, decoded_pair


def load_archive(
    path: str | Path,
    *,
    resize: tuple[int, int] | None = None,
    on_bad: str = "raise",
    splits: tuple[str, ...] = ("train", "test"),
    void: str | Collection[str] = VOID,
) -> Dataset:
    """Load an ``.npz`` archive.

    Parameters
    ----------
    path : str or Path
        File with the keys ``y_train``, ``classes`` (names; labels are positions in them), and either ``X_train``
        or the encoded images ``jpeg_train`` (uint8, all files one after another) with ``offsets_train`` (n + 1
        positions, from 0 to the length). Where pixels are labelled, ``mask_train`` (uint8, (n, H, W), positions in
        ``classes``) stands in the place of ``y_train``. The same with ``_test`` is optional, and so is ``features``
        (names of columns). Other keys are not read.
    resize : (height, width), default=None
        New size in pixels of encoded images (bilinear, antialiased) and their masks (nearest), needed where the sizes
        of images vary.
    on_bad : {"raise", "skip"}, default="raise"
        An encoded image that cannot be read, or a mask with a label that is no class, is an error that names it, or
        is left out and listed in `skipped`.
    splits : tuple of one or two str, default=("train", "test")
        Which parts become `X` and `X_test`: others where the archive has them, such as ("train", "val").
    void : str or collection of str, default=("void", "unlabelled", "unlabeled", "ignore")
        Of the names in ``classes``, large letters or small, those that are nobody's class in masks. Such pixels
        become 255, as those of 255 do, and the names are left out of `Dataset.classes`.

    Returns
    -------
    Dataset
        Encoded images as uint8 (n, 3, H, W), RGB; uint8 (n, H, W) as (n, 1, H, W); uint8 (n, H, W, C) with C of
        1, 3 or 4 as (n, C, H, W); anything else as it is. Masks as uint8 (n, H, W).

    Raises
    ------
    ValueError
        If a key is missing or holds something else than it should, or sizes vary and `resize` is not given.
        Pickled objects are never read.
    BadImage
        A ValueError: if an image cannot be read and `on_bad` is "raise".
    FileNotFoundError
        If there is no such file.

    Notes
    -----
    Memory: the decoded arrays, and those of the archive that they are decoded from.
    """
    check_options(resize, on_bad)
    path = Path(path)
    with _Archive(path) as archive:
        first, *more = splits
        names = tuple(map(str, archive.vector("classes")))
        features = tuple(map(str, archive.vector("features"))) if "features" in archive.keys else ()
        has_masks = f"mask_{first}" in archive.keys and f"y_{first}" not in archive.keys
        labels = MaskLabels(names, void, who=path.name) if has_masks else None
        read = partial(_split, archive, labels=labels, classes=names, resize=resize, on_bad=on_bad)
        X, y, skipped = read(first)
        X_test, y_test = None, None
        if more and (_parts(more[0]) & archive.keys or more[0] != "test"):
            X_test, y_test, also_skipped = read(more[0])
            skipped += also_skipped
            if X_test.shape[1:] != X.shape[1:]:
                raise ValueError(
                    f"{path.name}: rows of {first} and {more[0]} must have one shape, got {X.shape[1:]} and "
                    f"{X_test.shape[1:]}."
                )
    classes, ignore = (names, None) if labels is None else (labels.classes, IGNORE)
    return Dataset(path.stem, X, y, X_test, y_test, classes, features, skipped, ignore_label=ignore)


# What NumPy and zipfile raise on damaged bytes: flipped flags ask for passwords and unknown compressions, flipped
# shapes for more memory than there is.
_DAMAGE = (
    *(ValueError, EOFError, OSError, SyntaxError, TypeError, LookupError, OverflowError, MemoryError),
    *(
        RuntimeError,
        NotImplementedError,
        AttributeError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
    ),
)


def _reason(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def _parts(split: str) -> set[str]:
    return {f"{kind}_{split}" for kind in ("X", "jpeg", "y", "mask")}


def _split(
    archive: _Archive,
    split: str,
    *,
    labels: MaskLabels | None,
    classes: tuple[str, ...],
    resize: tuple[int, int] | None,
    on_bad: str,
) -> tuple[NDArray[Any], NDArray[Any], tuple[Skipped, ...]]:
    options: dict[str, Any] = {"on_bad": on_bad, "remedy": 'Make the archive anew, or pass on_bad="skip".'}
    if f"X_{split}" in archive.keys or f"jpeg_{split}" not in archive.keys:
        if resize is not None:
            raise ValueError(f"{archive.name}: resize is for encoded images; this archive has none in {split}.")
        X = _channels_first(archive.read(f"X_{split}", or_else=f"jpeg_{split}"))
        if labels is None:
            return X, _labels(archive, split, classes, len(X)), ()
        masks = _masks(archive, split, len(X))
        if masks.shape[1:] != X.shape[2:]:
            raise ValueError(
                f"{archive.name}: images of X_{split} are {X.shape[2:]}, masks of mask_{split} {masks.shape[1:]}."
            )
        names = [f"{archive.name}, mask_{split}[{i}]" for i in range(len(X))]
        found = gathered(names, lambda i: (X[i], labels.of(masks[i])), **options)
        return found.parts[0], found.parts[1], found.skipped
    raw, offsets = archive.read(f"jpeg_{split}"), archive.read(f"offsets_{split}")
    _check_offsets(archive.name, split, raw, offsets)
    n = len(offsets) - 1
    names = [f"{archive.name}, jpeg_{split}[{i}]" for i in range(n)]

    def encoded(i: int) -> bytes:
        content: bytes = raw[offsets[i] : offsets[i + 1]].tobytes()
        return content

    if labels is None:
        y = _labels(archive, split, classes, n)
        X, kept, skipped = decode_images(names, encoded, resize=resize, **options)
        return X, y[kept], skipped
    masks = _masks(archive, split, n)
    found = gathered(names, lambda i: decoded_pair(encoded(i), labels.of(masks[i]), resize), **options)
    return found.parts[0], found.parts[1], found.skipped


def _masks(archive: _Archive, split: str, n_rows: int) -> NDArray[Any]:
    masks = archive.read(f"mask_{split}")
    if masks.ndim != 3 or masks.dtype.kind not in "iu" or len(masks) != n_rows:
        raise ValueError(
            f"{archive.name}: mask_{split} must be whole numbers of shape ({n_rows}, H, W), one mask an image, got "
            f"{masks.dtype} of {masks.shape}."
        )
    return masks


def _labels(archive: _Archive, split: str, classes: tuple[str, ...], n_rows: int) -> NDArray[np.int64]:
    y = archive.read(f"y_{split}", or_else=f"mask_{split}")
    return positions(y, classes, n_rows, f"{archive.name}: y_{split}")


def _check_offsets(name: str, split: str, raw: NDArray[Any], offsets: NDArray[Any]) -> None:
    if raw.dtype != np.uint8 or raw.ndim != 1:
        raise ValueError(f"{name}: jpeg_{split} must be uint8 of shape (bytes,), got {raw.dtype} of {raw.shape}.")
    if offsets.ndim != 1 or offsets.dtype.kind not in "iu" or len(offsets) < 2:
        raise ValueError(
            f"{name}: offsets_{split} must be whole numbers of shape (n + 1,), got {offsets.dtype} of shape "
            f"{offsets.shape}."
        )
    falls = np.flatnonzero(offsets[1:] < offsets[:-1])
    if len(falls):
        raise ValueError(f"{name}: offsets_{split} must not fall, but it does after position {falls[0]}.")
    if offsets[0] != 0 or offsets[-1] != len(raw):
        raise ValueError(
            f"{name}: offsets_{split} must go from 0 to {len(raw)}, the length of jpeg_{split}, but goes from "
            f"{offsets[0]} to {offsets[-1]}."
        )


def _channels_first(X: NDArray[Any]) -> NDArray[Any]:
    if X.ndim < 2:
        raise ValueError(f"Rows must have shape (n, ...), at least two axes, got {X.shape}.")
    if X.dtype == np.uint8 and X.ndim == 3:
        return X[:, None]
    channels = (1, 3, 4)
    if X.dtype == np.uint8 and X.ndim == 4 and X.shape[1] not in channels and X.shape[3] in channels:
        return np.ascontiguousarray(X.transpose(0, 3, 1, 2))
    return X


class _Archive:
    """An open archive, whose keys are read once each and whose errors name the file and the key."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        if not path.exists():
            raise FileNotFoundError(f"There is no file {str(path)!r}.")
        try:
            self._file = np.load(path, allow_pickle=False)
        except _DAMAGE as error:
            raise ValueError(f"{path.name} is no .npz archive, or is damaged: {_reason(error)}.") from error
        if not hasattr(self._file, "files"):
            raise ValueError(f"{path.name} holds one array, not an archive with the keys X_train, y_train, classes.")
        self.keys = set(self._file.files)

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def read(self, key: str, or_else: str = "") -> NDArray[Any]:
        if key not in self.keys:
            wanted = f"{key!r} or {or_else!r}" if or_else else repr(key)
            raise ValueError(f"{self.name} has no key {wanted}; it has {', '.join(sorted(self.keys))}.")
        try:
            array: NDArray[Any] = self._file[key]
        except _DAMAGE as error:
            raise ValueError(
                f"{self.name}: {key!r} cannot be read: {_reason(error)}. The file is damaged, or it holds pickled "
                "objects; no pickled objects are read."
            ) from error
        return array

    def vector(self, key: str) -> NDArray[Any]:
        array = self.read(key)
        if array.ndim != 1:
            raise ValueError(f"{self.name}: {key!r} must have shape (n,), got {array.shape}.")
        return array
