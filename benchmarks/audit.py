"""Do the intervals of audit rows hold? Simulated labelling projects whose truth is known.

For each of six sets of the suite 10 courses of labelling: 20 random rows (more until there are two classes), then
rounds of 50 questions up to 600, of which a share of 0.15 are audit rows and the others are asked by margin sampling.
The strategy chooses without knowing which rows are audited, as in `skal.labeling`, so a course does not depend on the
order of the audit, and each is crossed with 100 orders: 1000 projects. After each round the present model is
measured, with the level of each model that `skal.labeling` uses. A look misses where the truth is outside of the
anytime interval of this model at any number of audit rows up to now; at most looks this is asked of the wealth of the
bets against the truth alone, which is quick, and one project of ten has all intervals at all looks.

    python benchmarks/audit.py --folder ../suite --out audit.jsonl   # resumable: what is in the file is not run again
    python benchmarks/audit.py --out audit.jsonl --page docs/results/audit.md
    python benchmarks/audit.py --folder ../suite --out try.jsonl --courses 1 --orders 5 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import math
import warnings
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal.query import margin_sampling
from skal.statistics import anytime_interval, fixed_interval
from skal.statistics._betting import Draws, wealth

SETS = ("banking77_minilm", "churn", "dna", "german", "krkopt", "page_blocks")
MOST, FIRST, BATCH, SHARE = 3000, 20, 50, 0.15  # rows of a pool; labels; questions a round; audit rows among them
LEVEL = 0.975  # of each model: half of the 5 % is kept for the change of models
BY_MODEL = "split"  # with one error rate for all models together: that of the j-th is alpha / (j (j + 1))
EVERY = 10  # one of so many projects has all intervals at each look, the others at the last


def course(X, y, n_rounds, seed):
    """What one course asks for, and what the model of each round knows of each row."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    learned = order[: max(FIRST, int(np.argmax(y[order] != y[order[0]])) + 1)]  # a model needs two classes
    rounds = []
    for k in range(n_rounds):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X[learned], y[learned])
        P = model.predict_proba(X)
        right = (model.classes_[P.argmax(axis=1)] == y).astype(float)
        left = np.setdiff1d(np.arange(len(y)), learned)
        n = min(BATCH - due(k), len(left))
        picked = left[margin_sampling(model, X[left], n, random_state=int(seed) + k)] if n else left[:0]
        rounds.append({"learned": learned, "right": right, "sure": P.max(axis=1), "picked": picked})
        learned = np.concatenate([learned, picked])
    return rounds


def due(k):
    """Audit rows of the k-th round."""
    return int(SHARE * BATCH * (k + 1) + 1e-9) - int(SHARE * BATCH * k + 1e-9)


def project(rounds, n_rows, order, in_full):
    """Follow one order of the audit through a course: what each look sees."""
    looks, audited, touched = [], [], set(rounds[0]["learned"].tolist())
    for k, now in enumerate(rounds):
        learned = set(now["learned"].tolist())
        sample = [row for row in audited if row not in learned]
        if sample:
            rest = np.setdiff1d(np.arange(n_rows), now["learned"])
            looks.append(look(now, np.array(sample), rest, k + 1, in_full or k + 1 == len(rounds)))
        coming = []
        for row in order:
            if len(coming) == due(k):
                break
            if row not in touched:
                coming.append(int(row))
        picked = set(now["picked"].tolist())
        audited += [row for row in coming if row not in picked]
        touched |= picked | set(coming)
    return looks


def look(now, sample, rest, number, in_full):
    """Truth and intervals of one look."""
    right, sure, size = now["right"], now["sure"], len(rest)
    guesses = {"proxy": sure[sample], "pool_proxy": sure[rest]}
    truth = float(right[rest].mean())
    pool = sure[rest]
    about = (sure[sample], (float(pool.min()), float(pool.max())), float(pool.mean()))
    draws = Draws(right[sample], np.ones(len(sample)), size, *about)
    up = wealth(draws, np.array([truth]), 1 - LEVEL).max()
    down = wealth(draws.mirrored(), np.array([1 - truth]), 1 - LEVEL).max()
    found = {}
    if in_full:
        level = 1 - 0.05 / (number * (number + 1))
        found["anytime"] = anytime_interval(right[sample], size, level=LEVEL, **guesses)
        found["anytime_plain"] = anytime_interval(right[sample], size, level=LEVEL)
        found["fixed"] = fixed_interval(right[sample], size, **guesses)
        found["fixed_plain"] = fixed_interval(right[sample], size)
        found[BY_MODEL] = anytime_interval(right[sample], size, level=level, **guesses)
    told = {name: [round(one.low, 5), round(one.high, 5)] for name, one in found.items()}
    return {"truth": round(truth, 5), "n": len(sample), "missed": bool(max(up, down) >= 2 / (1 - LEVEL)), **told}


def run(folder, out, n_courses, n_orders, n_rounds):
    """Run what is missing."""
    done = {(one["set"], one["course"]) for one in read(out)} if out.exists() else set()
    for seed in range(n_courses):
        for name in SETS:
            if (name, seed) in done:
                continue
            with np.load(folder / f"{name}.npz") as data:
                X, y = data["X_train"].astype(np.float64), data["y_train"]
            rows = np.random.default_rng([7, seed]).permutation(len(y))[:MOST]
            rounds = course(X[rows], y[rows], n_rounds, seed)
            rng = np.random.default_rng([11, seed])
            projects = [
                project(rounds, len(rows), rng.permutation(len(rows)), k % EVERY == 0) for k in range(n_orders)
            ]
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"set": name, "course": seed, "rows": len(rows), "projects": projects}) + "\n")
            print(name, seed, flush=True)


def read(out):
    """Return the courses of a file."""
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def table(courses):
    """Shares of misses and mean widths, by set."""
    lines = [
        "| set | pool | projects | truth, first and last look | ever missed | looks missed | fixed holds "
        "| fixed, plain, holds | audit rows, last look | width anytime | plain | split | fixed | fixed, plain |",
        "|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in SETS:
        mine = [one for one in courses if one["set"] == name]
        if not mine:
            continue
        projects = [looks for one in mine for looks in one["projects"]]
        last = [looks[-1] for looks in projects]

        def width(kind, of):
            return f"{100 * np.mean([one[kind][1] - one[kind][0] for one in of]):.1f}"

        ever = f"{100 * np.mean([any(one['missed'] for one in looks) for looks in projects]):.1f} %"
        each = f"{100 * np.mean([one['missed'] for looks in projects for one in looks]):.2f} %"
        first, end = (np.mean([looks[place]["truth"] for looks in projects]) for place in (0, -1))
        kinds = ("anytime", "anytime_plain", BY_MODEL, "fixed", "fixed_plain")
        cells = [
            *(
                name,
                f"{mine[0]['rows']:,}",
                f"{len(projects):,}",
                f"{100 * first:.1f} %, {100 * end:.1f} %",
                ever,
                each,
            ),
            *(
                holds("fixed", last),
                holds("fixed_plain", last),
                f"{np.mean([one['n'] for one in last]):.0f}",
                *(width(kind, last) for kind in kinds),
            ),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def holds(kind, looks):
    """The share of looks in which an interval holds the truth."""
    return f"{100 * np.mean([one[kind][0] - 1e-5 <= one['truth'] <= one[kind][1] + 1e-5 for one in looks]):.1f} %"


def by_look(courses):
    """Mean widths in points by audit rows, over all sets."""
    looks = [one for mine in courses for looks in mine["projects"] for one in looks if "fixed" in one]
    lines = ["| audit rows | looks | anytime | plain | fixed | plain |", "|--:|--:|--:|--:|--:|--:|"]
    for low in range(0, 90, 15):
        mine = [one for one in looks if low < one["n"] <= low + 15]
        if mine:
            kinds = ("anytime", "anytime_plain", "fixed", "fixed_plain")
            cells = [f"{100 * np.mean([one[kind][1] - one[kind][0] for one in mine]):.1f}" for kind in kinds]
            lines.append(f"| {low + 1} to {low + 15} | {len(mine):,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    """Run, and print or write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="of the suite; without it nothing is run")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--page", type=Path, help="page whose tables, between marks, are replaced")
    parser.add_argument("--courses", type=int, default=10)
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=math.ceil((600 - FIRST) / BATCH) + 1)
    given = parser.parse_args()
    if given.folder:
        run(given.folder, given.out, given.courses, given.orders, given.rounds)
    courses = read(given.out)
    found = f"{table(courses)}\n\n{by_look(courses)}"
    if given.page:
        text = given.page.read_text(encoding="utf-8")
        head, rest = text.split("<!-- tables -->\n")[0], text.split("<!-- end of tables -->")[1]
        text = f"{head}<!-- tables -->\n{found}\n<!-- end of tables -->{rest}"
        given.page.write_text(text, encoding="utf-8")
    else:
        print(found)


if __name__ == "__main__":
    main()
