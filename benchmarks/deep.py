"""Strategies of deep active learning against random sampling, on images with a small CNN, as it comes out.

Run from the repository root; fashion_mnist_6k.npz is read from the folder given, where it is there:

    python benchmarks/deep.py --archives DATA --n-jobs 2 --out runs/deep --table docs/results/deep.md

One model serves all strategies that read a single net: a CNN that learns to predict its losses too. Ensembles have a
study of their own, against random sampling with the same ensemble. Every study is resumable: a run that was stopped
goes on where it was, and ``--table-only`` writes the page of the trials that are complete.
"""

import argparse
import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from _studies import BASELINE
from _tables import curve_table, reading, verdict_table, versions_line
from sklearn.model_selection import train_test_split

import skal
from skal import ActiveLearner
from skal.datasets import load_dataset
from skal.loop import initial_pool
from skal.neural import VariationalAutoencoder
from skal.query import select, vae_core_set
from skal.report import write_report
from skal.study import StudyError, load_comparison, make_estimator
from skal.study.strategies import parse_strategy

STRATEGIES = (
    "entropy_sampling",
    "core_set",
    "vae_core_set",
    "learning_loss_sampling",
    "bald",
    "vaal_query",
    "vaal_query:adversarial_weight=0.0",
    "sraal_query",
)
ENSEMBLE = ("ensemble_variation_ratio",)
WIDTH = 16  # channels of the CNN's first block


@dataclass(frozen=True)
class Study:
    """One data set, one model, and what is compared on them."""

    data: str
    model: str
    strategies: tuple[str, ...]
    n_initial: int
    n_instances: int
    n_rounds: int = 2
    n_trials: int = 5
    seed: int = 0

    @property
    def name(self):
        return f"{self.data}-{self.model}"


STUDIES = (
    Study("digits", "loss_cnn", STRATEGIES, n_initial=100, n_instances=75),
    Study("fashion_mnist", "loss_cnn", STRATEGIES, n_initial=200, n_instances=200),
    Study("digits", "cnn_ensemble", ENSEMBLE, n_initial=100, n_instances=75),
    Study("fashion_mnist", "cnn_ensemble", ENSEMBLE, n_initial=200, n_instances=200),
)
TITLES = {"digits": "Digits", "fashion_mnist": "Fashion-MNIST"}
N_POOL = 3000  # rows of Fashion-MNIST's training part; all that an archive has if it has fewer


def pool_and_test(data, archives):
    """Images and labels to pick from, and to test on: the same in all trials; None where the archive is not there."""
    if data == "digits":
        found = load_dataset("digits_images")
        X, X_test, y, y_test = train_test_split(found.X, found.y, test_size=1 / 3, random_state=0, stratify=found.y)
        return X, y, (X_test, y_test)
    path = archives and archives / "fashion_mnist_6k.npz"
    if path is None or not path.exists():
        return None
    found = load_dataset(str(path))
    rows = np.sort(np.random.RandomState(0).permutation(len(found.y))[:N_POOL])
    return found.X[rows], found.y[rows], (found.X_test, found.y_test)


def pool_vae(X, data, folder):
    """The VAE of `vae_core_set`: trained once on the pool, without labels, and kept; and the seconds it took."""
    weights, kept = folder / f"vae-{data}.safetensors", folder / f"vae-{data}.json"
    vae = VariationalAutoencoder(random_state=0)
    if not kept.exists():
        start = time.perf_counter()
        vae.fit(X).save(weights)
        kept.write_text(json.dumps({"seconds": time.perf_counter() - start}))
    return vae.load(weights)


def model_of(study):
    model = make_estimator(study.model)
    part = "estimator__" if study.model == "cnn_ensemble" else ""
    return model.set_params(**{f"{part}module__width": WIDTH})


def strategies_of(study, X, arguments):
    strategies = dict(map(parse_strategy, study.strategies))
    if "vae_core_set" in strategies:
        strategies["vae_core_set"] = partial(vae_core_set, vae=pool_vae(X, study.data, arguments.out))
    return strategies


def run(study, arguments):
    """Run a study, or go on with it; None where its data are not there."""
    found = pool_and_test(study.data, arguments.archives)
    if found is None:
        return
    X, y, test = found
    settings = {name: getattr(study, name) for name in ("n_initial", "n_instances", "n_rounds", "n_trials", "seed")}
    skal.compare(
        X,
        y,
        model_of(study),
        strategies_of(study, X, arguments),
        test=test,
        data=study.data,
        out=arguments.out / study.name,
        n_jobs=arguments.n_jobs,
        progress=lambda name, trial, number: print(f"{study.name}: trial {trial}, {name}, {number}", flush=True),
        **settings,
    )


def seconds_of_cpu(study, arguments):
    """CPU time of one fit and of one query of each strategy: unlike wall time, the same beside other work."""
    found = pool_and_test(study.data, arguments.archives)
    if found is None:
        return
    X, y, _ = found
    first = initial_pool(X, y, study.n_initial, random_state=0)
    rest = np.setdiff1d(np.arange(len(y)), first)
    learner = ActiveLearner(model_of(study), duplicates="allow", random_state=0)
    start = time.process_time()
    learner.fit(X[first], y[first])
    seconds = {"fit": time.process_time() - start}
    for name, strategy in strategies_of(study, X, arguments).items():
        start = time.process_time()
        select(strategy, learner, X[rest], study.n_instances, random_state=0)
        seconds[name] = time.process_time() - start
        print(f"{study.name}: {name}, {seconds[name]:.1f} s of CPU", flush=True)
    costs_file(study, arguments.out).write_text(json.dumps(seconds, indent=1))


def costs_file(study, folder):
    return folder / f"costs-{study.name}.json"


def section(study, found, folder):
    """Markdown of one study."""
    protocol, classes = found.protocol, found.pool_classes
    ended = len(found.scores[BASELINE])
    part = "" if ended == study.n_trials else f" So far {ended} of them ended."
    pool = int(np.asarray(classes[0]).sum())
    costs = json.loads(path.read_text()) if (path := costs_file(study, folder)).exists() else {}
    text = (
        f"## {TITLES[study.data]}, {study.model}\n\n"
        f"{study.n_trials} trials, a pool of {pool} images, {protocol['n_initial']} random labels to start with and "
        f"{protocol['n_instances']} a round, {protocol['n_rounds']} rounds.{part}\n\n"
        f"{verdict_table(found, costs)}\n\n{reading(found)}\n\nMean accuracy, %:\n\n{curve_table(found)}\n"
    )
    kept = folder / f"vae-{study.data}.json"
    if "fit" in costs:
        text += f"\nA fit to {study.n_initial} labels: {costs['fit']:.1f} s of CPU.\n"
    if "vae_core_set" in found.scores and kept.exists():
        seconds = json.loads(kept.read_text())["seconds"]
        text += f"\nThe VAE of `vae_core_set` took {seconds:.0f} s, once; that is in no column.\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archives", type=Path, default=None, help="folder with fashion_mnist_6k.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/deep"))
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
    parser.add_argument("--study", action="append", choices=[study.name for study in STUDIES], help="only this one")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--costs", action="store_true", help="measure CPU seconds, and run nothing")
    parser.add_argument("--table-only", action="store_true", help="run nothing, read what is there")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    sections, versions = [], {}
    for study in STUDIES:
        wanted = arguments.study is None or study.name in arguments.study
        if wanted and arguments.costs:
            seconds_of_cpu(study, arguments)
        elif wanted and not arguments.table_only:
            run(study, arguments)
        if not (arguments.out / study.name).exists():
            continue
        try:
            found = load_comparison(arguments.out / study.name)
        except StudyError as error:
            print(f"{study.name}: {error}", flush=True)
            continue
        write_report(found, arguments.out / study.name)
        sections.append(section(study, found, arguments.out))
        versions = found.versions
    if not sections:
        raise SystemExit("No study has a complete trial yet.")
    text = "\n".join(sections)
    print(text)
    if arguments.table:
        arguments.table.parent.mkdir(parents=True, exist_ok=True)
        head = HEAD.format(width=WIDTH, n_pool=N_POOL)
        arguments.table.write_text(f"{head}\n{text}\n{versions_line(versions)}\n")


HEAD = """# Deep active learning

Strategies against random sampling on images, with a small CNN, as it came out: areas under the curves of accuracy
(the mean height of a curve, in %), differences from random sampling paired by trial, and the verdict (t test,
Holm's correction over the strategies of a table, 5 %). Labels saved: how many fewer a strategy needs than random
sampling for the accuracy that random sampling ends with. Fit and query are medians over trials and rounds, apart:
wall seconds of a process with one thread, beside much other work on a shared CPU, so they are several times what they
are on an idle one; the last column is the CPU time of one query, which depends on that less.

The model is `skal.nets.SmallCNN` with {width} channels in the first block, behind the preset "loss_cnn": it learns to
predict its losses too, and so answers every strategy that reads one net. The comparison of strategies is one of
queries only: the net and its training are the same for all. "cnn_ensemble" is five such nets without the loss
prediction. Every setting of nets and strategies is the default, with two exceptions: the net's width, and the VAE of
`vae_core_set`, trained once on the images of the pool, without labels, in the place of once a query.
`vaal_query:adversarial_weight=0.0` is VAAL without its game: a VAE and a discriminator of its latents.

Digits are tested on a third of them, Fashion-MNIST on 1000 images of its own test part, with at most {n_pool} in the
pool; both are the same in all trials, which differ by their initial labels and seeds.

```bash
OMP_NUM_THREADS=1 python benchmarks/deep.py --archives DATA --n-jobs 2 --out runs/deep --table docs/results/deep.md
OMP_NUM_THREADS=1 python benchmarks/deep.py --archives DATA --costs --out runs/deep --table docs/results/deep.md
```

## What this can show, and what not

Five trials are few. With Holm's correction over eight strategies the first to be called better or worse needs a mean
difference of 2.4 standard deviations of the differences by trial; one that is called so with a probability of 80 %
has 3.0. For one strategy alone, as with the ensembles, it is 1.2 and 1.7. So "not distinguishable from random" does
not say that a strategy is no better: it says that these trials cannot tell, and the intervals say how large a
difference is left possible. An interval stands alone and is not corrected, so one that leaves out 0 beside such a
verdict is no contradiction. Nor is a verdict one about the data set at large: pool and test images are fixed, the
budget is two rounds from a few hundred labels, and the net is small. Two rounds is what a CPU affords where a query
trains a VAE for 800 steps; over more rounds a strategy that learns from its picks may do better or worse than here.

The initial labels are drawn at random, so that a discriminator of labelled and unlabelled images has little to find,
since no class is missing. VAAL says so itself: in these runs it warned that the discriminator is at chance.
`benchmarks/unseen_classes.py` is the case that is made for both.
"""

if __name__ == "__main__":
    main()
