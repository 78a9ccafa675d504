"""Compressed NumPy archives: arrays, or encoded images one after another."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.datasets._dataset import Dataset, Skipped
from skal.datasets._images import check_options, decode_images, gathered
from skal.datasets._label_sets import sets_of_columns
from skal.datasets._labels import MISSING, encoded, left_out, positions, unlabeled_message
from skal.datasets._masks import IGNORE, VOID, MaskLabels, decoded_pair
from skal.datasets._npz import Archive


def load_archive(
    path: str | Path,
    *,
    resize: tuple[int, int] | None = None,
    on_bad: str = "raise",
    splits: tuple[str, ...] = ("train", "test"),
    void: str | Collection[str] = VOID,
    missing_label: Any = "auto",
    numbers: bool | None = None,
) -> Dataset:
    """Load an ``.npz`` archive.

    Parameters
    ----------
    path : str or Path
        File with the keys ``y_train``, ``classes`` (names; labels are positions in them; left out where numbers are
        to be predicted), and either ``X_train`` or the encoded images ``jpeg_train`` (uint8, all files one after
        another) with ``offsets_train`` (n + 1 positions, from 0 to the length). Where pixels are labelled,
        ``mask_train`` (uint8, (n, H, W), positions in ``classes``) stands in the place of ``y_train``. Where several
        labels may apply to a row, ``y_train`` has shape (n, L), of 0 and 1, and ``labels`` their names. The same with
        ``_test`` is optional, and so is ``features`` (names of columns). Other keys are not read.
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
    missing_label : scalar, default="auto"
        "auto": NaN is a missing label. Any other value, such as -1, is one too. Such rows are in `X_unlabeled`.
    numbers : bool, default=None
        Whether ``y_train`` holds numbers to predict, and ``classes`` is not read. None: if there are no ``classes``
        and one of the numbers is a fraction; whole numbers without names are an error.

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
    with Archive(path) as archive:
        first, *more = splits
        n_labels = _n_labels(archive, f"y_{first}")
        numbers = _holds_numbers(archive, f"y_{first}") if numbers is None and not n_labels else bool(numbers)
        names = _label_names(archive, n_labels) if n_labels else () if numbers else archive.names("classes")
        features = archive.names("features") if "features" in archive.keys else ()
        has_masks = not numbers and f"mask_{first}" in archive.keys and f"y_{first}" not in archive.keys
        labels = MaskLabels(names, void, who=path.name) if has_masks else None
        read = partial(_split, archive, labels=labels, classes=names, resize=resize, on_bad=on_bad)
        read = partial(read, missing_label=missing_label, numbers=numbers)
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
    found = Dataset(path.stem, X, y, X_test, y_test, classes, features, skipped, ignore_label=ignore)
    if numbers or n_labels:
        return _without_missing_numbers(found, path.name, splits, missing_label, bool(n_labels))
    return found if has_masks else _without_missing(found, path.name, splits)


def _holds_numbers(archive: Archive, key: str) -> bool:
    """Whether labels are numbers to predict: no names of classes, and fractions. Whole numbers are not guessed at."""
    if "classes" in archive.keys or key not in archive.keys:
        return False
    y = archive.read(key)
    if y.dtype.kind not in "fiu":
        return False
    if y.dtype.kind == "f" and (y[np.isfinite(y)] % 1 != 0).any():
        return True
    raise ValueError(
        f"{archive.name} has no key 'classes', the names of the classes; it has {', '.join(sorted(archive.keys))}. "
        f"{key} holds whole numbers: if they are numbers to predict, pass a regressor (--estimator "
        "forest_regressor), or numbers=True where data are loaded."
    )


def _n_labels(archive: Archive, key: str) -> int:
    """How many labels a row may have; 0 where it has one class, or a number."""
    y = archive.read(key) if key in archive.keys else np.empty(0)
    return y.shape[1] if y.ndim == 2 and y.shape[1] > 1 else 0


def _label_names(archive: Archive, n_labels: int) -> tuple[str, ...]:
    key = next((key for key in ("labels", "classes") if key in archive.keys), None)
    if key is None:
        return tuple(f"label {place}" for place in range(n_labels))
    if len(names := archive.names(key)) != n_labels:
        raise ValueError(f"{archive.name}: {key!r} must name {n_labels} labels, got {len(names)} names.")
    return names


def _without_missing_numbers(
    found: Dataset, name: str, splits: tuple[str, ...], missing_label: Any, sets: bool
) -> Dataset:
    """Take rows out that have no number, or no label set."""
    read = partial(sets_of_columns if sets else partial(encoded, numbers=True), missing_label=missing_label)
    labels = read(found.y, f"{name}: y_{splits[0]}")
    known = labels.labeled
    unlabeled = None if known.all() else found.X[~known]
    X = found.X if known.all() else found.X[known]
    found = dataclasses.replace(found, X=X, y=labels.y, X_unlabeled=unlabeled, notes=(*found.notes, *labels.notes))
    if found.X_test is None:
        return found
    tested = read(found.y_test, f"{name}: y_{splits[1]}")
    return dataclasses.replace(
        found, X_test=found.X_test[tested.labeled], y_test=tested.y, notes=(*found.notes, *tested.notes)
    )


def _without_missing(found: Dataset, name: str, splits: tuple[str, ...]) -> Dataset:
    """Take rows out whose labels are missing, which are MISSING until here."""
    n_rows, known = len(found.y), found.y != MISSING
    if not known.any():
        raise ValueError(unlabeled_message(f"{name}: y_{splits[0]}", n_rows))
    notes = left_out(f"{name}: y_{splits[0]}", int((~known).sum()), n_rows)
    if not known.all():
        found = dataclasses.replace(found, X=found.X[known], y=found.y[known], X_unlabeled=found.X[~known])
    if found.X_test is not None and (found.y_test == MISSING).any():
        tested = found.y_test != MISSING
        notes += left_out(f"{name}: y_{splits[1]}", int((~tested).sum()), len(tested))
        found = dataclasses.replace(found, X_test=found.X_test[tested], y_test=found.y_test[tested])
    return dataclasses.replace(found, notes=(*found.notes, *notes))


def _parts(split: str) -> set[str]:
    return {f"{kind}_{split}" for kind in ("X", "jpeg", "y", "mask")}


def _split(
    archive: Archive,
    split: str,
    *,
    labels: MaskLabels | None,
    classes: tuple[str, ...],
    resize: tuple[int, int] | None,
    on_bad: str,
    missing_label: Any,
    numbers: bool,
) -> tuple[NDArray[Any], NDArray[Any], tuple[Skipped, ...]]:
    options: dict[str, Any] = {"on_bad": on_bad, "remedy": 'Make the archive anew, or pass on_bad="skip".'}
    if f"X_{split}" in archive.keys or f"jpeg_{split}" not in archive.keys:
        if resize is not None:
            raise ValueError(f"{archive.name}: resize is for encoded images; this archive has none in {split}.")
        X = _channels_first(archive.read(f"X_{split}", or_else=f"jpeg_{split}"))
        if labels is None:
            return X, _labels(archive, split, classes, len(X), missing_label, numbers), ()
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
        y = _labels(archive, split, classes, n, missing_label, numbers)
        X, kept, skipped = decode_images(names, encoded, resize=resize, **options)
        return X, y[kept], skipped
    masks = _masks(archive, split, n)
    found = gathered(names, lambda i: decoded_pair(encoded(i), labels.of(masks[i]), resize), **options)
    return found.parts[0], found.parts[1], found.skipped


def _masks(archive: Archive, split: str, n_rows: int) -> NDArray[Any]:
    masks = archive.read(f"mask_{split}")
    if masks.ndim != 3 or masks.dtype.kind not in "iu" or len(masks) != n_rows:
        raise ValueError(
            f"{archive.name}: mask_{split} must be whole numbers of shape ({n_rows}, H, W), one mask an image, got "
            f"{masks.dtype} of {masks.shape}."
        )
    return masks


def _labels(
    archive: Archive, split: str, classes: tuple[str, ...], n_rows: int, missing_label: Any, numbers: bool
) -> NDArray[Any]:
    y = archive.read(f"y_{split}", or_else=f"mask_{split}")
    if y.ndim == 2 and len(classes) == y.shape[1] > 1 and len(y) == n_rows and not numbers:
        return y  # several labels a row
    if numbers:
        if y.shape != (n_rows,):
            raise ValueError(
                f"{archive.name}: y_{split} must hold one number for each of {n_rows} rows, got shape {y.shape}."
            )
        return y
    return positions(y, classes, n_rows, f"{archive.name}: y_{split}", missing_label)


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
