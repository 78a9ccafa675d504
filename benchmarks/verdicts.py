"""All strategies against random sampling, on several data sets and models: one table of verdicts, as it comes out.

Run from the repository root; archives are read from the folder given, where it has them:

    python benchmarks/verdicts.py --archives DATA --out runs/verdicts --table docs/results/verdicts.md

Every study is resumable: a run that was stopped goes on where it was.
"""

import argparse
from pathlib import Path

from skal.query import strategies
from skal.study import StudyError, load_comparison
from skal.study.arm import package_versions
from skal.study.request import Request

ESTIMATORS = ("logistic", "forest", "gradient_boosting")
ARCHIVES = ("letter", "magic", "fashion_mnist_6k")
SETTINGS = {"n_initial": 50, "n_instances": 25, "n_rounds": 5, "n_trials": 10, "seed": 0}
MARKS = {
    "better than random": "**better**",
    "worse than random": "worse",
    "not distinguishable from random": "–",
    "too few trials to tell": "?",
}


def asked(estimator):
    """Strategies that the model can serve; those that train a model for every candidate are left out."""
    for name, strategy in strategies().items():
        reads = strategy.info.reads
        expensive = name == "expected_error_reduction"
        if "multilabel" in reads or expensive or ("committee" in reads and estimator != "forest"):
            continue
        if name != "random_sampling":
            yield name


def run(data, estimator, folder, n_jobs, settings):
    request = Request.of(
        None, {"data": data, "estimator": estimator, "strategies": list(asked(estimator)), **settings}
    )
    return request.run(out=folder, n_jobs=n_jobs)


def table(found):
    """Markdown: strategies down, studies across; difference of the areas in points, and the verdict."""
    names = sorted({name for comparison in found.values() for name in comparison.scores} - {"random_sampling"})
    lines = ["| strategy | " + " | ".join(found) + " |", "|---|" + "---|" * len(found)]
    by_study = {study: {line.name: line for line in comparison.summaries()} for study, comparison in found.items()}
    cells = [f"{100 * lines_['random_sampling'].area:.1f}" for lines_ in by_study.values()]
    lines.append("| *random_sampling (area, %)* | " + " | ".join(cells) + " |")
    for name in names:
        cells = []
        for summaries in by_study.values():
            line = summaries.get(name)
            difference = None if line is None else line.difference
            cells.append("" if difference is None else f"{100 * difference.mean:+.1f} {MARKS[difference.verdict]}")
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
    arguments = parser.parse_args()
    settings = {**SETTINGS, "n_trials": arguments.n_trials}
    found = {}
    for estimator in arguments.estimator or ESTIMATORS:
        for name in arguments.data or ("digits", *ARCHIVES):
            source = name if name == "digits" else arguments.archives and arguments.archives / f"{name}.npz"
            folder = arguments.out / f"{name}-{estimator}"
            if source is None or (name != "digits" and not Path(source).exists()):
                continue
            try:
                if not arguments.table_only:
                    run(str(source), estimator, folder, arguments.n_jobs, settings)
                comparison = load_comparison(folder)
            except StudyError as error:
                print(f"{name}, {estimator}: {error}", flush=True)
                continue
            found[f"{name}, {estimator}"] = comparison
            print(f"{name}, {estimator}: {len(comparison.scores)} strategies", flush=True)
    if not found:
        raise SystemExit("No study: name a folder of archives, or --data digits.")
    text = table(found)
    print(text)
    if arguments.table:
        versions = ", ".join(f"{name} {version}" for name, version in package_versions().items())
        head = HEAD.format(**settings, last=settings["n_initial"] + settings["n_rounds"] * settings["n_instances"])
        arguments.table.parent.mkdir(parents=True, exist_ok=True)
        arguments.table.write_text(f"{head}\n{text}\n\nVersions: {versions}.\n")


HEAD = """# Verdicts

All strategies against random sampling, as it came out: the difference of the areas under the curves in points of
accuracy, paired by trial, and the verdict (t test, Holm's correction over the strategies of a column, 5 %).
"–": not distinguishable from random. An empty cell: the model is no committee.

{n_trials} trials, {n_initial} random labels to start with, {n_instances} a round up to {last}. Archives are tested
on their own test part, digits on a fresh quarter in every trial. `expected_error_reduction` is left out, since it
trains a model for every candidate and class.

```bash
python benchmarks/verdicts.py --archives DATA --out runs/verdicts --table docs/results/verdicts.md
```
"""

if __name__ == "__main__":
    main()
