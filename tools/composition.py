"""Write docs/composition.md: each estimator of skal in each way in which scikit-learn uses one, tried out.

``python tools/composition.py`` runs what has not been run yet with this code, and writes the page; a run that was
stopped goes on. ``--cell ESTIMATOR:WAY`` runs one and shows its traceback; ``--again`` forgets what was run before.
"""

import argparse
import hashlib
import json
import platform
import re
import sys
import textwrap
import traceback
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.utils.validation import has_fit_parameter
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
from composition_cells import SUBJECTS as OF_CLASSES
from composition_cells import WAYS as WAYS_OF_CLASSES
from composition_cells import Subject
from composition_regressors import REGRESSORS, WAYS_OF_NUMBERS

SUBJECTS = {**OF_CLASSES, **REGRESSORS}
WAYS = {**WAYS_OF_CLASSES, **WAYS_OF_NUMBERS}

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "composition.md"
STORE = ROOT / "build" / "composition.json"
START = "<!-- What follows is written by tools/composition.py. -->\n\n"
YES, LIMIT = "yes", "limit: "
WEIGHED = tuple(
    f"{of}{name}"
    for of, boosted in (("", "AdaBoostClassifier"), ("numbers: ", "AdaBoostRegressor"))
    for name in (boosted, "sample_weight", "sample_weight (routing on)")
)


def cells() -> list[tuple[str, str]]:
    """Estimators and ways that make sense together, in the order of the table."""
    return [
        (name, way)
        for way, (kinds, _) in WAYS.items()
        for name, subject in SUBJECTS.items()
        if applies(subject, kinds)
    ]


def applies(subject: Subject, kinds: tuple[str, ...]) -> bool:
    """Of classifiers, only those with a transform are tried as transformers."""
    if subject.kind not in kinds:
        return False
    return kinds[0] == subject.kind or kinds != ("transformer", "classifier") or hasattr(subject.make(), "transform")


def sampled() -> list[tuple[str, str]]:
    """A few cells that hold each way, and each estimator, once or more; the same ones in every run."""
    chosen, names = [], list(SUBJECTS)
    there = set(cells())
    for place, way in enumerate(WAYS):
        turn = [names[(place + k) % len(names)] for k in range(len(names))]
        chosen.append(next((name, way) for name in turn if (name, way) in there))
    missing = set(names) - {name for name, _ in chosen}
    return chosen + [next(cell for cell in cells() if cell[0] == name) for name in names if name in missing]


def outcome(name: str, way: str) -> str:
    """Return "yes", "limit: " and scikit-learn's words, or the words of an error."""
    subject = SUBJECTS[name]
    said = words(subject, way, subject.make)
    if said == YES:
        return YES
    # A limit of scikit-learn's is met by its own estimators too.
    # Where weights are given to the estimator, one that takes none is no excuse.
    peers = [p for p in subject.peers if has_fit_parameter(p(), "sample_weight")] if way in WEIGHED else subject.peers
    for peer in peers:
        if words(subject, way, peer) == said:
            return LIMIT + said
    return said


def words(subject: Subject, way: str, make) -> str:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            WAYS[way][1](subject, make)
        except Exception as error:
            text = f"{type(error).__name__}: {' '.join(str(error).split())}"
            text = re.sub(r"0x[0-9a-f]+", "0x...", text).replace(type(make()).__name__, "ESTIMATOR")
            return textwrap.shorten(text, 220, placeholder=" ...")
    return YES


def digest() -> str:
    """Of the code that the outcomes are of."""
    found = hashlib.sha256()
    own = sorted(Path(__file__).parent.glob("composition*.py"))
    for path in sorted([*(ROOT / "skal").rglob("*.py"), *own]):
        found.update(path.read_bytes())
    return f"{found.hexdigest()[:16]} {versions()}"


def versions() -> str:
    import pandas
    import polars
    import sklearn
    import skorch
    import torch

    parts = {module.__name__: module.__version__ for module in (sklearn, np, pandas, polars, torch, skorch)}
    parts["torch"] = parts["torch"].partition("+")[0]
    python = ".".join(platform.python_version_tuple()[:2])
    return ", ".join([f"Python {python}", *(f"{name} {version}" for name, version in parts.items())])


def page(found: dict[tuple[str, str], str]) -> str:
    """The table, and the words of what is not yes."""
    said = list(dict.fromkeys(value for value in found.values() if value != YES))
    said.sort(key=lambda value: not value.startswith(LIMIT))  # limits first
    numbers = {value: place for place, value in enumerate(said, 1)}
    counts = [
        sum(value == YES for value in found.values()),
        sum(value.startswith(LIMIT) for value in found.values()),
    ]
    counts.append(len(found) - sum(counts))
    lines = [
        f"{len(found)} combinations: {counts[0]} work, {counts[1]} meet a limit of scikit-learn's own, "
        f"{counts[2]} fail. Run with {versions()}.",
        "",
    ]
    for title, names in (
        ("Nets and models that learn from unlabelled rows", list(OF_CLASSES)[:6]),
        ("Queries, learners and adapters", list(OF_CLASSES)[6:-1]),
        ("Numbers to predict", list(REGRESSORS)),
        ("Images with masks", list(OF_CLASSES)[-1:]),
    ):
        lines += [f"## {title}", "", f"| | {' | '.join(map(breakable, names))} |", "|---" * (len(names) + 1) + "|"]
        for way in WAYS:
            row = [found.get((name, way)) for name in names]
            if any(row):
                marks = [
                    "" if value is None else YES if value == YES else f"{mark(value)} {numbers[value]}"
                    for value in row
                ]
                lines.append(f"| {breakable(way)} | {' | '.join(marks)} |")
        lines.append("")
    for title, limit in (("Limits of scikit-learn", True), ("Failures", False)):
        chosen = [value for value in said if value.startswith(LIMIT) == limit]
        if chosen:
            lines += [f"## {title}", ""]
            lines += [f"- **{numbers[value]}** `{value.removeprefix(LIMIT).replace('`', '')}`" for value in chosen]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def breakable(name: str) -> str:
    """The name of a class, which a browser may break between its words: a screen is too narrow for whole ones."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "<wbr>", name)


def mark(value: str) -> str:
    return "limit" if value.startswith(LIMIT) else "fails"


def run(again: bool) -> None:
    of = digest()
    stored = json.loads(STORE.read_text()) if STORE.is_file() and not again else {}
    known = stored.get("cells", {}) if stored.get("of") == of else {}
    STORE.parent.mkdir(exist_ok=True)
    for name, way in cells():
        cell = f"{name}:{way}"
        if cell not in known:
            known[cell] = outcome(name, way)
            unfinished = STORE.with_suffix(".part")  # a stop in the middle leaves the file as it was
            unfinished.write_text(json.dumps({"of": of, "cells": known}, indent=1))
            unfinished.replace(STORE)
    found = {(name, way): known[f"{name}:{way}"] for name, way in cells()}
    above = PAGE.read_text().partition(START)[0]
    PAGE.write_text(above + START + page(found))
    print(page(found).partition("\n")[0])


def run_one(cell: str) -> int:
    name, _, way = cell.partition(":")
    if (name, way) not in cells():
        print(f"no cell {cell!r}; there are:", *(":".join(pair) for pair in cells()), sep="\n  ")
        return 2
    try:
        WAYS[way][1](SUBJECTS[name], SUBJECTS[name].make)
    except Exception:
        traceback.print_exc()
    print(outcome(name, way))
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cell", help="run this one alone")
    parser.add_argument("--again", action="store_true", help="run all anew")
    options = parser.parse_args()
    if options.cell:
        sys.exit(run_one(options.cell))
    torch.set_num_threads(1)
    with threadpool_limits(1):  # small matrices: threads that wait for each other cost more than they bring
        run(options.again)
