"""Images in folders: class/name.jpg."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from skal.datasets._dataset import Dataset
from skal.datasets._images import ENDINGS, check_one_size, check_options, decode_images

_SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation"}


def load_image_folder(path: str | Path, *, resize: tuple[int, int] | None = None, on_bad: str = "raise") -> Dataset:
    """Load images that lie in one folder a class: ``path/class/name.jpg``.

    Parameters
    ----------
    path : str or Path
        The folder. If it holds exactly ``train`` and ``test``, each with the class folders, they become the split.
        Names that begin with a dot and files that do not end like an image (.jpg, .jpeg, .png, .bmp, .gif, .pgm,
        .ppm, .tif, .tiff, .webp) are not looked at; folders within a class are.
    resize : (height, width), default=None
        New size of all images (bilinear, antialiased, in pixels), needed where their sizes vary.
    on_bad : {"raise", "skip"}, default="raise"
        A file that cannot be read is an error that names it, or is left out and listed in `skipped`.

    Returns
    -------
    Dataset
        `X` is uint8 (n, 3, H, W), RGB, sorted by path; `paths` has the file of each row. Images are turned upright
        as their EXIF data say; CMYK, grey and palettes become RGB; of 16 bits a channel the high 8 are kept
        (0..65535 -> 0..255); transparency is dropped; of an animation the first picture is taken.

    Raises
    ------
    ValueError
        If there are no classes or no images in one, or sizes vary and `resize` is not given.
    BadImage
        A ValueError: if a file cannot be read and `on_bad` is "raise", or none can.
    FileNotFoundError
        If there is no such folder.

    Notes
    -----
    Memory: the array of all images, and one image more at full size. No image beyond `PIL.Image.MAX_IMAGE_PIXELS`
    is unpacked.
    """
    check_options(resize, on_bad)
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(f"There is no folder {str(path)!r}.")
    options: dict[str, Any] = {"resize": resize, "on_bad": on_bad}
    names = _folders(path)
    if set(names) == {"train", "test"}:
        return _both(path, options)
    if names and set(names) <= _SPLITS:
        raise ValueError(
            f"{path.name} holds {', '.join(names)}, which are no classes: name one, or only train and test."
        )
    if not names:
        raise ValueError(f"{path.name} holds no folders: images are expected as {path.name}/class/name.jpg.")
    return decode_folder(path, [(name, image_files(path, name)) for name in names], **options)


def decode_folder(path: Path, files: list[tuple[str, list[str]]], **options: Any) -> Dataset:
    """Decode the listed files of each class, given relative to the folder."""
    empty = [name for name, found in files if not found]
    if empty:
        raise ValueError(f"{path.name} holds no images of {', '.join(empty)}. Take such folders away.")
    paths = [name for _, found in files for name in found]
    y = np.repeat(np.arange(len(files), dtype=np.int64), [len(found) for _, found in files])
    X, kept, skipped = decode_images(paths, lambda i: (path / paths[i]).read_bytes(), **options)
    classes = tuple(name for name, _ in files)
    return Dataset(path.name, X, y[kept], classes=classes, skipped=skipped, paths=tuple(paths[i] for i in kept))


def _both(path: Path, options: dict[str, Any]) -> Dataset:
    """Train and test, whose classes must be the same."""
    names = {split: _folders(path / split) for split in ("train", "test")}
    if names["train"] != names["test"]:
        odd = sorted(set(names["train"]) ^ set(names["test"]))
        raise ValueError(f"{path.name}: train and test must hold the same classes, but differ in {', '.join(odd)}.")
    if not names["train"]:
        raise ValueError(f"{path.name}/train holds no folders: images are expected as class/name.jpg.")
    train, test = (
        decode_folder(path, [(name, image_files(path, f"{split}/{name}")) for name in names[split]], **options)
        for split in ("train", "test")
    )
    check_one_size(train.X, test.X)
    skipped = train.skipped + test.skipped
    return Dataset(
        path.name, train.X, train.y, test.X, test.y, classes=train.classes, skipped=skipped, paths=train.paths
    )


def _folders(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def image_files(path: Path, name: str) -> list[str]:
    """Images below a folder of `path`, relative to `path`, with forward slashes, sorted."""
    found = []
    for folder, inner, files in os.walk(path / name, followlinks=True):
        inner[:] = [entry for entry in inner if not entry.startswith(".")]
        found += [
            (Path(folder) / file).relative_to(path).as_posix()
            for file in files
            if file.lower().endswith(ENDINGS) and not file.startswith(".")
        ]
    return sorted(found)
