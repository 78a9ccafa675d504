"""Kills at random moments over a labelling project with three annotators: what is lost, and what is doubled.

Three people work at one project at the same time. Each asks for rows with `skal next`, fills in the sheet, and gives
it back with `skal take` or, row by row, from Python with `Project.tell`. Each of these processes gets a SIGKILL: half
of them at a moment drawn from the whole time that the step takes, half within some milliseconds after the log of the
journal was written to while the process has it open, so that many fall into a transaction or right behind one. What
was killed is started again, until it is done.

An answer is acknowledged when `tell` has returned, or when `skal take` has printed its summary; questions when
`skal next` has printed that the sheet is there. At the end the journal is read: an acknowledged answer that it lacks
is lost; a row that one person got in two acknowledged sheets, or an answer that is there twice, is doubled.

    python benchmarks/labeling_kills.py --kills 200 --json kills.json
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from _labeling_commands import command, process, versions

PEOPLE = ("first", "second", "third")
STEPS = ("next", "take", "tell")
_SPARED = 0.3  # share of the steps that are left alone all along, so that the project grows
_QUIET = 2.0  # times the usual seconds that a kill waits for the log of the journal to be written
_TELL = """
import sys
from skal.labeling import Project
folder, annotator, *answers = sys.argv[1:]
with Project.open(folder) as project:
    for answer in answers:
        row, label = answer.split("=")
        project.tell([row], [label], annotator=annotator)
        print("told", row, flush=True)
"""


def made_table(n, seed):
    """Rows of two numbers and a class, which a linear model learns in no time."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, n)
    spots = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 2.0]])[label] + rng.normal(0, 0.7, (n, 2))
    table = pd.DataFrame({"key": [f"K{i:04d}" for i in range(n)], "x": spots[:, 0], "y": spots[:, 1]})
    return table, pd.Series(np.array(["a", "b", "c"])[label], index=table["key"])


class Killer:
    """Draws moments, and counts what came of them."""

    def __init__(self, n_kills, journal, seed, until):
        self.n_kills, self.journal, self.until = n_kills, journal, until
        self.rng = np.random.default_rng((seed, 3))
        self.lock = threading.Lock()
        self.usual = {"next": 4.0, "take": 2.0, "tell": 3.0}  # seconds of a step that was left alone
        self.killed = Counter()
        self.aimed = Counter()

    def over(self):
        return self.killed.total() >= self.n_kills or time.monotonic() > self.until

    def spares(self, step):
        """Whether a step is left alone: each kind of step gets its third of the kills."""
        return self.over() or self.killed[step] >= -(-self.n_kills // len(STEPS))

    def moment(self, step):
        """What waits for the moment of a kill."""
        with self.lock:
            aimed, share, soon = self.rng.random() < 0.5, self.rng.random(), self.rng.exponential(0.01)
            usual = self.usual[step]

        def wait(child):
            end = time.monotonic() + (_QUIET * usual if aimed else 1.1 * share * usual)
            before, hit = self._state() if aimed else None, False
            while time.monotonic() < end and not _ended(child):
                if aimed and (now := self._state()) != before:
                    if _holds(child, self.journal):
                        time.sleep(soon)
                        hit = True
                        break
                    before = now
                time.sleep(0.0005 if aimed else 0.002)
            wait.hit = hit

        wait.hit = False
        return wait

    def told(self, step, done, wait):
        """Count a step that has ended."""
        with self.lock:
            if done.code == -9:
                self.killed[step] += 1
                self.aimed[step] += wait.hit
            elif done.code == 0:
                self.usual[step] = 0.7 * self.usual[step] + 0.3 * done.wall
            else:
                raise RuntimeError(f"{step} ended with {done.code}: {done.text}")

    def _state(self):
        try:
            found = self.journal.stat()
        except OSError:
            return None
        return found.st_size, found.st_mtime_ns


def _holds(child, path):
    """Whether a process has a file open; where the system does not tell (no /proc), it is taken to."""
    folder = Path("/proc", str(child.pid), "fd")
    try:
        return any(os.path.realpath(entry) == str(path) for entry in folder.iterdir())
    except OSError:
        return not folder.parent.parent.exists()


def _ended(child):
    """Whether a process has ended, without taking note of it: its use of time is read later."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


class Worker:
    """One annotator: asks, fills in, gives back; each step again until it was acknowledged."""

    def __init__(self, name, folder, truth, killer, seed, n=5):
        self.name, self.folder, self.truth, self.killer, self.n = name, folder, truth, killer, n
        self.rng = np.random.default_rng((seed, PEOPLE.index(name), 4))
        self.asked = []  # one list of rows per acknowledged sheet
        self.said = {}  # acknowledged answers
        self.by_step = defaultdict(dict)
        self.steps = Counter()
        self.error = None

    def __call__(self):
        try:
            while not self.killer.over():
                rows = self._ask()
                self._answer(rows)
        except Exception as error:  # told by the thread that waits
            self.error = error

    def _ask(self):
        sheet = self.folder / f"{self.name}.csv"
        words = ["next", "table.csv", "-n", self.n, "--annotator", self.name, "--overlap", 2, "--out", sheet]
        while True:
            done = self._try("next", [sys.executable, "-m", "skal.cli", *map(str, words)])
            if "To label: " in done.text:
                break
            sheet.unlink(missing_ok=True)  # nobody was told of it
        rows = list(_read(sheet)["key"])
        self.asked.append(rows)
        return rows

    def _answer(self, rows):
        answers = {row: self._label(row) for row in rows if self.rng.random() > 0.05}
        if self.rng.random() < 0.5:
            return self._take(answers)
        return self._tell(answers)

    def _label(self, row):
        return self.truth[row] if self.rng.random() > 0.1 else str(self.rng.choice(["a", "b", "c"]))

    def _take(self, answers):
        path = self.folder / f"{self.name}.csv"
        sheet = _read(path)
        sheet["label"] = [answers.get(row, "") for row in sheet["key"]]
        sheet.to_csv(path, index=False)
        while True:
            done = self._try("take", [sys.executable, "-m", "skal.cli", "take", "table.csv", str(path)])
            if re.search(r"answers? taken", done.text):
                break
        path.unlink()
        self._acknowledged("take", answers)
        return None

    def _tell(self, answers):
        rest = dict(answers)
        while rest:
            words = [f"{row}={label}" for row, label in rest.items()]
            done = self._try("tell", [sys.executable, "-c", _TELL, "table.skal", self.name, *words])
            told = [row for row in re.findall(r"^told (\w+)$", done.text, re.MULTILINE) if row in rest]
            self._acknowledged("tell", {row: rest.pop(row) for row in told})
        (self.folder / f"{self.name}.csv").unlink()

    def _try(self, step, words):
        wait = self.killer.moment(step)
        alone = self.rng.random() < _SPARED or self.killer.spares(step)
        done = process(words, self.folder, threads=1, until=None if alone else wait)
        self.killer.told(step, done, wait)
        self.steps[step] += 1
        return done

    def _acknowledged(self, step, answers):
        self.said.update(answers)
        self.by_step[step].update(answers)


def run(folder, n_kills, n_rows=1500, seed=0, minutes=30.0, people=PEOPLE):
    """Do it; returns the counts."""
    table, truth = made_table(n_rows, seed)
    table["label"] = truth.where(truth.index.isin(table["key"][:6])).to_numpy()
    table.to_csv(folder / "table.csv", index=False)
    command(
        folder,
        "next",
        "table.csv",
        "--target",
        "label",
        "--id",
        "key",
        "--classes",
        "a,b,c",
        "-n",
        1,
        "--out",
        "0.csv",
    )
    killer = Killer(
        n_kills, (folder / "table.skal" / "journal.sqlite-wal").resolve(), seed, time.monotonic() + 60 * minutes
    )
    # The log is as long as a process holds the journal open: without it a reader would see the file vanish.
    keep = sqlite3.connect(folder / "table.skal" / "journal.sqlite")
    keep.execute("SELECT COUNT(*) FROM events").fetchone()
    workers = [Worker(name, folder, truth, killer, seed) for name in people]
    threads = [threading.Thread(target=worker) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keep.close()
    if errors := [worker.error for worker in workers if worker.error]:
        raise errors[0]
    return counted(folder, workers, killer)


def counted(folder, workers, killer):
    """Compare what was acknowledged with the journal and with the export."""
    command(folder, "export", "table.csv", "--out", "labeled.csv")
    connection = sqlite3.connect(folder / "table.skal" / "journal.sqlite")
    events = connection.execute("SELECT kind, row, annotator, label FROM events ORDER BY seq").fetchall()
    damage = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    answers = Counter((row, who, label) for kind, row, who, label in events if kind == "label")
    present = {(row, who): label for kind, row, who, label in events if kind in ("label", "correct")}
    exported = _read(folder / "labeled.csv").set_index("key")["labeled_by"]
    lines = {}
    for step in ("take", "tell"):
        said = {(row, w.name): label for w in workers for row, label in w.by_step[step].items()}
        there = [key for key, label in said.items() if present.get(key) == label]
        there = [(row, who) for row, who in there if who in exported[row].split(", ")]
        twice = sum(answers[(row, who, label)] > 1 for (row, who), label in said.items())
        lines[step] = [len(said), len(there), len(said) - len(there), twice]
    asked = [Counter(row for rows in worker.asked for row in rows) for worker in workers]
    handed = sum(map(Counter.total, asked))
    journal = {(row, who) for kind, row, who, _ in events if kind == "ask"}
    there = sum((row, worker.name) in journal for worker in workers for rows in worker.asked for row in rows)
    lines["next"] = [handed, there, handed - there, handed - sum(map(len, asked))]
    return {
        "kills": dict(killer.killed),
        "just after the log was written": dict(killer.aimed),
        "steps": dict(sum((worker.steps for worker in workers), Counter())),
        "journal": damage,
        "events": len(events),
        "lines": lines,
    }


def as_table(result):
    lines = [
        "| step | kills | of them just after the log was written | acknowledged | present | lost | doubled |",
        "|---|---|---|---|---|---|---|",
    ]
    totals = np.zeros(6, dtype=int)
    for step in STEPS:
        row = [result["kills"].get(step, 0), result["just after the log was written"].get(step, 0)]
        row += result["lines"][step]
        totals += row
        what = {"next": "`skal next` (questions)", "take": "`skal take` (answers)", "tell": "`tell` (answers)"}
        lines.append(f"| {what[step]} | {' | '.join(map(str, row))} |")
    lines.append(f"| all | {' | '.join(map(str, totals))} |")
    return "\n".join(lines)


def _read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=30.0, help="when to stop at the latest")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder), chosen.kills, chosen.rows, chosen.seed, chosen.minutes)
    result |= {"minutes": round((time.monotonic() - start) / 60, 1), "versions": versions()}
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))
    print(as_table(result), result["journal"], result["steps"], f"{result['minutes']} minutes", versions(), sep="\n")
    _, _, lost, doubled = np.sum(list(result["lines"].values()), axis=0)
    return int(bool(lost or doubled or result["journal"] != "ok"))


if __name__ == "__main__":
    sys.exit(main())
