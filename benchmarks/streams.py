"""Rules that decide on each arriving row, against asking at random: made streams that drift, paired by seed.

Run from the repository root; what has run is kept in a file, one line a run, and not run again:

    python benchmarks/streams.py --out runs/streams.jsonl --page docs/results/streams.md
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
from _stream_models import Logistic, NaiveBayes
from _tables import MARKS, write_tables

from skal.statistics import differences_from_baseline
from skal.stream import (
    ExactBudget,
    FixedUncertainty,
    RandomizedVariableUncertainty,
    RandomLabels,
    RunningBudget,
    SplitUncertainty,
    StreamLearner,
    VariableUncertainty,
)

N_ROWS, N_FIRST = 4000, 50  # rows of a stream, the first of which are labelled to begin with
RULES = {
    "random": lambda seed: RandomLabels(seed),
    "fixed, 0.7": lambda seed: FixedUncertainty(0.7),
    "fixed, 0.9": lambda seed: FixedUncertainty(0.9),
    "variable": lambda seed: VariableUncertainty(),
    "randomized variable": lambda seed: RandomizedVariableUncertainty(random_state=seed),
    "split": lambda seed: SplitUncertainty(random_state=seed),
}
MODELS = {"logistic": Logistic, "naive_bayes": NaiveBayes}
BUDGETS = {"running": RunningBudget, "exact": ExactBudget}
CASES = [  # model, kind of budget, share
    ("logistic", "running", 0.1),
    ("logistic", "running", 0.02),
    ("naive_bayes", "running", 0.1),
    ("logistic", "exact", 0.1),
]
AHEAD = 16  # rows


def sea(rng, n):
    """Street and Kim 2001: the sum of two of three numbers against a bound that jumps three times; 10 % wrong."""
    X = rng.uniform(0, 10, size=(n, 3))
    bound = np.repeat([8.0, 9.0, 7.0, 9.5], -(-n // 4))[:n]
    y = (X[:, 0] + X[:, 1] <= bound) ^ (rng.uniform(size=n) < 0.1)
    return X / 5 - 1, y.astype(int)


def hyperplane(rng, n):
    """Hulten, Spencer, Domingos 2001: a plane in ten numbers that turns slowly, by 2 right angles; 5 % wrong."""
    X = rng.normal(size=(n, 10))
    angle = np.linspace(0, np.pi, n)
    first, second = np.linalg.qr(rng.normal(size=(10, 2)))[0].T
    side = np.cos(angle) * (X @ first) + np.sin(angle) * (X @ second) > 0
    return X, (side ^ (rng.uniform(size=n) < 0.05)).astype(int)


def remote(rng, n):
    """Four groups of rows; in the middle one that lies far from the boundary changes its class."""
    group = rng.integers(4, size=n)
    X = np.array([[-3.0, 0], [-1, 0], [1, 0], [3, 2]])[group] + 0.6 * rng.normal(size=(n, 2))
    y = (group >= 2).astype(int)
    late = np.arange(n) >= n // 2
    y[late & (group == 3)] = 0
    return X, y


STREAMS = {"sea": sea, "hyperplane": hyperplane, "remote": remote}


class Ahead:
    """How sure a model is, read some rows ahead: it is the same until the next label, and passes add up."""

    def __init__(self, X):
        self.X, self.at, self.start, self.values = X, 0, 0, ()

    def forget(self):
        self.values = ()

    def __call__(self, model, row):
        if not 0 <= self.at - self.start < len(self.values):
            self.start = self.at
            self.values = model.predict_proba(self.X[self.at : self.at + AHEAD]).max(axis=1)
        return self.values[self.at - self.start]


def run(stream, model, kind, share, rule, seed, n_rows=N_ROWS):
    """Each row is predicted before its label can be known; shares of right predictions, of the rule and of chance.

    Chance: as many labels as the rule asked for, at rows drawn from all of the stream.
    """
    X, y = STREAMS[stream](np.random.default_rng(seed), n_rows)
    first = MODELS[model]().fit(X[:N_FIRST], y[:N_FIRST])
    certainty = Ahead(X)
    learner = StreamLearner(first, RULES[rule](seed), BUDGETS[kind](share), classes=[0, 1], certainty=certainty)
    asked, right = played(X, y, learner.asks, learner, certainty)
    drawn = np.random.default_rng((seed, 1)).permutation(np.arange(N_FIRST, n_rows))[: len(asked)]
    drawn = set(drawn.tolist())
    by_chance = StreamLearner(first, RandomLabels(), share, classes=[0, 1])
    _, right_by_chance = played(X, y, lambda row: certainty.at in drawn, by_chance, certainty)
    return {"right": right, "right_by_chance": right_by_chance, "asked": len(asked) / (n_rows - N_FIRST)}


def played(X, y, asks, learner, certainty):
    """Rows that were asked for and taught, and the share of rows predicted right before."""
    asked, right, since = [], 0, N_FIRST
    for i in range(N_FIRST, len(X)):
        certainty.at = i
        if not (wanted := asks(X[i])) and i + 1 < len(X):
            continue
        right += int((learner.estimator.predict(X[since : i + 1]) == y[since : i + 1]).sum())
        since = i + 1
        if wanted:
            asked.append(i)
            learner.teach(X[i], int(y[i]))
            certainty.forget()
    return asked, right / (len(X) - N_FIRST)


def key(*run_of):
    return json.dumps(run_of)


def read(path):
    """What has run, by its key."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {key(*line["run"]): line for line in map(json.loads, lines)}


def page_of(found, seeds):
    """A table a case, over the seeds that have run: differences from as many labels drawn at random."""
    parts = []
    for case in CASES:
        lines = {
            (stream, rule): [found.get(key(stream, *case, rule, seed)) for seed in seeds]
            for stream in STREAMS
            for rule in RULES
        }
        ran = [place for place, _ in enumerate(seeds) if all(several[place] for several in lines.values())]
        if len(ran) < 2:
            continue
        columns = {
            stream: column({rule: [lines[stream, rule][place] for place in ran] for rule in RULES})
            for stream in STREAMS
        }
        model, kind, share = case
        parts += [
            f"## {model}, {kind} budget of {100 * share:g} %, {len(ran)} seeds",
            "",
            f"| rule | {' | '.join(columns)} |",
            f"|---|{'--:|' * len(columns)}",
            *(f"| {rule} | {' | '.join(cells[rule] for cells in columns.values())} |" for rule in RULES),
            "",
        ]
    return "\n".join(parts)


def column(lines):
    """Cells of one stream, by rule."""

    def of(name):
        return {rule: np.array([line[name] for line in several]) for rule, several in lines.items()}

    right, by_chance, asked = of("right"), of("right_by_chance"), of("asked")
    gains = {rule: right[rule] - by_chance[rule] for rule in lines}
    judged = differences_from_baseline(gains, np.zeros(len(gains["random"])))
    return {
        rule: f"{100 * right[rule].mean():.1f}, {100 * judged[rule].mean:+.1f} {MARKS[judged[rule].verdict]} "
        f"({100 * asked[rule].mean():.1f} %)"
        for rule in lines
    }


HEAD = """Right predictions in percent, each row predicted before its label could be known; then the difference, in
points, from a control that is taught as many rows of the same stream, drawn at random from all of it; in brackets the
share of rows asked for. Paired by seed, with the verdict: t test, Holm's correction over the rules of a
column, 5 %. "–": not distinguishable from the control. Streams of {rows} rows, the first {first} labelled to begin
with.

```bash
python benchmarks/streams.py --n-seeds {n}
```
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/streams.jsonl"))
    parser.add_argument("--page", type=Path, default=None, help="markdown file whose tables are written anew")
    parser.add_argument("--n-seeds", type=int, default=20)
    parser.add_argument("--n-rows", type=int, default=N_ROWS)
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    seeds, found = range(arguments.n_seeds), read(arguments.out)
    with arguments.out.open("a") as out:
        for case, seed, stream, rule in itertools.product(CASES, seeds, STREAMS, RULES):
            run_of = (stream, *case, rule, seed)
            if key(*run_of) not in found:
                line = {"run": run_of, **run(*run_of, n_rows=arguments.n_rows)}
                found[key(*run_of)] = line
                out.write(f"{json.dumps(line)}\n")
                out.flush()
    head = HEAD.format(n=arguments.n_seeds, rows=arguments.n_rows, first=N_FIRST)
    text = f"{head}\n{page_of(found, seeds)}"
    print(text)
    if arguments.page:
        write_tables(arguments.page, "Streams: what the rules did", "streams", text)


if __name__ == "__main__":
    main()
