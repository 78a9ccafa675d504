"""Images and masks in folders: one label for every pixel."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skal.datasets._dataset import Dataset
from skal.datasets._images import BadImage, Gathered, check_one_size, check_options, gathered
from skal.datasets._masks import IGNORE, VOID, Mask, MaskLabels, decoded_pair
from skal.datasets.folder import image_files
from skal.warning import warn


class Pair(NamedTuple):
    """An image and its mask: what to call it, and two files, of which the second may not be there."""

    name: str
    image: Path
    mask: Path


def load_segmentation_folder(
    images: str | Path,
    masks: str | Path,
    classes: Sequence[str],
    *,
    labels: Mapping[Any, str | None] | None = None,
    void: str | Collection[str] = VOID,
    image_ending: str = "",
    mask_ending: str = "",
    resize: tuple[int, int] | None = None,
    on_bad: str = "raise",
    lists: bool = False,
) -> Dataset:
    """Load images and their masks, which lie in two folders under the same names.

    Parameters
    ----------
    images, masks : str or Path
        The folders; folders within them count as part of the name. Masks without an image are not looked at.
    classes : sequence of str
        Names of the labels 0, 1, ... in the masks, void included where it has a label.
    labels : mapping, default=None
        Where the masks hold something else: from what they hold to the name of its class, None for void. Keys are
        whole numbers, or colours (red, green, blue) for masks that are pictures. None: the position in `classes`.
    void : str or collection of str, default=("void", "unlabelled", "unlabeled", "ignore")
        Of `classes`, large letters or small, those that are nobody's class. They become 255, as 255 itself does.
    image_ending, mask_ending : str, default=""
        What follows the common name, such as "_leftImg8bit.png" and "_gtFine_labelIds.png"; files that end otherwise
        are not looked at. Empty: the ending of the file.
    resize : (height, width), default=None
        New size in pixels, of images (bilinear, antialiased) and masks (nearest) alike, needed where sizes vary.
    on_bad : {"raise", "skip"}, default="raise"
        An image that cannot be read, has no mask, one of another size, or one with labels that are no classes, is an
        error that names it, or is left out and listed in `skipped`.
    lists : bool, default=False
        Whether images and masks come as lists, each at its own size.

    Returns
    -------
    Dataset
        `X` is uint8 (n, 3, H, W), RGB, as in `load_image_folder`; `y` is uint8 (n, H, W), positions in `classes`
        without void, 255 for void. `paths` has the file of each image.

    Raises
    ------
    ValueError
        If no image has a mask, or sizes vary and neither `resize` nor `lists` is given.
    BadImage
        A ValueError: if an image or mask is bad and `on_bad` is "raise", or all are.
    FileNotFoundError
        If there is no such folder.

    Notes
    -----
    Masks are label images (8 or 16 bits a pixel), images with a palette whose positions are the labels, as those of
    PASCAL VOC, or pictures in colours. Where its EXIF data turn a photograph, its mask is turned with it, unless the
    mask has EXIF data of its own, or has only the size of the upright photograph. Memory: n * 4 * H * W bytes.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as folder:
    ...     for name, pixels in (("image", np.zeros((4, 6, 3))), ("mask", np.eye(4, 6))):
    ...         Path(folder, name).mkdir()
    ...         Image.fromarray(pixels.astype(np.uint8)).save(Path(folder, name, "street.png"))
    ...     data = load_segmentation_folder(f"{folder}/image", f"{folder}/mask", ["road", "car"])
    >>> data.X.shape, data.y.shape, data.classes
    ((1, 3, 4, 6), (1, 4, 6), ('road', 'car'))
    """
    check_options(resize, on_bad)
    meaning = MaskLabels(classes, void, labels)
    images, masks = Path(images), Path(masks)
    pairs = paired(images, masks, image_ending, mask_ending)
    return segmentation_dataset(images.name, meaning, pairs, resize=resize, on_bad=on_bad, lists=lists)


def segmentation_dataset(
    name: str,
    labels: MaskLabels,
    train: list[Pair],
    test: list[Pair] | None = None,
    *,
    resize: tuple[int, int] | None,
    on_bad: str,
    lists: bool = False,
) -> Dataset:
    """Decode pairs of files, and those of a test part beside them."""
    found = _decoded(train, labels, resize=resize, on_bad=on_bad, lists=lists)
    X, y = found.parts
    paths = tuple(train[i].name for i in found.kept)
    X_test, y_test, skipped = None, None, found.skipped
    if test is not None:
        beside = _decoded(test, labels, resize=resize, on_bad=on_bad, lists=lists)
        (X_test, y_test), skipped = beside.parts, skipped + beside.skipped
        if not lists:
            check_one_size(X, X_test)
    return Dataset(
        name,
        X,
        y,
        X_test,
        y_test,
        classes=labels.classes,
        notes=_absent(name, labels.classes, y),
        skipped=skipped,
        paths=paths,
        ignore_label=IGNORE,
    )


def _absent(name: str, classes: Sequence[str], masks: Any) -> tuple[str, ...]:
    """Name classes that no mask holds, with a warning where masks hold one class and void, as black and white do."""
    seen: set[int] = set()
    for mask in masks:
        seen |= set(np.unique(mask).tolist())
    absent = [repr(known) for place, known in enumerate(classes) if place not in seen]
    if not absent:
        return ()
    several = len(absent) > 1
    said = f"{name}: the class{'es' * several} {', '.join(absent[:10])} {'are' if several else 'is'} in no mask."
    if seen == {0, IGNORE}:
        object_of = f"labels={{0: {classes[0]!r}, {IGNORE}: {classes[1]!r}}}"
        warn(f"{said} Masks hold 0 and {IGNORE} alone, and {IGNORE} is void: if it is an object, pass {object_of}.")
    return (said,)


def _decoded(pairs: list[Pair], labels: MaskLabels, *, resize: tuple[int, int] | None, **options: Any) -> Gathered:
    def item(i: int) -> tuple[Any, ...]:
        mask, is_upright = _mask(pairs[i].mask, labels)
        return decoded_pair(pairs[i].image.read_bytes(), mask, resize, is_upright)

    return gathered([pair.name for pair in pairs], item, **options)


def _mask(path: Path, labels: MaskLabels) -> tuple[Mask, bool]:
    name = f"{path.parent.name}/{path.name}"
    if not path.exists():
        raise BadImage(f"its mask {name} is not there.")
    try:
        return labels.decoded(path.read_bytes())
    except BadImage as error:
        raise BadImage(f"its mask {name}: {error}") from error


def paired(
    images: Path, masks: Path, image_ending: str = "", mask_ending: str = "", root: Path | None = None
) -> list[Pair]:
    """Images with their masks by name, sorted by path; called by their path below `root`, else that of the images."""
    of_images, of_masks = (
        _by_stem(images, image_ending, "images"),
        _by_stem(masks, mask_ending, "masks"),
    )
    if not of_images.keys() & of_masks.keys():
        raise ValueError(
            f"No image of {images.name} has a mask in {masks.name}: images are called "
            f"{next(iter(of_images.values()))}, masks {next(iter(of_masks.values()))}. Pass image_ending= and "
            "mask_ending=, what follows the common name."
        )
    below = images if root is None else root
    usual = mask_ending or Path(next(iter(of_masks.values()))).suffix  # of a mask that is not there
    return [
        Pair((images / file).relative_to(below).as_posix(), images / file, masks / of_masks.get(stem, stem + usual))
        for stem, file in of_images.items()
    ]


def _by_stem(folder: Path, ending: str, what: str) -> dict[str, str]:
    """Files of a folder by what comes before the ending."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {str(folder)!r}.")
    found: dict[str, str] = {}
    for file in image_files(folder):
        if not file.endswith(ending):
            continue
        stem = file[: -len(ending)] if ending else Path(file).with_suffix("").as_posix()
        if stem in found:
            raise ValueError(f"{folder.name} holds {found[stem]} and {file}, {what} of one name: say their ending.")
        found[stem] = file
    if not found:
        raise ValueError(f"{folder.name} holds no {what}{f' that end in {ending}' if ending else ''}.")
    return found
