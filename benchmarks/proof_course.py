"""What `skal status` says from the first to the 600th label of a project on banking77, and what is true.

A person who always tells the truth answers the questions of a project on the texts of banking77 (77 intents), with
15 % of audit rows. After each batch of 50 the status is read as a person would read it, and the accuracy on the rows
that nobody chose is measured with their known labels.

    python benchmarks/proof_course.py --folder ../suite --out course.jsonl   # goes on where it ended
    python benchmarks/proof_course.py --out course.jsonl --picture docs/images/proof_banking77.png
    python benchmarks/proof_course.py --folder ../suite --out try.jsonl --rows 300 --labels 60 --batch 20
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np

from skal.labeling import Project

SHARE, BATCH, LABELS, ROWS = 0.15, 50, 600, 3000


def project_of(folder, out, n_rows):
    """Return the project, made or opened, and the truth of each row."""
    with (folder / "banking77_train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = np.random.default_rng(7).permutation(len(rows))[:n_rows]
    truth = {f"b{k}": rows[k]["label"] for k in chosen}
    data, where = out.with_suffix(".csv"), out.with_suffix(".skal")
    if not data.exists():
        with data.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(["id", "text", "label"])
            sheet.writerows([f"b{k}", rows[k]["text"], ""] for k in chosen)
    if where.exists():
        return Project.open(where), truth
    classes = sorted(set(truth.values()))
    return Project.create(where, data, id="id", classes=classes, audit=SHARE, batch=BATCH), truth


def accuracy_now(project, truth):
    """Accuracy of the present model on the rows that nobody chose to learn from."""
    answers = project.read_answers()
    rest = [place for place, row in enumerate(project.ids) if row in answers.audit or not answers.is_touched(row)]
    predicted = project.model().predict(project.data.iloc[rest])
    return float(np.mean([guess == truth[project.ids[place]] for guess, place in zip(predicted, rest, strict=True)]))


def said_now(project, truth):
    """What the status says, and what is true."""
    outlook = project.outlook()
    found = {"labels": len(project.read_answers().labeled()), "said": [str(outlook.accuracy), outlook.stopping]}
    if outlook.accuracy is None:
        return found
    one, all_looks, rise = outlook.accuracy.anytime, outlook.accuracy.all_looks, outlook.accuracy.rise
    found |= {"truth": accuracy_now(project, truth), "audited": one.n, "estimate": one.estimate}
    found |= {"anytime": [one.low, one.high], "all_looks": [all_looks.low, all_looks.high]}
    if rise is not None:
        found["rise"] = [rise.estimate, rise.low, rise.high, outlook.accuracy.rise_from]
    if outlook.forecast is not None and outlook.forecast.gain is not None:
        gain = outlook.forecast.gain
        found["next"] = [gain.n_more, gain.expected, gain.low, gain.high, bool(outlook.forecast.verdict)]
    return found


def run(folder, out, n_rows, n_labels, batch):
    """Ask, answer and read the status, until there are enough labels."""
    project, truth = project_of(folder, out, n_rows)
    while len(project.read_answers().labeled()) < n_labels:
        if not (waiting := [event.row for event in project.waiting()]):
            waiting = project.ask(batch).ids
        project.tell(waiting, [truth[row] for row in waiting])
        found = said_now(project, truth)
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
        print(found["labels"], found.get("truth"), found.get("anytime"), flush=True)


def draw(found, path):
    """Draw accuracy and rise against labels."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    known = [one for one in found if "truth" in one]
    x = np.array([one["labels"] for one in known])
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(7.2, 6.4), sharex=True, height_ratios=[3, 2])
    for name, colour, label in (
        ("all_looks", "#dbe4f0", "all rounds together, proved"),
        ("anytime", "#9fb8d9", "this model, whenever you look"),
    ):
        low, high = 100 * np.array([one[name] for one in known]).T
        top.fill_between(x, low, high, color=colour, label=f"95 % interval: {label}", linewidth=0)
    top.plot(x, [100 * one["estimate"] for one in known], "o", color="#1f4e8c", ms=4, label="estimate of the status")
    top.plot(x, [100 * one["truth"] for one in known], color="#c0392b", lw=1.8, label="truth")
    top.set_ylabel("accuracy on rows nobody chose, %")
    top.set_ylim(0, 100)
    top.legend(loc="lower right", frameon=False, fontsize=8)
    risen = [one for one in known if "rise" in one]
    truth = {one["labels"]: one["truth"] for one in known}
    at = np.array([one["labels"] for one in risen])
    middle, low, high = 100 * np.array([one["rise"][:3] for one in risen]).T
    bottom.vlines(at, low, high, color="#9fb8d9", lw=5, label="95 % interval")
    bottom.plot(at, middle, "o", color="#1f4e8c", ms=4, label="rise that the status tells")
    true = [(one["labels"], one["truth"] - truth[one["rise"][3]]) for one in risen if one["rise"][3] in truth]
    bottom.plot(*zip(*((a, 100 * b) for a, b in true), strict=True), color="#c0392b", lw=1.8, label="truth")
    bottom.axhline(0, color="#888888", lw=0.8)
    bottom.set_ylabel("rise over five rounds, points")
    bottom.set_xlabel("labels that people have given, audit rows among them")
    bottom.legend(loc="upper right", frameon=False, fontsize=8)
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#eeeeee")
        axes.set_axisbelow(True)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="folder of banking77_train.csv; without it nothing is run")
    parser.add_argument("--out", type=Path, required=True, help="file of what was said; the project is beside it")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--labels", type=int, default=LABELS)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    if given.folder is not None:
        run(given.folder, given.out, given.rows, given.labels, given.batch)
    if given.picture is not None:
        draw([json.loads(line) for line in given.out.read_text(encoding="utf-8").splitlines()], given.picture)


if __name__ == "__main__":
    main()
