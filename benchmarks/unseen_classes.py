"""Does a discriminator carry a signal? The labelled pool holds five of ten classes, the unlabelled pool all ten.

The share of the first 100 picks that come from the five unseen classes, mean over seeds, with one set of defaults for
tables and images. Run from the repository root:

    python benchmarks/unseen_classes.py --archives DATA --table docs/results/unseen_classes.md

Digits come with scikit-learn (20 labels a class); DATA may hold ``fashion_mnist_6k.npz`` (60 a class).
"""

import argparse
import platform
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from skal.adversarial import SRAAL, VAAL
from skal.study import package_versions

N_PICKS = 100
METHODS = {
    "VAAL": VAAL,
    "SRAAL": SRAAL,
    "VAAL, no game (adversarial_weight=0)": lambda **given: VAAL(adversarial_weight=0.0, **given),
    "SRAAL, no game (adversarial_weight=0)": lambda **given: SRAAL(adversarial_weight=0.0, **given),
    "VAAL, unit likelihood, no warm-up": lambda **given: VAAL(likelihood="unit", warmup=0.0, **given),
    "SRAAL, unit likelihood, no warm-up": lambda **given: SRAAL(likelihood="unit", warmup=0.0, **given),
}
DEFAULTS = ("VAAL", "SRAAL")


def load(name, archives):
    """Images of bytes (n, 1, H, W), labels, and labels a class."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        return (X.reshape(-1, 1, 8, 8) * (255 / 16)).astype(np.uint8), y, 20
    with np.load(archives / "fashion_mnist_6k.npz") as data:
        return data["X_train"][:, None], data["y_train"].astype(int), 60


def half_labeled(y, n_per_class, seed):
    """Mask of labelled rows, and the five classes they are of."""
    rng = np.random.RandomState(seed)
    seen = rng.permutation(10)[:5]
    labeled = np.zeros(len(y), dtype=bool)
    for label in seen:
        labeled[rng.choice(np.flatnonzero(y == label), n_per_class, replace=False)] = True
    return labeled, seen


def trial(make, X, y, n_per_class, seed):
    """Share of picks from unseen classes, CPU seconds of the fit, and its diagnostics."""
    labeled, seen = half_labeled(y, n_per_class, seed)
    start = time.process_time()
    model = make(random_state=seed).fit(X[labeled], y[labeled], X_unlabeled=X[~labeled])
    seconds = time.process_time() - start
    picks = model.query(X[~labeled], N_PICKS)
    return float(np.mean(~np.isin(y[~labeled][picks], seen))), seconds, model.diagnostics_


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archives", type=Path, default=None, help="folder with fashion_mnist_6k.npz")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--all", action="store_true", help="the ablations on images too")
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)  # of the ablations; diagnostics are in the table
    lines = [
        "| data | rows | method | unseen, % | by seed | AUC | spread | fit, CPU s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    names = ["digits", *(["fashion_mnist_6k"] if arguments.archives else [])]
    for name in names:
        X, y, n_per_class = load(name, arguments.archives)
        pool = ~half_labeled(y, n_per_class, 0)[0]
        chance = np.mean(~np.isin(y[pool], half_labeled(y, n_per_class, 0)[1]))
        lines.append(f"| {name} | | *random* | {100 * chance:.0f} | | | | |")
        for kind, rows in (("table", X.reshape(len(X), -1)), ("image", X)):
            for method, make in METHODS.items():
                if kind == "image" and method not in DEFAULTS and not arguments.all:
                    continue
                shares, seconds, found = zip(
                    *(trial(make, rows, y, n_per_class, seed) for seed in range(arguments.seeds)), strict=True
                )
                auc, spread = np.mean([[d.auc, d.spread] for d in found], axis=0)
                line = (
                    f"| {name} | {kind} | {method} | {100 * np.mean(shares):.0f} | "
                    f"{', '.join(f'{100 * share:.0f}' for share in shares)} | {auc:.2f} | {spread:.2f} | "
                    f"{np.median(seconds):.0f} |"
                )
                print(line, flush=True)
                lines.append(line)
    if arguments.table:
        arguments.table.write_text(page(lines, arguments.seeds))


def page(lines, n_seeds):
    versions = ", ".join(f"{name} {version}" for name, version in package_versions().items())
    return "\n".join(
        [
            "# Unseen classes: does the discriminator carry a signal?",
            "",
            "The labelled pool holds five of ten classes (20 labels a class of digits, 60 of Fashion-MNIST), the",
            f"unlabelled pool all ten. Share of the first {N_PICKS} picks from classes without a label, mean over",
            f"{n_seeds} seeds; AUC (held out) and spread of the scores are those of `diagnostics_`. Fit: median of",
            "the CPU time, of all cores.",
            "",
            *lines,
            "",
            "```",
            "python benchmarks/unseen_classes.py --archives DATA --table docs/results/unseen_classes.md",
            "```",
            "",
            f"{versions}; {platform.machine()}, CPU.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
