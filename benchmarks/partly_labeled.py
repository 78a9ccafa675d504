"""What masks labelled in part do to a short training: ten whole masks of CamVid, and windows of further frames.

    OMP_NUM_THREADS=1 python benchmarks/partly_labeled.py --camvid DATA

Single fits of the net of segmentation_curves.py, whose mean IoU on the test part is printed: with images drawn by
their labelled pixels, as segmenters do, and with every image once a pass.
"""

import argparse
from pathlib import Path
from unittest import mock

import numpy as np
from segmentation_curves import unet

from skal.datasets.sources import load_source
from skal.neural import segmenter

N_WHOLE, SIDE = 10, 30
TRAININGS = [  # windows, and whether every image comes once a pass
    (0, False),
    (150, True),
    (150, False),
    (350, True),
    (350, False),
]


def windows(masks, rng):
    """Masks that are void but for a square window each, drawn at random."""
    partly = np.full_like(masks, 255)
    for mask, part in zip(masks, partly, strict=True):
        top, left = (rng.randint(0, side - SIDE) for side in mask.shape)
        part[top : top + SIDE, left : left + SIDE] = mask[top : top + SIDE, left : left + SIDE]
    return partly


def mean_iou(data, masks, n_windows, once, seed, **changes):
    """Mean IoU of one fit, and its steps."""
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(masks))
    whole, others = order[:N_WHOLE], order[N_WHOLE : N_WHOLE + n_windows]
    X, y = data.X[whole], masks[whole]
    if n_windows:
        X, y = np.concatenate([X, data.X[others]]), np.concatenate([y, windows(masks[others], rng)])
    model = unet().set_params(classes=list(range(len(data.classes))), random_state=seed, **changes)
    weights = (lambda shares: None) if once else segmenter.draw_weights
    with mock.patch.object(segmenter, "draw_weights", weights):
        model.fit(X, y)
    n_steps = sum(len(epoch["batches"]) for epoch in model.net_.history)
    return model.score(data.X_test, data.y_test), n_steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--camvid", type=Path, required=True, help="folder with CamVid")
    parser.add_argument("--n-seeds", type=int, default=3)
    arguments = parser.parse_args()
    data = load_source(f"camvid?root={arguments.camvid}")
    masks = np.asarray(data.y)
    print("| windows | images are drawn | steps | mean IoU, % | of each fit |\n|---|---|---|---|---|")
    for n_windows, once in TRAININGS:
        fits = [mean_iou(data, masks, n_windows, once, seed) for seed in range(arguments.n_seeds)]
        found = 100 * np.array([score for score, _ in fits])
        drawn = "once a pass" if once else "by labelled pixels" if n_windows else ""
        each = ", ".join(f"{score:.1f}" for score in found)
        print(f"| {n_windows} | {drawn} | {fits[0][1]} | {found.mean():.1f} | {each} |", flush=True)


if __name__ == "__main__":
    main()
