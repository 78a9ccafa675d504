"""What the tests cost: CPU seconds by room and by file, against the budgets of CONTRIBUTING.md.

Usage, from the repository root (`make slow` does it for all tests):

    python tools/slow.py                      # run all tests, then print the tables
    python tools/slow.py tests/test_loop.py   # any pytest arguments
    python tools/slow.py --read costs.json    # print the tables of a stored run
    python tools/slow.py --save costs.json    # store the run

CPU seconds are those of the test's process and of the processes that it has waited for, so a busy machine inflates
them far less than wall-clock time. Fixtures count for the test that first asked for them. The exit status is that of
pytest, or 1 if a room is over its budget.
"""

import argparse
import fnmatch
import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COST = "cpu_seconds"


def cpu_seconds():
    """CPU seconds of this process and of the children it has waited for."""
    return sum(os.times()[:4])


class Costs:
    """A pytest plugin, here and in each worker of pytest-xdist: what every test took, and collection."""

    def __init__(self):
        self.tests = {}
        self.outcomes = defaultdict(int)
        self.collection = 0.0
        self.spent = defaultdict(float)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self):
        start = cpu_seconds()
        result = yield
        self.collection += cpu_seconds() - start
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        now = cpu_seconds()
        report.user_properties = [(COST, now - self.spent.pop("since", now))]
        self.spent["since"] = now
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.spent["since"] = cpu_seconds()
        return (yield)

    def pytest_runtest_logreport(self, report):
        """The controller hears of every phase of every test."""
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.outcome] += 1
        cost = dict(report.user_properties).get(COST, 0.0)
        self.tests[report.nodeid] = self.tests.get(report.nodeid, 0.0) + cost

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.collection += getattr(node, "workeroutput", {}).get("collection_seconds", 0.0)

    def pytest_sessionfinish(self, session):
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["collection_seconds"] = self.collection


def pytest_configure(config):
    """Loaded by name (``-p slow``) in the workers; the controller holds its own object."""
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Costs(), "costs")


def budgets(path):
    """Return room -> (patterns of test files, CPU seconds) from the table of a page; ValueError where it has none."""
    rows = re.findall(r"^\| ([\w ,]+) \| (`[^|]*`) \| (\d+) \|$", path.read_text(), flags=re.MULTILINE)
    if not rows:
        raise ValueError(f"{path.name} has no table of budgets: | room | `pattern` `pattern` | seconds |.")
    return {room: (re.findall(r"`([^`]+)`", patterns), int(seconds)) for room, patterns, seconds in rows}


def by_file(tests):
    """Return file -> (number of tests, CPU seconds)."""
    files = defaultdict(lambda: [0, 0.0])
    for name, cost in tests.items():
        file = files[name.split("::")[0]]
        file[0] += 1
        file[1] += cost
    return files


def by_room(files, rooms):
    """Return room -> (number of tests, CPU seconds, budget); what no pattern names is the room "other"."""
    found = {room: [0, 0.0, limit] for room, (_, limit) in rooms.items()}
    for file, (count, cost) in files.items():
        names = [
            room
            for room, (patterns, _) in rooms.items()
            if any(fnmatch.fnmatch(file, pattern) for pattern in patterns)
        ]
        room = found.setdefault(names[0] if names else "other", [0, 0.0, 0])
        room[0] += count
        room[1] += cost
    return found


def tables(record, rooms, n_slowest):
    """Return the printed page, and the names of the rooms over their budget."""
    files = by_file(record["tests"])
    lines = ["", "| file | tests | CPU s |", "|---|--:|--:|"]
    for file, (count, cost) in sorted(files.items(), key=lambda one: -one[1][1]):
        if cost >= 1.0:
            lines.append(f"| {file} | {count} | {cost:.1f} |")
    lines += ["", f"The {n_slowest} slowest tests:"]
    for name, cost in sorted(record["tests"].items(), key=lambda one: -one[1])[:n_slowest]:
        lines.append(f"{cost:7.1f} s  {name}")
    over, found = [], by_room(files, rooms)
    lines += ["", "| room | tests | CPU s | budget |", "|---|--:|--:|--:|"]
    for room, (count, cost, limit) in found.items():
        if limit and cost > limit:
            over.append(room)
        lines.append(f"| {room} | {count} | {cost:.1f} | {limit or ''}{' OVER' if room in over else ''} |")
    total = sum(record["tests"].values())
    lines.append(f"| all | {len(record['tests'])} | {total:.1f} | {sum(limit for _, limit in rooms.values())} |")
    lines.append(f"Collection took {record['collection']:.1f} CPU s besides. Outcomes: {record['outcomes']}.")
    return "\n".join(lines), over


def main():
    parser = argparse.ArgumentParser(description="CPU seconds of the tests by room, against CONTRIBUTING.md.")
    parser.add_argument("--read", type=Path, help="print the tables of a stored run; nothing is run")
    parser.add_argument("--save", type=Path, help="store the run in this file")
    parser.add_argument("--slowest", type=int, default=25, help="how many single tests to name (default: 25)")
    own, pytest_arguments = parser.parse_known_args()
    status = 0
    if own.read:
        record = json.loads(own.read.read_text())
    else:
        costs = Costs()
        sys.path.insert(0, str(ROOT / "tools"))
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tools"), os.environ.get("PYTHONPATH", "")])
        status = int(pytest.main(["-p", "slow", *pytest_arguments], plugins=[costs]))
        record = {"tests": costs.tests, "collection": costs.collection, "outcomes": dict(costs.outcomes)}
        if own.save:
            own.save.write_text(json.dumps(record, indent=0))
    page, over = tables(record, budgets(ROOT / "CONTRIBUTING.md"), own.slowest)
    print(page)
    if over:
        print(f"Over budget: {', '.join(over)}. Prune, or raise the budget in CONTRIBUTING.md and say why.")
    sys.exit(status or bool(over))


if __name__ == "__main__":
    main()
