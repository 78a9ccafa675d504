"""What masks labelled in part do to a short training: ten whole masks of CamVid, and a hundred and fifty windows.

    OMP_NUM_THREADS=1 python benchmarks/partly_labeled.py --camvid DATA

Single fits of the net of segmentation_curves.py, whose mean IoU on the test part is printed.
"""

import argparse
from pathlib import Path

import numpy as np
from segmentation_curves import unet

from skal.study.sources import load_source

N_WHOLE, N_WINDOWS, SIDE, REPEATS = 10, 150, 30, 15


def windows(masks, rng):
    """Masks that are void but for a square window each, drawn at random."""
    partly = np.full_like(masks, 255)
    for mask, part in zip(masks, partly, strict=True):
        top, left = (rng.randint(0, side - SIDE) for side in mask.shape)
        part[top : top + SIDE, left : left + SIDE] = mask[top : top + SIDE, left : left + SIDE]
    return partly


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--camvid", type=Path, required=True, help="folder with CamVid")
    data = load_source(f"camvid?root={parser.parse_args().camvid}")
    rng = np.random.RandomState(0)
    order = rng.permutation(len(data.y))
    whole, others = order[:N_WHOLE], order[N_WHOLE : N_WHOLE + N_WINDOWS]
    masks = np.asarray(data.y)
    X_windows, windowed = data.X[others], windows(masks[others], rng)
    trainings = [  # how often each whole mask is there, with windows or without, and what is not the net's default
        ("whole masks, 400 steps", 1, False, {}),
        ("whole masks and windows, 400 steps", 1, True, {}),
        ("whole masks and windows, 1600 steps", 1, True, {"max_epochs": 40}),
        (f"each whole mask {REPEATS} times, and windows, 400 steps", REPEATS, True, {}),
    ]
    for name, times, with_windows, changes in trainings:
        rows = np.repeat(whole, times)
        X, y = data.X[rows], masks[rows]
        if with_windows:
            X, y = np.concatenate([X, X_windows]), np.concatenate([y, windowed])
        model = unet().set_params(classes=list(range(len(data.classes))), random_state=0, **changes).fit(X, y)
        print(f"| {name} | {100 * model.score(data.X_test, data.y_test):.1f} |", flush=True)


if __name__ == "__main__":
    main()
