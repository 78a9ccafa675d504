"""What the commands of a labelling project cost on a large table with text: seconds and memory.

100 000 made tickets (a text, two categories, a number with gaps), 60 of them labelled. Each repetition starts without
a project: `skal next -n 50`, which makes it; `skal take` of the 50 answers; `skal next` again; `skal status`;
`skal export`. Every command is a process of its own, start of Python and imports included. Wall seconds depend on
what else the machine does: CPU seconds of all threads stand next to them, and the load average.

Memory is the peak of the process less the bytes of the table as it is read (a DataFrame of text).

    python benchmarks/labeling.py --threads 1 2 --json cost.json
    python benchmarks/labeling.py --rows 500 --repetitions 1
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import pandas as pd
from _labeling_commands import command, process, versions
from _labeling_data import tickets

GOALS = {"next, first": (60.0, 500.0), "next, second": (60.0, 500.0), "take of 50": (2.0, 500.0)}
_READ = """
import sys
from skal.tables import read_table
print(int(read_table(sys.argv[1], as_text=True).frame.memory_usage(deep=True).sum()))
"""


def measured(folder, truth, threads):
    """One repetition: what each command cost."""
    shutil.rmtree(folder / "tickets.skal", ignore_errors=True)
    found = {}
    first = ["--target", "label", "--id", "ticket_id"]
    found["next, first"] = command(folder, "next", "tickets.csv", "-n", 50, "--out", "1.csv", *first, threads=threads)
    sheet = pd.read_csv(folder / "1.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    sheet["label"] = sheet["ticket_id"].map(truth)
    sheet.to_csv(folder / "1.csv", index=False)
    found["take of 50"] = command(folder, "take", "tickets.csv", "1.csv", threads=threads)
    if f"{len(sheet)} answers taken" not in found["take of 50"].text:
        raise SystemExit(found["take of 50"].text)
    found["next, second"] = command(folder, "next", "tickets.csv", "-n", 50, "--out", "2.csv", threads=threads)
    found["status"] = command(folder, "status", "tickets.csv", threads=threads)
    found["export"] = command(folder, "export", "tickets.csv", "--out", "labeled.csv", threads=threads)
    for name in ("1.csv", "2.csv", "labeled.csv"):
        (folder / name).unlink()
    return {
        name: {"wall": done.wall, "cpu": done.cpu, "peak": done.peak, "load": os.getloadavg()[0]}
        for name, done in found.items()
    }


def as_table(result):
    """Medians, and the range of the wall seconds."""
    lines = [
        "| threads | command | wall s: median (range) | CPU s: median | peak beyond the table, MB | goals |",
        "|---|---|---|---|---|---|",
    ]
    for threads, repetitions in result["repetitions"].items():
        for name in repetitions[0]:
            wall, cpu = ([one[name][what] for one in repetitions] for what in ("wall", "cpu"))
            beyond = max(one[name]["peak"] for one in repetitions) / 1e6 - result["table_mb"]
            goals = _kept(GOALS[name], median(wall), beyond) if name in GOALS else ""
            lines.append(
                f"| {threads} | {name} | {median(wall):.1f} ({min(wall):.1f} to {max(wall):.1f}) | {median(cpu):.1f} "
                f"| {beyond:.0f} | {goals} |"
            )
    return "\n".join(lines)


def _kept(goals, wall, beyond):
    said = [
        f"{goal:g} {unit} {'met' if value <= goal else 'MISSED'}"
        for goal, value, unit in zip(goals, (wall, beyond), ("s", "MB"), strict=True)
    ]
    return ", ".join(said)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[2], help="of BLAS and OpenMP")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    table, truth = tickets(chosen.rows, 0)
    table["label"] = truth.where(truth.index.isin(truth.index[:: max(1, chosen.rows // 60)][:60])).to_numpy()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        table.to_csv(folder / "tickets.csv", index=False)
        read = process([sys.executable, "-c", _READ, "tickets.csv"], folder)
        if read.code:
            raise SystemExit(read.text)
        result = {
            "rows": chosen.rows,
            "file_mb": (folder / "tickets.csv").stat().st_size / 1e6,
            "table_mb": int(read.text) / 1e6,
            "reading_alone_peak_mb": read.peak / 1e6,
            "versions": versions(),
            "repetitions": {},
        }
        for threads in chosen.threads:
            for _ in range(chosen.repetitions):
                result["repetitions"].setdefault(str(threads), []).append(measured(folder, truth, threads))
                print(threads, result["repetitions"][str(threads)][-1], file=sys.stderr, flush=True)
                if chosen.json:
                    chosen.json.write_text(json.dumps(result, indent=1))
    loads = [one["load"] for some in result["repetitions"].values() for each in some for one in each.values()]
    print(
        as_table(result),
        f"{chosen.rows} rows, file of {result['file_mb']:.1f} MB; the table as read has {result['table_mb']:.0f} MB, "
        f"and reading it alone peaks at {result['reading_alone_peak_mb']:.0f} MB. Load average {min(loads):.1f} to "
        f"{max(loads):.1f}.",
        result["versions"],
        sep="\n\n",
    )


if __name__ == "__main__":
    main()
