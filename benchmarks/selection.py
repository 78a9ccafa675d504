"""Selections against plain NumPy and against other packages: time, memory and results, both sides in one process.

    python benchmarks/selection.py --quick                                       # small sizes: does it run?
    python benchmarks/selection.py --peers --jobs k_center badge --json runs/performance.json
    python benchmarks/selection.py --peers --json runs/performance.json --page docs/results/performance.md

Each case is measured in a process of its own; its sides take turns. ``--peers`` adds the packages of
``skal[bench]``. With ``--json`` a case that is done is kept, so that a run can be taken up again.
``--page`` writes the page and its pictures from that file; with ``--jobs`` and no name nothing is measured before.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from selection_jobs import JOBS, store
from selection_jobs.measure import environment, memory_of, quiet, set_threads, time_case, why_not
from selection_jobs.setting import accelerator, broken_peers, setting
from selection_jobs.verdict import seconds


def main(arguments=None):
    asked = parser().parse_args(arguments)
    if asked.child:
        return child(json.loads(asked.child))
    stored = store.read(asked.json)
    for name in asked.jobs:
        if asked.device != "cpu" and not JOBS[name].TENSORS:
            print(f"{name}: takes no tensors, not run on {asked.device}", flush=True)
            continue
        for size in sizes_of(name, asked):
            for threads in asked.threads:
                key = store.key_of(name, size, threads, asked.device)
                if key in stored["cases"] and not asked.again:
                    print(f"{key}: kept", flush=True)
                    continue
                began = time.perf_counter()
                stored["cases"][key] = measured(name, size, threads, asked)
                tell(key, stored["cases"][key], time.perf_counter() - began)
                store.write(asked.json, stored)
    if asked.jobs and asked.peers:
        stored["broken_peers"] = broken_peers()
        store.write(asked.json, stored)
    if asked.page:
        from selection_jobs.page import write_page

        write_page(asked.page, stored)


def parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", nargs="*", choices=JOBS, default=list(JOBS), help="all, if not given")
    parser.add_argument("--sizes", choices=("all", "full", "curve"), default="all", help="curve: the smaller ones")
    parser.add_argument("--quick", action="store_true", help="a tiny size a job, never on a page")
    parser.add_argument("--repeats", type=int, default=5, help="turns of a case")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds; longer runs are extrapolated")
    parser.add_argument("--peers", action="store_true", help="other packages, too")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="of every side; several: in turn")
    parser.add_argument("--device", default="cpu", help="cuda: tensors for the sides of skal that take them")
    parser.add_argument("--no-memory", action="store_true", help="times only")
    parser.add_argument("--json", type=Path, help="file of raw results, read first and written after every case")
    parser.add_argument("--again", action="store_true", help="measure cases that are in it anew")
    parser.add_argument("--page", type=Path, help="markdown to write from the results; pictures go to ../images")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser


def sizes_of(name, asked):
    job = JOBS[name]
    if asked.quick:
        return job.QUICK
    return [*(job.FULL if asked.sizes != "curve" else []), *(job.CURVE if asked.sizes != "full" else [])]


def measured(name, size, threads, asked):
    """Record of a case: times from one process, memory of each side from another one."""
    task = {
        "job": name,
        "size": size,
        "threads": threads,
        "device": asked.device,
        "repeats": asked.repeats,
        "patience": asked.patience,
        "peers": asked.peers,
    }
    record = in_new_process(task, threads)
    record |= {key: task[key] for key in ("job", "size", "threads", "device", "repeats", "patience")}
    record["quick"] = asked.quick
    if not (asked.no_memory or asked.quick) and asked.device == "cpu":
        for side, found in record["sides"].items():
            if "median" in found and found["kind"] != "limit":
                found["memory"] = in_new_process(task | {"memory_of": side, "picks": found["picks"]}, threads)
                if found["memory"] and found["how"]:
                    found["memory"]["partly"] = f"{found['picks']} picks" if "picks" in found["how"] else "a part"
    return record


def in_new_process(task, threads):
    command = [sys.executable, str(Path(__file__).resolve()), "--child", json.dumps(task)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(threads))
    if done.returncode != 0:
        raise SystemExit(f"{task} failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def child(task):
    """Measure what a task says, and print it in one line."""
    quiet()
    job = JOBS[task["job"]]
    set_threads(task["threads"])
    if "memory_of" not in task:
        now = setting()
        case = job.make(task["size"], task["device"])
        found = time_case(case, task["repeats"], task["patience"], task["peers"], task["device"])
        print(json.dumps(found | {"setting": now, "accelerator": accelerator(task["device"])}))
        return
    name = task["memory_of"]
    case, small = job.make(task["size"]), job.make(job.QUICK[0] | _same_kind(job, task["size"]))
    side, warm = case.sides[name], small.sides.get(name)
    if why_not(side, peers=True):
        print(json.dumps(None))
        return
    found = memory_of(side, (lambda: warm.run(small.picks)) if warm else (lambda: None), task["picks"])
    print(json.dumps(found))


def _same_kind(job, size):
    """Words of a size (a method, a kind of data), which the small size has to share."""
    return {name: value for name, value in size.items() if isinstance(value, str)}


def tell(key, record, took):
    print(f"{key} ({took:.0f} s)")
    own = record["sides"]["skal"]["median"]
    for name, side in record["sides"].items():
        if "median" in side:
            memory = side.get("memory")
            mib = f", {memory['mib']:.0f} MiB" if memory else ""
            how = f" ({side['how']})" if side["how"] else ""
            print(f"  {name}: {seconds(side['median'])}, {side['median'] / own:.3g} times skal's{mib}{how}")
        else:
            print(f"  {name}: {side.get('error') or side['skipped']}")
    print("  " + "; ".join(f"{fact}: {value}" for fact, value in record["facts"].items()), flush=True)


if __name__ == "__main__":
    main()
