"""Three labelling jobs done with the commands alone, and what they gain over labels of random rows.

Tickets: a table of 5000 with a text, two categories and a number with gaps, six unbalanced classes, 60 labels. Three
rounds of 50 questions: the sheet is split between two annotators who overlap in 10 rows, err in 5 % of their
answers, leave two cells blank, write " BUG", and mistype a class ("bgu"), which is refused, and taken once it is
corrected.

banking77: 10 003 questions of bank customers, 77 intents, one label for each. Three rounds of 77, the same people.

Photos: 800 files of cells of five kinds in mixed sizes, some grey, one corrupt, one with an EXIF mark, 40 sorted into
folders. Two rounds of 40 files that one person sorts, with errors in 5 %.

Each job runs again with the strategy random_sampling: the same commands, the same people, as many questions. Both
models are compared on rows that come into the data after the last round, with `skal export`; and on the rows that
neither asked for. What each annotator said is kept aside, and must be what the export says.

    python benchmarks/labeling_jobs.py tickets photos --seeds 5 --json jobs.json
    python benchmarks/labeling_jobs.py banking77 --banking77 banking77_train.csv banking77_test.csv --seeds 3
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from _labeling_commands import command, versions
from _labeling_data import tickets, write_photos

ARMS = {"skal": [], "random": ["--strategy", "random_sampling"]}
PEOPLE = ("first", "second")
FILE = "(data)"


@dataclass(frozen=True)
class TableJob:
    """A table to label: its rows with the labels that are known, the truth, and rows that come later."""

    table: pd.DataFrame
    later: pd.DataFrame
    truth: pd.Series
    id: str
    rounds: int = 3
    batch: int = 50
    overlap: int = 10


class Person:
    """Somebody who labels: right as a rule, and careless in the ways people are."""

    def __init__(self, name, truth, rng, error=0.05):
        self.name, self.truth, self.rng, self.error = name, truth, rng, error
        self.classes = sorted(set(truth))

    def label(self, row):
        if self.rng.random() >= self.error:
            return self.truth[row]
        return str(self.rng.choice([name for name in self.classes if name != self.truth[row]]))

    def written(self, rows, blanks=2):
        """What they meant for each row, None where they left it out; and what they wrote."""
        meant = {row: self.label(row) for row in rows}
        told = {row: f" {label.upper()}" if self.rng.random() < 0.1 else label for row, label in meant.items()}
        odd = [str(row) for row in self.rng.permutation(rows)[: blanks + 1]]
        if len(rows) > blanks + 1:
            told[odd[0]] = _mistyped(meant[odd[0]])
            for row in odd[1:]:
                meant[row], told[row] = None, ""
        return meant, told


def _mistyped(label):
    """Two letters that change places: "bgu"."""
    place = next(k for k in range(len(label) - 2, -1, -1) if label[k] != label[k + 1])
    return label[:place] + label[place + 1] + label[place] + label[place + 2 :]


def ticket_job(seed, n=5000, n_labeled=60, n_later=1000, **more):
    table, truth = tickets(n + n_later, seed)
    rows = table["ticket_id"][np.random.default_rng((seed, 1)).permutation(n)[:n_labeled]]
    table["label"] = truth.where(truth.index.isin(rows)).to_numpy()
    return TableJob(table[:n], table[n:], truth, "ticket_id", **more)


def banking_job(seed, train, test):
    """One label for each intent; a column of ids is added to the file."""
    known, later = pd.read_csv(train), pd.read_csv(test)
    table = pd.concat([known, later], ignore_index=True)
    table.insert(0, "query_id", [f"B{i:05d}" for i in range(len(table))])
    truth = pd.Series(table["label"].to_numpy(), index=table["query_id"])
    rng = np.random.default_rng((seed, 1))
    order = known.iloc[rng.permutation(len(known))]
    first = order.index[~order["label"].duplicated()]
    table["label"] = table["label"].where(table.index.isin(first))
    return TableJob(table[: len(known)], table[len(known) :], truth, "query_id", batch=77)


def label_table(folder, job, arm, seed, error=0.05):
    """Do a job with the commands; returns what was found, and the predictions."""
    folder.mkdir(parents=True)
    data = folder / "table.csv"
    job.table.to_csv(data, index=False)
    known = job.table.set_index(job.id)["label"].dropna()
    votes = {row: {FILE: label} for row, label in known.items()}
    people = [Person(name, job.truth, np.random.default_rng((seed, k, 2)), error) for k, name in enumerate(PEOPLE)]
    counts = Counter()
    for number in range(1, job.rounds + 1):
        where = folder / f"round{number}"
        where.mkdir()
        first = ["--target", "label", "--id", job.id, "--seed", seed, *ARMS[arm]] if number == 1 else []
        command(folder, "next", data, "-n", job.batch, "--out", where / "next.csv", *first)
        _answer(folder, data, where, job, people, votes, counts)
        counts[f"conflicts after round {number}"] = _conflicts(command(folder, "status", data).text)
    pd.concat([job.table, job.later]).to_csv(data, index=False)
    command(folder, "export", data, "--out", "labeled.csv")
    found = _read(folder / "labeled.csv").set_index(job.id)
    return _checked(found, votes, counts), found


def _answer(folder, data, where, job, people, votes, counts):
    """Split a sheet between the people, and take their parts back; refused lines are corrected and taken."""
    sheet = _read(where / "next.csv")
    counts["asked"] += len(sheet)
    half = (len(sheet) + job.overlap) // 2
    parts = dict(zip(PEOPLE, (sheet[:half], sheet[len(sheet) - half :]), strict=True))
    meant = {}
    for person in people:
        part = parts[person.name].copy()
        meant[person.name], told = person.written(list(part[job.id]))
        part["label"] = [told[row] for row in part[job.id]]
        _write(part, where / f"{person.name}.csv")
    took = command(folder, "take", data, *(where / f"{name}.csv" for name in PEOPLE))
    counts["mapped"] += _mapped(took.text)
    for person in people:
        refused = where / f"{person.name}.refused.csv"
        if refused.exists():
            again = _read(refused)
            counts["refused"] += len(again)
            again["label"] = [meant[person.name][row] for row in again[job.id]]
            _write(again, refused)
            command(folder, "take", data, refused)
        for row, label in meant[person.name].items():
            counts["blank" if label is None else "answers"] += 1
            if label is not None:
                votes.setdefault(row, {})[person.name] = label


def label_photos(folder, arm, seed, n=800, n_sorted=40, n_later=400, rounds=2, batch=40, error=0.05):
    """Do the job of a biologist; returns what was found, and the predictions."""
    photos = folder / "photos"
    truth = write_photos(photos / "unsorted", n - 1, seed)
    rng = np.random.default_rng((seed, 1))
    order = truth.iloc[rng.permutation(len(truth))]
    one_each = order.index[~order.duplicated()]
    rest = [name for name in order.index if name not in set(one_each)]
    votes = {}
    for name in [*one_each, *rest][:n_sorted]:
        (photos / truth[name]).mkdir(exist_ok=True)
        (photos / "unsorted" / name).rename(photos / truth[name] / name)
        votes[name] = {FILE: truth[name]}
    truth = pd.concat([truth, write_photos(folder / "later", n_later, seed, first=n)])
    person, counts = Person("first", truth, np.random.default_rng((seed, 2)), error), Counter()
    for number in range(1, rounds + 1):
        first = ["--seed", seed, *ARMS[arm]] if number == 1 else []
        said = command(folder, "next", "photos", "-n", batch, "--out", f"next{number}", *first).text
        counts["unreadable"] += number == 1 and "cell_broken.jpg" in said
        _sort(folder, f"next{number}", person, votes, counts)
    for file in (folder / "later").iterdir():
        file.rename(photos / "unsorted" / file.name)
    command(folder, "export", "photos", "--out", "labeled.csv")
    found = _read(folder / "labeled.csv").set_index("id")
    return _checked(found, votes, counts), found, truth


def _sort(folder, name, person, votes, counts):
    """Move the files of a batch into folders of classes; one lands in a folder with a mistyped name at first."""
    where = folder / name
    files = sorted(file.name for file in where.iterdir() if file.is_file() and file.name.startswith("cell_"))
    counts["asked"] += len(files)
    meant, told = person.written(files)
    for file, label in told.items():
        if label:
            (where / label).mkdir(exist_ok=True)
            (where / file).rename(where / label / file)
    take = ["take", "photos", name, "--annotator", person.name]
    counts["mapped"] += _mapped(command(folder, *take).text)
    refused = folder / f"{name}.refused.csv"
    if refused.exists():
        for file in _read(refused)["file"]:
            counts["refused"] += 1
            right = where / meant[Path(file).name]
            right.mkdir(exist_ok=True)
            (where / file).rename(right / Path(file).name)
        refused.unlink()
        command(folder, *take)
    for file, label in meant.items():
        counts["blank" if label is None else "answers"] += 1
        if label is not None:
            votes.setdefault(file, {})[person.name] = label


def _checked(found, votes, counts):
    """Compare the export with what was said: one wrong label ends the run."""
    expected = {}
    for row, given in votes.items():
        best = Counter(given.values()).most_common(2)
        if len(best) == 1 or best[0][1] > best[1][1]:
            expected[row] = best[0][0]
    have = {row: label for row, label in found["label"].items() if label}
    if have != expected:
        wrong = {row for row in {**have, **expected} if have.get(row) != expected.get(row)}
        raise SystemExit(f"The export is not what was said, in {len(wrong)} rows such as {sorted(wrong)[:5]}.")
    conflicts = set(found.index[found["state"] == "conflict"])
    if conflicts != set(votes) - set(expected):
        raise SystemExit(f"The conflicts of the export are {sorted(conflicts)}, not those that were given.")
    return {**counts, "labels": len(have), "conflicts": len(conflicts)}


def compared(results, truth, later):
    """Accuracy of both arms: on rows that came later, and on those that neither arm asked for."""
    rest = [
        row
        for row in results["skal"][1].index
        if row not in later and all(found.at[row, "state"] == "unlabelled" for _, found in results.values())
    ]
    out = {}
    for arm, (facts, found) in results.items():
        own = found.index[(found["state"] == "unlabelled") & ~found.index.isin(list(later))]
        out[arm] = {
            **facts,
            "later": _accuracy(found, truth, sorted(later)),
            "later, mean over classes": _balanced(found, truth, sorted(later)),
            "neither asked": _accuracy(found, truth, rest),
            "not labelled": _accuracy(found, truth, list(own)),
        }
    return out


def _accuracy(found, truth, rows):
    return float(np.mean([found.at[row, "predicted"] == truth[row] for row in rows]))


def _balanced(found, truth, rows):
    by_class = {}
    for row in rows:
        by_class.setdefault(truth[row], []).append(found.at[row, "predicted"] == truth[row])
    return float(np.mean([np.mean(right) for right in by_class.values()]))


def run(name, seed, files, sizes):
    """Both arms of a job with one seed."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for arm in ARMS:
            where = Path(folder, arm)
            if name == "photos":
                facts, found, truth = label_photos(where, arm, seed, **sizes)
                later = {row for row in found.index if int(row[5:9]) >= sizes.get("n", 800)}
            else:
                job = banking_job(seed, *files) if name == "banking77" else ticket_job(seed, **sizes)
                facts, found = label_table(where, job, arm, seed)
                truth, later = job.truth, set(job.later[job.id])
            results[arm] = facts, found
            shutil.rmtree(where)
    return {"job": name, "seed": seed, **compared(results, truth, later)}


def table(records):
    """Means and spreads over the seeds."""
    lines = [
        "| job | seeds | chosen by | labels | later rows | their mean over classes | rows neither asked for |",
        "|---|---|---|---|---|---|---|",
    ]
    measures = ("later", "later, mean over classes", "neither asked")
    for name in dict.fromkeys(record["job"] for record in records):
        mine = [record for record in records if record["job"] == name]
        for arm in ARMS:
            labels = sorted({record[arm]["labels"] for record in mine})
            shown = f"{labels[0]} to {labels[-1]}" if len(labels) > 1 else f"{labels[0]}"
            cells = [_spread([100 * record[arm][measure] for record in mine]) for measure in measures]
            lines.append(f"| {name} | {len(mine)} | {arm} | {shown} | {' | '.join(cells)} |")
        gains = [[100 * (r["skal"][m] - r["random"][m]) for r in mine] for m in measures]
        cells = [f"{_spread(gain, '+')}, {sum(g > 0 for g in gain)} of {len(gain)} above 0" for gain in gains]
        lines.append(f"| {name} | {len(mine)} | difference | | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values, sign=""):
    spread = np.std(values, ddof=1) if len(values) > 1 else 0.0
    return f"{np.mean(values):{sign}.1f} ± {spread:.1f}"


def books(records):
    """What people did, and what became of it: one line per job and arm, means over the seeds."""
    names = ("asked", "answers", "blank", "mapped", "refused", "labels", "conflicts")
    lines = ["| job | rows chosen by | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for name in dict.fromkeys(record["job"] for record in records):
        for arm in ARMS:
            mine = [record[arm] for record in records if record["job"] == name]
            cells = [f"{np.mean([facts.get(one, 0) for facts in mine]):.1f}" for one in names]
            lines.append(f"| {name} | {arm} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _mapped(text):
    """How many labels were taken for a class that is written otherwise."""
    return sum(int(n) for n in re.findall(r"' as '[^']*' \((\d+)\)", text))


def _conflicts(text):
    found = re.search(r"^Conflicts: (\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _write(frame, path):
    frame.to_csv(path, index=False, encoding="utf-8-sig")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("jobs", nargs="+", choices=["tickets", "banking77", "photos"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--banking77", nargs=2, type=Path, metavar=("TRAIN", "TEST"), help="its two CSV files")
    parser.add_argument("--json", type=Path, help="all results; jobs and seeds that it has are not run again")
    chosen = parser.parse_args(arguments)
    records = json.loads(chosen.json.read_text())["records"] if chosen.json and chosen.json.exists() else []
    for name in chosen.jobs:
        if name == "banking77" and not (chosen.banking77 and all(file.exists() for file in chosen.banking77)):
            print("banking77 is left out: --banking77 names no files that are there.", file=sys.stderr)
            continue
        for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
            if any((record["job"], record["seed"]) == (name, seed) for record in records):
                continue
            start = time.perf_counter()
            records.append(run(name, seed, chosen.banking77, {}))
            print(
                f"{name}, seed {seed}: {time.perf_counter() - start:.0f} s {records[-1]}", file=sys.stderr, flush=True
            )
            if chosen.json:
                chosen.json.write_text(json.dumps({"versions": versions(), "records": records}, indent=1))
    print(f"{table(records)}\n\n{books(records)}\n\n{versions()}")


if __name__ == "__main__":
    main()
