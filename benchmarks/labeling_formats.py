"""Masks and choices to Label Studio and back, with its own converter as the referee.

    python benchmarks/labeling_formats.py --n 1000

It needs label-studio-converter. Every choice and every pixel is compared; a difference is exit status 1.
"""

import argparse
import csv
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from label_studio_converter import brush
from label_studio_converter.converter import Converter
from PIL import Image

from skal.labeling import Project
from skal.labeling.formats import brush_of_mask, mask_of_brush, take_label_studio, write_label_studio

CLASSES = ["sky", "road", "car"]


def choices(folder, n, rng):
    """Count the choices of n rows that the converter reads as they are, and that come back."""
    names = ["bug", "refund", "question", 'it\'s <odd> & "quoted"', "größer"]
    with open(folder / "rows.csv", "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerows([["row_id", "text", "label"], *([f"r{i}", f"text number {i}", ""] for i in range(n))])
    truth = {f"r{i}": names[k] for i, k in enumerate(rng.randint(0, len(names), n))}
    options = {"id": "row_id", "classes": names}
    with Project.create(folder / "a.skal", folder / "rows.csv", **options) as project:
        project.tell(list(truth), list(truth.values()), "ann")
        write_label_studio(project, folder / "choices.json", predict=False)
    found = converted(folder / "choices", "JSON_MIN")
    there = {one["row_id"]: one["label"] for one in json.loads((found / "result.json").read_text(encoding="utf-8"))}
    with Project.create(folder / "b.skal", folder / "rows.csv", **options) as project:
        take_label_studio(project, folder / "choices.json")
        back = {row: given["ann"] for row, given in project.answers().items()}
    return equal(truth, there), equal(truth, back)


def brushes(n, rng):
    """Count brushes that are byte for byte those of the converter, and that either side unpacks as they were."""
    same = theirs = ours = 0
    seconds = [0.0, 0.0]
    for number in range(n):
        mask = random_mask(rng, number) == 1
        start = time.perf_counter()
        mine = brush_of_mask(mask)
        seconds[0] += time.perf_counter() - start
        start = time.perf_counter()
        other = brush.mask2rle((mask * 255).astype(np.uint8))
        seconds[1] += time.perf_counter() - start
        same += mine == other
        theirs += np.array_equal(brush.decode_rle(mine).reshape(*mask.shape, 4)[:, :, 3], mask * 255)
        ours += np.array_equal(mask_of_brush(other, mask.shape), mask)
    return same, theirs, ours, seconds


def masks(folder, n, rng):
    """Count masks of n images that the converter reads as they are, and that come back."""
    (folder / "photos").mkdir()
    truth = {}
    for number in range(n):
        truth[f"{number:04d}.png"] = mask = random_mask(rng, number)
        Image.new("RGB", mask.shape[::-1]).save(folder / "photos" / f"{number:04d}.png")
    options = {"answer": "mask", "classes": CLASSES}
    with Project.create(folder / "c.skal", folder / "photos", **options) as project:
        project.tell(list(truth), list(truth.values()), "ann")
        write_label_studio(project, folder / "masks.json", predict=False)
        ids = project.ids
    found = converted(folder / "masks", "BRUSH_TO_NUMPY")
    there = {row: np.full(mask.shape, 255, dtype=np.uint8) for row, mask in truth.items()}
    for file in found.glob("*.npy"):
        _, task, *_, name, _ = file.stem.split("-")
        there[ids[int(task) - 1]][np.load(file) == 255] = CLASSES.index(name)
    with Project.create(folder / "d.skal", folder / "photos", **options) as project:
        take_label_studio(project, folder / "masks.json")
        back = {row: mask for row, mask, _ in project.masks()}
    return equal(truth, there), equal(truth, back)


def converted(stem, format):
    """Run the converter on tasks and their page; returns the folder of what it wrote."""
    engine = Converter(str(stem.with_suffix(".xml")), str(stem.parent), download_resources=False)
    out = stem.with_suffix(".out")
    out.mkdir()
    engine.convert(str(stem.with_suffix(".json")), str(out), format, is_dir=False)
    return out


def random_mask(rng, number):
    """Noise, or a few blocks, with void pixels."""
    height, width = rng.randint(1, 90, 2)
    if number % 2:
        return rng.choice([0, 1, 2, 255], (height, width)).astype(np.uint8)
    mask = np.full((height, width), 255, dtype=np.uint8)
    for value in rng.randint(0, 3, 5):
        top, left = rng.randint(height), rng.randint(width)
        mask[top : top + rng.randint(1, 60), left : left + rng.randint(1, 60)] = value
    return mask


def equal(truth, found):
    return sum(row in found and np.array_equal(one, found[row]) for row, one in truth.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1000, help="masks, and choices (default: 1000)")
    n = parser.parse_args().n
    logging.disable(logging.WARNING)
    rng = np.random.RandomState(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        choices_there, choices_back = choices(folder, n, rng)
        same, theirs, ours, seconds = brushes(n, rng)
        masks_there, masks_back = masks(folder, n, rng)
    rows = [
        ("choices that the converter reads from skal's file", choices_there),
        ("choices that skal reads back", choices_back),
        ("brushes that are byte for byte the converter's", same),
        ("brushes of skal that the converter unpacks", theirs),
        ("brushes of the converter that skal unpacks", ours),
        ("masks (three classes and void) that the converter reads from skal's file", masks_there),
        ("masks that skal reads back", masks_back),
    ]
    print(f"| | of {n} |\n|---|--:|")
    print("\n".join(f"| {words} | {count} |" for words, count in rows))
    print(f"\nPacking a brush: {1e3 * seconds[0] / n:.2f} ms, by the converter {1e3 * seconds[1] / n:.2f} ms.")
    sys.exit(any(count != n for _, count in rows))


if __name__ == "__main__":
    main()
