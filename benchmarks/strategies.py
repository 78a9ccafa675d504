"""All strategies against random sampling at a low and at a large budget, on letter and on Fashion-MNIST embeddings.

Run from the repository root; letter.npz and fashion_mnist_6k.npz are read from the folder given, where it has them:

    python benchmarks/strategies.py --archives DATA --out runs/strategies --table docs/results/strategies.md

One net, the preset "mlp", serves every strategy that reads a single model. What needs another model, or looks at the
rows in another way, has studies of its own, each with random sampling beside it. Every study is resumable: a run
that was stopped goes on where it was, strategies that are newer than a study get one beside it, and ``--table-only``
writes the page of the trials that are complete.
"""

import argparse
import itertools
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from _studies import BASELINE, merged, strategies_of
from _tables import MARKS, overview_table, verdict_table, versions_line
from scipy import optimize, stats
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import skal
from skal.datasets import load_dataset
from skal.neural import EnsembleClassifier, NeuralClassifier, VariationalAutoencoder
from skal.query import bait, strategies, subsample, vae_core_set
from skal.study import StudyError, load_comparison, make_estimator
from skal.study.presets import Preparation
from skal.study.report import write_report

N_POOL = 4000
N_TRIALS = 5
N_PASSES = 100
ARCHIVES = {"letter": "letter", "fashion_mnist_vae": "fashion_mnist_6k"}
TITLES = {"letter": "letter", "fashion_mnist_vae": "Fashion-MNIST embeddings"}
LEAST_VARIANCE = 0.1  # of the means of a latent, whose prior has 1
BAIT_ROWS = 1000  # of letter's pool at the large budget, where 26 classes make a query of the whole take a minute


@dataclass(frozen=True)
class Budget:
    """Labels to start with, labels a round, rounds."""

    n_instances: int
    n_rounds: int
    n_initial: int | None = None  # as many as there are classes

    def settings(self, y):
        n_initial = len(np.unique(y)) if self.n_initial is None else self.n_initial
        return {"n_initial": n_initial, "n_instances": self.n_instances, "n_rounds": self.n_rounds}

    def in_words(self, y):
        n_initial, n_instances, n_rounds = self.settings(y).values()
        return f"{n_initial} labels, then {n_instances} a round, up to {n_initial + n_instances * n_rounds}"


BUDGETS = {"low": Budget(20, 6), "large": Budget(250, 4, n_initial=500)}


@dataclass(frozen=True)
class Study:
    """One data set, one budget, and one family: a model and the strategies that it serves."""

    data: str
    budget: str
    family: str

    @property
    def name(self):
        return f"{self.data}-{self.budget}-{self.family}"


# Families: a model, and what is asked of it.


def mlp():
    return make_estimator("mlp")


def ensemble():
    """Five nets of the preset "mlp"; the ensemble is the last step, so that it is a committee."""
    return make_pipeline(Preparation(), EnsembleClassifier(NeuralClassifier("MLP"), 5))


def reading_one_net():
    """All that one net with dropout serves; what would train a net for every candidate is left out."""
    other = {"committee", "multilabel", "predicted_loss", "discriminator_score"}
    return {
        name: strategy
        for name, strategy in strategies().items()
        if not other & set(strategy.info.reads) and name not in (BASELINE, "expected_error_reduction")
    }


def on_rows():
    """Strategies that read features and nothing else, on the columns of the rows in the place of the net's."""
    features, own_nets = {"embedding", "labels"}, {"vaal_query", "vae_core_set", "core_set_robust"}
    return {
        f"{name}, on rows": partial(strategy, embedding=FunctionTransformer())
        for name, strategy in strategies().items()
        if "embedding" in strategy.info.reads and set(strategy.info.reads) <= features and name not in own_nets
    }


def with_more_passes():
    """Mutual informations of ten passes are estimated too high: the same of as many passes as in their papers."""
    return {
        f"{name}, {N_PASSES} passes": partial(strategies()[name], n_samples=N_PASSES)
        for name in ("bald", "batch_bald", "epig")
    }


def reading_a_committee():
    """Strategies for committees; margin sampling of the same ensemble for comparison."""
    found = {name: s for name, s in strategies().items() if "committee" in s.info.reads}
    return {"margin_sampling": strategies()["margin_sampling"], **found}


def reading_losses():
    return {name: strategies()[name] for name in ("learning_loss_sampling", "margin_sampling")}


FAMILIES = {
    "mlp": (mlp, reading_one_net),
    "rows": (mlp, on_rows),
    "passes": (mlp, with_more_passes),
    "ensemble": (ensemble, reading_a_committee),
    "loss_net": (partial(make_estimator, "loss_net"), reading_losses),
}
FAMILY_TITLES = {
    "mlp": "One net",
    "rows": "One net, features of the rows",
    "passes": "One net, more passes with dropout",
    "ensemble": "Five nets",
    "loss_net": "A net that predicts its losses",
}
STUDIES = [
    Study(data, budget, family)
    for budget, family, data in itertools.product(BUDGETS, FAMILIES, TITLES)  # low budgets first
]


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


# The page.


def cell(difference):
    """Difference in points and verdict; an arrow where there is no verdict, but an interval that leaves out 0."""
    mark = MARKS[difference.verdict]
    if mark == "–" and (difference.low > 0 or difference.high < 0):
        mark = "↑" if difference.low > 0 else "↓"
    return f"{100 * difference.mean:+.1f} {mark}"


def both_table(found):
    """The data sets of a budget together: mean difference in points, and in how many trials it was above 0."""
    by_budget = [[c.areas() for study, c in found.items() if study.budget == budget] for budget in BUDGETS]
    everywhere = set.intersection(*(set(areas) for studies in by_budget for areas in studies)) - {BASELINE}
    rows = []
    for name in everywhere:
        cells, means = [], []
        for studies in by_budget:
            differences = [areas[name] - areas[BASELINE] for areas in studies]
            means.append(np.mean([d.mean() for d in differences]))
            trials = np.concatenate(differences)
            cells.append(f"{100 * means[-1]:+.1f} | {(trials > 0).sum()} of {len(trials)}")
        rows.append((-means[0], f"| {name} | {' | '.join(cells)} |"))
    titles = " | ".join(f"{budget} budget | trials above random" for budget in BUDGETS)
    lines = [f"| strategy | {titles} |", "|---|" + "---|---|" * len(BUDGETS)]
    return "\n".join(lines + [line for _, line in sorted(rows)])


def smallest_found(n_strategies, n_trials):
    """Mean difference, in standard deviations, that Holm's first verdict needs, and one that gets it in 80 %."""
    if n_trials < 2:
        return np.nan, np.nan
    needed = stats.t.isf(0.05 / (2 * n_strategies), n_trials - 1)
    likely = optimize.brentq(
        lambda mean: stats.nct.sf(needed, n_trials - 1, mean * np.sqrt(n_trials)) - 0.8, 0, 2 * needed
    )
    return needed / np.sqrt(n_trials), likely


def section(study, found):
    """Markdown of one study."""
    areas = found.areas()
    deviations = [np.std(area - areas[BASELINE], ddof=1) for name, area in areas.items() if name != BASELINE]
    random = found.scores[BASELINE].mean(axis=0)
    ended, planned = len(areas[BASELINE]), found.protocol["n_trials"]
    first, likely = smallest_found(len(deviations), ended)
    deviation = 100 * np.median(deviations)
    notes = [
        f"Random sampling: {100 * random[0]:.1f} % with {found.n_labels[0]} labels, {100 * random[-1]:.1f} % with "
        f"{found.n_labels[-1]}."
    ]
    if np.isfinite(first):
        notes.append(
            f"Differences from it scatter by {deviation:.2f} points between trials (median of the strategies): the "
            f"first verdict of {len(deviations)} needs about {first * deviation:.1f} points, and a difference of "
            f"{likely * deviation:.1f} gets one four times of five."
        )
    if ended < planned:
        notes.append(f"So far {ended} of {planned} trials ended.")
    title = f"### {FAMILY_TITLES[study.family]}, {TITLES[study.data]}, {study.budget} budget"
    return f"{title}\n\n{' '.join(notes)}\n\n{verdict_table(found)}\n"


def head(folder):
    """What stands above the tables; of data that were not prepared it tells no sizes."""
    facts = {"n_pool": N_POOL, "bait_rows": BAIT_ROWS}
    for data, short in {"letter": "letter", "fashion_mnist_vae": "fashion"}.items():
        found = load_dataset(str(folder / f"{data}.npz")) if (folder / f"{data}.npz").exists() else None
        facts[f"{short}_test"] = "–" if found is None else len(found.y_test)
        for name, budget in BUDGETS.items():
            facts[f"{short}_{name}"] = "–" if found is None else budget.in_words(found.y)
        if data == "fashion_mnist_vae":
            facts["n_latents"] = "–" if found is None else found.X.shape[1]
    for name, n_strategies in {"many": len(reading_one_net()), "few": len(on_rows())}.items():
        first, likely = smallest_found(n_strategies, N_TRIALS)
        facts |= {name: n_strategies, f"{name}_first": first, f"{name}_likely": likely}
    return HEAD.format(**facts, n_trials=N_TRIALS, by_chance=0.05 * facts["many"])


def page(found):
    """Markdown of all: an overview of each family, then every study."""
    parts = ["## Overview\n"]
    for family, title in FAMILY_TITLES.items():
        columns = {
            f"{TITLES[study.data]}, {study.budget}": comparison
            for study, comparison in found.items()
            if study.family == family
        }
        if columns:
            parts.append(f"### {title}\n\n{overview_table(columns, cell)}\n")
        if len(columns) == len(BUDGETS) * len(TITLES):
            told = {study: comparison for study, comparison in found.items() if study.family == family}
            parts.append(f"Mean of both data sets, the largest at the low budget first:\n\n{both_table(told)}\n")
    parts.append("## Every study\n")
    parts += [section(study, comparison) for study, comparison in found.items()]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archives", type=Path, default=None, help="folder with letter.npz and fashion_mnist_6k.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/strategies"))
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
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
        if arguments.study is None or study.name in arguments.study:
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
        arguments.table.write_text(f"{head(arguments.out)}\n{text}\n{versions}\n")


HEAD = """# Strategies at two budgets

All strategies against random sampling, at a low and at a large budget, as it came out: areas under the curves of
accuracy (the mean height of a curve, in %), differences from random sampling paired by trial, and the verdict (t
test, Holm's correction over the strategies of a table, 5 %). Labels saved: how many fewer a strategy needs than
random sampling for the accuracy that random sampling ends with. Fit and query are medians of wall seconds over
trials and rounds, apart, of one thread beside other work. What follows for a task of one's own is on another page:
[which strategy](../which_strategy.md).

| | letter | Fashion-MNIST embeddings |
|---|---|---|
| rows | its 16 columns, standardised over the pool | means of a VAE, {n_latents} latents |
| pool, the same in all trials | {n_pool} rows of the training part | {n_pool} images of the training part |
| tested on | the test part, {letter_test} rows | the images that are not in the pool, {fashion_test} |
| low budget | {letter_low} | {fashion_low} |
| large budget | {letter_large} | {fashion_large} |

The first labels are drawn at random and not balanced, so that at the low budget some classes are missing at first.
Trials differ by them and by their seeds.

**The embedding** is learnt without labels, from the images of the pool. Two were tried on the archive's 6000
training images, by the accuracy of a logistic regression on 20, 100 and 1000 labels, and by how well ten clusters of
k-means match the classes (normalised mutual information): 64 principal components give 37, 62 and 76 % and 0.52; the
means of a VAE, an MLP with 16 latents, 48, 69 and 76 % and 0.61. So it is the VAE. A latent whose means hardly
varied would be left out.

**The models.** "One net" is the preset "mlp", a net with dropout, for all strategies that read one model: they
differ by the query and by nothing else. Where a strategy reads features these are the net's, its last hidden layer,
anew after every fit. In "features of the rows" those that read features alone are given the rows as they are
(`embedding=`). "More passes" gives the mutual informations a hundred passes with dropout in the place of ten. "Five
nets" are five of the same net, for strategies that read a committee, with margin sampling beside them. "A net that
predicts its losses" is the preset "loss_net". Each of these has random sampling with the same model to be compared
with.

**What is not the default.** `vae_core_set` takes a VAE that is trained once on the pool, without labels, in the
place of one a query; on the Fashion-MNIST embeddings the rows are a VAE's means already and stand for it. `bait`
sees {bait_rows} random rows of letter's pool at the large budget (`skal.query.subsample`), since with 26 classes the
whole takes a minute a query. Everything else is as it comes.

**What is left out.** `expected_error_reduction` trains a net for every candidate and class: 9 s of CPU for one
candidate of letter's low budget, and there are 4000. Strategies for several labels a row do not apply. Wrappers such
as `combine` and `class_balanced_sampling` are no strategies by themselves.

```bash
export OMP_NUM_THREADS=1
python benchmarks/strategies.py --archives DATA --out runs/strategies --table docs/results/strategies.md
```

The rows as they were compared are kept as archives, so the command line can go on from here: `skal compare --data
runs/strategies/letter.npz --estimator mlp --strategy typiclust --n-initial 26`.

## How to read the overview

Differences of the areas in points. **better** and *worse* are verdicts. ↑ and ↓: the verdict is "not distinguishable
from random", but the strategy's own interval, which is not corrected, leaves out 0; among {many} strategies that do
nothing {by_chance:.1f} would be so marked on average. "–": neither. A column that is not there is a study that was
not run.

With {n_trials} trials the first verdict of {many} strategies needs a mean difference of {many_first:.1f} standard
deviations of the differences by trial, and one that is to be found four times of five has {many_likely:.1f}. Of
{few} strategies it is {few_first:.1f} and {few_likely:.1f}. So "–" does not say that a strategy is no better. What
it comes to in points stands beside every table.
"""

if __name__ == "__main__":
    main()
