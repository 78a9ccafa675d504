"""Superpixels of images as the rows of a project: their maps are made once, and kept, since answers rest on them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.annotation import polygons, superpixel_regions
from skal.labeling._errors import ProjectError
from skal.labeling._sources import Rows
from skal.labeling.masks.shapes import VOID
from skal.labeling.masks.store import write_flushed
from skal.masks import resized_mask

__all__ = ["RegionRows", "region_rows"]

FOLDER = "regions"
BETWEEN = "#"  # of the id of an image and the number of its region
_SIZE = "skal.size"  # in the PNG of a map: height and width of its image
_SIDE = 256  # pixels of the longer side at which images are cut into regions
Map = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class RegionRows(Rows):
    """Regions as rows, and the images that they are of.

    Attributes
    ----------
    image_ids : list of str
        Ids of the images.
    images : ndarray of uint8 of shape (n_images, 3, h, w)
        Small copies, which the model reads.
    maps : list of ndarray of int32
        Number of the region of each pixel, at the size at which the image was cut.
    image_of, number_of : ndarray of intp of shape (n,)
        Of each row: position of its image, and number of the region in it.
    """

    image_ids: list[str] = None  # type: ignore[assignment]
    images: NDArray[np.uint8] = None  # type: ignore[assignment]
    maps: list[Map] = None  # type: ignore[assignment]
    image_of: NDArray[np.intp] = None  # type: ignore[assignment]
    number_of: NDArray[np.intp] = None  # type: ignore[assignment]

    def small_maps(self) -> NDArray[np.int32]:
        """Return the maps at the size of `images`."""
        return np.stack([resized_mask(regions, self.images.shape[2:]) for regions in self.maps])


def region_rows(rows: Rows, folder: Path, n_segments: int) -> RegionRows:
    """Cut images into superpixels.

    Parameters
    ----------
    rows : Rows
        Of a folder of images.
    folder : Path
        Of the project. Maps are kept in ``regions`` below it, by the digest of the image: what was cut once is never
        cut again, whatever a later version of the algorithm would give.
    n_segments : int
        Superpixels of an image, about.

    Returns
    -------
    RegionRows
        A row for each region, ``image.jpg#7``, with colours and place as its numbers.
    """
    maps = list(_maps(rows, folder / FOLDER, n_segments))
    counts = [int(regions.max()) + 1 for regions in maps]
    image_of = np.repeat(np.arange(len(maps)), counts)
    number_of = np.concatenate([np.arange(n) for n in counts])
    ids = [f"{rows.ids[image]}{BETWEEN}{number}" for image, number in zip(image_of, number_of, strict=True)]
    files = None if rows.files is None else [rows.files[image] for image in image_of]
    shown = rows.shown.iloc[image_of].reset_index(drop=True)
    images = np.asarray(rows.X)
    small = [resized_mask(regions, images.shape[2:]) for regions in maps]
    X = np.concatenate([_numbers(image, regions, n) for image, regions, n in zip(images, small, counts, strict=True)])
    return RegionRows(
        ids=ids,
        digests=[rows.digests[image] for image in image_of],
        labels=[None] * len(ids),
        X=X,
        shown=shown,
        files=files,
        notes=rows.notes,
        image_ids=rows.ids,
        images=images,
        maps=maps,
        image_of=image_of.astype(np.intp),
        number_of=number_of.astype(np.intp),
    )


def region_on_page(folder: Path, row: str, digest: str) -> dict[str, Any]:
    """Return the outlines of a region, the outer one first, as [x, y] in its image, and the image's size."""
    regions, (height, width) = _read(folder / FOLDER / f"{digest}.png")
    inside = (regions == number_of_region(row)).astype(np.uint8)
    scale = np.array([height, width]) / regions.shape
    rings = [ring * scale for one in polygons(inside, background=0) for ring in (one.outer, *one.holes)]
    points = [[[round(float(x), 2), round(float(y), 2)] for y, x in ring] for ring in rings]
    return {"size": [width, height], "rings": points}


def masks_of_regions(
    folder: Path, labels: Mapping[str, str], digests: Mapping[str, str], classes: Sequence[str]
) -> Iterator[tuple[str, NDArray[np.uint8], list[dict[str, Any]]]]:
    """Yield for each image its id, the mask of its regions that have a class, and no shapes.

    Parameters
    ----------
    folder : Path
        Of the project.
    labels, digests : dict of str to str
        Class and digest of the image, by the id of the region.
    classes : sequence of str
        Names; others are void.
    """
    images: dict[str, list[str]] = {}
    for row in labels:
        images.setdefault(image_of_region(row), []).append(row)
    for image, rows in images.items():
        regions, size = _read(folder / FOLDER / f"{digests[rows[0]]}.png")
        known = [(number_of_region(row), classes.index(labels[row])) for row in rows if labels[row] in classes]
        yield image, resized_mask(filled(regions, known, VOID), size), []


def number_of_region(row: str) -> int:
    """Return the number in the id of a region."""
    return int(row.rpartition(BETWEEN)[2])


def image_of_region(row: str) -> str:
    """Return the id of the image that the id of a region names."""
    return row.rpartition(BETWEEN)[0]


def _maps(rows: Rows, folder: Path, n_segments: int) -> Iterator[Map]:
    if rows.files is None or np.ndim(rows.X) != 4:
        raise ProjectError("Regions are parts of images: the data must be a folder of images.")
    for file, digest in zip(rows.files, rows.digests, strict=True):
        path = folder / f"{digest}.png"
        if path.is_file():
            yield _read(path)[0]
            continue
        picture, size = _picture(file)
        regions = superpixel_regions(picture, n_segments)
        try:
            folder.mkdir(exist_ok=True, parents=True)
            write_flushed(path, _written(regions, size))
        except OSError as error:
            raise ProjectError(f"{path} cannot be written: {error.strerror}.") from error
        yield regions


def _picture(file: str | os.PathLike[str]) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """An image, made small, and its own height and width."""
    from PIL import Image

    from skal.datasets import decode_image

    pixels = decode_image(Path(file).read_bytes())
    height, width = pixels.shape[1:]
    part = min(1.0, _SIDE / max(height, width))
    size = (max(round(width * part), 1), max(round(height * part), 1))
    small = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(small).transpose(2, 0, 1), (height, width)


def _written(regions: Map, size: tuple[int, int]) -> bytes:
    from PIL import Image, PngImagePlugin

    file, about = io.BytesIO(), PngImagePlugin.PngInfo()
    about.add_text(_SIZE, f"{size[0]} {size[1]}")
    Image.fromarray(regions.astype(np.uint16)).save(file, "PNG", pnginfo=about)
    return file.getvalue()


def _read(path: Path) -> tuple[Map, tuple[int, int]]:
    """A map of regions, and the height and width of its image."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as image:
            height, width = map(int, image.info[_SIZE].split())
            return np.asarray(image).astype(np.int32), (height, width)
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise ProjectError(f"{path} cannot be read: {error}. Put back a copy of the folder.") from error


def _numbers(image: NDArray[np.uint8], regions: NDArray[Any], n: int) -> NDArray[np.float32]:
    """Colours, their spread, size and place of each region, (n, 9); nought for one that is too small to be seen."""
    flat = regions.ravel()
    sizes = np.bincount(flat, minlength=n)

    def mean(values: NDArray[Any]) -> NDArray[Any]:
        return np.bincount(flat, weights=values.ravel(), minlength=n) / np.maximum(sizes, 1)

    channels = image.astype(np.float64) / 255
    means = [mean(channel) for channel in channels]
    spreads = [np.sqrt(np.maximum(mean(channel**2) - m**2, 0)) for channel, m in zip(channels, means, strict=True)]
    rows, columns = np.indices(regions.shape) / np.reshape(regions.shape, (2, 1, 1))
    return np.stack([*means, *spreads, sizes / flat.size, mean(rows), mean(columns)], axis=1).astype(np.float32)


def filled(maps: NDArray[Any], answers: Sequence[tuple[int, int]], void: int) -> NDArray[np.uint8]:
    """Return a mask whose regions have the classes of (number, class), `void` elsewhere."""
    table = np.full(int(maps.max()) + 2, void, dtype=np.uint8)
    for number, label in answers:
        table[number] = label
    return table[maps]
