"""Training recipes against supervised training, at few labels a class: what augmentation and unlabelled rows bring.

Run from the repository root; fashion_mnist_6k.npz is read from the folder given, where it is there:

    OMP_NUM_THREADS=1 python benchmarks/recipes.py --archives DATA --n-jobs 2 --out runs/recipes \
        --table docs/results/recipes.md

Labels are drawn at random within each class; every trial draws anew, the same for all recipes. Fits are kept as they
end, so that a run that was stopped goes on where it was.
"""

import argparse
import json
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.model_selection import train_test_split

from skal.augment import Strong, Weak
from skal.datasets import load_dataset
from skal.neural import NeuralClassifier
from skal.semi_supervised import FixMatchClassifier, PseudoLabelClassifier, UDAClassifier
from skal.statistics import differences_from_baseline, mean_interval
from skal.study import package_versions

BASELINE = "supervised"
N_TRIALS, N_POOL = 5, 3000
LABELS_A_CLASS = (4, 25)


@dataclass(frozen=True)
class Data:
    """A data set, whether a mirrored image is still one of its class, and how large net and training may be."""

    name: str
    flip: bool
    width: int
    max_steps: int


# An image of clothes has 12 times the pixels of a digit: half the channels keep a fit at about a minute of CPU.
DATA = (
    Data("digits", flip=False, width=16, max_steps=1000),
    Data("fashion_mnist", flip=True, width=8, max_steps=1000),
)


def recipes(data, seed):
    """Classifiers by name: the same net and, where they count steps, as many of them."""
    net = {"module": "SmallCNN", "module__width": data.width, "random_state": seed}
    weak, strong = Weak(flip=data.flip), Strong(flip=data.flip)
    steps = {"max_steps": data.max_steps, "augment": weak, "strong": strong}
    return {
        "supervised": NeuralClassifier(**net),
        "weakly augmented": NeuralClassifier(augment=weak, **net),
        "strongly augmented": NeuralClassifier(augment=strong, **net),
        "pseudo labels": PseudoLabelClassifier(NeuralClassifier(augment=weak, **net)),
        "UDA": UDAClassifier(**steps, **net),
        "FixMatch": FixMatchClassifier(**steps, **net),
    }


def pool_and_test(data, archives):
    """Images and labels to learn from and to test on; None where the archive is not there."""
    if data.name == "digits":
        found = load_dataset("digits_images")
        return train_test_split(found.X, found.y, test_size=1 / 3, random_state=0, stratify=found.y)
    path = archives and archives / "fashion_mnist_6k.npz"
    if path is None or not path.exists():
        return None
    found = load_dataset(str(path))
    rows = np.sort(np.random.RandomState(0).permutation(len(found.y))[:N_POOL])
    return found.X[rows], found.X_test, found.y[rows], found.y_test


def one(data, n, trial, name, X, X_test, y, y_test, path):
    """One fit, kept in a file."""
    rng = np.random.RandomState(1000 * n + trial)
    known = np.concatenate([rng.permutation(np.flatnonzero(y == label))[:n] for label in np.unique(y)])
    labels = np.full(len(y), None, dtype=object)
    labels[known] = y[known]
    start, before = time.process_time(), time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = recipes(data, trial)[name].fit(X, labels)
    result = {
        "score": float(np.mean(model.predict(X_test) == y_test)),
        "cpu_seconds": time.process_time() - start,
        "seconds": time.perf_counter() - before,
        "trusted": getattr(model, "history_", [{}])[-1].get("trusted"),
        "versions": package_versions(),
    }
    path.write_text(json.dumps(result))
    print(f"{data.name}, {n} a class, trial {trial}, {name}: {result['score']:.3f}", flush=True)


def file_of(out, data, n, trial, name):
    return out / f"{data.name}-{n}-{trial}-{name.replace(' ', '_')}.json"


def section(data, n, found):
    """Markdown: one line a recipe, in the order of the means."""
    scores = {name: np.array([result["score"] for result in results]) for name, results in found.items()}
    others = {name: values for name, values in scores.items() if name != BASELINE}
    judged = differences_from_baseline(others, scores[BASELINE])
    lines = [
        f"## {data.name.replace('_', '-')}, {n} labels a class",
        "",
        "| recipe | accuracy, % [95 %] | difference [95 %] | p, Holm | verdict | CPU s a fit |",
        "|---|---|---|---|---|---|",
    ]
    for name in sorted(scores, key=lambda name: -scores[name].mean()):
        seconds = f"{np.median([result['cpu_seconds'] for result in found[name]]):.0f}"
        row = [name, interval(*mean_interval(scores[name]))]
        if name == BASELINE:
            row += ["", "", "the baseline"]
        else:
            d = judged[name]
            verdict = d.verdict.replace("random", BASELINE)
            row += [interval(d.mean, d.low, d.high, "+"), f"{d.p_adjusted:.3f}", verdict]
        lines.append(f"| {' | '.join([*row, seconds])} |")
    return "\n".join(lines) + "\n"


def interval(mean, low, high, sign=""):
    return f"{100 * mean:{sign}.1f} [{100 * low:{sign}.1f}, {100 * high:{sign}.1f}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archives", type=Path, default=None, help="folder with fashion_mnist_6k.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/recipes"))
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
    parser.add_argument("--data", action="append", choices=[data.name for data in DATA])
    parser.add_argument("--n-trials", type=int, default=N_TRIALS)
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--max-steps", type=int, default=None, help="fewer, to try the script")
    parser.add_argument("--table-only", action="store_true", help="run nothing, read what is there")
    arguments = parser.parse_args()
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    sections = []
    for data in DATA:
        if arguments.data and data.name not in arguments.data:
            continue
        if arguments.max_steps:
            data = replace(data, max_steps=arguments.max_steps)
        parts = pool_and_test(data, arguments.archives)
        if parts is None:
            continue
        for n in LABELS_A_CLASS:
            names, trials = list(recipes(data, 0)), range(arguments.n_trials)
            files = {(trial, name): file_of(out, data, n, trial, name) for trial in trials for name in names}
            missing = [] if arguments.table_only else [key for key, path in files.items() if not path.exists()]
            Parallel(n_jobs=arguments.n_jobs)(
                delayed(one)(data, n, trial, name, *parts, files[trial, name]) for trial, name in missing
            )
            whole = [trial for trial in trials if all(files[trial, name].exists() for name in names)]
            if len(whole) < 2:
                continue
            found = {name: [json.loads(files[trial, name].read_text()) for trial in whole] for name in names}
            sections.append(section(data, n, found))
            print(sections[-1], flush=True)
            versions = found[BASELINE][0]["versions"]
    if arguments.table and sections:
        named = ", ".join(f"{name} {version}" for name, version in versions.items())
        arguments.table.parent.mkdir(parents=True, exist_ok=True)
        chosen = "".join(f" --data {name}" for name in arguments.data or ())
        head = HEAD.format(
            data=chosen,
            title="".join(f": {n.replace('_', '-')}" for n in arguments.data or ()),
            table=arguments.table.name,
            n_pool=N_POOL,
            n_steps=DATA[0].max_steps,
            widths=[data.width for data in DATA],
        )
        arguments.table.write_text(head + "\n" + "\n".join(sections) + f"\nVersions: {named}.\n")


HEAD = """# Training recipes at few labels{title}

What augmentation and unlabelled rows bring before any query strategy: the same net, the same labels (drawn at random
within each class, anew in every trial), five recipes against supervised training. Differences are paired by trial;
verdicts are those of `skal.statistics` (t test, Holm's correction over the recipes of a table, 5 %).

The net is `skal.nets.SmallCNN` with {widths[0]} channels in the first block for digits, {widths[1]} for clothes.
Digits are tested on a third of them, with the rest as the pool; Fashion-MNIST on 1000 images of its own test part,
with {n_pool} in the pool. Digits are not flipped, clothes are. UDA and FixMatch take {n_steps} steps of 32 labelled
and 128 unlabelled rows, all other settings are defaults; supervised nets train for their default of 500 steps or
more. Seconds are CPU time of one thread.

```bash
OMP_NUM_THREADS=1 python benchmarks/recipes.py --archives DATA{data} --out runs/recipes \\
    --table docs/results/{table}
```

Label counts of which no trial is complete are left out.
"""

if __name__ == "__main__":
    main()
