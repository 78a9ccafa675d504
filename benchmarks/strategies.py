"""All strategies against random sampling at a low and at a large budget, on letter and on Fashion-MNIST embeddings.

Run from the repository root; letter.npz and fashion_mnist_6k.npz are read from the folder given, where it has them:

    python benchmarks/strategies.py --archives DATA --out runs/strategies --table docs/results/strategies.md
    python benchmarks/strategies.py --page other_models --archives DATA --out runs/strategies \
        --table docs/results/strategies_other_models.md

One net, the preset "mlp", serves every strategy that reads a single model. What needs another model, or looks at the
rows in another way, has studies of its own, each with random sampling beside it; those of other models are on a page
of their own. Every study is resumable: a run
that was stopped goes on where it was, strategies that are newer than a study get one beside it, and ``--table-only``
writes the page of the trials that are complete.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from _strategies_page import head, page
from _strategies_plan import BAIT_ROWS, BUDGETS, FAMILIES, N_POOL, N_TRIALS, PAGES, STUDIES
from _studies import merged, strategies_of
from _tables import versions_line
from sklearn.preprocessing import FunctionTransformer

import skal
from skal.datasets import load_dataset
from skal.neural import VariationalAutoencoder
from skal.query import bait, subsample, vae_core_set
from skal.report import write_report
from skal.study import StudyError, load_comparison

ARCHIVES = {"letter": "letter", "fashion_mnist_vae": "fashion_mnist_6k"}
LEAST_VARIANCE = 0.1  # of the means of a latent, whose prior has 1


# Data: made once, and kept as archives that `skal compare --data` takes.


def prepared(data, arguments):
    """Pool and test rows, the same in all trials; None where the archive is not there."""
    kept = arguments.out / f"{data}.npz"
    if not kept.exists():
        path = arguments.archives and arguments.archives / f"{ARCHIVES[data]}.npz"
        if path is None or not path.exists():
            return None
        found = load_dataset(str(path))
        order = np.random.RandomState(0).permutation(len(found.y))
        pool, left = np.sort(order[:N_POOL]), np.sort(order[N_POOL:])
        X, y, X_test, y_test = PREPARED[data](found, pool, left)
        np.savez_compressed(kept, X_train=X, y_train=y, X_test=X_test, y_test=y_test, classes=np.array(found.classes))
    return load_dataset(str(kept))


def standardised(found, pool, left):
    """The columns at mean 0 and deviation 1 over the pool; tested on the archive's own test part."""
    X, X_test = found.X.astype(np.float32), found.X_test.astype(np.float32)
    mean, deviation = X[pool].mean(axis=0), X[pool].std(axis=0)
    return (X[pool] - mean) / deviation, found.y[pool], (X_test - mean) / deviation, found.y_test


def vae_means(found, pool, left):
    """Means of a VAE of the pool's images, trained without labels; tested on all images that are not in the pool.

    Latents that carry nothing are left out: their means hardly vary, and standardised they would be noise.
    """
    X, X_test = (images.reshape(len(images), -1).astype(np.float32) / 255 for images in (found.X, found.X_test))
    vae = VariationalAutoencoder(standardize=False, random_state=0).fit(X[pool])
    tested, y_test = np.concatenate([X_test, X[left]]), np.concatenate([found.y_test, found.y[left]])
    Z = vae.transform(X[pool])
    alive = Z.var(axis=0) > LEAST_VARIANCE
    return Z[:, alive], found.y[pool], vae.transform(tested)[:, alive], y_test


PREPARED = {"letter": standardised, "fashion_mnist_vae": vae_means}


def pool_vae(data, X, folder):
    """What `vae_core_set` reads: the rows where they are a VAE's means, else those of a VAE that is trained once."""
    if data == "fashion_mnist_vae":
        return FunctionTransformer()
    weights, vae = folder / f"vae-{data}.safetensors", VariationalAutoencoder(random_state=0)
    if not weights.exists():
        vae.fit(X).save(weights)
    return vae.load(weights)


def asked(study, X, folder):
    """Strategies of a study by name, with what is not the default."""
    found = FAMILIES[study.family][1]()
    if "vae_core_set" in found:
        found["vae_core_set"] = partial(vae_core_set, vae=pool_vae(study.data, X, folder))
    if "bait" in found and (study.data, study.budget) == ("letter", "large"):
        found["bait"] = subsample(bait, BAIT_ROWS)
    return found


def run(study, arguments):
    """Run a study, or go on with it, and one beside it for what is newer; nothing where its data are not there."""
    data = prepared(study.data, arguments)
    if data is None:
        return
    found = asked(study, data.X, arguments.out)
    if arguments.strategy:
        found = {name: strategy for name, strategy in found.items() if name in arguments.strategy}
    folder, newer = folders(study, arguments)
    old = strategies_of(folder)
    begun = {name: strategy for name, strategy in found.items() if name in old} or found
    rest = {name: strategy for name, strategy in found.items() if name not in begun}
    settings = BUDGETS[study.budget].settings(data.y)
    if arguments.n_rounds is not None:
        settings["n_rounds"] = arguments.n_rounds
    for part, names in ((folder, begun), (newer, rest)):
        if names:
            skal.compare(
                data.X,
                data.y,
                FAMILIES[study.family][0](),
                names,
                test=(data.X_test, data.y_test),
                data=study.data,
                n_trials=arguments.n_trials,
                seed=0,
                out=part,
                n_jobs=arguments.n_jobs,
                progress=lambda name, trial, number: print(f"{study.name}: {trial}, {name}, {number}", flush=True),
                **settings,
            )


def folders(study, arguments):
    return arguments.out / study.name, arguments.out / f"{study.name}-newer"


def read(study, arguments):
    """What there is of a study; None where no trial is complete."""
    folder, newer = folders(study, arguments)
    if not folder.exists():
        return None
    try:
        found = load_comparison(folder)
        if newer.exists():
            found = merged(found, load_comparison(newer))
    except StudyError as error:
        print(f"{study.name}: {error}", flush=True)
        return None
    write_report(found, folder)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archives", type=Path, default=None, help="folder with letter.npz and fashion_mnist_6k.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/strategies"))
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
    parser.add_argument("--page", choices=PAGES, default="one_net", help="which families of strategies")
    parser.add_argument("--study", action="append", choices=[study.name for study in STUDIES], help="only this one")
    parser.add_argument("--strategy", action="append", help="only this one (for a trial of the script)")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--n-trials", type=int, default=N_TRIALS)
    parser.add_argument("--n-rounds", type=int, default=None, help="fewer than planned (for a trial of the script)")
    parser.add_argument("--table-only", action="store_true", help="run nothing, read what is there")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    found = {}
    for study in STUDIES:
        wanted = study.family in PAGES[arguments.page] if arguments.study is None else study.name in arguments.study
        if wanted:
            if not arguments.table_only:
                run(study, arguments)
            if (comparison := read(study, arguments)) is not None:
                found[study] = comparison
    if not found:
        raise SystemExit("No study has a complete trial yet: name a folder of archives.")
    text = page(found)
    print(text)
    if arguments.table:
        versions = versions_line(next(iter(found.values())).versions)
        arguments.table.parent.mkdir(parents=True, exist_ok=True)
        arguments.table.write_text(f"{head(arguments.out, arguments.page)}\n{text}\n{versions}\n")


if __name__ == "__main__":
    main()
