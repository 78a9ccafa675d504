"""Wrong labels and first labels that lack classes: the axes of VAAL's section 5, on Fashion-MNIST embeddings.

Run from the repository root; fashion_mnist_6k.npz is read from the folder given:

    OMP_NUM_THREADS=1 python benchmarks/noise_and_bias.py --archives DATA --out runs/noise_and_bias \
        --table docs/results/noise_and_bias.md

The embeddings are those of benchmarks/strategies.py: on images a query of VAAL or SRAAL takes half a minute of a
processor, on their embeddings a few seconds. Every study is one of ``skal compare``, and goes on where it was
stopped; ``--table-only`` writes the page of the trials that are complete.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _studies import BASELINE
from _tables import curve_table, difference_and_mark, overview_table, reading, verdict_table, versions_line
from strategies import prepared

from skal.report import write_report
from skal.statistics import mean_interval
from skal.study import StudyError, load_comparison
from skal.study.request import Request

DATA = "fashion_mnist_vae"
SHARED = {
    "estimator": "logistic",
    "strategies": ["vaal_query", "sraal_query", "core_set", "entropy_sampling"],
    "n_initial": 100,
    "n_instances": 100,
    "n_rounds": 2,
    "n_trials": 5,
}


@dataclass(frozen=True)
class Condition:
    """What is wrong with the labels, as choices of `skal compare`."""

    name: str
    title: str
    choices: dict[str, Any]


CONDITIONS = (
    Condition("clean", "right labels", {}),
    *(Condition(f"noise-{p}", f"{p} % wrong", {"oracle": f"noisy:rate={p / 100}"}) for p in (10, 20, 30)),
    *(Condition(f"without-{m}", f"{m} classes left out", {"initial_left_out": m}) for m in (2, 4)),
)


def choices(condition, arguments):
    return {**SHARED, **condition.choices, **arguments.changed, "data": str(arguments.out / f"{DATA}.npz")}


def run(condition, arguments):
    Request.of(None, choices(condition, arguments)).run(
        out=arguments.out / condition.name,
        n_jobs=arguments.n_jobs,
        progress=lambda name, trial, number: print(f"{condition.name}: {trial}, {name}, {number}", flush=True),
    )


def read(condition, arguments):
    """What there is of a study; None where no trial is complete."""
    folder = arguments.out / condition.name
    if not folder.exists():
        return None
    try:
        found = load_comparison(folder)
    except StudyError as error:
        print(f"{condition.name}: {error}")
        return None
    write_report(found, folder)
    return found


def command(condition):
    """The same on the command line, for the page."""
    names = {"strategies": "strategy"}
    given = {"data": f"runs/noise_and_bias/{DATA}.npz", **SHARED, **condition.choices}
    words = [
        f"--{names.get(name, name).replace('_', '-')} {value}"
        for name, values in given.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    lines = ["skal compare"]
    for word in [*words, f"--out runs/noise_and_bias/{condition.name}"]:
        if len(lines[-1]) + len(word) > 105:
            lines.append("   ")
        lines[-1] += f" {word}"
    return " \\\n".join(lines)


def of_unseen_classes(found):
    """By strategy: of its first batch, the share from classes that the initial labels lack, one number a trial."""
    shares = {}
    for name, classes in found.picked_classes.items():  # (trials, rounds + 1, C)
        first, batch = classes[:, 0], classes[:, 1]
        shares[name] = (batch * (first == 0)).sum(axis=1) / batch.sum(axis=1)
    return shares


def unseen_table(found):
    """Shares of the first batch from unseen classes: strategies down, biased starts across."""
    biased = {title: of_unseen_classes(c) for title, c in found.items() if "left out" in title}
    if not biased:
        return ""
    lines = [f"| strategy | {' | '.join(biased)} |", "|---|" + "---|" * len(biased)]
    for name in next(iter(biased.values())):
        cells = []
        for shares in biased.values():
            mean, low, high = (100 * value for value in mean_interval(shares[name]))
            cells.append(f"{mean:.0f} [{low:.0f}, {high:.0f}]")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def better(found):
    """One sentence: which strategies are better than random sampling, and where."""
    cells = [
        f"{line.name} ({title})"
        for title, comparison in found.items()
        for line in comparison.summaries()
        if line.difference is not None and line.difference.verdict.startswith("better")
    ]
    return f"Better than random sampling: {', '.join(cells) or 'none, anywhere'}."


def page(found):
    """Markdown: one overview, the picks of unseen classes, and a section a condition."""
    n_trials = min(len(c.scores[BASELINE]) for c in found.values())
    parts = [
        HEAD.format(command=command(CONDITIONS[2]), biased=command(CONDITIONS[-1])),
        f"## Overview\n\nAreas under the curves less random sampling's, in points of accuracy, {n_trials} trials; "
        '"–" is not distinguishable.\n',
        overview_table(found, difference_and_mark),
        f"\n{better(found)}",
        "\nShare of the first batch, %, that is from classes which the initial labels lack:\n",
        unseen_table(found),
    ]
    for title, comparison in found.items():
        parts += [f"\n## {title.capitalize()}\n", verdict_table(comparison), f"\n{reading(comparison)}\n"]
        parts += ["Mean accuracy, %:\n", curve_table(comparison)]
    return "\n".join([*parts, "", versions_line()]) + "\n"


HEAD = """# Wrong labels and biased first labels

The axes of VAAL's section 5 (Sinha, Ebrahimi & Darrell, ICCV 2019), at a small scale: an annotator who is wrong in
10, 20 or 30 % of the cases, and first labels that lack 2 or 4 of the ten classes. Wrong labels are drawn once for
each row, uniformly among the other classes, so asking order changes nothing; first labels are wrong as often, test
labels are right. Which classes are left out is drawn in each trial; they stay in the pool and in the test rows, and
the model learns of them when one of them is labelled.

Data: 4000 images of Fashion-MNIST as means of a variational autoencoder that was trained on them without labels, as
in [strategies at two budgets](strategies.md); tested on the 2000 others. Model: logistic regression. All settings
are defaults. Verdicts: t test paired by trial, Holm's correction over the strategies of a table, 5 %. Fit and query
are apart, the form of VAAL's Table 1: medians of wall seconds beside much other work, many times what they are on an
idle machine ([four to five seconds](strategies.md) for a query of VAAL or SRAAL on these rows).

```bash
OMP_NUM_THREADS=1 python benchmarks/noise_and_bias.py --archives DATA --out runs/noise_and_bias \\
    --table docs/results/noise_and_bias.md
```

It makes the embeddings first; then any of its studies is one command, with skal's own report:

```bash
{command}
{biased}
```
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [condition.name for condition in CONDITIONS]
    parser.add_argument("--archives", type=Path, default=None, help="folder with fashion_mnist_6k.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/noise_and_bias"))
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
    parser.add_argument("--condition", action="append", choices=names, help="run these alone")
    parser.add_argument("--n-trials", type=int, default=None, help="fewer, to try the script")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--table-only", action="store_true", help="run nothing, read what is there")
    arguments = parser.parse_args()
    arguments.changed = {} if arguments.n_trials is None else {"n_trials": arguments.n_trials}
    arguments.out.mkdir(parents=True, exist_ok=True)
    if not arguments.table_only:
        if prepared(DATA, arguments) is None:
            raise SystemExit("fashion_mnist_6k.npz is needed: name its folder by --archives.")
        for condition in CONDITIONS:
            if arguments.condition is None or condition.name in arguments.condition:
                run(condition, arguments)
    found = {condition.title: read(condition, arguments) for condition in CONDITIONS}
    found = {title: comparison for title, comparison in found.items() if comparison is not None}
    if arguments.table and found:
        arguments.table.parent.mkdir(parents=True, exist_ok=True)
        arguments.table.write_text(page(found))
        print(arguments.table.read_text())


if __name__ == "__main__":
    main()
