"""CIFAR-10 under the protocol of SRAAL's section 4, for a GPU, in pieces.

ResNet-18, 10 % of the training set at random, 5 % more a round up to 40 %, every net trained anew each round. Random,
core-set, VAAL and SRAAL share splits, initial labels and recipe. A piece ends after the minutes given, between two
rounds; started again with the same settings the study goes on. Run from the repository root:

    python benchmarks/reproduce_cifar10.py --archive DATA/cifar10_jpeg.npz --out runs/cifar10 --minutes 8.5

The recipe is a shorter one than the paper's 360 epochs (``--epochs``): SGD with momentum and a cosine schedule,
random crops and flips on the device. ``--tiny`` runs the whole script on a CPU in a minute, to see it work.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from _pieces import Piece, PieceIsOver
from skorch.callbacks import LRScheduler
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from skal import nets
from skal.datasets import load_archive
from skal.neural import NeuralClassifier
from skal.query import core_set, random_sampling, sraal_query, vaal_query
from skal.study import compare, package_versions

# Accuracy in per cent by share of labels, as the papers' texts give them (tables and figures have no more).
PUBLISHED = {
    "SRAAL, Zhang et al. 2020, text of section 4": {"25": "over 90", "40": 92.48, "100": 93.5},
    "VAAL, Sinha et al. 2019, text of section 4 (VGG16)": {"40": 80.9, "100": 90.16},
}


class CropAndFlip(nn.Module):
    """ResNet-18 that sees random crops of 4 pixels and flips in training, made on the device."""

    def __init__(self, input_shape, n_outputs, width=64):
        super().__init__()
        self.net = nets.resnet18_cifar(input_shape, n_outputs, width=width)

    def forward(self, x):
        return self.net(self.augmented(x) if self.training else x)

    def augmented(self, x):
        n, _, height, width = x.shape
        x = torch.where(torch.rand(n, 1, 1, 1, device=x.device) < 0.5, x.flip(3), x)
        padded = F.pad(x, (4, 4, 4, 4))
        shift = torch.randint(0, 9, (2, n, 1), device=x.device)
        rows = shift[0] + torch.arange(height, device=x.device)  # (n, H)
        columns = shift[1] + torch.arange(width, device=x.device)  # (n, W)
        images = torch.arange(n, device=x.device)[:, None, None]
        return padded[images, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def task_model(settings):
    steps = settings.epochs
    return NeuralClassifier(
        CropAndFlip,
        module__width=settings.width,
        max_epochs=settings.epochs,
        batch_size=128,
        lr=0.1,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        optimizer__weight_decay=5e-4,
        optimizer__nesterov=True,
        callbacks=[LRScheduler(CosineAnnealingLR, T_max=steps)],
        device=settings.device,
        channels_last=True,
        bf16=settings.device.startswith("cuda"),
    )


def strategies(settings):
    steps = {"max_steps": settings.game_steps, "judge_steps": settings.game_steps // 3, "device": settings.device}
    from skal.adversarial import SRAAL, VAAL

    shared = {"batch_size": 128, "module": None, "bf16": settings.device.startswith("cuda")}
    wide = {"module__width": settings.vae_width}
    return {
        "random_sampling": random_sampling,
        "core_set": core_set,
        "vaal_query": _partial(vaal_query, vaal=VAAL(**shared, **wide), **steps),
        "sraal_query": _partial(sraal_query, sraal=SRAAL(**shared, **wide), **steps),
    }


def _partial(strategy, **options):
    from functools import partial

    return partial(strategy, **options)


def run(settings):
    data = load_archive(settings.archive)
    X, y, test = np.asarray(data.X), np.asarray(data.y), (np.asarray(data.X_test), np.asarray(data.y_test))
    if settings.tiny:
        X, y, test = X[:400], y[:400], (test[0][:100], test[1][:100])
    n = len(X)
    try:
        comparison = compare(
            X,
            y,
            task_model(settings),
            strategies(settings),
            n_initial=n // 10,
            n_instances=n // 20,
            n_rounds=6,
            n_trials=settings.trials,
            test=test,
            seed=0,
            out=settings.out,
            data="cifar10",
            estimator_name=f"ResNet-18, {settings.epochs} epochs, width {settings.width}",
            progress=Piece(settings.minutes),
        )
    except PieceIsOver:
        print("The minutes are spent; start again to go on.")
        return
    report(comparison, settings, n)


def report(comparison, settings, n):
    device = torch.cuda.get_device_name() if settings.device.startswith("cuda") else "CPU"
    shares = [round(100 * labels / n) for labels in comparison.axis]
    found = {
        "device": device,
        "versions": package_versions(),
        "settings": {name: str(value) for name, value in vars(settings).items() if name not in ("archive", "out")},
        "percent_labeled": shares,
        "accuracy_percent": {name: (100 * scores).round(2).tolist() for name, scores in comparison.scores.items()},
        "published": PUBLISHED,
    }
    path = Path(settings.out) / "cifar10.json"
    path.write_text(json.dumps(found, indent=1) + "\n")
    print("| labelled, % | " + " | ".join(comparison.scores) + " |")
    for place, share in enumerate(shares):
        means = [f"{100 * scores[:, place].mean():.2f}" for scores in comparison.scores.values()]
        print(f"| {share} | " + " | ".join(means) + " |")
    print("Published:", json.dumps(PUBLISHED))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True, help="cifar10_jpeg.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/cifar10"))
    parser.add_argument("--minutes", type=float, default=None, help="end the piece after so many")
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--width", type=int, default=64, help="of the first stage of ResNet-18")
    parser.add_argument("--vae-width", type=float, default=1.0)
    parser.add_argument("--game-steps", type=int, default=3000)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="400 images, narrow nets, one epoch, on the CPU")
    settings = parser.parse_args()
    if settings.tiny:
        settings.epochs, settings.width, settings.vae_width, settings.game_steps = 1, 4, 0.03, 6
        settings.device, settings.trials = "cpu", 2
        warnings.simplefilter("ignore")  # scores of six steps are noise, and the classifier has seen one epoch
    run(settings)


if __name__ == "__main__":
    main()
