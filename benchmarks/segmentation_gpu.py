"""The studies of segmentation_curves.py at 360 x 480 pixels with DeepLabv2, for a GPU, in pieces.

    python benchmarks/segmentation_gpu.py --camvid DATA --study images --minutes 8.5

A piece ends after so many minutes, between two rounds, and started again with the same settings the study goes on; so
a fit must be shorter than a piece (``--steps``). The net starts from random weights, hence batch norm is trained too.
DATA holds camvid_360x480.npz, or CamVid's folders at that size.

``--tiny`` runs a study on a CPU in a minute, with some frames at 24 x 32 pixels and a net of a few channels. That is
the only way this script has been run: there was no GPU, so there are no results of it yet.
"""

import argparse
import dataclasses
import json
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import torch
from _pieces import Piece, PieceIsOver
from segmentation_curves import STUDIES, run

from skal.annotation import ClickCost
from skal.datasets.sources import load_source
from skal.neural import EnsembleClassifier, NeuralSegmenter
from skal.study import package_versions


def deeplab(settings, n_labeled):
    """DeepLabv2 with a ResNet-101, for so many steps where so many images are labelled."""
    cuda = settings.device.startswith("cuda")
    small = {"module__blocks": (1, 1, 1, 1), "module__width": 4, "size": (24, 32)} if settings.tiny else {}
    return NeuralSegmenter(
        "DeepLabV2",
        module__frozen_norm=False,
        crop_size=None if settings.tiny else 321,
        zoom=(1.0, 1.0) if settings.tiny else (0.75, 1.5),
        class_weight="sqrt",
        max_epochs=max(1, settings.steps * settings.batch_size // n_labeled),
        batch_size=settings.batch_size,
        lr=1e-3,
        schedule="poly",
        device=settings.device,
        channels_last=cuda,
        bf16=cuda,
        **small,
    )


def at_scale(name, settings):
    """A study of segmentation_curves.py with DeepLabv2 in the place of its net."""
    study = STUDIES[name]
    counts = {"n_initial": 10, "n_instances": 10, "n_rounds": 5, **study.settings}
    if settings.tiny:
        counts |= {"n_initial": 4, "n_instances": 2, "n_rounds": 1}
    n_last = counts["n_initial"] + counts["n_instances"] * counts["n_rounds"]
    net = partial(deeplab, settings, n_last)
    if "recipe" in counts:
        width = 4 if settings.tiny else 64
        counts["recipe"] = f"s4gan:max_steps={settings.steps},discriminator_width={width}"
    if "round_budget" in counts and not settings.tiny:
        counts["round_budget"] = 2 * counts["round_budget"]  # of twice the sides
    estimator = partial(_committee, net) if name == "committee" else net
    return dataclasses.replace(study, estimator=estimator, settings=counts)


def _committee(net):
    return EnsembleClassifier(net(), n_members=3)


def frames(settings):
    """CamVid at 360 x 480, or some of it, small."""
    data = load_source(f"camvid?root={settings.camvid}")
    if not settings.tiny:
        return data
    some = {"X": data.X[::20], "y": data.y[::20], "X_test": data.X_test[::60], "y_test": data.y_test[::60]}
    return dataclasses.replace(data, **some)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--camvid", type=Path, required=True, help="folder with CamVid")
    parser.add_argument("--study", choices=STUDIES, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/camvid_gpu"))
    parser.add_argument("--minutes", type=float, default=None, help="end the piece after so many")
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1000, help="of a fit")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="some small frames, a narrow net, on the CPU")
    settings = parser.parse_args()
    if settings.tiny:
        settings.device, settings.trials, settings.steps, settings.batch_size = "cpu", 2, 2, 2
        warnings.simplefilter("ignore")  # nets of two steps trust no map
    piece, cost = Piece(settings.minutes), ClickCost(tolerance=10)
    try:
        found = run(
            at_scale(settings.study, settings),
            frames(settings),
            settings.out / settings.study,
            cost=cost,
            n_trials=settings.trials,
            progress=piece,
        )
    except PieceIsOver:
        print("The minutes are spent; start again to go on.")
        return
    cuda = settings.device.startswith("cuda")
    shown = {name: value for name, value in vars(settings).items() if name not in ("camvid", "out", "minutes")}
    result = {
        "device": torch.cuda.get_device_name() if cuda else "CPU",
        "versions": package_versions(),
        "settings": shown,
        found.unit: found.axis.tolist(),
        "miou_percent": {name: (100 * scores).round(2).tolist() for name, scores in found.scores.items()},
        "clicks": {name: np.round(spent).tolist() for name, spent in found.spent.items()},
    }
    (settings.out / f"{settings.study}.json").write_text(json.dumps(result, indent=1) + "\n")
    for name, scores in found.scores.items():
        print(f"| {name} | " + " | ".join(f"{100 * mean:.2f}" for mean in scores.mean(axis=0)) + " |")


if __name__ == "__main__":
    main()
