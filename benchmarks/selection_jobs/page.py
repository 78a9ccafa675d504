"""The page of results, written from the raw results."""

from pathlib import Path

from selection_jobs import JOBS
from selection_jobs.plots import draw
from selection_jobs.setting import PACKAGES, PEERS
from selection_jobs.store import key_of
from selection_jobs.verdict import ceiling, judge, seconds

INTRODUCTION = """# How fast the selections are

Selections of skal beside those of other packages and beside what one writes first with NumPy, on the same arrays, in
the same process, as it came out. A number is the median of turns that the sides of a case took one after the other; a
call that is over in less than 0.2 s is repeated within its turn. The first runs, which import and compile, are not
counted. The machine was shared with others: **read the ratios**, which compare what ran side by side, before the
seconds.

```bash
pip install --editable '.[bench]'
python benchmarks/selection.py --peers --json runs/performance.json --page docs/results/performance.md
```

A run can be stopped and taken up again: cases that are in the file are kept, unless `--again` is given. The results
of all sides are checked, or there is no case: so many distinct rows, and scores, a radius or a covered share as good
as those of the others. Peers that give a row twice are told of.

*extrapolated*: the side would have taken more than the patience of the run. Where its time is linear in the picks, it
is taken from two shorter runs; where it does not fit into memory but is linear in rows, from a part of the rows.

*MiB* is the peak of resident memory above the inputs, of one run in a process of its own that has run the same at a
small size before, so imports and compiled code are not in it. BLAS keeps buffers of its own, some MiB a thread; of
these, what is touched for the first time at the full size is counted.
"""


def write_page(path, stored):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    cases = {key: record for key, record in stored["cases"].items() if not record["quick"]}
    images = draw(path.parent.parent / "images", cases)
    parts = [INTRODUCTION, _settings(stored, cases), _verdicts(cases)]
    for name, job in JOBS.items():
        shown = [record for record in cases.values() if record["job"] == name]
        if shown:
            parts.append(_job(name, job, shown, images.get(name)))
    parts.append(_broken(stored))
    path.write_text("\n".join(part.strip("\n") + "\n" for part in parts if part))


def _settings(stored, cases):
    lines = ["## With what", ""]
    told = {}
    for record in cases.values():
        setting = record["setting"]
        versions = ", ".join(
            f"{name} {setting['versions'][name]}" for name in (*PACKAGES, *PEERS) if name in setting["versions"]
        )
        machine = record.get("accelerator") or setting["processor"]
        text = f"{machine}, {setting['cores']} cores; Python {setting['python']}, {versions}."
        told.setdefault(text, []).append(setting["load"])
    for text, loads in told.items():
        loads = [load for load in loads if load is not None]
        if loads:
            text += f" Load when a case began: {min(loads):.1f} to {max(loads):.1f}."
        lines.append(f"- {text}")
    lines.append("")
    repeats = sorted({record["repeats"] for record in cases.values()})
    lines.append(f"Turns of a case: {', '.join(map(str, repeats))}. Threads are the same for all sides of a case.")
    return "\n".join(lines) + "\n"


def _full(job, record):
    return record["size"] in job.FULL


def _verdicts(cases):
    rows, misses = [], []
    for record in cases.values():
        job = JOBS[record["job"]]
        if not _full(job, record):
            continue
        for goal in job.GOALS:
            if any(record["size"].get(name) != value for name, value in goal.where.items()):
                continue
            verdict = judge(goal, record)
            if verdict is None:
                if goal.measure == "seconds":
                    rows.append(_row(record, goal, "-", "not measured"))
                continue
            found, wanted, reached = verdict
            rows.append(_row(record, goal, f"{found}; wanted: {wanted}", "reached" if reached else "**missed**"))
            why = None if reached else ceiling(goal, record)
            if why:
                misses.append(f"- {record['title']}{_where(record)}: {why}")
    lines = ["## Goals", "", "| case | threads | goal | found | |", "|---|---|---|---|---|", *rows, ""]
    if misses:
        lines += ["What a goal that was missed could be at most, by the numbers of the same run:", "", *misses, ""]
    return "\n".join(lines)


def _row(record, goal, found, verdict):
    side = "" if goal.side == "skal" else f" ({goal.side})"
    threads = f"{record['threads']}{_device(record)}"
    return f"| {record['title']} | {threads} | {goal.text}{side} | {found} | {verdict} |"


def _device(record):
    return "" if record["device"] == "cpu" else f", {record['device']}"


def _where(record):
    return f", {record['threads']} thread{'s' * (record['threads'] > 1)}{_device(record)}"


def _job(name, job, records, image):
    lines = [f"## {name}", "", job.__doc__.strip(), job.NOTES.rstrip(), ""]
    if image:
        lines += [f"![Time of {name} against the size of the pool](../images/{image})", ""]
    order = {key_of(name, size, 0, ""): number for number, size in enumerate([*job.FULL, *job.CURVE])}

    def place(record):
        return order.get(key_of(name, record["size"], 0, ""), 99), record["device"], record["threads"]

    for record in sorted(records, key=place):
        lines += [f"### {record['title']}{_where(record)}", "", *_table(record), ""]
        facts = "; ".join(f"{fact}: {_number(value)}" for fact, value in record["facts"].items())
        if facts:
            lines += [f"{facts[0].upper()}{facts[1:]}.", ""]
    return "\n".join(lines)


def _number(value):
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else value


def _table(record):
    lines = ["| side | median | lowest to highest | times skal's | MiB | |", "|---|---|---|---|---|---|"]
    own = record["sides"]["skal"]["median"]
    for name, side in record["sides"].items():
        if "median" not in side:
            reason = side.get("error") or side["skipped"]
            if reason != "not asked for":
                lines.append(f"| {name} | - | - | - | - | {reason} |")
            continue
        memory = side.get("memory")
        mib, note = "", side["how"]
        if memory:
            mib = f"{memory['mib_without_files'] if 'map' in record['title'] else memory['mib']:.0f}"
            if memory.get("partly"):
                mib += f" ({memory['partly']})"
        spread = f"{seconds(min(side['seconds']))} to {seconds(max(side['seconds']))}"
        lines.append(
            f"| {name} | {seconds(side['median'])} | {spread} | {side['median'] / own:.3g} | {mib} | {note} |"
        )
    return lines


def _broken(stored):
    broken = stored.get("broken_peers") or {}
    if not broken:
        return ""
    lines = ["## Peers that do not work here", "", "What was tried with the versions above, and its error:", ""]
    return "\n".join(lines + [f"- {use}: `{error}`" for use, error in broken.items()]) + "\n"
