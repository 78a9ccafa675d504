"""The well-known image sets, through torchvision's loading code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from skal.datasets._dataset import Dataset
from skal.datasets._docs import documented
from skal.datasets._images import check_options
from skal.datasets.folder import decode_folder

_WITH_SPLIT = """
Parameters
----------
root : str or Path
    Folder that holds {holds}.
download : bool, default=False
    Download what is not there ({size}).

Returns
-------
Dataset
    uint8 (n, {channels}, {side}, {side}) with the test split of the authors.

Raises
------
FileNotFoundError
    If the files are not there, or are not whole, and cannot be downloaded.
ValueError
    If a file is damaged.
"""
_OF_FILES = """
Parameters
----------
root : str or Path
    Folder that holds {holds}.
download : bool, default=False
    Download what is not there ({size}).
resize : (height, width), default=None
    New size of all images, in pixels; the sizes of the original vary, so that it needs one.
on_bad : {{"raise", "skip"}}, default="raise"
    As in `load_image_folder`.

Returns
-------
Dataset
    uint8 (n, 3, H, W), grey images as RGB too; there is no split.

Raises
------
FileNotFoundError
    If the files are not there and cannot be downloaded.
ValueError, BadImage
    As for `load_image_folder`.

Notes
-----
Memory: n * 3 * H * W bytes.
"""
_CIFAR = {"channels": 3, "side": 32}
_MNIST = {"channels": 1, "side": 28}
_IDX = "``{}/raw/train-images-idx3-ubyte`` and the three others, unpacked"


@documented(_WITH_SPLIT, holds="``cifar-10-batches-py``", size="170 MB", **_CIFAR)
def fetch_cifar10(root: str | Path, *, download: bool = False) -> Dataset:
    """Load CIFAR-10: 50,000 and 10,000 colour images of 32x32 pixels in 10 classes.

    Notes
    -----
    Memory: 185 MB, twice that while loading. The files are pickles: torchvision reads them only after it has
    checked their MD5.

    References
    ----------
    .. [1] Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
    """
    return _cifar("CIFAR10", root, download)


@documented(_WITH_SPLIT, holds="``cifar-100-python``", size="169 MB", **_CIFAR)
def fetch_cifar100(root: str | Path, *, download: bool = False) -> Dataset:
    """Load CIFAR-100: 50,000 and 10,000 colour images of 32x32 pixels in 100 (fine) classes.

    Notes
    -----
    As for `fetch_cifar10`.

    References
    ----------
    .. [1] Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
    """
    return _cifar("CIFAR100", root, download)


@documented(_WITH_SPLIT, holds=_IDX.format("MNIST"), size="12 MB", **_MNIST)
def fetch_mnist(root: str | Path, *, download: bool = False) -> Dataset:
    """Load MNIST: 60,000 and 10,000 grey images of 28x28 pixels of handwritten digits.

    Notes
    -----
    Memory: 55 MB.

    References
    ----------
    .. [1] LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition",
       Proceedings of the IEEE 86(11), 1998. doi:10.1109/5.726791
    """
    return _mnist("MNIST", root, download)


@documented(_WITH_SPLIT, holds=_IDX.format("FashionMNIST"), size="31 MB", **_MNIST)
def fetch_fashion_mnist(root: str | Path, *, download: bool = False) -> Dataset:
    """Load Fashion-MNIST: 60,000 and 10,000 grey images of 28x28 pixels of clothing in 10 classes.

    Notes
    -----
    Memory: 55 MB.

    References
    ----------
    .. [1] Xiao, Rasul, Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
       algorithms", 2017. arXiv:1708.07747
    """
    return _mnist("FashionMNIST", root, download)


@documented(
    _OF_FILES,
    holds="``caltech101/101_ObjectCategories/<class>/image_0001.jpg`` and so on",
    size="137 MB",
)
def fetch_caltech101(
    root: str | Path, *, download: bool = False, resize: tuple[int, int] | None = None, on_bad: str = "raise"
) -> Dataset:
    """Load Caltech-101: 8,677 images of varying size in 101 classes, without the background class.

    References
    ----------
    .. [1] Fei-Fei, Fergus, Perona, "Learning generative visual models from few training examples", CVPR workshop
       2004. doi:10.1109/CVPR.2004.383
    """
    check_options(resize, on_bad)
    root = Path(root)
    found = _open("Caltech101", root, ["caltech101/101_ObjectCategories/BACKGROUND_Google"], download)
    names = [
        f"{found.categories[label]}/image_{number:04d}.jpg"
        for label, number in zip(found.y, found.index, strict=True)
    ]
    folder = root / "caltech101" / "101_ObjectCategories"
    return _decoded("caltech101", folder, found.categories, names, found.y, resize=resize, on_bad=on_bad)


@documented(
    _OF_FILES,
    holds="``caltech256/256_ObjectCategories/001.ak47/001_0001.jpg`` and so on",
    size="1.2 GB",
)
def fetch_caltech256(
    root: str | Path, *, download: bool = False, resize: tuple[int, int] | None = None, on_bad: str = "raise"
) -> Dataset:
    """Load Caltech-256: 30,607 images of varying size in 257 classes, the last of which is clutter.

    References
    ----------
    .. [1] Griffin, Holub, Perona, "Caltech-256 object category dataset", 2007.
    """
    check_options(resize, on_bad)
    root = Path(root)
    found = _open("Caltech256", root, ["caltech256/256_ObjectCategories"], download)
    names = [
        f"{found.categories[label]}/{label + 1:03d}_{number:04d}.jpg"
        for label, number in zip(found.y, found.index, strict=True)
    ]
    folder = root / "caltech256" / "256_ObjectCategories"
    return _decoded("caltech256", folder, found.categories, names, found.y, resize=resize, on_bad=on_bad)


def fetch_image_folder(root: str | Path, *, resize: tuple[int, int] | None = None, on_bad: str = "raise") -> Dataset:
    """Load a folder as torchvision's ImageFolder lists it: ``root/class/name.jpg``.

    `load_image_folder` does the same without torchvision, and knows ``train`` and ``test``.

    Parameters
    ----------
    root : str or Path
        The folder.
    resize, on_bad
        As in `load_image_folder`.

    Returns
    -------
    Dataset
        uint8 (n, 3, H, W), decoded as in `load_image_folder`.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, it holds no class, or a class without images.
    ValueError, BadImage
        As for `load_image_folder`.

    Notes
    -----
    Memory: n * 3 * H * W bytes.
    """
    check_options(resize, on_bad)
    root = Path(root)
    if not root.is_dir():
        raise FileNotFoundError(f"There is no folder {str(root)!r}.")
    found = _torchvision().ImageFolder(root)
    names = [Path(name).relative_to(root).as_posix() for name, _ in found.samples]
    return _decoded(root.name, root, found.classes, names, found.targets, resize=resize, on_bad=on_bad)


def _cifar(kind: str, root: str | Path, download: bool) -> Dataset:
    theirs = getattr(_torchvision(), kind)
    names = [*(name for name, _ in theirs.train_list + theirs.test_list), theirs.meta["filename"]]
    files = [f"{theirs.base_folder}/{name}" for name in names]
    return _with_split(kind, root, files, download, lambda part: part.data.transpose(0, 3, 1, 2))


def _mnist(kind: str, root: str | Path, download: bool) -> Dataset:
    files = [f"{kind}/raw/{part}" for part in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")]
    files += [f"{kind}/raw/{part}" for part in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")]
    return _with_split(kind, root, files, download, lambda part: part.data.numpy()[:, None])


def _with_split(
    kind: str, root: str | Path, files: list[str], download: bool, images: Callable[[Any], Any]
) -> Dataset:
    parts = [_open(kind, Path(root), files, download, train=train) for train in (True, False)]
    X, X_test = (np.ascontiguousarray(images(part)) for part in parts)
    y, y_test = (np.asarray(part.targets, dtype=np.int64) for part in parts)
    for rows, labels in ((X, y), (X_test, y_test)):
        if len(rows) != len(labels):
            raise ValueError(f"{kind}: {len(rows)} images have {len(labels)} labels.")
    classes = tuple(str(name) for name in parts[0].classes)
    return Dataset(_name(kind), X, y, X_test, y_test, classes=classes)


def _open(kind: str, root: Path, files: list[str], download: bool, **options: Any) -> Any:
    """Open torchvision's data set of that name; where it cannot be, say which files are expected."""
    expected = f"{_name(kind)} is expected in {str(root)!r} as {', '.join(files)}"
    missing = [name for name in files if not (root / name).exists()]
    if missing and not download:
        raise FileNotFoundError(
            f"{expected}; {missing[0]} is not there. Pass download=True where there is a network."
        )
    try:
        return getattr(_torchvision(), kind)(root, download=download, **options)
    except (OSError, ImportError) as error:
        raise FileNotFoundError(f"{expected}, and cannot be downloaded: {error}") from error
    except RuntimeError as error:  # a checksum that does not fit, or a download that failed
        raise FileNotFoundError(f"{expected}; what is there is not whole: {error}") from error
    except (AssertionError, TypeError, ValueError) as error:
        raise ValueError(f"{expected}, but a file is damaged: {error}") from error


def _decoded(name: str, folder: Path, classes: list[str], paths: list[str], y: list[int], **options: Any) -> Dataset:
    """Decode what torchvision has listed, class by class."""
    files: list[list[str]] = [[] for _ in classes]
    for path, label in zip(paths, y, strict=True):
        files[label].append(path)
    found = decode_folder(folder, list(zip(classes, files, strict=True)), **options)
    return Dataset(name, found.X, found.y, classes=found.classes, skipped=found.skipped, paths=found.paths)


def _torchvision() -> Any:
    import torchvision.datasets

    return torchvision.datasets


def _name(kind: str) -> str:
    return {"FashionMNIST": "fashion_mnist"}.get(kind, kind.lower())
