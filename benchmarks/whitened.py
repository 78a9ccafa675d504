"""Share of unseen classes among the picks of VAAL on the components of a PCA, by the way in which columns are scaled.

Usage: python benchmarks/whitened.py [--components 10 20 40] [--seeds 4] [--steps 500]
"""

import argparse
import warnings

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skal.adversarial import VAAL

KNOWN, N_LABELS, N_PICKS = 5, 60, 40  # digits 0 to 4 have labels


def share_of_unseen(Z, y, scaling, seed, n_steps):
    """Return the share of picks whose digit has no label yet."""
    labeled = np.random.RandomState(seed).choice(np.flatnonzero(y < KNOWN), N_LABELS, replace=False)
    partly = np.full(len(y), -1)
    partly[labeled] = y[labeled]
    pool = np.setdiff1d(np.arange(len(y)), labeled)
    if scaling == "one scale":
        Z = (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0).mean())
    model = VAAL(standardize=scaling == "each column", max_steps=n_steps, missing_label=-1, random_state=seed)
    picks = pool[model.fit(Z, partly).query(Z[pool], N_PICKS)]
    return float((y[picks] >= KNOWN).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--components", type=int, nargs="+", default=[10, 20, 40])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=500)
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # a discriminator at chance is what is looked for
    X, y = load_digits(return_X_y=True)
    print("| components | scaling | unseen, mean | lowest | highest |\n|---|---|--:|--:|--:|")
    for n_components in options.components:
        Z = PCA(n_components, random_state=0).fit_transform(X)
        for scaling in ("each column", "none", "one scale"):
            shares = [share_of_unseen(Z, y, scaling, seed, options.steps) for seed in range(options.seeds)]
            print(f"| {n_components} | {scaling} | {np.mean(shares):.0%} | {min(shares):.0%} | {max(shares):.0%} |")


if __name__ == "__main__":
    main()
