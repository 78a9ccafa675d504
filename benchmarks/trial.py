"""Does a trial find out whether the strategy pays, and what does it cost? Simulated projects whose truth is known.

A scripted person answers questions of one labelling project until 1000 are answered: 50 random rows, then rounds of
50 questions, of which a share of 0.15 are audit rows. With a trial, rounds of the strategy and of random rows take
turns, and two models, of as many labels each, are compared on the random rows of each round before these are
answered, audit rows among them, as in `skal.labeling`. It is ended before the first round at which it is decided;
then one model learns from all labels, and the strategy goes on, or random rows do. Strategies: margin sampling;
random rows (no difference: each verdict is wrong); and the rows of which the model is surest, a bad choice. The model
is least squares on scaled columns, ridge 10, which is fitted in milliseconds, so that there can be many projects. Of
each project: the verdict, when it came, of random rows whether a look after any single answer would have seen one,
and the accuracy of the last model on rows of no project, beside that of a project without a trial.

    python benchmarks/trial.py --folder ../suite --out trial.jsonl --minutes 15   # resumable
    python benchmarks/trial.py --out trial.jsonl --page docs/results/trial.md
    python benchmarks/trial.py --folder ../suite --out try.jsonl --projects 1 --questions 250
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from _tables import write_tables

from skal.statistics import anytime_difference

SETS = ("churn", "dna", "page_blocks", "waveform_40")
STRATEGIES = ("margin", "random", "surest")
COUNTS = {"margin": 60, "random": 240, "surest": 30}  # projects of each set
BATCH, SHARE, MOST = 50, 0.15, 3000  # questions a round; audit rows among them; rows of a pool
RIDGE = 10.0
LEVEL = 0.975  # half of the 5 % is kept for the luck of the rows that were drawn


class LeastSquares:
    """A score for each class: ridge regression on whether a row is of it."""

    def __init__(self, X, y):
        self.classes, places = np.unique(y, return_inverse=True)
        self.mean, spread = X.mean(axis=0), X.std(axis=0)
        self.scale = np.where(spread > 0, spread, 1.0)
        Z, Y = self.scaled(X), np.eye(len(self.classes))[places]
        self.first = Y.mean(axis=0)
        self.weights = np.linalg.solve(Z.T @ Z + RIDGE * np.eye(Z.shape[1]), Z.T @ (Y - self.first))

    def scaled(self, X):
        return (X - self.mean) / self.scale

    def scores(self, X):
        return self.scaled(X) @ self.weights + self.first

    def predict(self, X):
        return self.classes[self.scores(X).argmax(axis=1)]


def fitted(X, y, rows):
    return LeastSquares(X[rows], y[rows])


def picked(strategy, X, y, known, free, n, rng):
    """What a strategy asks for, among the rows that are not answered yet."""
    if strategy == "random":
        return rng.permutation(free)[:n]
    best = np.sort(fitted(X, y, known).scores(X[free]), axis=1)
    margins = best[:, -1] - best[:, -2]
    return free[np.argsort(margins if strategy == "margin" else -margins, kind="stable")[:n]]


def first_rows(y, rng):
    """Random rows of at least two classes, in the order in which they are answered."""
    order = rng.permutation(len(y))
    return order[: max(BATCH, int(np.argmax(y[order] != y[order[0]])) + 1)]


def project(X, y, strategy, with_trial, n_questions, seed):
    """Label until the questions are spent: what is learned from, and what the trial said."""
    rng = np.random.default_rng([seed, 17])
    start = first_rows(y, rng)
    halves = {"strategy": [], "random": []}
    audited, differences, verdict, ended = [], [], "", 0
    n_asked, goes_on = len(start), strategy
    number = 0
    while n_asked < n_questions:
        if with_trial and not verdict:
            verdict = said(differences)
            if verdict:
                ended, goes_on = n_asked, strategy if verdict == "better" else "random"
        due = int(SHARE * BATCH * (number + 1) + 1e-9) - int(SHARE * BATCH * number + 1e-9)
        number += 1
        known = np.concatenate([start, *map(np.array, halves.values())]).astype(int)
        free = np.setdiff1d(np.arange(len(y)), np.concatenate([known, audited]).astype(int))
        n = min(BATCH, n_questions - n_asked, len(free))
        audit = rng.permutation(free)[: min(due, n)]
        free = np.setdiff1d(free, audit)
        is_trial = with_trial and not verdict
        half = "strategy" if len(halves["strategy"]) <= len(halves["random"]) else "random"
        if is_trial:
            mine = np.concatenate([start, halves[half]]).astype(int)
            rows = picked(strategy if half == "strategy" else "random", X, y, mine, free, n - len(audit), rng)
            test = np.concatenate([audit, rows]) if half == "random" else audit
            differences += compared(X, y, start, halves, test)
            halves[half] += rows.tolist()
        else:
            rows = picked(goes_on, X, y, known, free, n - len(audit), rng)
            halves["strategy"] += rows.tolist()
        audited += audit.tolist()
        n_asked += n
    if with_trial and not verdict:
        verdict = said(differences) or "undecided"
        ended = n_asked
    looks = [n for n in range(1, len(differences) + 1) if strategy == "random" and said(differences[:n])]
    known = np.concatenate([start, *map(np.array, halves.values())]).astype(int)
    about = {"verdict": verdict, "questions": ended, "compared": len(differences), "ever": bool(looks)}
    return fitted(X, y, known), about if with_trial else {}


def compared(X, y, start, halves, test):
    """Differences of the two present models, of as many labels each, on rows that are not answered yet."""
    n = min(map(len, halves.values()))
    if not n or not len(test):
        return []
    models = [fitted(X, y, np.concatenate([start, rows[:n]]).astype(int)) for rows in halves.values()]
    right = [(model.predict(X[test]) == y[test]).astype(float) for model in models]
    return (right[0] - right[1]).tolist()


def said(differences):
    """The verdict at this look; empty as long as there is none."""
    found = anytime_difference(differences, level=LEVEL)
    return "better" if found.low > 0 else "worse" if found.high < 0 else ""


def run(folder, out, n_projects, n_questions, seconds):
    """Run what is missing, until the time is spent; all sets and strategies grow together."""
    done = {(one["set"], one["strategy"], one["seed"]) for one in read(out)} if out.exists() else set()
    data = {}
    for name in SETS:
        with np.load(folder / f"{name}.npz") as found:
            data[name] = found["X_train"].astype(np.float64), found["y_train"]
    began = time.process_time()
    for part in range(30):
        for name in SETS:
            for strategy in STRATEGIES:
                total = n_projects or COUNTS[strategy]
                for seed in range(part * total // 30, (part + 1) * total // 30):
                    if (name, strategy, seed) in done:
                        continue
                    if time.process_time() - began > seconds:
                        return
                    line = one(*data[name], strategy, n_questions, seed)
                    with out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps({"set": name, "strategy": strategy, "seed": seed, **line}) + "\n")


def one(X, y, strategy, n_questions, seed):
    """One project with a trial and, of the same seed, one without."""
    order = np.random.default_rng([seed, 5]).permutation(len(y))
    n = min(MOST, int(0.7 * len(y)))
    pool, rest = order[:n], order[n : n + 1000]
    tried, about = project(X[pool], y[pool], strategy, True, n_questions, seed)
    found = {**about, "tried": float(np.mean(tried.predict(X[rest]) == y[rest]))}
    if strategy == "margin":
        for other in ("margin", "random"):
            model, _ = project(X[pool], y[pool], other, False, n_questions, seed)
            found[other] = float(np.mean(model.predict(X[rest]) == y[rest]))
    return found


def read(out):
    """Return the projects of a file."""
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def table(lines):
    """By set and strategy: verdicts, and when they came."""
    found = [
        "| set | strategy | projects | better | worse | undecided | seen at any look | questions until decided, "
        "median (quartiles) | rows compared, median |",
        "|---|---|--:|--:|--:|--:|--:|---|--:|",
    ]
    for name in (*SETS, "all"):
        for strategy in STRATEGIES:
            mine = [line for line in lines if name in (line["set"], "all") and line["strategy"] == strategy]
            if not mine:
                continue
            shares = [
                f"{100 * np.mean([line['verdict'] == verdict for line in mine]):.0f} %"
                for verdict in ("better", "worse", "undecided")
            ]
            ever = f"{100 * np.mean([line['ever'] for line in mine]):.1f} %"
            decided = [line for line in mine if line["verdict"] != "undecided"]
            when, rows = "", ""
            if decided:
                low, middle, high = np.quantile([line["questions"] for line in decided], [0.25, 0.5, 0.75])
                when = f"{middle:.0f} ({low:.0f} to {high:.0f})"
                rows = f"{np.median([line['compared'] for line in decided]):.0f}"
            cells = [name, strategy, str(len(mine)), *shares, ever, when, rows]
            found.append(f"| {' | '.join(cells)} |")
    return "\n".join(found)


def costs(lines):
    """By set: the accuracy of the last model with a trial, and of projects without one."""
    found = [
        "| set | projects | margin, no trial | random, no trial | margin with a trial | lost [95 %], points | of "
        "what margin gains |",
        "|---|--:|--:|--:|--:|---|--:|",
    ]
    for name in SETS:
        mine = [line for line in lines if line["set"] == name and line["strategy"] == "margin"]
        if len(mine) < 2:
            continue
        tried, margin, random = (np.array([line[key] for line in mine]) for key in ("tried", "margin", "random"))
        lost = margin - tried
        half = 1.96 * lost.std(ddof=1) / np.sqrt(len(lost))
        gained = float((margin - random).mean())
        share = f"{100 * lost.mean() / gained:.0f} %" if gained > 0 else ""
        cells = [
            *(name, str(len(mine)), *(f"{100 * one.mean():.1f} %" for one in (margin, random, tried))),
            *(
                f"{100 * lost.mean():+.2f} [{100 * (lost.mean() - half):+.2f}, {100 * (lost.mean() + half):+.2f}]",
                share,
            ),
        ]
        found.append(f"| {' | '.join(cells)} |")
    return "\n".join(found)


def main():
    """Run, and print or write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="of the suite; without it nothing is run")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--page", type=Path, help="page whose tables are written anew")
    parser.add_argument("--projects", type=int, default=0, help="of each set and strategy; 0: as many as are listed")
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=15.0, help="of CPU time")
    given = parser.parse_args()
    if given.folder:
        run(given.folder, given.out, given.projects, given.questions, 60 * given.minutes)
    lines = read(given.out)
    found = f"{table(lines)}\n\n{costs(lines)}\n"
    if given.page:
        write_tables(given.page, "Does a trial find out whether the strategy pays?", "trial", found)
    else:
        print(found)


if __name__ == "__main__":
    main()
