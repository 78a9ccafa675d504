"""The questions of Mittal et al. (2019) with WRN-28-2 on CIFAR-10, and UDA at 4000 labels, for a GPU, in pieces.

    python benchmarks/mittal_cifar10.py --archive DATA/cifar10_jpeg.npz --job uda_4000 --minutes 8.5
    python benchmarks/mittal_cifar10.py --archive DATA/cifar10_jpeg.npz --job large --minutes 8.5
    python benchmarks/mittal_cifar10.py --archive DATA/cifar10_jpeg.npz --job low --minutes 8.5

"uda_4000" is one fit a trial, beside the published accuracy. "large" and "low" are the protocols of
``skal setup mittal_cifar10_large`` and ``mittal_cifar10_low``: the arms supervised, augmented and UDA, each with
every strategy, so they answer the questions of benchmarks/mittal.py. A piece ends after so many minutes, between two
fits, and started again with the same settings the job goes on; so a fit must be shorter than a piece. The papers'
50 000 and 500 000 steps are longer, hence fewer by default (``--steps``, ``--epochs``), which the result file says.

``--tiny`` runs a job on a CPU in a minute, with 400 images and a net of a few channels. That is the only way this
script has been run: there was no GPU, so there are no results of it yet.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import torch
from _pieces import Piece, PieceIsOver
from skorch.callbacks import LRScheduler

from skal.datasets import load_archive
from skal.semi_supervised import UDAClassifier
from skal.study import SETUPS, compare_recipes, make_estimator, package_versions

PUBLISHED = {
    "UDA, Xie et al. 2019, CIFAR-10 at 4000 labels, WRN-28-2": 95.68,
    "learning loss over random sampling, large budget, without augmentation, Mittal et al.": 3.2,
    "the largest difference between strategies with augmentation, Mittal et al.": 0.4,
}
JOBS = {"large": "mittal_cifar10_large", "low": "mittal_cifar10_low"}
N_LABELS = 4000


def on_device(settings):
    """What nets have in common."""
    cuda = settings.device.startswith("cuda")
    small = {"module__depth": 10, "module__width": 1} if settings.tiny else {}
    return {"device": settings.device, "channels_last": cuda, "bf16": cuda, **small}


def images(settings):
    """Pool and test part."""
    data = load_archive(settings.archive)
    X, y, X_test, y_test = (np.asarray(part) for part in (data.X, data.y, data.X_test, data.y_test))
    return (X[:400], y[:400], X_test[:100], y_test[:100]) if settings.tiny else (X, y, X_test, y_test)


def uda_at_few_labels(settings):
    """One fit a trial with labels drawn evenly from the classes; fits are kept as they end."""
    X, y, X_test, y_test = images(settings)
    kept = settings.out / "uda_4000.json"
    scores = json.loads(kept.read_text())["accuracy_percent"] if kept.exists() else {}
    piece = Piece(settings.minutes)
    for trial in range(settings.trials):
        if str(trial) in scores:
            continue
        rng, classes = np.random.RandomState(trial), np.unique(y)
        n = (100 if settings.tiny else N_LABELS) // len(classes)
        known = np.concatenate([rng.permutation(np.flatnonzero(y == label))[:n] for label in classes])
        labels = np.full(len(y), None, dtype=object)
        labels[known] = y[known]
        model = UDAClassifier.published(settings.paper, max_steps=settings.steps, **on_device(settings))
        model.set_params(random_state=trial, **({"unlabeled_batch_size": 64} if settings.tiny else {}))
        model.fit(X, labels)
        scores[str(trial)] = round(100 * float(np.mean(model.predict(X_test) == y_test)), 2)
        write(settings, kept, {"labels": len(known), "accuracy_percent": scores})
        piece("UDA", trial, 0)
    print(kept.read_text())


def questions(settings):
    """A protocol of the paper, with every strategy under every recipe."""
    X, y, *test = images(settings)
    choices = SETUPS[JOBS[settings.job]].choices("full")
    counts = {name: choices[name] for name in ("n_initial", "n_instances", "n_rounds")}
    if settings.tiny:
        counts = {"n_initial": 60, "n_instances": 40, "n_rounds": 1}
    task_model = make_estimator(choices["estimator"]).set_params(
        max_epochs=settings.epochs,
        callbacks=[LRScheduler("CosineAnnealingLR", T_max=settings.epochs)],
        **on_device(settings),
    )
    unlabeled = ",unlabeled_batch_size=64" if settings.tiny else ""
    found = compare_recipes(
        X,
        y,
        task_model,
        choices["strategies"],
        ["augmented:augment=autoaugment", f"uda:paper=mittal,max_steps={settings.steps}{unlabeled}"],
        initial=choices["initial"],
        n_trials=settings.trials,
        test=tuple(test),
        out=settings.out / settings.job,
        data="cifar10",
        estimator_name=f"{choices['estimator']}, {settings.epochs} epochs",
        progress=Piece(settings.minutes),
        **counts,
    )
    accuracy = {
        recipe: {name: (100 * scores).round(2).tolist() for name, scores in comparison.scores.items()}
        for recipe, comparison in found.comparisons.items()
    }
    path = settings.out / f"{settings.job}.json"
    write(settings, path, {"labels": found.axis.tolist(), "accuracy_percent": accuracy})
    for recipe, comparison in found.comparisons.items():
        for name, scores in comparison.scores.items():
            print(f"| {recipe} | {name} | " + " | ".join(f"{100 * mean:.2f}" for mean in scores.mean(axis=0)) + " |")


def write(settings, path, result):
    cuda = settings.device.startswith("cuda")
    shown = {name: value for name, value in vars(settings).items() if name not in ("archive", "out", "minutes")}
    found = {
        "device": torch.cuda.get_device_name() if cuda else "CPU",
        "versions": package_versions(),
        "settings": shown,
        **result,
        "published": PUBLISHED,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True, help="cifar10_jpeg.npz")
    parser.add_argument("--job", choices=["uda_4000", *JOBS], required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/mittal_cifar10"))
    parser.add_argument("--minutes", type=float, default=None, help="end the piece after so many")
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20_000, help="of UDA")
    parser.add_argument("--epochs", type=int, default=150, help="of the supervised nets")
    parser.add_argument("--paper", choices=["uda", "mittal"], default="mittal", help="settings of uda_4000")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="400 images, a narrow net, two steps, on the CPU")
    settings = parser.parse_args()
    if settings.tiny:
        settings.device, settings.trials, settings.steps, settings.epochs = "cpu", 2, 2, 1
        warnings.simplefilter("ignore")  # nets of two steps trust no guess
    try:
        (uda_at_few_labels if settings.job == "uda_4000" else questions)(settings)
    except PieceIsOver:
        print("The minutes are spent; start again to go on.")


if __name__ == "__main__":
    main()
