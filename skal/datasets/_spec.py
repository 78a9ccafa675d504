"""Any data set by a name or a path."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from skal.datasets._dataset import Dataset
from skal.datasets._images import ENDINGS as IMAGES
from skal.datasets._layout import files_below
from skal.datasets.archive import load_archive
from skal.datasets.array import load_array
from skal.datasets.bundled import DATASETS
from skal.datasets.folder import load_image_folder
from skal.datasets.table import load_table
from skal.datasets.texts import ENDINGS as TEXTS
from skal.datasets.texts import load_text_folder
from skal.tables import ARRAYS, TABLES

_ENDINGS = (".npz", *ARRAYS, *TABLES)
_OF_TABLES = (
    *("target", "missing_label", "encoding", "separator", "as_text", "keep_default_na", "decimal", "numbers"),
    "label_separator",
)
_OF_ARRAYS = ("target", "missing_label", "numbers")
_OF_IMAGES = ("resize", "on_bad", "unlabeled")
_OF_TEXTS = ("encoding", "on_bad", "unlabeled")
_OF_ARCHIVES = ("resize", "on_bad", "missing_label", "numbers")
_FETCHED = (
    *("bdd100k_segmentation", "caltech101", "caltech256", "camvid", "cifar10", "cifar100", "cityscapes"),
    *("fashion_mnist", "mnist", "voc_segmentation"),
)


def load_dataset(
    spec: str | Path,
    *,
    target: str | Sequence[str] | None = None,
    resize: tuple[int, int] | None = None,
    on_bad: str | None = None,
    **options: Any,
) -> Dataset:
    """Load a data set by name or path.

    Parameters
    ----------
    spec : str or Path
        One of `DATASETS`; or an ``.npz`` archive (`load_archive`), a ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``
        table (`load_table`), an ``.npy`` array (`load_array`), or a folder of images (`load_image_folder`) or of
        ``.txt`` files (`load_text_folder`). Options may be part of it, as in
        ``"people.csv?target=income&encoding=latin-1&separator=;"`` or ``"photos?resize=32x32&on_bad=skip"``. A
        registered name comes before a folder of that name: write ``"./digits"`` for the folder.
    target : str or sequence of str, default=None
        Column of the labels of a table, or several of 0 and 1 with commas between them; of an array the file of its
        labels.
    resize : (height, width), default=None
        New size of encoded images, in pixels.
    on_bad : {"raise", "skip"}, default=None
        What to do with an image or a text that cannot be read; None: raise.
    **options
        Others of the loader: ``encoding``, ``separator``, ``as_text``, ``keep_default_na``, ``decimal`` and
        ``label_separator`` of tables,
        ``missing_label`` and ``numbers`` of tables, arrays and archives, ``unlabeled`` of folders, ``encoding`` of
        texts.

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
    for key in options:
        _check_known(key, os.fspath(spec))
    name, said = _parsed(os.fspath(spec))
    given = {"target": target, "resize": resize, "on_bad": on_bad, **options}
    options = {**said, **{key: value for key, value in given.items() if value is not None}}
    if name in DATASETS:
        _check_applies(name, options, ())
        return DATASETS[name]()
    path = Path(name)
    ending = path.suffix.lower()
    if path.is_dir():
        texts, images = files_below(path, TEXTS), files_below(path, IMAGES)
        if texts and not images:
            return load_text_folder(path, **_check_applies(name, options, _OF_TEXTS))
        found = load_image_folder(path, **_check_applies(name, options, _OF_IMAGES))
        unread = f"{path.name}: {len(texts)} files that end in .txt were not read: it is a folder of images."
        return dataclasses.replace(found, notes=(*found.notes, unread)) if texts else found
    if not path.exists():
        if ending in _ENDINGS or path.name != name:
            raise FileNotFoundError(f"There is no file or folder {name!r}.")
        raise ValueError(_unknown(name))
    if ending == ".npz":
        return load_archive(path, **_check_applies(name, options, _OF_ARCHIVES))
    if ending in ARRAYS:
        return load_array(path, **_check_applies(name, options, _OF_ARRAYS))
    if ending in TABLES:
        return load_table(path, **_check_applies(name, options, _OF_TABLES))
    raise ValueError(f"{name}: a data set ends in {', '.join(_ENDINGS)}, or is a folder of images or texts.")


def _parsed(spec: str) -> tuple[str, dict[str, Any]]:
    """Name and options of ``name?key=value&key=value``; a file that is really called so comes first."""
    name, mark, query = _divided(spec)
    if not mark or Path(spec).exists():
        return spec, {}
    options: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        _check_known(key, spec)
        options[key] = _READ[key](value)
    if not options:
        raise ValueError(f"{spec}: options are written as name?option=value.")
    return name, options


def _divided(spec: str) -> tuple[str, str, str]:
    """What is before and after the question mark that options follow; names and options may have others in them."""
    for place in (place for place in range(len(spec) - 1, -1, -1) if spec[place] == "?"):
        keys = [key for key, _ in parse_qsl(spec[place + 1 :], keep_blank_values=True)]
        if keys and all(key in _READ for key in keys):
            return spec[:place], "?", spec[place + 1 :]
    return spec.rpartition("?")


def _size(text: str) -> tuple[int, int]:
    sides = text.lower().split("x")
    if len(sides) != 2 or not all(side.isdecimal() for side in sides):
        raise ValueError(f"resize must be written as HEIGHTxWIDTH, such as 32x32, got {text!r}.")
    return int(sides[0]), int(sides[1])


def _yes_or_no(text: str, name: str = "keep_default_na") -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{name} must be true or false, got {text!r}.")
    return text.lower() == "true"


def _columns(text: str) -> bool | list[str]:
    return True if text.lower() == "true" else text.split(",")


def _separator(text: str) -> str:
    return {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}.get(text, text)


# Options that a path may carry, and how each is read.
_READ: dict[str, Callable[[str], Any]] = {
    "target": str,
    "resize": _size,
    "on_bad": str,
    "encoding": str,
    "separator": _separator,
    "as_text": _columns,
    "keep_default_na": _yes_or_no,
    "decimal": str,
    "label_separator": str,
    "missing_label": str,
    "unlabeled": str,
    "numbers": functools.partial(_yes_or_no, name="numbers"),
}


def _check_known(key: str, spec: str) -> None:
    if key not in _READ:
        raise ValueError(f"{spec}: there is no option {key!r}; there are {', '.join(_READ)}.")


def _check_applies(name: str, options: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    if odd := [key for key in options if key not in allowed]:
        *most, last = allowed or ("no options",)
        taken = f"it takes {', '.join(most)}{' and ' * bool(most)}{last}"
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
