"""Strategies that peers have, and strategies for costs of errors, against random sampling: verdicts as they come out.

Run from the repository root; archives (X_train, y_train, X_test, y_test) are read from the folder given:

    python benchmarks/more_strategies.py --archives DATA --out runs/more --page docs/results/more_strategies.md

Every study is resumable: a run that was stopped goes on where it was, and one of more trials or tables grows.
"""

from functools import partial

import numpy as np
from _archives import options_of, run_studies
from _tables import difference_and_mark, last_values, overview_table, protocol_of, write_tables

import skal
from skal.datasets import DATASETS, load_archive
from skal.error_costs import ErrorCosts
from skal.query import epistemic_sampling
from skal.study import load_comparison, make_estimator

SETTINGS = {"n_initial": 20, "n_instances": 10, "n_rounds": 6}
POOL, TEST = 500, 1000  # rows at most, drawn once
ACCURACY = ("german", "vehicle", "yeast", "segmentation", "digits")
COSTS = ACCURACY
OF_PEERS = ("margin_sampling", "core_set", "quire", "epistemic_sampling", "mcpal", "albl")
OF_COSTS = ("margin_sampling", "expected_cost_sampling", "cost_margin_sampling", "cost_embedding_sampling")
LOGISTIC = "epistemic_sampling:likelihood=logistic"
FEW_CLASSES = 4  # up to here the logistic likelihood is asked: a search for each row and class


def table_of(name, archives, pool=POOL, test=TEST):
    """Rows to ask for and to test on, or as many of them as is said, always the same; and the names of classes."""
    draws = np.random.default_rng(0)
    if name in DATASETS:
        found = DATASETS[name]()
        order = draws.permutation(len(found.y))
        parts = order[pool:], order[:pool]
        rows, tested = parts[1], parts[0][:test]
        return found.X[rows], found.y[rows], (found.X[tested], found.y[tested])
    found = load_archive(archives / f"{name}.npz")

    def some(X, y, n):
        rows = np.sort(draws.permutation(len(y))[:n])
        return X[rows], y[rows]

    return *some(found.X, found.y, pool), some(found.X_test, found.y_test, test)


def costs_of(name, y):
    """German credit has its own; else they are drawn, dear where the true class is rare, as in the paper of ALCE."""
    classes, counts = np.unique(y, return_counts=True)
    if name == "german":  # class 0, a bad debtor, taken for a good one
        return ErrorCosts([[0, 5], [1, 0]], classes)
    most = counts[None] / counts[:, None]
    drawn = np.random.default_rng(1).uniform(size=most.shape) * most
    np.fill_diagonal(drawn, 0.0)
    best_constant = (counts / counts.sum() @ drawn).min()
    return ErrorCosts(drawn / best_constant, classes)


def asked(name, kind, n_classes):
    """Strategies of a study, by name."""
    if kind == "costs":
        return list(OF_COSTS)
    found = {one: one for one in OF_PEERS}
    if n_classes <= FEW_CLASSES:
        found[LOGISTIC] = partial(epistemic_sampling, likelihood="logistic")
    return [LOGISTIC if one == LOGISTIC else one for one in found]


def study(name, kind, folder, arguments):
    if not arguments.page_only:
        X, y, test = table_of(name, arguments.archives, arguments.pool, arguments.test)
        costs = costs_of(name, y) if kind == "costs" else None
        skal.compare(
            X,
            y,
            make_estimator("logistic"),
            asked(name, kind, len(np.unique(y))),
            test=test,
            scoring=None if kind == "costs" else ["accuracy", "f1_macro"],
            costs=costs,
            out=folder,
            data=name,
            estimator_name="logistic",
            n_trials=arguments.n_trials,
            random_state=0,
            predictions=False,
            **{**SETTINGS, "n_rounds": arguments.n_rounds},
        )
    return load_comparison(folder)


def seconds(found):
    """Median seconds of a query, over rounds and trials, by study."""
    names = list(dict.fromkeys(name for one in found.values() for name in one.query_seconds))
    lines = ["| strategy | " + " | ".join(found) + " |", "|---|" + "--:|" * len(found)]
    for name in names:
        spent = [one.query_seconds.get(name) for one in found.values()]
        cells = ["" if of is None else f"{np.median(of[:, 1:]):.2f}" for of in spent]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ends(found, metric):
    """The last point of the curves of a metric, mean over trials."""
    return "\n".join(last_values(found, metric, "{:.4g}".format))


def page_of(accuracy, costs, command):
    """Markdown: how the studies were made, a table of verdicts for each kind, and what queries took."""
    parts = [HEAD.format(command=command, **protocol_of({**accuracy, **costs}))]
    if accuracy:
        parts += ["## Accuracy", overview_table(accuracy, difference_and_mark)]
        parts += ["Macro F1 at the last label count:", ends(accuracy, "f1_macro")]
        parts += ["Seconds of a query, median:", seconds(accuracy)]
    if costs:
        parts += ["## Costs of errors", COSTS_HEAD, overview_table(costs, difference_and_mark)]
        parts += ["Accuracy at the last label count:", ends(costs, "accuracy")]
        parts += [
            "Minus the mean cost of what the model predicts, at the last label count:",
            ends(costs, "neg_mean_cost"),
        ]
    return "\n\n".join(parts)


def main():
    parser = options_of(__doc__.splitlines()[0], "german.npz, vehicle.npz", "more_strategies", SETTINGS["n_rounds"])
    parser.add_argument("--kind", action="append", choices=("accuracy", "costs"))
    parser.add_argument("--pool", type=int, default=POOL)
    parser.add_argument("--test", type=int, default=TEST)
    arguments = parser.parse_args()
    found = {"accuracy": {}, "costs": {}}
    for kind in arguments.kind or found:
        cells = []
        for name in arguments.data or (ACCURACY if kind == "accuracy" else COSTS):
            folder = arguments.out / f"{name}-{kind}"
            known = name in DATASETS or (arguments.archives / f"{name}.npz").exists()
            cells.append((f"{name}, {kind}", folder, known, (name, kind, folder, arguments)))
        ran = run_studies(cells, study, arguments.page_only)
        found[kind] = {title.partition(", ")[0]: one for title, one in ran.items()}
    if not any(found.values()):
        raise SystemExit("No study: name a folder with archives.")
    command = f"python benchmarks/more_strategies.py --archives DATA --n-trials {arguments.n_trials}"
    text = page_of(found["accuracy"], found["costs"], command)
    print(text)
    if arguments.page:
        write_tables(arguments.page, "Strategies of peers, and costs of errors", "more_strategies", text)


HEAD = """Differences from random sampling of the mean height of the curve, in points (*random sampling's own height*
on top), paired by trial, with the verdict: t test, Holm's correction over the strategies of a column, 5 %. "–": not
distinguishable from random. An empty cell: not asked there.

Logistic regression on standardised columns, {trials} trials, {first} random labels to start with, {a_round} a round
up to {last}; pools of 500 rows at most and test rows of 1000 at most, drawn once.

```bash
{command}
```"""

COSTS_HEAD = """Minus the mean cost of decisions by expected cost, in hundredths of a unit; higher is better.
German credit has its own costs: 5 for a bad debtor taken for a good one, 1 for the other error. Those of the others
are drawn: uniform, times rows of the answer's class over rows of the true class, in units of what the best constant
answer costs."""

if __name__ == "__main__":
    main()
