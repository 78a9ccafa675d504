"""Loaders of data sets: whatever the source, one `Dataset`.

A table is an ndarray or a DataFrame, images are uint8 `(n, C, H, W)`, labels are positions in `classes`.
pandas, PIL and torchvision are imported only by the loaders that need them. Nothing that is read can run code.
"""

from skal.datasets._dataset import Dataset, Skipped
from skal.datasets._images import BadImage
from skal.datasets._spec import load_dataset
from skal.datasets.archive import load_archive
from skal.datasets.bundled import DATASETS
from skal.datasets.fetch import (
    fetch_caltech101,
    fetch_caltech256,
    fetch_cifar10,
    fetch_cifar100,
    fetch_fashion_mnist,
    fetch_image_folder,
    fetch_mnist,
)
from skal.datasets.folder import load_image_folder
from skal.datasets.table import load_table

__all__ = [
    "DATASETS",
    "BadImage",
    "Dataset",
    "Skipped",
    "fetch_caltech101",
    "fetch_caltech256",
    "fetch_cifar10",
    "fetch_cifar100",
    "fetch_fashion_mnist",
    "fetch_image_folder",
    "fetch_mnist",
    "load_archive",
    "load_dataset",
    "load_image_folder",
    "load_table",
]
