"""Data of a study by name: what `skal.datasets.load_dataset` knows, and the well-known image sets on disk."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from skal.datasets import fetch as of_images
from skal.datasets import fetch_segmentation as of_masks
from skal.datasets._dataset import Dataset
from skal.datasets._spec import load_dataset
from skal.tables import ARRAYS, TABLES

# By name: what loads it, and what its folder holds (of several patterns, one). Nothing is downloaded.
FETCHED: dict[str, tuple[Callable[..., Dataset], str]] = {
    "bdd100k_segmentation": (of_masks.fetch_bdd100k_segmentation, "images/10k|bdd100k|seg"),
    "caltech101": (of_images.fetch_caltech101, "caltech101"),
    "caltech256": (of_images.fetch_caltech256, "caltech256"),
    "camvid": (of_masks.fetch_camvid, "camvid_*.npz|CamVid|trainannot"),
    "cifar10": (of_images.fetch_cifar10, "cifar-10-batches-py"),
    "cifar100": (of_images.fetch_cifar100, "cifar-100-python"),
    "cityscapes": (of_masks.fetch_cityscapes, "leftImg8bit"),
    "fashion_mnist": (of_images.fetch_fashion_mnist, "FashionMNIST"),
    "mnist": (of_images.fetch_mnist, "MNIST"),
    "voc_segmentation": (of_masks.fetch_voc_segmentation, "VOCdevkit"),
}
_ROOT = "data"
_OPTIONS = ("root", "rows", "resize")
_WORDS = ("test", "train", "year", "on_bad")  # options of some loaders, passed on as they are written


def load_source(spec: str, target: str | None = None, numbers: bool | None = None) -> Dataset:
    """Load data by name or path.

    Parameters
    ----------
    spec : str
        What `skal.datasets.load_dataset` takes; or one of `FETCHED`, with ``?root=FOLDER`` (default "data"), with
        ``&rows=N`` for N of its training rows, drawn once and for all, for files of images ``&resize=32x32``, and
        with what the loader takes of ``train``, ``test``, ``year`` and ``on_bad``.
    target : str, default=None
        Column of the labels of a table.
    numbers : bool, default=None
        Whether labels of a file are numbers to predict, see `skal.datasets.load_table`; a path that says it itself,
        ``?numbers=true``, comes before it. Other sources hold classes whatever is asked.

    Returns
    -------
    Dataset
        Whole in memory.

    Raises
    ------
    ValueError
        If the data are not there; the message says which folder to give.
    """
    name, _, query = spec.partition("?")
    if name not in FETCHED or Path(name).exists():
        of_file = Path(name).suffix.lower() in (".npz", *ARRAYS, *TABLES) and not Path(name).is_dir()
        return load_dataset(spec, target=target, numbers=numbers if of_file and "numbers=" not in spec else None)
    if target is not None:
        raise ValueError(f"{name}: target does not apply; it is for tables.")
    options = dict(parse_qsl(query))
    fetch, held = FETCHED[name]
    taken = (*_OPTIONS, *(word for word in _WORDS if word in inspect.signature(fetch).parameters))
    if unknown := [key for key in options if key not in taken]:
        raise ValueError(f"{spec}: there is no option {', '.join(unknown)}; there are {', '.join(taken)}.")
    root = Path(options.get("root", _ROOT))
    passed: dict[str, Any] = {word: options[word] for word in _WORDS if word in options}
    if "resize" in options:
        passed["resize"] = _whole(options["resize"], spec, 2)
    if not _is_there(root, held):
        raise ValueError(
            f"{name} is not in {str(root)!r}, where {held.replace('|', ' or ')} is expected, and is not downloaded "
            f"here. Give its folder as --data '{name}?root=FOLDER', or an .npz archive or a folder of images as "
            "--data PATH."
        )
    try:
        found = fetch(root, **passed)
    except (FileNotFoundError, TypeError) as error:
        raise ValueError(f"{spec}: {error}") from error
    return _some(found, _whole(options["rows"], spec, 1)[0]) if "rows" in options else found


def at(name: str, path: str) -> str | None:
    """Return the name with its folder if the path is a folder that holds that image set; else None."""
    base, mark, query = name.partition("?")
    if base not in FETCHED or not Path(path).is_dir() or not _is_there(Path(path), FETCHED[base][1]):
        return None
    return f"{base}?root={path}{'&' if mark else ''}{query}"


def _is_there(root: Path, held: str) -> bool:
    return any(True for pattern in held.split("|") for _ in root.glob(pattern))


def _some(found: Dataset, n: int) -> Dataset:
    if not 1 <= n <= len(found.y):
        raise ValueError(f"{found.name}: rows must be in [1, {len(found.y)}], got {n}.")
    rows = np.sort(np.random.RandomState(0).permutation(len(found.y))[:n])
    return dataclasses.replace(found, X=found.X[rows], y=found.y[rows])


def _whole(text: str, spec: str, n: int) -> tuple[int, ...]:
    parts = text.lower().split("x")
    if len(parts) != n or not all(part.isdecimal() for part in parts):
        raise ValueError(f"{spec}: {text!r} must be {'HEIGHTxWIDTH' if n == 2 else 'a whole number'}.")
    return tuple(map(int, parts))
