"""What the loop itself costs: time and memory of skal and of modAL with a model that is free.

The pool is a table of 50 000 x 3072 float32, as large as CIFAR-10. Both sides ask for 50 labels a round by
margin, for 50 rounds, and both ask for the same rows. The model does nothing: `fit` remembers the classes and
`predict_proba` looks its answer up. So what is left is the loop: reading the pool, choosing rows, taking them
out of the pool, adding them to the training set, and the checks.

A repetition is a process of its own, so that its peak of memory is its own. The memory shown is that peak
above the pool: resident memory after the loop less resident memory when the pool had been made. The sides
take turns, so that a slow minute of the machine hits all of them.

    python benchmarks/loop.py
    python benchmarks/loop.py --rows 500 --columns 8 --rounds 3 --repetitions 1

Runs on Linux and macOS; modAL is mended for today's scikit-learn by `skal.compat.patch_modal`.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import zlib

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from threadpoolctl import threadpool_info

from skal import ActiveLearner, ActiveLearningClassifier
from skal.compat import patch_modal
from skal.data import RowView
from skal.query import margin_sampling

N_INSTANCES = 50  # labels a round, and labels to start with
N_CLASSES = 10


class FreeClassifier(ClassifierMixin, BaseEstimator):
    """A model without cost: it learns nothing, and looks up what it predicts by the number in column 0."""

    def __init__(self, n_rows=1):
        self.n_rows = n_rows

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return probabilities(self.n_rows)[X[:, 0].astype(np.intp)]


@functools.cache
def probabilities(n_rows):
    P = np.random.default_rng(1).random((n_rows, N_CLASSES))
    return P / P.sum(axis=1, keepdims=True)


# The loops. Each gets the pool and its labels, and returns the rows that it labelled.


def loop_of_skal(X, y, n_rounds):
    first, remaining = np.arange(N_INSTANCES), np.arange(N_INSTANCES, len(X))
    learner = ActiveLearner(FreeClassifier(len(X)), margin_sampling, X[first], y[first], random_state=0)
    for _ in range(n_rounds):
        pool = RowView(X, remaining)
        positions, rows = learner.query(pool, n_instances=N_INSTANCES)
        learner.teach(rows, y[remaining[positions]])
        remaining = np.delete(remaining, positions)
    return learner.X_training[:, 0]


def loop_of_skal_classifier(X, y, n_rounds):
    model = ActiveLearningClassifier(
        FreeClassifier(len(X)),
        margin_sampling,
        n_initial=N_INSTANCES,
        n_instances=N_INSTANCES,
        budget=N_INSTANCES * (n_rounds + 1),
        random_state=0,
    )
    return model.fit(X, y).labeled_indices_


def loop_of_modal(X, y, n_rounds):
    from modAL.models import ActiveLearner
    from modAL.uncertainty import margin_sampling

    first = np.arange(N_INSTANCES)
    X_pool, y_pool = np.delete(X, first, axis=0), np.delete(y, first)
    learner = ActiveLearner(FreeClassifier(len(X)), margin_sampling, X_training=X[first], y_training=y[first])
    for _ in range(n_rounds):
        indices, rows = learner.query(X_pool, n_instances=N_INSTANCES)
        learner.teach(rows, y_pool[indices])
        X_pool, y_pool = np.delete(X_pool, indices, axis=0), np.delete(y_pool, indices)
    return learner.X_training[:, 0]


LOOPS = {
    "skal.ActiveLearner": loop_of_skal,
    "skal.ActiveLearningClassifier": loop_of_skal_classifier,
    "modAL": loop_of_modal,
}
SKAL = [name for name in LOOPS if name != "modAL"]


def measure(name, n_rows, n_columns, n_rounds):
    """Make the pool, run one loop on it, and return its seconds, its memory and what it picked."""
    if name == "modAL":
        patch_modal()
    X = np.random.default_rng(0).random((n_rows, n_columns), dtype=np.float32)
    X[:, 0] = np.arange(n_rows)
    y = np.arange(n_rows) % N_CLASSES
    probabilities(n_rows)
    before = peak_of_memory()
    start = time.perf_counter()
    labeled = LOOPS[name](X, y, n_rounds)
    seconds = time.perf_counter() - start
    after = peak_of_memory()
    labeled = np.sort(np.asarray(labeled).astype(np.int64))
    n_labels = N_INSTANCES * (n_rounds + 1)
    if len(np.unique(labeled)) != n_labels:
        raise RuntimeError(f"{name} must label {n_labels} distinct rows, got {len(np.unique(labeled))}.")
    return {
        "seconds": seconds,
        "seconds_a_round": seconds / n_rounds,
        "mib": after - before,
        "picks": zlib.crc32(labeled.tobytes()),
        "threads": max([library["num_threads"] for library in threadpool_info()], default=1),
    }


def peak_of_memory():
    """Largest resident memory of this process so far, in MiB."""
    import resource  # not there on Windows

    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measure_in_new_process(name, n_rows, n_columns, n_rounds):
    arguments = ["--measure", name, "--rows", n_rows, "--columns", n_columns, "--rounds", n_rounds]
    command = [sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    options = parsed_options()
    if options.measure:
        print(json.dumps(measure(options.measure, options.rows, options.columns, options.rounds)))
        return
    names = [name for name in LOOPS if name != "modAL" or has_modal()]
    n_rounds = {name: options.modal_rounds if name == "modAL" else options.rounds for name in names}
    found = {name: [] for name in names}
    for repetition in range(options.repetitions):
        for name in names:
            if name != "modAL" or repetition < options.modal_repetitions:
                found[name].append(measure_in_new_process(name, options.rows, options.columns, n_rounds[name]))
    print_setting(options, found)
    print_table(found, n_rounds)
    if "modAL" in found:
        print_ratios(found)
    else:
        print("\nmodAL is not installed: pip install 'skal[modal]'.")
    if len(set(n_rounds.values())) == 1 and "modAL" in found:
        picks = {run["picks"] for name in ("skal.ActiveLearner", "modAL") for run in found[name]}
        print(f"skal.ActiveLearner and modAL asked for the same rows: {'yes' if len(picks) == 1 else 'NO'}.")


def parsed_options():
    parser = argparse.ArgumentParser(description="Cost of the active learning loop: skal against modAL.")
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the pool")
    parser.add_argument("--columns", type=int, default=3072, help="columns of the pool")
    parser.add_argument("--rounds", type=int, default=50, help=f"rounds of {N_INSTANCES} labels")
    parser.add_argument("--repetitions", type=int, default=5, help="processes a side; medians are shown")
    parser.add_argument("--modal-repetitions", type=int, default=3, help="at most so many of them for modAL")
    parser.add_argument("--modal-rounds", type=int, help="rounds of modAL (default: as many as skal)")
    parser.add_argument("--measure", choices=list(LOOPS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.modal_rounds = options.modal_rounds or options.rounds
    if min(value for value in vars(options).values() if isinstance(value, int)) < 1:
        parser.error("every number must be at least 1.")
    n_needed = (max(options.rounds, options.modal_rounds) + 1) * N_INSTANCES
    if options.rows < n_needed:
        parser.error(f"--rows must be at least {n_needed} for so many rounds.")
    return options


def has_modal():
    try:
        importlib.metadata.version("modAL-python")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def print_setting(options, found):
    packages = ["numpy", "scikit-learn", "skal", *(["modAL-python"] if "modAL" in found else [])]
    versions = [f"{package} {importlib.metadata.version(package)}" for package in packages]
    mib = options.rows * options.columns * 4 / 2**20
    threads = max(run["threads"] for runs in found.values() for run in runs)
    print(f"Pool: {options.rows} x {options.columns} float32, {mib:.0f} MiB; {N_INSTANCES} labels a round by margin.")
    print(f"Python {platform.python_version()}, {', '.join(versions)}; {os.cpu_count()} cores, {threads} threads.\n")


def print_table(found, n_rounds):
    print("| loop | rounds | repetitions | median s | lowest to highest s | ms a round | MiB above the pool |")
    print("|---|---|---|---|---|---|---|")
    for name, runs in found.items():
        seconds = [run["seconds"] for run in runs]
        print(
            f"| {name} | {n_rounds[name]} | {len(runs)} | {median(runs, 'seconds'):.2f} "
            f"| {min(seconds):.2f} to {max(seconds):.2f} | {1000 * median(runs, 'seconds_a_round'):.1f} "
            f"| {median(runs, 'mib'):.0f} |"
        )


def print_ratios(found):
    print()
    for name in SKAL:
        time_ratio = median(found["modAL"], "seconds_a_round") / median(found[name], "seconds_a_round")
        memory_ratio = median(found["modAL"], "mib") / max(median(found[name], "mib"), 1.0)
        print(f"modAL against {name}: {time_ratio:.1f} times the time, {memory_ratio:.1f} times the memory.")


def median(runs, key):
    return statistics.median(run[key] for run in runs)


if __name__ == "__main__":
    main()
