"""Superpixels of images as the rows of a project: their maps are made once, and kept, since answers rest on them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.annotation import polygons, superpixel_regions
from skal.labeling._errors import ProjectError
from skal.labeling._sources import Rows
from skal.labeling.masks.store import write_flushed
from skal.masks import resized_mask

__all__ = ["RegionRows", "region_rows"]

FOLDER = "regions"
BETWEEN = "#"  # of the id of an image and the number of its region
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

    def rings(self, place: int, size: tuple[int, int]) -> list[list[list[float]]]:
        """Return the outlines of the region of a row, the outer one first, as [x, y] in an image of a size (H, W)."""
        regions = self.maps[self.image_of[place]]
        inside = (regions == self.number_of[place]).astype(np.uint8)
        scale = np.array(size) / regions.shape
        found = polygons(inside, background=0)
        rings = [ring * scale for polygon in found for ring in (polygon.outer, *polygon.holes)]
        return [[[round(float(x), 2), round(float(y), 2)] for y, x in ring] for ring in rings]


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
    shown["region"] = [str(number) for number in number_of]
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


def image_of_region(row: str) -> str:
    """Return the id of the image that the id of a region names."""
    return row.rpartition(BETWEEN)[0]


def _maps(rows: Rows, folder: Path, n_segments: int) -> Iterator[Map]:
    if rows.files is None or np.ndim(rows.X) != 4:
        raise ProjectError("Regions are parts of images: the data must be a folder of images.")
    for file, digest in zip(rows.files, rows.digests, strict=True):
        path = folder / f"{digest}.png"
        if path.is_file():
            yield _read(path)
            continue
        regions = superpixel_regions(_picture(file), n_segments)
        try:
            folder.mkdir(exist_ok=True)
            write_flushed(path, _written(regions))
        except OSError as error:
            raise ProjectError(f"{path} cannot be written: {error.strerror}.") from error
        yield regions


def _picture(file: str | os.PathLike[str]) -> NDArray[np.uint8]:
    from PIL import Image

    from skal.datasets import decode_image

    pixels = decode_image(Path(file).read_bytes())
    height, width = pixels.shape[1:]
    part = min(1.0, _SIDE / max(height, width))
    size = (max(round(width * part), 1), max(round(height * part), 1))
    small = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(small).transpose(2, 0, 1)


def _written(regions: Map) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(regions.astype(np.uint16)).save(file, "PNG")
    return file.getvalue()


def _read(path: Path) -> Map:
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as image:
            return np.asarray(image).astype(np.int32)
    except (OSError, SyntaxError, ValueError) as error:
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
