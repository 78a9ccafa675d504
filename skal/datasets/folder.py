"""Images in folders: class/name.jpg."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skal.datasets._dataset import Dataset, Skipped
from skal.datasets._images import ENDINGS, check_one_size, check_options, decode_images
from skal.datasets._layout import Classes, files_below, layout_of


def load_image_folder(
    path: str | Path,
    *,
    resize: tuple[int, int] | None = None,
    on_bad: str = "raise",
    unlabeled: str | None = None,
) -> Dataset:
    """Load images that lie in one folder a class: ``path/class/name.jpg``.

    Parameters
    ----------
    path : str or Path
        The folder. If it holds exactly ``train`` and ``test``, each with the class folders, they become the split.
        Images in a folder ``unsorted``, or in no folder, have no label. Names that begin with a dot and files that do
        not end like an image (.jpg, .jpeg, .png, .bmp, .gif, .pgm, .ppm, .tif, .tiff, .webp) are not looked at;
        folders within a class are. Links to folders are followed, unless they lead back into `path`.
    resize : (height, width), default=None
        New size of all images (bilinear, antialiased, in pixels), needed where their sizes vary.
    on_bad : {"raise", "skip"}, default="raise"
        A file that cannot be read is an error that names it, or is left out and listed in `skipped`.
    unlabeled : str, default=None
        Name of another folder whose images have no label.

    Returns
    -------
    Dataset
        `X` is uint8 (n, 3, H, W), RGB, sorted by path; `paths` has the file of each row. Images are turned upright
        as their EXIF data say; CMYK, grey and palettes become RGB; of 16 bits a channel the high 8 are kept
        (0..65535 -> 0..255); transparency is dropped; of an animation the first picture is taken. Images without a
        label are in `X_unlabeled` and `paths_unlabeled`, and are counted in `notes`.

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
    options: dict[str, Any] = {"resize": resize, "on_bad": on_bad}
    layout = layout_of(path, ENDINGS, "images", unlabeled)
    train = decode_folder(path, layout.train, layout.unlabeled, layout.notes, **options)
    if layout.test is None:
        return train
    test = decode_folder(path, layout.test, **options)
    check_one_size(train.X, test.X)
    return dataclasses.replace(train, X_test=test.X, y_test=test.y, skipped=train.skipped + test.skipped)


def decode_folder(
    path: Path, files: Classes, unlabeled: Sequence[str] = (), notes: tuple[str, ...] = (), **options: Any
) -> Dataset:
    """Decode the listed files of each class, given relative to the folder, and those without a label."""
    if empty := [name for name, found in files if not found]:
        raise ValueError(f"{path.name} holds no images of {', '.join(empty)}. Take such folders away.")
    paths = [name for _, found in files for name in found]
    y = np.repeat(np.arange(len(files), dtype=np.int64), [len(found) for _, found in files])
    names = [*paths, *unlabeled]
    X, kept, skipped = decode_images(names, lambda i: (path / names[i]).read_bytes(), **options)
    n_labeled = int((kept < len(paths)).sum())
    return Dataset(
        path.name,
        X[:n_labeled],
        y[kept[:n_labeled]],
        classes=tuple(name for name, _ in files),
        skipped=skipped,
        paths=tuple(names[i] for i in kept[:n_labeled]),
        notes=(*notes, *_said_of(skipped)),
        X_unlabeled=X[n_labeled:] if n_labeled < len(X) else None,
        paths_unlabeled=tuple(names[i] for i in kept[n_labeled:]),
    )


def image_files(path: Path, name: str = "") -> list[str]:
    """Images below a folder of `path`, relative to `path`, with forward slashes, sorted."""
    prefix = f"{name}/" if name else ""
    return [prefix + file for file in files_below(path / name, ENDINGS)]


def _said_of(skipped: Sequence[Skipped]) -> tuple[str, ...]:
    """What to tell of files that were left out."""
    if not skipped:
        return ()
    more = f" and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    some = "; ".join(f"{one.path}: {one.reason}" for one in skipped[:3])
    return (f"Files that cannot be read and were left out: {len(skipped)}. {some}{more}",)
