"""The well-known sets of images with a label for every pixel, from folders as their authors ship them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from skal.datasets._dataset import Dataset
from skal.datasets._docs import documented
from skal.datasets._images import check_one_size, check_options
from skal.datasets._masks import MaskLabels
from skal.datasets.archive import load_archive
from skal.datasets.segmentation import Pair, paired, segmentation_dataset

Size = tuple[int, int]
_PARTS = ("train", "val")

_TEMPLATE = """
Parameters
----------
root : str or Path
    Folder that holds {holds}. Nothing is downloaded.
{more}resize : (height, width), default=None
    New size in pixels, of images (bilinear, antialiased) and masks (nearest) alike.
on_bad : {{"raise", "skip"}}, default="raise"
    As in `load_segmentation_folder`.
{last}
Returns
-------
Dataset
    uint8 images (n, 3, H, W) and masks (n, H, W), 255 for void, with the {beside} beside.

Raises
------
FileNotFoundError
    If the files are not there.
ValueError, BadImage
    As for `load_segmentation_folder`.
"""
_LISTS = """lists : bool, default=False
    Whether images and masks come as lists, each at its own size.
"""
_TEST = """test : {"test", "val"}, default="test"
    The split that is put beside the images to learn from.
"""
_TRAIN = """train : str, default="train"
    List of images to learn from in ``ImageSets/Segmentation`` or ``ImageSets/SegmentationAug``. A list with "aug" in
    its name, such as "train_aug" with 10,582 images, takes its masks from ``SegmentationClassAug``.
year : str, default="2012"
    Of the challenge.
"""

VOC_CLASSES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)
CAMVID_CLASSES = (
    *("Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol", "Fence", "Car", "Pedestrian", "Bicyclist"),
    "Void",
)
# The labels of Cityscapes that count, whose places BDD100K has as labels.
STREET_CLASSES = (
    *(
        "road",
        "sidewalk",
        "building",
        "wall",
        "fence",
        "pole",
        "traffic light",
        "traffic sign",
        "vegetation",
        "terrain",
    ),
    *("sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle"),
)
_BDD_LAYOUTS = (  # images, masks, ending of masks: the two forms in which it is found
    ("images/10k", "labels/sem_seg/masks", ".png"),
    ("seg/images", "seg/labels", "_train_id.png"),
)


@documented(
    _TEMPLATE,
    holds="``camvid_180x240_train.npz`` and ``camvid_180x240_valtest.npz``, or one such archive of any size, or\n"
    "    ``train``, ``trainannot``, ``test``, ``testannot``, ``val`` and ``valannot`` of the SegNet tutorial",
    more=_TEST,
    last="",
    beside="test (233) or validation images (101)",
)
def fetch_camvid(
    root: str | Path, *, test: str = "test", resize: Size | None = None, on_bad: str = "raise"
) -> Dataset:
    """Load CamVid: 367 frames of drives through Cambridge to learn from, in 11 classes.

    Notes
    -----
    The label "Void" is no class. Neighbouring frames of a film are alike. Memory: 4 bytes a pixel of all images.

    References
    ----------
    .. [1] Brostow, Fauqueur & Cipolla, "Semantic object classes in video: a high-definition ground truth database",
       Pattern Recognition Letters 30(2), 2009.
    .. [2] Badrinarayanan, Kendall & Cipolla, "SegNet", PAMI 2017: the 11 classes and the split.
    """
    check_options(resize, on_bad)
    if test not in ("test", "val"):
        raise ValueError(f"fetch_camvid: test must be 'test' or 'val', got {test!r}.")
    root = Path(root)
    if found := sorted(file for file in root.glob("camvid_*.npz")):
        return _camvid_archives(root, found, test, resize=resize, on_bad=on_bad)
    folder = root / "CamVid" if (root / "CamVid").is_dir() else root
    _check_there("CamVid", root, [folder / name for part in ("train", test) for name in (part, f"{part}annot")])
    train, beside = (paired(folder / part, folder / f"{part}annot", root=folder) for part in ("train", test))
    labels = MaskLabels(CAMVID_CLASSES, who="fetch_camvid")
    return segmentation_dataset("camvid", labels, train, beside, resize=resize, on_bad=on_bad)


def _camvid_archives(root: Path, found: list[Path], test: str, **options: Any) -> Dataset:
    sizes = {match[0] for file in found if (match := re.search(r"\d+x\d+", file.name))}
    if len(sizes) > 1:
        raise ValueError(f"camvid: {str(root)!r} holds archives of the sizes {', '.join(sorted(sizes))}: keep one.")
    parts = {}
    for part in ("train", test):
        holding = [file for file in found if _holds(file, f"mask_{part}")]
        if not holding:
            raise FileNotFoundError(f"camvid: none of {', '.join(file.name for file in found)} holds mask_{part}.")
        parts[part] = load_archive(holding[0], splits=(part,), **options)
    train, beside = parts["train"], parts[test]
    check_one_size(train.X, beside.X)
    if train.classes != beside.classes:
        raise ValueError(f"camvid: the archives of train and {test} in {str(root)!r} have other classes.")
    return Dataset(
        "camvid",
        train.X,
        train.y,
        beside.X,
        beside.y,
        classes=train.classes,
        skipped=train.skipped + beside.skipped,
        ignore_label=train.ignore_label,
    )


def _holds(file: Path, key: str) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return f"{key}.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{file.name} is no .npz archive, or is damaged: {error}") from error


@documented(
    _TEMPLATE,
    holds="``VOCdevkit/VOC2012`` with ``JPEGImages``, ``SegmentationClass`` and ``ImageSets/Segmentation``",
    more=_TRAIN,
    last=_LISTS,
    beside="images of the list ``val``",
)
def fetch_voc_segmentation(
    root: str | Path,
    *,
    train: str = "train",
    year: str = "2012",
    resize: Size | None = None,
    on_bad: str = "raise",
    lists: bool = False,
) -> Dataset:
    """Load PASCAL VOC segmentation: photographs in 21 classes, background among them.

    Notes
    -----
    Sizes vary: pass `resize` or `lists`. The white borders of objects are void.

    References
    ----------
    .. [1] Everingham et al., "The PASCAL visual object classes (VOC) challenge", IJCV 88, 2010.
    .. [2] Hariharan et al., "Semantic contours from inverse detectors", ICCV 2011: the additional masks.
    """
    check_options(resize, on_bad)
    root = Path(root)
    folder = root / "VOCdevkit" / f"VOC{year}"
    _check_there(f"PASCAL VOC {year}", root, [folder / part for part in ("JPEGImages", "SegmentationClass")])
    labels = MaskLabels(VOC_CLASSES, who="fetch_voc_segmentation")
    pairs = (_voc_pairs(folder, name) for name in (train, "val"))
    return segmentation_dataset("voc_segmentation", labels, *pairs, resize=resize, on_bad=on_bad, lists=lists)


def _voc_pairs(folder: Path, name: str) -> list[Pair]:
    places = [folder / "ImageSets" / part / f"{name}.txt" for part in ("Segmentation", "SegmentationAug")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise FileNotFoundError(f"There is no list {name}.txt in {places[0].parent} or {places[1].parent}.")
    masks = "SegmentationClassAug" if "aug" in name else "SegmentationClass"
    # A line is a name, or the path of an image and that of its mask.
    names = [Path(line.split()[0]).stem for line in found.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not names:
        raise ValueError(f"The list {found.name} names no images.")
    if missing := [name for name in names if not (folder / "JPEGImages" / f"{name}.jpg").is_file()]:
        raise FileNotFoundError(
            f"{found.name} names {len(missing)} images that are not in JPEGImages, such as {missing[0]}.jpg."
        )
    return [
        Pair(f"JPEGImages/{name}.jpg", folder / "JPEGImages" / f"{name}.jpg", folder / masks / f"{name}.png")
        for name in names
    ]


@documented(
    _TEMPLATE,
    holds="``leftImg8bit`` and ``gtFine``, each with ``train`` and ``val``",
    more="",
    last="",
    beside="validation images (500)",
)
def fetch_cityscapes(root: str | Path, *, resize: Size | None = None, on_bad: str = "raise") -> Dataset:
    """Load Cityscapes: 2,975 finely labelled street scenes to learn from, in the 19 classes that count.

    Notes
    -----
    Read are the ``labelIds`` masks; labels that do not count become void. Images of 1024x2048 pixels take 29 GB at
    their own size: pass `resize`, such as (256, 512).

    References
    ----------
    .. [1] Cordts et al., "The Cityscapes dataset for semantic urban scene understanding", CVPR 2016.
    """
    from torchvision.datasets import Cityscapes

    check_options(resize, on_bad)
    root = Path(root)
    _check_there("Cityscapes", root, [root / kind / part for kind in ("leftImg8bit", "gtFine") for part in _PARTS])
    meaning = {kind.id: None if kind.ignore_in_eval else kind.name for kind in Cityscapes.classes if kind.id >= 0}
    labels = MaskLabels(STREET_CLASSES, labels=meaning, who="fetch_cityscapes")
    endings = ("_leftImg8bit.png", "_gtFine_labelIds.png")
    pairs = (paired(root / "leftImg8bit" / part, root / "gtFine" / part, *endings, root=root) for part in _PARTS)
    return segmentation_dataset("cityscapes", labels, *pairs, resize=resize, on_bad=on_bad)


@documented(
    _TEMPLATE,
    holds="``images/10k`` and ``labels/sem_seg/masks``, or in another form ``seg/images`` and ``seg/labels``,\n"
    "    each with ``train`` and ``val``, itself or in a folder ``bdd100k``",
    more="",
    last="",
    beside="validation images (1,000)",
)
def fetch_bdd100k_segmentation(root: str | Path, *, resize: Size | None = None, on_bad: str = "raise") -> Dataset:
    """Load the semantic segmentation part of BDD100K: 7,000 street scenes to learn from, in 19 classes.

    Notes
    -----
    Images of 720x1280 pixels take 29 GB at their own size: pass `resize`.

    References
    ----------
    .. [1] Yu et al., "BDD100K: a diverse driving dataset for heterogeneous multitask learning", CVPR 2020.
    """
    check_options(resize, on_bad)
    root = Path(root)
    folder = root / "bdd100k" if (root / "bdd100k").is_dir() else root
    layout = next((known for known in _BDD_LAYOUTS if (folder / known[1]).is_dir()), _BDD_LAYOUTS[0])
    images, masks, ending = layout
    _check_there("BDD100K", root, [folder / kind / part for kind in (images, masks) for part in _PARTS])
    labels = MaskLabels(STREET_CLASSES, who="fetch_bdd100k_segmentation")
    pairs = (paired(folder / images / part, folder / masks / part, ".jpg", ending, folder) for part in _PARTS)
    return segmentation_dataset("bdd100k_segmentation", labels, *pairs, resize=resize, on_bad=on_bad)


def _check_there(name: str, root: Path, folders: list[Path]) -> None:
    if missing := [folder for folder in folders if not folder.is_dir()]:
        expected = ", ".join(folder.relative_to(root).as_posix() for folder in folders)
        raise FileNotFoundError(
            f"{name} is expected in {str(root)!r} as the folders {expected}; "
            f"{missing[0].relative_to(root).as_posix()} is not there."
        )
