"""Files in one folder a class: which there are, of which class, and which have none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from skal.datasets._labels import left_out, unlabeled_message

UNSORTED = "unsorted"  # a folder of this name is no class
_SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation"}

Classes = list[tuple[str, list[str]]]  # each class with its files, relative to the folder


class Layout(NamedTuple):
    """What `layout_of` finds."""

    train: Classes
    test: Classes | None
    unlabeled: list[str]
    notes: tuple[str, ...]


def layout_of(path: Path, endings: tuple[str, ...], what: str, unlabeled: str | None = None) -> Layout:
    """List the files of each class.

    Parameters
    ----------
    path : Path
        The folder.
    endings : tuple of str
        Of the files that count, in small letters.
    what : str
        What messages call them.
    unlabeled : str, default=None
        A folder within it whose files have no label, besides one that is called "unsorted".
    """
    if not path.is_dir():
        raise FileNotFoundError(f"There is no folder {str(path)!r}.")
    here = _folders(path)
    if unlabeled is not None and unlabeled not in here:
        raise ValueError(
            f"{path.name} has no folder {unlabeled!r}, where rows without a label were expected; it has "
            f"{', '.join(here) or 'none'}."
        )
    aside = {name for name in here if name == unlabeled or name.lower() == UNSORTED}
    names = [name for name in here if name not in aside]
    walk = _Walk(path, endings)
    top = walk.at_top()
    is_split = set(names) == {"train", "test"}
    if not is_split and names and set(names) <= _SPLITS:
        raise ValueError(
            f"{path.name} holds {', '.join(names)}, which are no classes: name one, or only train and test."
        )
    if not names and not top and not aside:
        raise ValueError(f"{path.name} holds no folders: {what} are expected as {path.name}/class/name{endings[0]}.")
    if is_split:
        train, test, inner = _both(path, walk, what)
        aside |= inner
    else:
        train, test = [(name, walk.files(name)) for name in names], None
    for classes in (train, test or []):
        _check_none_empty(path, classes, what, walk.notes)
    loose = [file for name in sorted(aside) for file in walk.files(name)] + top
    free = _not_in(path, sorted(loose), train)
    n_labeled = sum(len(files) for _, files in train)
    if not n_labeled:
        expected = f"Labelled ones are expected as {path.name}/class/name{endings[0]}."
        raise ValueError(f"{unlabeled_message(path.name, len(free), what)} {expected}")
    notes = (*walk.notes, *left_out(path.name, len(free), len(free) + n_labeled, what))
    return Layout(train, test, free, notes)


def files_below(path: Path, endings: tuple[str, ...]) -> list[str]:
    """Files in a folder and below it, relative to it, with forward slashes, sorted."""
    return _Walk(path, endings).files("")


def _both(path: Path, walk: _Walk, what: str) -> tuple[Classes, Classes, set[str]]:
    """Train and test, whose classes must be the same, and the folders in train without a label."""
    found = {split: _folders(path / split) for split in ("train", "test")}
    names = {split: [name for name in inner if name.lower() != UNSORTED] for split, inner in found.items()}
    if names["train"] != names["test"]:
        odd = sorted(set(names["train"]) ^ set(names["test"]))
        raise ValueError(f"{path.name}: train and test must hold the same classes, but differ in {', '.join(odd)}.")
    if not names["train"]:
        raise ValueError(f"{path.name}/train holds no folders: {what} are expected as class/name{walk.endings[0]}.")
    train, test = ([(name, walk.files(f"{split}/{name}")) for name in names[split]] for split in ("train", "test"))
    return train, test, {f"train/{name}" for name in found["train"] if name.lower() == UNSORTED}


def _check_none_empty(path: Path, classes: Classes, what: str, notes: list[str]) -> None:
    if empty := [name for name, files in classes if not files]:
        why = "".join(f" {note}" for note in notes)
        raise ValueError(f"{path.name} holds no {what} of {', '.join(empty)}. Take such folders away.{why}")


def _not_in(path: Path, loose: list[str], classes: Classes) -> list[str]:
    """Files that are not, by a link, among those of a class as well."""
    sorted_ones = {os.path.realpath(path / file) for _, files in classes for file in files}
    return [file for file in loose if os.path.realpath(path / file) not in sorted_ones]


def _folders(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))


class _Walk:
    """Files below the folders of a data set, each real folder once, whatever links lead there.

    Links to folders elsewhere are followed. One that leads back into the data set is not: its files are found at
    their own place, and under the link they would be of another class.
    """

    def __init__(self, root: Path, endings: tuple[str, ...]) -> None:
        self.root = root
        self.endings = endings
        self.notes: list[str] = []
        self._real_root = os.path.realpath(root)
        self._seen: set[str] = set()

    def at_top(self) -> list[str]:
        """Files in the folder itself, in none of its folders."""
        return sorted(entry.name for entry in self.root.iterdir() if self._counts(entry.name) and entry.is_file())

    def files(self, name: str) -> list[str]:
        """Files below one of its folders, or in all ("")."""
        found: list[str] = []
        if name and not self._is_new(self.root / name):
            return found
        for folder, inner, files in os.walk(self.root / name, followlinks=True):
            inner[:] = [
                entry for entry in sorted(inner) if not entry.startswith(".") and self._is_new(Path(folder, entry))
            ]
            found += [Path(folder, file).relative_to(self.root).as_posix() for file in files if self._counts(file)]
        return sorted(found)

    def _counts(self, file: str) -> bool:
        return file.lower().endswith(self.endings) and not file.startswith(".")

    def _is_new(self, folder: Path) -> bool:
        real = os.path.realpath(folder)
        shown = folder.relative_to(self.root).as_posix()
        if folder.is_symlink() and (_is_within(real, self._real_root) or _is_within(self._real_root, real)):
            self.notes.append(f"{self.root.name}: {shown} is a link back into the data, and was not followed.")
            return False
        if real in self._seen:
            self.notes.append(f"{self.root.name}: {shown} is a link to a folder that was read before: left out.")
            return False
        self._seen.add(real)
        return True


def _is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)
