"""What masks cost in clicks, and what is left of them when they are drawn with so many.

CamVid's training masks (180 x 240): clicks an image and the mean IoU that an annotator's polygons keep against the
masks, at tolerances of 5, 10, 20 and 40 pixels on images of about 375 x 500, scaled to these. Then what the choices
change, and what regions cost. Run from the repository root:

    python benchmarks/annotation_cost.py --archive DATA/ci/camvid_180x240_train.npz \\
        --page docs/results/annotation_cost.md --picture docs/images/annotation_cost.png

About fifteen minutes of one core; ``--every 20`` reads every twentieth image.
"""

import argparse
import io
import itertools
import platform
import time
from pathlib import Path

import numpy as np
from PIL import Image

from skal.annotation import ClickCost, RegionOracle, draw_polygons, polygon_regions, polygons, superpixel_regions
from skal.masks import Confusion
from skal.study import package_versions

PAPER_HEIGHT = 375  # of PASCAL VOC's images, 375 x 500 as a rule, on which the paper's tolerances are
PAPER_TOLERANCES = (5, 10, 20, 40)
SHOWN = (0, 130, 260)  # images of the picture


def read(path, every):
    """Masks (n, H, W), images (n, 3, H, W), names of the classes and the label of void, which is the last one."""
    with np.load(path) as archive:
        masks, names = archive["mask_train"][::every], [str(name) for name in archive["classes"]]
        raw, offsets = archive["jpeg_train"], archive["offsets_train"]
    parts = [raw[start:end].tobytes() for start, end in itertools.pairwise(offsets)][::every]
    images = [np.asarray(Image.open(io.BytesIO(part)).convert("RGB")).transpose(2, 0, 1) for part in parts]
    return masks, np.stack(images), names[:-1], len(names) - 1


def approximated(masks, tolerance, void, n_classes):
    """Clicks and pieces by image, CPU seconds, and what the polygons keep, by what becomes of uncovered pixels."""
    clicks, pieces, outlines, seconds = [], [], [], 0.0
    # A pixel that no polygon covers has one more class, which is never right.
    kept = {uncovered: Confusion(n_classes + 1) for uncovered in ("void", "nearest")}
    gaps = 0
    for mask in masks:
        start = time.process_time()
        drawn = polygons(mask, tolerance, ignore_label=void)
        seconds += time.process_time() - start
        clicks.append(sum(polygon.n_clicks for polygon in drawn))
        pieces.append(len(drawn))
        outlines.append(sum(1 + len(polygon.holes) for polygon in drawn))
        truth = np.where(mask == void, 255, mask)
        for uncovered, confusion in kept.items():
            labels = draw_polygons(drawn, mask.shape, uncovered=uncovered, ignore_label=n_classes)
            confusion.add(truth, labels)
            gaps += int((labels[mask != void] == n_classes).sum())
    known = int((masks != void).sum())
    return {
        "clicks": np.array(clicks),
        "pieces": np.array(pieces),
        "outlines": np.array(outlines),
        "seconds": seconds / len(masks),
        "miou": {name: float(np.nanmean(confusion.iou()[:n_classes])) for name, confusion in kept.items()},
        "iou": kept["void"].iou()[:n_classes],
        "right": float(np.trace(kept["void"].matrix) / known),
        "gaps": gaps / known,
    }


def main_table(found, scale):
    lines = [
        "| tolerance, px (on 375 x 500) | clicks an image: mean, median, range | mean IoU kept, % (gaps void) "
        "| mean IoU kept, % (gaps to the nearest) | pixels right, % | gaps, % | CPU, ms an image |",
        "|---|---|---|---|---|---|---|",
    ]
    for tolerance, result in found.items():
        clicks = result["clicks"]
        on_paper = f" ({tolerance / scale:g})" if tolerance else ""
        spread = f"{clicks.mean():.0f}, {np.median(clicks):.0f}, {clicks.min()} to {clicks.max()}"
        kept = " | ".join(f"{100 * result['miou'][gaps]:.2f}" for gaps in ("void", "nearest"))
        lines.append(
            f"| {tolerance:g}{on_paper} | {spread} | {kept} | {100 * result['right']:.1f} "
            f"| {100 * result['gaps']:.1f} | {1000 * result['seconds']:.0f} |"
        )
    return "\n".join(lines)


def class_table(found, names):
    tolerances = list(found)
    lines = [
        "| class | " + " | ".join(f"{t:g} px" for t in tolerances) + " |",
        "|---|" + "---|" * len(tolerances),
    ]
    for label, name in enumerate(names):
        lines.append(f"| {name} | " + " | ".join(f"{100 * found[t]['iou'][label]:.1f}" for t in tolerances) + " |")
    return "\n".join(lines)


def choices(masks, tolerance, void):
    """Clicks an image when the choices of the model are others, each by itself."""
    others = {
        "as it is: corners connect, holes count, three clicks at least": {},
        "`connectivity=1`: pixels meet at edges only": {"connectivity": 1},
        "`holes=False`: outer outlines alone": {"holes": False},
        "`min_clicks=1`: one click for what is smaller than the tolerance, or narrower": {"min_clicks": 1},
        "`holes=False, min_clicks=1`": {"holes": False, "min_clicks": 1},
    }
    return {
        name: ClickCost(tolerance, ignore_label=void, **options).total(masks) / len(masks)
        for name, options in others.items()
    }


def speck_line(masks, void):
    """How many pieces are how small."""
    sizes = []
    for mask in masks:
        regions = polygon_regions(mask, ignore_label=void)
        sizes.append(np.bincount(regions[regions >= 0]))
    sizes = np.concatenate(sizes)
    small = sizes < 20
    return (
        f"{100 * small.mean():.0f} % of the pieces have fewer than 20 pixels; together they are "
        f"{100 * sizes[small].sum() / sizes.sum():.2f} % of all pixels."
    )


def region_table(images, masks, tolerance, void):
    """What regions cost: pieces of the truth, and superpixels, one by one and all of an image together."""
    cost = ClickCost(tolerance, ignore_label=void)
    whole = [cost(mask) for mask in masks]
    kinds = {"pieces of the truth": [polygon_regions(mask, ignore_label=void) for mask in masks]}
    for n in (50, 100, 200):
        kinds[f"about {n} superpixels"] = [superpixel_regions(image, n) for image in images]
    lines = [
        "| regions | an image | clicks a region: mean, median | all of an image, times its clicks |",
        "|---|---|---|---|",
    ]
    for name, maps in kinds.items():
        oracle = RegionOracle(masks, maps, cost=cost, ignore_label=void)
        prices = [
            [oracle.price(i, int(n)) for n in np.unique(regions[regions >= 0])] for i, regions in enumerate(maps)
        ]
        each = np.concatenate(prices)
        ratio = sum(map(sum, prices)) / sum(whole)
        lines.append(
            f"| {name} | {len(each) / len(masks):.0f} | {each.mean():.1f}, {np.median(each):.0f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def page(masks, images, names, void, found, scale):
    tolerance = 10 * scale
    base = found[tolerance]
    height, width = masks.shape[1:]
    every = 8 if len(masks) > 100 else 1
    by_choice = choices(masks, tolerance, void)
    as_it_is, one_click = (by_choice[name] for name in list(by_choice)[:4:3])
    floored = (as_it_is - one_click) / 2  # each of these is three clicks, or one
    choice_lines = "\n".join(f"| {name} | {clicks:.0f} |" for name, clicks in by_choice.items())
    return f"""# Annotation cost: clicks, and what they buy

{len(masks)} training masks of CamVid at {height} x {width} pixels, {len(names)} classes; void is neither clicked
nor counted. A tolerance of 10 pixels on the paper's images, of about 375 x 500, is {tolerance:g} here. Clicks are the
vertices of `ClickCost`: pieces that are connected at corners too, holes counted, Ramer-Douglas-Peucker, three clicks
at least for an outline. *Mean IoU kept* is that of the filled polygons against the masks, over all images together;
where gaps are void, a pixel that no polygon covers is wrong. CPU time of finding the polygons, one core.

{main_table(found, scale)}

An image has {base["pieces"].mean():.0f} pieces with {base["outlines"].mean():.0f} outlines in the mean. At
{tolerance:g} pixels {floored / base["outlines"].mean():.0%} of the outlines are at the floor: smaller than the
tolerance, or narrower, and drawn as triangles of three clicks. They take
{3 * floored / as_it_is:.0%} of all clicks, so that a tolerance beyond {tolerance:g} saves little.
{speck_line(masks, void)}

![Masks and their polygons](../images/annotation_cost.png)

Left: the truth, void white. Then what the polygons give at each tolerance, with outlines and vertices; gaps are
white. The dots on the road are single void pixels: holes, of three clicks each.

## Class by class

IoU that polygons keep, %; gaps are void.

{class_table(found, names)}

Thin and small classes lose most: a pole that is narrower than the tolerance becomes a triangle, half of it.

## What the choices change

At {tolerance:g} pixels.

| choice | clicks an image |
|---|---|
{choice_lines}

A count of clicks means little without these choices beside it.

## What regions cost

At {tolerance:g} pixels, on {len(masks[::every])} images. A superpixel costs the clicks of all pieces inside it.

{region_table(images[::every], masks[::every], tolerance, void)}

## Beside the paper

Mittal et al. (2019) count 33 clicks an image on PASCAL VOC at 10 pixels, and keep 95.06 % mean IoU. The numbers do
not compare: those are other images, with a background class between the objects, and the choices above (holes,
connectivity, what is smaller than the tolerance) are ours.

```
python benchmarks/annotation_cost.py --archive DATA/ci/camvid_180x240_train.npz \\
    --page docs/results/annotation_cost.md --picture docs/images/annotation_cost.png
```

CamVid: G. Brostow, J. Fauqueur, R. Cipolla, "Semantic object classes in video: a high-definition ground truth
database", Pattern Recognition Letters 30(2), 2009.

{", ".join(f"{name} {version}" for name, version in package_versions().items())}; {platform.machine()}, CPU.
"""


def picture(path, masks, void, tolerances):
    """Truth and polygons of a few masks; the frames themselves are not shown, as their licence is not open."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    colors = np.vstack([plt.get_cmap("tab20")(np.arange(0, 20, 2))[:, :3], [[0.95, 0.85, 0.3], [1.0, 1.0, 1.0]]])
    size = {"figsize": (15, 2.45 * len(masks)), "layout": "constrained", "squeeze": False}
    fig, axes = plt.subplots(len(masks), 1 + len(tolerances), **size)
    for row, mask in zip(axes, masks, strict=True):
        row[0].imshow(colors[mask], interpolation="nearest")
        n_pieces = len(polygons(mask, ignore_label=void))
        row[0].set_title(f"truth, {n_pieces} pieces", fontsize=10)
        for ax, tolerance in zip(row[1:], tolerances, strict=True):
            drawn = polygons(mask, tolerance, ignore_label=void)
            ax.imshow(colors[draw_polygons(drawn, mask.shape, ignore_label=void)], interpolation="nearest")
            for polygon in drawn:
                for ring in (polygon.outer, *polygon.holes):
                    closed = np.vstack([ring, ring[:1]]) - 0.5
                    ax.plot(closed[:, 1], closed[:, 0], color="black", linewidth=0.5)
                    ax.plot(ring[:, 1] - 0.5, ring[:, 0] - 0.5, ".", color="black", markersize=1.2)
            ax.set_title(f"{tolerance:g} px: {sum(polygon.n_clicks for polygon in drawn)} clicks", fontsize=10)
        for ax in row:
            ax.set(xticks=[], yticks=[], xlim=(-0.5, mask.shape[1] - 0.5), ylim=(mask.shape[0] - 0.5, -0.5))
    fig.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True, help="camvid_180x240_train.npz")
    parser.add_argument("--every", type=int, default=1, help="read every so manieth image (default 1)")
    parser.add_argument("--page", type=Path, default=None, help="markdown file to write; else it is printed")
    parser.add_argument("--picture", type=Path, default=None, help="picture to write")
    parser.add_argument("--picture-only", action="store_true")
    arguments = parser.parse_args()
    masks, images, names, void = read(arguments.archive, arguments.every)
    scale = masks.shape[1] / PAPER_HEIGHT
    tolerances = [t * scale for t in PAPER_TOLERANCES]
    if arguments.picture:
        shown = [i for i in SHOWN if i < len(masks)]
        picture(arguments.picture, masks[shown], void, tolerances)
    if arguments.picture_only:
        return
    found = {t: approximated(masks, t, void, len(names)) for t in (0, *tolerances)}
    text = page(masks, images, names, void, found, scale)
    if arguments.page:
        arguments.page.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
