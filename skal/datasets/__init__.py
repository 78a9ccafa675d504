"""Loaders of data sets: whatever the source, one `Dataset`.

A table is an ndarray or a DataFrame, texts are a DataFrame of one column, images are uint8 `(n, C, H, W)`, labels are
positions in `classes`; rows without a label are kept apart. Where pixels are labelled, labels are masks, uint8
`(n, H, W)`, with 255 for void.
pandas, PIL and torchvision are imported only by the loaders that need them. Nothing that is read can run code.
"""

from skal.datasets._dataset import Dataset, Skipped
from skal.datasets._images import ENDINGS as IMAGE_ENDINGS
from skal.datasets._images import BadImage
from skal.datasets._images import decode as decode_image
from skal.datasets._spec import load_dataset
from skal.datasets.archive import load_archive
from skal.datasets.array import load_array
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
from skal.datasets.fetch_segmentation import (
    fetch_bdd100k_segmentation,
    fetch_camvid,
    fetch_cityscapes,
    fetch_voc_segmentation,
)
from skal.datasets.folder import load_image_folder
from skal.datasets.segmentation import load_segmentation_folder
from skal.datasets.sources import FETCHED, at, load_source
from skal.datasets.table import load_table
from skal.datasets.texts import load_text_folder

__all__ = [
    "DATASETS",
    "FETCHED",
    "IMAGE_ENDINGS",
    "BadImage",
    "Dataset",
    "Skipped",
    "at",
    "decode_image",
    "fetch_bdd100k_segmentation",
    "fetch_caltech101",
    "fetch_caltech256",
    "fetch_camvid",
    "fetch_cifar10",
    "fetch_cifar100",
    "fetch_cityscapes",
    "fetch_fashion_mnist",
    "fetch_image_folder",
    "fetch_mnist",
    "fetch_voc_segmentation",
    "load_archive",
    "load_array",
    "load_dataset",
    "load_image_folder",
    "load_segmentation_folder",
    "load_source",
    "load_table",
    "load_text_folder",
]
