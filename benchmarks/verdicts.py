"""All strategies against random sampling, on several data sets and models: one table of verdicts, as it comes out.

Run from the repository root; archives are read from the folder given, where it has them:

    python benchmarks/verdicts.py --archives DATA --out runs/verdicts --table docs/results/verdicts.md

Every study is resumable: a run that was stopped goes on where it was. Expected error reduction, which trains a
model for every candidate and class, has studies of its own, where they take minutes; ``--costs`` measures what it
would take elsewhere.
"""

import argparse
import json
import time
from functools import partial
from pathlib import Path

import numpy as np
from _studies import BASELINE, merged, strategies_of
from _tables import difference_and_mark, overview_table, versions_line

from skal import ActiveLearner
from skal.data import take
from skal.datasets import load_dataset
from skal.loop import initial_pool
from skal.query import expected_error_reduction, select, strategies
from skal.study import StudyError, load_comparison, make_estimator
from skal.study.request import Request

ESTIMATORS = ("logistic", "forest", "gradient_boosting")
ARCHIVES = ("letter", "magic", "fashion_mnist_6k")
SETTINGS = {"n_initial": 50, "n_instances": 25, "n_rounds": 5, "n_trials": 10, "seed": 0}
N_CANDIDATES = 50
RETRAINING = f"expected_error_reduction:n_candidates={N_CANDIDATES}"
RETRAINED = (("digits", "logistic"), ("magic", "logistic"))  # studies of it that take minutes
TRAINING = ("expected_error_reduction", "sraal_query", "vaal_query", "vae_core_set")
NETS = {
    "multilabel",
    "sampled_proba",
    "predicted_loss",
    "boundary",
    "discriminator_score",
}  # no model here gives these


def asked(estimator):
    """Strategies that the model can serve, and that train none."""
    for name, strategy in strategies().items():
        reads = strategy.info.reads
        if name in TRAINING or set(reads) & NETS or ("committee" in reads and estimator != "forest"):
            continue
        if name != BASELINE:
            yield name


def run(data, estimator, names, folder, n_jobs, settings):
    request = Request.of(None, {"data": data, "estimator": estimator, "strategies": names, **settings})
    return request.run(out=folder, n_jobs=n_jobs)


def study(name, source, estimator, arguments, settings):
    """Run what is asked for, and read what is there; strategies that are newer than a study get one beside it."""
    first, newer, retraining = (arguments.out / f"{name}-{estimator}{part}" for part in ("", "-newer", "-eer"))
    if not arguments.table_only:
        names, old = list(asked(estimator)), strategies_of(first)
        begun = [known for known in names if known in old] or names
        run(source, estimator, begun, first, arguments.n_jobs, settings)
        if rest := [known for known in names if known not in begun]:
            run(source, estimator, rest, newer, arguments.n_jobs, settings)
        if (name, estimator) in RETRAINED:
            run(source, estimator, [RETRAINING], retraining, arguments.n_jobs, settings)
    found = load_comparison(first)
    for folder in (newer, retraining):
        if folder.exists():
            found = merged(found, load_comparison(folder))
    return found


def seconds_a_candidate(source, estimator, n_labels):
    """Wall time of trying one candidate: a fit, and a pass over the pool, for each class."""
    data = load_dataset(source)
    first = initial_pool(data.X, data.y, n_labels, random_state=0)
    pool = take(data.X, np.setdiff1d(np.arange(len(data.y)), first))
    learner = ActiveLearner(make_estimator(estimator), duplicates="allow", random_state=0)
    learner.fit(take(data.X, first), data.y[first])
    start = time.perf_counter()
    select(partial(expected_error_reduction, n_candidates=1), learner, pool, 1, random_state=0)
    return time.perf_counter() - start


def cost_table(costs, settings):
    """Markdown: what a study of expected error reduction takes, in minutes of one process."""
    queries = settings["n_trials"] * settings["n_rounds"]
    studies = [tuple(name.split(", ")) for name in costs]
    names, estimators = (list(dict.fromkeys(part)) for part in zip(*studies, strict=True))
    lines = ["| data | " + " | ".join(estimators) + " |", "|---|" + "---|" * len(estimators)]
    for name in names:
        minutes = [costs.get(f"{name}, {estimator}") for estimator in estimators]
        cells = ["" if cost is None else f"{cost * N_CANDIDATES * queries / 60:.0f}" for cost in minutes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archives", type=Path, default=None, help="folder with letter.npz, magic.npz, ...")
    parser.add_argument("--out", type=Path, default=Path("runs/verdicts"))
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
    parser.add_argument("--estimator", action="append", choices=ESTIMATORS)
    parser.add_argument("--data", action="append", help="digits or the name of an archive")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--n-trials", type=int, default=SETTINGS["n_trials"])
    parser.add_argument("--table-only", action="store_true", help="run nothing, read what is there")
    parser.add_argument("--costs", action="store_true", help="measure expected error reduction, and run nothing")
    arguments = parser.parse_args()
    settings = {**SETTINGS, "n_trials": arguments.n_trials}
    found = {}
    kept = arguments.out / "costs.json"
    costs = json.loads(kept.read_text()) if kept.exists() else {}
    for estimator in arguments.estimator or ESTIMATORS:
        for name in arguments.data or ("digits", *ARCHIVES):
            source = name if name == "digits" else arguments.archives and arguments.archives / f"{name}.npz"
            if source is None or (name != "digits" and not Path(source).exists()):
                continue
            if arguments.costs:
                costs[f"{name}, {estimator}"] = seconds_a_candidate(str(source), estimator, 2 * settings["n_initial"])
                print(f"{name}, {estimator}: {costs[f'{name}, {estimator}']:.2f} s a candidate", flush=True)
                continue
            try:
                comparison = study(name, str(source), estimator, arguments, settings)
            except StudyError as error:
                print(f"{name}, {estimator}: {error}", flush=True)
                continue
            ended, planned = len(comparison.scores[BASELINE]), comparison.protocol["n_trials"]
            part = "" if ended == planned else f" ({ended} of {planned} trials)"
            found[f"{name}, {estimator}{part}"] = comparison
            print(f"{name}, {estimator}: {len(comparison.scores)} strategies", flush=True)
    if arguments.costs:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(costs, indent=1))
        return
    if not found:
        raise SystemExit("No study: name a folder of archives, or --data digits.")
    text = overview_table(found, difference_and_mark)
    print(text)
    if arguments.table:
        head = HEAD.format(**settings, last=settings["n_initial"] + settings["n_rounds"] * settings["n_instances"])
        arguments.table.parent.mkdir(parents=True, exist_ok=True)
        tail = f"\n{COSTS.format(n_candidates=N_CANDIDATES)}\n{cost_table(costs, settings)}\n" if costs else ""
        arguments.table.write_text(f"{head}\n{text}\n{tail}\n{versions_line()}\n")


HEAD = """# Verdicts

All strategies against random sampling, as it came out: the difference of the areas under the curves in points of
accuracy, paired by trial, and the verdict (t test, Holm's correction over the strategies of a column, 5 %).
"–": not distinguishable from random. An empty cell: the model is no committee, or the strategy was not run there.

{n_trials} trials, {n_initial} random labels to start with, {n_instances} a round up to {last}. Archives are tested
on their own test part, digits on a fresh quarter in every trial.

```bash
python benchmarks/verdicts.py --archives DATA --out runs/verdicts --table docs/results/verdicts.md
```
"""

COSTS = """## What expected error reduction costs

`expected_error_reduction` trains a model for every candidate and class, so it tries {n_candidates} random candidates
a query, and only where a study of it takes minutes. What a study takes, in minutes of one process (estimated from
one candidate, `--costs`):
"""

if __name__ == "__main__":
    main()
