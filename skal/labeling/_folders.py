"""A folder of images or texts as the data of a project: folders in it are classes, file names are ids."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.image_files import IMAGE_ENDINGS
from skal.labeling._cleaning import normal
from skal.labeling._errors import ProjectError
from skal.labeling._sources import Rows, digest_of

UNSORTED = "unsorted"
SIDE = 96  # pixels of the copies that the model reads
_SHARED_NAMES = "Some files in different folders have the same name: their paths are their ids, so do not move them."


def stamp_of_folder(path: Path) -> str:
    """Return a digest of names, sizes and times of all files."""
    lines = [f"{name} {size} {time}" for name, size, time in _listed(path, (*IMAGE_ENDINGS, ".txt"))]
    return digest_of("\n".join(lines).encode("utf-8", "surrogateescape"))


def read_folder(
    path: Path,
    target: str,
    options: dict[str, Any],
    cache: Path,
    id_kind: str = "",
    known: dict[str, str] | None = None,
) -> Rows:
    """Read a folder of images or of texts.

    Parameters
    ----------
    path : Path
        ``path/class/name.jpg``, or ``.txt``. Files that lie in `path` itself or below the folder of rows without a
        label (``unlabeled`` of `options`, else "unsorted") have no label.
    target : str
        Name of the column of the labels in sheets.
    options : dict
        ``unlabeled``: name of that folder.
    cache : Path
        Folder for small copies of the images, which are decoded once.
    id_kind : {"", "file", "path"}, default=""
        What the ids of the project are; "": to be chosen, names where they are all different.
    known : dict of str to str, default=None
        Digests of the rows as they were, by id: of files that have one name, the one that was known keeps it as its
        id.

    Returns
    -------
    Rows
        `X` is uint8 (n, 3, 96, 96), or a table with one column of text. Images that cannot be read are left out, and
        told in `notes`.
    """
    unsorted = str(options.get("unlabeled") or UNSORTED)
    images, texts = _listed(path, IMAGE_ENDINGS), _listed(path, (".txt",))
    if images and texts and min(len(images), len(texts)) > 1:
        raise ProjectError(
            f"{path.name} holds {len(images)} images and {len(texts)} texts. Put them into folders of their own."
        )
    found = images if len(images) >= len(texts) else texts
    if not found:
        raise ProjectError(f"{path.name} holds neither images ({', '.join(IMAGE_ENDINGS)}) nor texts (.txt).")
    notes: list[str] = []
    if found is images:
        found, X, digests = _images(path, found, cache, notes)
    else:
        found, X, digests = _texts(path, found, options.get("encoding"), notes)
    names = [name for name, _, _ in found]
    ids = _ids(names, digests, id_kind, known or {}, notes)
    labels = [_class_of(name, unsorted) for name in names]
    return Rows(ids, digests, labels, X, _shown(names, X), [path / name for name in names], notes)


def _ids(names: list[str], digests: list[str], kind: str, known: dict[str, str], notes: list[str]) -> list[str]:
    """Names of files, as long as they tell the files apart; else paths."""
    paths = [normal(name) for name in names]
    short = [Path(name).name for name in paths]
    count = Counter(short)
    if kind == "path" or (not kind and max(count.values()) > 1):
        notes.append(_SHARED_NAMES)
        return paths
    ids = [name if count[name] == 1 else path for name, path in zip(short, paths, strict=True)]
    for place, name in enumerate(short):
        if count[name] > 1 and known.get(name) == digests[place] and name not in ids:
            ids[place] = name
    shared = sorted(name for name, n in count.items() if n > 1)
    if shared:
        notes.append(
            f"Files in different folders have the same name ({', '.join(shared[:5])}): new ones are known by path."
        )
    return ids


def _class_of(name: str, unsorted: str) -> str | None:
    first, _, rest = name.partition("/")
    return None if not rest or first == unsorted else first


def _shown(names: list[str], X: Any) -> Any:
    import pandas as pd

    columns: dict[str, Any] = {"file": names}
    if hasattr(X, "columns"):
        columns["text"] = list(X["text"])
    return pd.DataFrame(columns)


def _texts(
    path: Path, found: list[tuple[str, int, int]], encoding: str | None, notes: list[str]
) -> tuple[list[tuple[str, int, int]], Any, list[str]]:
    import pandas as pd

    kept, texts, bad = [], [], []
    for file in found:
        try:
            texts.append((path / file[0]).read_text(encoding=encoding or "utf-8-sig"))
            kept.append(file)
        except (UnicodeDecodeError, OSError) as error:
            bad.append(f"{file[0]}: {error}.")
    if not kept:
        raise ProjectError(f"{path.name}: none of {len(found)} texts can be read. {bad[0]} Say --encoding latin-1.")
    if bad:
        notes.append(f"Texts that cannot be read and are left out: {len(bad)}. {' '.join(bad[:5])} See --encoding.")
    return kept, pd.DataFrame({"text": texts}), [digest_of(text.encode()) for text in texts]


def _images(
    path: Path, found: list[tuple[str, int, int]], cache: Path, notes: list[str]
) -> tuple[list[tuple[str, int, int]], NDArray[np.uint8], list[str]]:
    """Small copies of all images that can be read; those that were made before are taken from the cache."""
    from skal.datasets import BadImage, decode_image

    known, stored = _cached(cache)
    copies: list[NDArray[np.uint8]] = []
    kept, bad = [], []
    for file in found:
        name, size, time = file
        place = known.get((Path(name).name, size, time))
        if place is not None:
            copies.append(stored[place])
            kept.append(file)
            continue
        try:
            copies.append(decode_image((path / name).read_bytes(), (SIDE, SIDE)))
            kept.append(file)
        except (BadImage, OSError) as error:
            bad.append(f"{name}: {error}")
    if not kept:
        raise ProjectError(f"{path.name}: none of {len(found)} images can be read. The first: {bad[0]}")
    if bad:
        notes.append(f"Images that cannot be read and are left out: {len(bad)}. {' '.join(bad[:5])}")
    X = np.stack(copies)
    keys = [(Path(name).name, size, time) for name, size, time in kept]
    if keys != list(known):
        _write_cache(cache, keys, X)
    return kept, X, [digest_of(copy.tobytes()) for copy in copies]


def _cached(cache: Path) -> tuple[dict[tuple[str, int, int], int], Any]:
    try:
        keys = json.loads((cache / "images.json").read_text())
        stored = np.load(cache / "images.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):  # not there, or half written: made again
        return {}, None
    if len(keys) != len(stored) or stored.shape[1:] != (3, SIDE, SIDE):
        return {}, None
    return {(name, size, time): place for place, (name, size, time) in enumerate(keys)}, stored


def _write_cache(cache: Path, keys: list[tuple[str, int, int]], X: NDArray[np.uint8]) -> None:
    """Both files take the place of the old ones whole; where nothing can be written, images are decoded each time."""
    try:
        cache.mkdir(exist_ok=True)
        with open(cache / "images.draft", "wb") as file:
            np.save(file, X)
        (cache / "images.json").unlink(missing_ok=True)
        (cache / "images.draft").replace(cache / "images.npy")
        (cache / "keys.draft").write_text(json.dumps(keys))
        (cache / "keys.draft").replace(cache / "images.json")
    except OSError:
        return


def _listed(path: Path, endings: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Files below a folder with their sizes and times, by path; each folder once, whatever links lead to it."""
    found, seen, root = [], set(), os.path.realpath(path)
    for folder, inner, files in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            inner.clear()
            continue
        seen.add(real)
        inner[:] = sorted(entry for entry in inner if not entry.startswith(".") and not entry.endswith(".skal"))
        for file in files:
            full = os.path.join(folder, file)
            if os.path.islink(full) and (
                not os.path.exists(full) or Path(os.path.realpath(full)).is_relative_to(root)
            ):
                continue  # the file itself is a row already
            if file.lower().endswith(endings) and not file.startswith("."):
                about = os.stat(full)
                name = (Path(folder) / file).relative_to(path).as_posix()
                found.append((name, about.st_size, about.st_mtime_ns))
    return sorted(found)
