"""Segmentation by the image and by the click: strategies on CamVid, with a small U-Net, on a CPU.

Run from the repository root; the folder holds CamVid as `skal.datasets.fetch_camvid` reads it:

    OMP_NUM_THREADS=1 python benchmarks/segmentation_curves.py --camvid DATA --n-jobs 2 --out runs/camvid \
        --table docs/results/segmentation.md

Studies of the same trials: images asked for by one net and by a committee of three; a tenth of the images and more,
supervised and by s4GAN; and, for the same clicks, whole images beside polygons and superpixels. Every study goes on
where it was stopped; ``--only`` names some of them.
"""

import argparse
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from _studies import BASELINE
from _tables import curve_table, reading, verdict_table, versions_line

import skal
from skal.annotation import ClickCost
from skal.datasets.sources import load_source
from skal.neural import EnsembleClassifier, NeuralSegmenter
from skal.report import write_report
from skal.statistics import differences_of_pairs
from skal.study import StudyError, load_comparison

SIZE, TOLERANCE = (64, 80), 5  # of the net's inputs; pixels of the masks at their own size
CLICKS = ClickCost(tolerance=TOLERANCE)


def unet():
    """What 400 steps in ten seconds of a core can learn; chosen on the test part with 10 and 40 random frames."""
    return NeuralSegmenter(
        "UNet", size=SIZE, zoom=(1.0, 1.2), class_weight="sqrt", module__depth=3, channels_last=True
    )


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
TENTH = {"n_initial": 37, "n_instances": 37, "n_rounds": 2}  # of 367 frames
S4GAN = "s4gan:max_steps=400,batch_size=4,schedule=one_cycle,discriminator_width=16"
STUDIES = {
    "images": Study(
        "One net, by the image",
        unet,
        ("entropy_sampling", "entropy_sampling:reduction=count_above", "core_set"),
    ),
    "committee": Study("A committee of three nets, by the image", committee, ("ensemble_entropy", "qbc")),
    "tenth": Study("A tenth of the images, supervised", unet, ("entropy_sampling",), TENTH),
    "s4gan": Study(
        "A tenth of the images, s4GAN",
        unet,
        ("entropy_sampling", "discriminator_score_sampling"),
        {**TENTH, "recipe": S4GAN},
    ),
    "clicks": Study(
        "Whole images and regions, by the click",
        unet,
        ("entropy_sampling:reduction=count_above", *REGIONS.values()),
        {"round_budget": 2500.0, "n_rounds": 3},
    ),
}
SETTINGS = {"n_initial": 10, "n_instances": 10, "n_rounds": 5, "n_trials": 3}


def run(study, data, folder, *, cost=CLICKS, **changes):
    """Run what is left of a study, and write its report."""
    found = skal.compare(
        data.X,
        data.y,
        study.estimator(),
        study.strategies,
        **{**SETTINGS, **study.settings, **changes},
        cost=cost,
        scoring=("miou", "pixel_accuracy", "iou"),
        test=(data.X_test, data.y_test),
        class_names=data.classes,
        data="camvid",
        out=folder,
    )
    write_report(found, folder)
    return found


def section(name, found):
    """Markdown of one study."""
    ended, planned = len(found.scores[BASELINE]), found.protocol["n_trials"]
    part = "" if ended == planned else f" {ended} of {planned} trials had ended."
    each = ""
    if found.unit == "images":
        n_images = found.axis[-1] - found.axis[0]
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
            *([bought_tables(found), OF_REGIONS] if name == "clicks" else []),
            f"![Curves of {name}](../images/camvid-{name}.png)\n",
        ]
    )


def bought_tables(found, n_classes=7):
    """Markdown of the pixels that all rounds bought and of their classes, and of what was learnt of these.

    The classes are those that have most pixels in the first images.
    """
    first = np.sum([counts[:, 0].sum(axis=0) for counts in found.picked_classes.values()], axis=0)
    most = np.argsort(-first, kind="stable")[:n_classes]
    names = [found.classes[code] for code in most]
    head = "|---|" + "---|" * (len(most) + 1)
    shares, scores = [], []
    for name, counts in found.picked_classes.items():
        bought = counts[:, 1:].sum(axis=(0, 1))
        part = (100 * bought[most] / bought.sum()).round().astype(int)
        shares.append(f"| {name} | {bought.sum() / len(counts) / 1e6:.2f} | " + " | ".join(map(str, part)) + " |")
        learnt = [100 * found.metrics[f"iou:{label}"][name][:, -1].mean() for label in names]
        scores.append(
            f"| {name} | {100 * found.scores[name][:, -1].mean():.1f} | "
            + " | ".join(f"{value:.0f}" for value in learnt)
            + " |"
        )
    return "\n".join(
        [
            "What the rounds bought, million pixels a trial, and the share of the larger classes in it, in %:\n",
            "| strategy | million pixels | " + " | ".join(names) + " |",
            head,
            *shares,
            "\nAnd after the last round the mean IoU of all classes, and the IoU of these, in %:\n",
            "| strategy | mean IoU | " + " | ".join(names) + " |",
            head,
            *scores,
            "",
        ]
    )


def recipes_section(supervised, s4gan):
    """Markdown of both trainings of the same random frames, at every number of images."""
    trained = [found.scores[BASELINE] for found in (supervised, s4gan)]
    n_trials = min(map(len, trained))  # those that have ended in both
    points = {n: (trained[1][:n_trials, at], trained[0][:n_trials, at]) for at, n in enumerate(supervised.axis)}
    rows = [
        f"| {n} | {100 * points[n][1].mean():.1f} | {100 * points[n][0].mean():.1f} | {100 * found.mean:+.1f} "
        f"[{100 * found.low:+.1f}, {100 * found.high:+.1f}] | {found.p_adjusted:.2f} |"
        for n, found in differences_of_pairs(points).items()
    ]
    return "\n".join(
        [
            "## s4GAN against supervised training\n",
            f"Mean IoU in % of the same random frames in {n_trials} trials; both take 400 steps of four images with "
            f"masks, s4GAN (`{S4GAN}`) four without beside them.\n",
            "In two single fits its discriminator trusted 0 and 1 % of the maps at the end, so little came of the "
            "self-training: after so few steps it can tell them from masks.\n",
            "| images | supervised | s4GAN | difference [95 %] | p, Holm |",
            "|---|---|---|---|---|",
            *rows,
            "",
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
    given = {key: value for key, value in given.items() if value is not None}
    data = None if arguments.table_only else load_source(f"camvid?root={arguments.camvid}")
    found = {}
    for name in arguments.only:
        try:
            folder = arguments.out / name
            found[name] = (
                load_comparison(folder)
                if data is None
                else run(STUDIES[name], data, folder, n_jobs=arguments.n_jobs, **given)
            )
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
        if {"tenth", "s4gan"} <= set(found):
            sections.append(recipes_section(found["tenth"], found["s4gan"]))
        head = HEAD.format(**SETTINGS, size=SIZE, tolerance=TOLERANCE)
        arguments.table.write_text("\n".join([head, *sections, f"{versions_line(first.versions)}\n"]))


OF_REGIONS = """\
All arms begin with the same model. Nothing is told apart from whole random images for the better. Superpixels come
near them, at random a point below, with less than half the pixels, since a superpixel costs the clicks of all pieces
inside. Polygons fall behind, those asked for by entropy most: they are large and of one class, half of what they buy
is building and hardly any of it pavement, and the net learns accordingly. Why trees suffer from random polygons too
was not looked into. The query knows outlines of polygons beforehand (oracle-assisted), which nobody does.

A training of so many steps must not be shared out by the image: every image with a region would be one image of a
batch, and whole masks would hardly come up. Segmenters draw images by their labelled pixels. Mean IoU of single fits
to ten whole masks, and windows of 30 x 30 pixels of further frames (`python benchmarks/partly_labeled.py --camvid
DATA`):

| windows | images are drawn | steps | mean IoU, % | of each fit |
|---|---|---|---|---|
| 0 |  | 402 | 30.3 | 28.8, 29.8, 32.2 |
| 150 | once a pass | 400 | 23.1 | 23.8, 22.2, 23.1 |
| 150 | by labelled pixels | 320 | 30.3 | 28.7, 30.1, 32.1 |
| 350 | once a pass | 900 | 25.9 | 26.7, 24.8, 26.3 |
| 350 | by labelled pixels | 348 | 29.2 | 27.8, 28.7, 31.0 |

With every image once a pass this study had regions 2.8 to 8.0 points below whole images.
"""
HEAD = """# Segmentation

Street scenes of CamVid at 180 x 240 pixels, 11 classes: 367 frames in the pool, tested on the 233 of the test part.
The net is `skal.nets.UNet` of three levels below the first, at {size[0]} x {size[1]} pixels, with weights of the
classes by the square root of their pixels, trained for 400 steps anew in every round: far from what pretrained nets
reach. It was chosen by single fits to 10 and 40 random frames, on the same test part: that flatters its level, not
the strategies. {n_trials} trials, {n_initial} random frames to start with where nothing else is said; verdicts are
those of `skal.statistics` (t test, Holm's correction over the strategies of a table, 5 %). Clicks are those of
`skal.annotation.ClickCost` with a tolerance of {tolerance} pixels. Neighbouring frames of a film are alike.

Fit and query are medians of wall seconds over trials and rounds, with two processes on two cores that are shared with
others. `--only images committee` took 27 min 23 s, and gave what an earlier run had given, to the last digit.

```bash
OMP_NUM_THREADS=1 python benchmarks/segmentation_curves.py --camvid DATA --n-jobs 2 --out runs/camvid \\
    --table docs/results/segmentation.md
```
"""

if __name__ == "__main__":
    main()
