"""Write scikit-learn's digits as a folder of images, two of each digit labelled, and its labelling project.

    python tools/demo_digits.py runs/demo/digits
    skal label runs/demo/digits

The other images have no label, and their names do not say what they show. An existing project is left as it is, with
all its answers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from skal.labeling import Project

CLASSES = "1234567890"  # on the page 1 is the key of the first class
_EACH = 2  # labelled images of each digit, as many as the demo's comparison starts with
_SIDE = 96


def write_digits(folder: Path, n_images: int | None = None) -> None:
    """Write the images and make the project, whose folder is beside theirs.

    Parameters
    ----------
    folder : Path
        Of the images. If its project is there, nothing is done.
    n_images : int, default=None
        The first of them only; None: all 1797.
    """
    project = folder.with_name(f"{folder.name}.skal")
    if project.exists():
        return
    images, digits = load_digits().images[:n_images], load_digits().target[:n_images]
    labelled = {int(place) for digit in range(10) for place in np.flatnonzero(digits == digit)[:_EACH]}
    for place, (pixels, digit) in enumerate(zip(images, digits, strict=True)):
        kind = folder / (str(digit) if place in labelled else "unsorted")
        kind.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray((255 - pixels * 255 / 16).round().astype(np.uint8))
        image.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC).save(kind / f"digit_{place:04}.png")
    Project.create(project, folder, classes=list(CLASSES)).close()


def main(arguments: list[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="of the images")
    parser.add_argument("--images", type=int, help="the first of them only")
    chosen = parser.parse_args(arguments)
    write_digits(chosen.folder, chosen.images)


if __name__ == "__main__":
    main()
