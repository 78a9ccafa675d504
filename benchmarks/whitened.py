"""Share of unseen classes among the picks of VAAL and SRAAL, raw and behind a PCA, by the way columns are scaled.

Half of the classes of the digits, and one class of wine and of breast cancer, have no label: a draw by seed. The
table has the mean share over the seeds, and the paired differences from the default with intervals of 95 %.

Usage: python benchmarks/whitened.py [--data digits wine cancer] [--seeds 10] [--kept trials.jsonl]

A fit takes 5 to 10 CPU seconds. Trials that are in the file `--kept` are not run again, so that a run may be stopped
at any time, and more seeds be added.
"""

import argparse
import json
import os
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from skal.adversarial import SRAAL, VAAL
from skal.statistics import mean_interval

METHODS = {"VAAL": VAAL, "SRAAL": SRAAL}
SCALINGS = ("each column", "none", "one scale")  # the first is the default
RAW = 0  # in place of a number of components

# loader, whether columns are standardised before the PCA, numbers of components, unseen classes, labels, picks
DATA = {
    "digits": (load_digits, False, (RAW, 10, 20), 5, 60, 40),
    "wine": (load_wine, True, (RAW, 5, 10), 1, 20, 20),
    "cancer": (load_breast_cancer, True, (RAW, 5, 15), 1, 40, 40),
}


def settings(names):
    """All cells of the table. One scale for raw columns is left out: in tables their units differ."""
    for name in names:
        for method, n_components, scaling in product(METHODS, DATA[name][2], SCALINGS):
            if n_components or scaling != "one scale":
                yield name, method, n_components, scaling


def partly_labeled(y, n_unseen, n_labels, seed):
    """Labels of a few rows, NaN elsewhere, and whether a row is of a class that has no label."""
    rng = np.random.RandomState(seed)
    unseen = np.isin(y, rng.permutation(np.unique(y))[:n_unseen])
    partly = np.full(len(y), np.nan)
    labeled = rng.choice(np.flatnonzero(~unseen), n_labels, replace=False)
    partly[labeled] = y[labeled]
    return partly, unseen


def rows_of(X, n_components, scale_first):
    """The raw columns, or components as they come out of a PCA."""
    if not n_components:
        return X
    return PCA(n_components, random_state=0).fit_transform(StandardScaler().fit_transform(X) if scale_first else X)


def trial(name, method, n_components, scaling, seed, n_steps):
    """Return the share of unseen classes among the picks, and in the pool."""
    load, scale_first, _, n_unseen, n_labels, n_picks = DATA[name]
    X, y = load(return_X_y=True)
    partly, unseen = partly_labeled(y, n_unseen, n_labels, seed)
    Z = rows_of(X, n_components, scale_first)
    if scaling == "one scale":
        Z = (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0).mean())
    pool = np.flatnonzero(np.isnan(partly))
    model = METHODS[method](standardize=scaling == SCALINGS[0], max_steps=n_steps, random_state=seed)
    try:
        share = float(unseen[pool[model.fit(Z, partly).query(Z[pool], n_picks)]].mean())
    except ValueError as error:
        if "diverged" not in str(error):
            raise
        share = np.nan  # of columns of very different units, as they are
    return share, float(unseen[pool].mean())


def table(found, names):
    """Markdown: means over the seeds that all scalings of a row have, and differences from the default by seed."""
    lines = [
        "| data | columns | model | seeds | pool | each column | none | one scale | none - each | one scale - each |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in names:
        for n_components, method in product(DATA[name][2], METHODS):
            row = {
                s: {key[4]: value for key, value in found.items() if key[:4] == (name, method, n_components, s)}
                for s in SCALINGS
                if n_components or s != "one scale"
            }
            seeds = sorted(set.intersection(*map(set, row.values())))
            if not seeds:
                continue
            shares = {s: np.array([row[s][seed][0] for seed in seeds]) for s in row}
            default, pool = shares[SCALINGS[0]], np.mean([row[SCALINGS[0]][seed][1] for seed in seeds])
            means = [f"{np.mean(shares[s]):.0%}".replace("nan%", "") if s in shares else "" for s in SCALINGS]
            against = [difference(shares[s] - default) if s in shares else "" for s in SCALINGS[1:]]
            columns = f"{n_components} components" if n_components else "raw"
            lines.append(
                f"| {' | '.join([name, columns, method, str(len(seeds)), f'{pool:.0%}', *means, *against])} |"
            )
    return "\n".join(lines)


def difference(values):
    """Points, with the interval of their mean; where a training diverged, how many did."""
    if lost := np.isnan(values).sum():
        return f"{lost} of {len(values)} diverged"
    mean, low, high = mean_interval(100 * values) if len(values) > 1 else (100 * values.mean(), np.nan, np.nan)
    return f"{mean:+.0f} [{low:+.0f}, {high:+.0f}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--kept", type=Path, default=Path(os.devnull), help="file of trials, read first and added to")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # a discriminator at chance is what is looked for
    found = {}
    for line in options.kept.read_text().splitlines() if options.kept.is_file() else ():
        *key, unseen, in_pool = json.loads(line)
        found[tuple(key)] = unseen, in_pool
    for seed, cell in product(range(options.seeds), settings(options.data)):
        if (key := (*cell, seed)) not in found:
            found[key] = trial(*key, options.steps)
            with options.kept.open("a") as file:
                print(json.dumps([*key, *found[key]]), file=file)
    print(table(found, options.data))


if __name__ == "__main__":
    main()
