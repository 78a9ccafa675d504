"""Any data set by a name or a path."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from skal.datasets._dataset import Dataset
from skal.datasets.archive import load_archive
from skal.datasets.bundled import DATASETS
from skal.datasets.folder import load_image_folder
from skal.datasets.table import PARQUET, SEPARATORS, load_table

_TABLES = (*SEPARATORS, *PARQUET)
_FETCHED = (
    *("bdd100k_segmentation", "caltech101", "caltech256", "camvid", "cifar10", "cifar100", "cityscapes"),
    *("fashion_mnist", "mnist", "voc_segmentation"),
)


def load_dataset(
    spec: str | Path,
    *,
    target: str | None = None,
    resize: tuple[int, int] | None = None,
    on_bad: str | None = None,
) -> Dataset:
    """Load a data set by name or path.

    Parameters
    ----------
    spec : str or Path
        One of `DATASETS`; or an ``.npz`` archive (`load_archive`), a ``.csv``, ``.tsv`` or ``.parquet`` table
        (`load_table`) or a folder of images (`load_image_folder`). Options may be part of it, as in
        ``"people.csv?target=income"`` or ``"photos?resize=32x32&on_bad=skip"``. A registered name comes before a
        folder of that name: write ``"./digits"`` for the folder.
    target : str, default=None
        Column of the labels of a table.
    resize : (height, width), default=None
        New size of encoded images, in pixels.
    on_bad : {"raise", "skip"}, default=None
        What to do with an image that cannot be read; None: raise.

    Returns
    -------
    Dataset
        Rows, labels, and what else the source has.

    Raises
    ------
    ValueError
        If there is no such name, an option does not apply, or what the loader says of the file.
    FileNotFoundError
        If there is no such file or folder.
    ImportError
        If a table needs a package that is not installed.

    Notes
    -----
    Memory: the whole set.

    Examples
    --------
    >>> from skal.datasets import load_dataset
    >>> load_dataset("digits_images")
    Dataset('digits_images', X: (1797, 1, 8, 8) uint8, 10 classes)
    """
    name, options = _parsed(os.fspath(spec))
    for key, value in (("target", target), ("resize", resize), ("on_bad", on_bad)):
        if value is not None:
            options[key] = value
    if name in DATASETS:
        _check_applies(name, options, ())
        return DATASETS[name]()
    path = Path(name)
    ending = path.suffix.lower()
    if path.is_dir():
        return load_image_folder(path, **_check_applies(name, options, ("resize", "on_bad")))
    if not path.exists():
        if ending in (".npz", *_TABLES) or path.name != name:
            raise FileNotFoundError(f"There is no file or folder {name!r}.")
        raise ValueError(_unknown(name))
    if ending == ".npz":
        return load_archive(path, **_check_applies(name, options, ("resize", "on_bad")))
    if ending in _TABLES:
        return load_table(path, **_check_applies(name, options, ("target",)))
    raise ValueError(f"{name}: a data set ends in .npz, {', '.join(_TABLES)}, or is a folder of images.")


def _parsed(spec: str) -> tuple[str, dict[str, Any]]:
    """Name and options of ``name?key=value&key=value``; a file that is really called so comes first."""
    name, mark, query = spec.rpartition("?")
    if not mark or Path(spec).exists():
        return spec, {}
    options: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in ("target", "resize", "on_bad"):
            raise ValueError(f"{spec}: there is no option {key!r}; there are target, resize and on_bad.")
        options[key] = _size(value) if key == "resize" else value
    if not options:
        raise ValueError(f"{spec}: options are written as name?option=value.")
    return name, options


def _size(text: str) -> tuple[int, int]:
    sides = text.lower().split("x")
    if len(sides) != 2 or not all(side.isdecimal() for side in sides):
        raise ValueError(f"resize must be written as HEIGHTxWIDTH, such as 32x32, got {text!r}.")
    return int(sides[0]), int(sides[1])


def _check_applies(name: str, options: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    if odd := [key for key in options if key not in allowed]:
        taken = f"it takes {' and '.join(allowed)}" if allowed else "it takes no options"
        raise ValueError(f"{name}: {', '.join(odd)} does not apply; {taken}.")
    return options


def _unknown(name: str) -> str:
    message = (
        f"There is no data set {name!r}; there are {', '.join(sorted(DATASETS))}, and paths of files or folders."
    )
    near = difflib.get_close_matches(name.lower(), [*DATASETS, *_FETCHED], n=3)
    if known := [other for other in near if other in DATASETS]:
        message += f" Did you mean {' or '.join(known)}?"
    if fetched := [f"skal.datasets.fetch_{other}(root)" for other in near if other in _FETCHED]:
        message += f" There is {' and '.join(fetched)}."
    return message
