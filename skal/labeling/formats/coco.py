"""Masks as COCO: one annotation for each class of an image, as run lengths, so that no pixel is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling._errors import ProjectError
from skal.labeling.formats.files import write_json
from skal.labeling.project import Project
from skal.labeling.sheets import check_not_data


def coco_masks(project: Project) -> dict[str, Any]:
    """Return the masks of a project as COCO has them.

    Parameters
    ----------
    project : Project
        Of masks or regions.

    Returns
    -------
    dict
        ``images`` that have a mask, ``categories`` numbered from 1 in the order of the classes, and ``annotations``
        with uncompressed run lengths (column by column, as COCO counts). Void pixels are in none.

    Raises
    ------
    ProjectError
        If the answers of the project are no masks.
    """
    classes = project.settings.classes
    images: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for row, mask, _ in project.masks():
        height, width = mask.shape
        images.append({"id": len(images) + 1, "file_name": _file(project, row), "width": width, "height": height})
        for place in np.unique(mask).tolist():
            if place < len(classes):
                about = {"id": len(found) + 1, "image_id": len(images), "category_id": place + 1, "iscrowd": 0}
                found.append({**about, **_region(mask == place)})
    categories = [{"id": place + 1, "name": name} for place, name in enumerate(classes)]
    return {"images": images, "categories": categories, "annotations": found}


def write_coco(project: Project, path: str | Path) -> int:
    """Write the masks of a project as COCO; see `coco_masks`.

    Parameters
    ----------
    project : Project
        Of masks or regions.
    path : str or Path
        JSON file.

    Returns
    -------
    int
        Images in it.
    """
    path = Path(path)
    if path.suffix.lower() != ".json":
        raise ProjectError(f"{path.name}: a file of COCO ends in .json.")
    check_not_data(project, path)
    entries = coco_masks(project)
    write_json(path, entries)
    return len(entries["images"])


def run_lengths(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Return a mask as COCO's uncompressed run lengths: pixels outside, inside, outside, ..., down each column."""
    flat = np.asarray(mask, dtype=bool).ravel(order="F")
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1, [len(flat)]])
    counts = np.diff(starts).tolist()
    return {"size": list(mask.shape), "counts": [0, *counts] if len(flat) and flat[0] else counts}


def _region(mask: NDArray[np.bool_]) -> dict[str, Any]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
    return {"segmentation": run_lengths(mask), "area": int(mask.sum()), "bbox": [float(side) for side in box]}


def _file(project: Project, row: str) -> str:
    """The path of an image below the folder that is labelled; the images of regions have it as their id."""
    file = project.data_rows.file_of(row)
    return row if file is None else file.relative_to(project.data_path).as_posix()
