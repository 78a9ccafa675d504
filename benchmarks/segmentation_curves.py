"""Segmentation by the image and by the click: strategies on CamVid, with a small U-Net, on a CPU.

Run from the repository root; the folder holds CamVid as `skal.datasets.fetch_camvid` reads it:

    OMP_NUM_THREADS=1 python benchmarks/segmentation_curves.py --camvid DATA --n-jobs 2 --out runs/camvid \
        --table docs/results/segmentation.md

Four studies of the same trials: images asked for by one net and by a committee of three, and, for the same clicks,
whole images beside polygons and superpixels. Every study goes on where it was stopped; ``--only`` names some of them.
"""

import argparse
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from _studies import BASELINE
from _tables import curve_table, reading, verdict_table, versions_line

import skal
from skal.annotation import ClickCost
from skal.neural import EnsembleClassifier, NeuralSegmenter
from skal.study import StudyError, load_comparison
from skal.study.report import write_report
from skal.study.sources import load_source

SIZE, WIDTH, TOLERANCE = (72, 96), 12, 5  # of the net's inputs; channels; pixels of the masks at their own size
CLICKS = ClickCost(tolerance=TOLERANCE)


def unet():
    return NeuralSegmenter("UNet", size=SIZE, module__width=WIDTH)


def committee():
    return EnsembleClassifier(unet(), n_members=3)


@dataclass(frozen=True)
class Study:
    """A task model, what is compared with random sampling, and what a round is of: images, or clicks."""

    title: str
    estimator: object
    strategies: tuple
    settings: dict = field(default_factory=dict)


REGIONS = {
    "polygons, by entropy": "region_sampling:region_strategy=entropy_area",
    "polygons, at random": "region_sampling:region_strategy=random",
    "superpixels, by entropy": "region_sampling:regions=superpixels,n_segments=60,region_strategy=entropy_area",
    "superpixels, at random": "region_sampling:regions=superpixels,n_segments=60,region_strategy=random",
}
STUDIES = {
    "images": Study(
        "One net, by the image",
        unet,
        ("entropy_sampling", "entropy_sampling:reduction=count_above", "core_set"),
    ),
    "committee": Study("A committee of three nets, by the image", committee, ("ensemble_entropy", "qbc")),
    "clicks": Study(
        "Whole images and regions, by the click",
        unet,
        ("entropy_sampling:reduction=count_above", *REGIONS.values()),
        {"round_budget": 2500.0},
    ),
}
SETTINGS = {"n_initial": 10, "n_instances": 10, "n_rounds": 5, "n_trials": 3}
CLICK_ROUNDS = {"n_rounds": 3}


def run(name, data, arguments):
    """Run what is left of a study, and write its report."""
    study = STUDIES[name]
    folder = arguments.out / name
    settings = {**SETTINGS, **(CLICK_ROUNDS if study.settings else {}), **study.settings, **arguments.settings}
    found = skal.compare(
        data.X,
        data.y,
        study.estimator(),
        study.strategies,
        **settings,
        cost=CLICKS,
        scoring=("miou", "pixel_accuracy", "iou"),
        test=(data.X_test, data.y_test),
        class_names=data.classes,
        data="camvid",
        out=folder,
        n_jobs=arguments.n_jobs,
    )
    write_report(found, folder)
    return found


def section(name, found):
    """Markdown of one study."""
    ended, planned = len(found.scores[BASELINE]), found.protocol["n_trials"]
    part = "" if ended == planned else f" {ended} of {planned} trials had ended."
    each = ""
    if found.unit == "images":
        n_images = found.n_labels[-1] - found.n_labels[0]
        clicks = {name: (spent[:, -1] - spent[:, 0]).mean() / n_images for name, spent in found.spent.items()}
        each = "\nClicks an image: " + ", ".join(f"`{name}` {value:.0f}" for name, value in clicks.items()) + ".\n"
    return "\n".join(
        [
            f"## {STUDIES[name].title}\n",
            f"Mean IoU in %, over {found.unit}.{part} {reading(found)}\n",
            curve_table(found).replace("| labels |", f"| {found.unit} |"),
            "",
            verdict_table(found).replace("labels saved", f"{found.unit} saved"),
            each,
            f"![Curves of {name}](../images/camvid-{name}.png)\n",
        ]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--camvid", type=Path, required=True, help="folder with CamVid")
    parser.add_argument("--out", type=Path, default=Path("runs/camvid"))
    parser.add_argument("--table", type=Path, help="markdown file to write; pictures go to ../images")
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=list(STUDIES))
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--n-trials", type=int)
    parser.add_argument("--n-rounds", type=int)
    parser.add_argument("--table-only", action="store_true", help="run nothing, read what is there")
    arguments = parser.parse_args()
    given = {"n_trials": arguments.n_trials, "n_rounds": arguments.n_rounds}
    arguments.settings = {key: value for key, value in given.items() if value is not None}
    data = None if arguments.table_only else load_source(f"camvid?root={arguments.camvid}")
    found = {}
    for name in arguments.only:
        try:
            found[name] = load_comparison(arguments.out / name) if data is None else run(name, data, arguments)
        except StudyError as error:
            print(f"{name}: {error}", flush=True)
            continue
        print(f"{name}: {reading(found[name])}", flush=True)
    if arguments.table and found:
        arguments.table.parent.mkdir(parents=True, exist_ok=True)
        pictures = arguments.table.parent.parent / "images"
        pictures.mkdir(exist_ok=True)
        for name in found:
            shutil.copyfile(arguments.out / name / "curves.png", pictures / f"camvid-{name}.png")
        first = next(iter(found.values()))
        sections = [section(name, comparison) for name, comparison in found.items()]
        head = HEAD.format(**SETTINGS, size=SIZE, width=WIDTH, tolerance=TOLERANCE)
        arguments.table.write_text("\n".join([head, *sections, f"{versions_line(first.versions)}\n"]))


HEAD = """# Segmentation

Street scenes of CamVid at 180 x 240 pixels, 11 classes: 367 frames in the pool, tested on the 233 of the test part.
The net is `skal.nets.UNet` with {width} channels at first, at {size[0]} x {size[1]} pixels, all other settings are
defaults, trained anew in every round. {n_trials} trials, {n_initial} random frames to start with; verdicts are
those of `skal.study.statistics` (t test, Holm's correction over the strategies of a table, 5 %). Clicks are those
of `skal.annotation.ClickCost` with a tolerance of {tolerance} pixels. Neighbouring frames of a film are alike.

```bash
OMP_NUM_THREADS=1 python benchmarks/segmentation_curves.py --camvid DATA --n-jobs 2 --out runs/camvid \\
    --table docs/results/segmentation.md
```
"""

if __name__ == "__main__":
    main()
