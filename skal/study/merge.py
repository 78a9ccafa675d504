"""Folders of one study, run in parts, joined into one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from skal.study.growth import Plan, differences, grown
from skal.study.recipe_comparison import opened
from skal.study.rows import Row, StudyError, rounds_in_words
from skal.study.store import Store

__all__ = ["Merged", "merge_studies"]

# What two runs of a round agree on, beside their metrics, which may differ in the last digits between machines.
_SAME = ("n_labels", "cost", "picked", "picked_classes")


@dataclass(frozen=True)
class Merged:
    """What was joined.

    Attributes
    ----------
    folder : Path
        Of the study that has everything.
    n_rounds : int
        Rounds in it.
    n_twice : int
        Rounds that two folders had, alike.
    n_damaged : int
        Rounds that were left out because they are not what was written.
    n_to_run : int
        Rounds that are missing: `skal.compare` with this folder runs them.
    """

    folder: Path
    n_rounds: int
    n_twice: int
    n_damaged: int
    n_to_run: int

    def __str__(self) -> str:
        parts = [f"{self.folder} has {rounds_in_words(self.n_rounds)}"]
        if self.n_twice:
            parts.append(f"{rounds_in_words(self.n_twice)} found in several folders, alike")
        if self.n_damaged:
            parts.append(f"{rounds_in_words(self.n_damaged)} damaged and left out")
        left = (
            f"{rounds_in_words(self.n_to_run)} missing: skal compare with this folder runs them"
            if self.n_to_run
            else "complete"
        )
        return f"{'; '.join([*parts, left])}."


def merge_studies(folders: Sequence[str | Path], out: str | Path) -> Merged:
    """Join folders that hold parts of one study: trials, strategies, recipes, rounds or metrics.

    Parameters
    ----------
    folders : sequence of str or Path
        Studies whose settings agree in all else. One is enough: it is copied, without what is damaged, and one that
        an earlier version wrote becomes one that may grow.
    out : str or Path
        Folder that gets everything. It must not be one of the others; a study that it holds is added to.

    Returns
    -------
    Merged
        How much; its text is a sentence.

    Raises
    ------
    StudyError
        If settings differ, if a name stands for other code in two folders, or if two folders give different results
        for the same round. Nothing is written then. The folders are only read.
    """
    out, named = Path(out), [Path(folder) for folder in folders]
    if not named:
        raise StudyError("merge_studies: at least one folder is needed, got none.")
    if out.resolve() in [folder.resolve() for folder in named]:
        raise StudyError(f"merge_studies: out must be another folder than those that are read, got {out}.")
    parts = [part for folder in named for part in _parts_of(folder)]
    with Store.held(out) as store:
        plan = _plan_of(store) if store.meta("protocol", None) is not None else None
        known = {_place(row): row for row in store.rows()}
        there = set(known)
        n_twice = 0
        for part in parts:
            if plan is not None and (problems := differences(plan, part.plan, ("before", "there"))):
                raise StudyError(
                    f"merge_studies: {part.folder} is not of the same study as the folders before it. It differs in "
                    f"{'; '.join(problems)}. Strategies, recipes, metrics, rounds and trials may differ, and no more."
                )
            plan = part.plan if plan is None else grown(plan, part.plan, part.folder)
            for row in part.rows:
                if _place(row) in known:
                    known[_place(row)] = _both(known[_place(row)], row, part.folder)
                    n_twice += 1
                else:
                    known[_place(row)] = row
        if plan is None:
            raise StudyError("merge_studies: no study was found.")
        store.enter({"protocol": plan.protocol, "code": plan.code, **_others(parts, store)}, _pools(parts))
        for place, row in known.items():
            if place in there:
                store.measured(row, {})
            else:
                store.write(row)
        wanted = _n_planned(plan.protocol)
        n_damaged = sum(part.n_damaged for part in parts)
        return Merged(out, len(known), n_twice, n_damaged, max(wanted - len(known), 0))


@dataclass(frozen=True)
class _Part:
    folder: Path
    plan: Plan
    classes: list[str]
    notes: list[str]
    asked_rounds: list[int]
    pools: dict[int, list[int]]
    rows: list[Row]
    n_damaged: int


def _parts_of(folder: Path) -> list[_Part]:
    """Read a folder whole: rows with their predictions and pictures."""
    parts = []
    with opened(folder) as stores:
        for store in dict.fromkeys(stores.values()):
            intact, damaged = store.read(salvage=True)
            rows = [
                replace(
                    row,
                    predictions=_if_readable(partial(store.predictions, row)),
                    picture=_if_readable(partial(store.picture, row)),
                )
                for row in intact
            ]
            plan = _plan_of(store)
            asked = store.meta("asked_rounds", [plan.protocol["n_rounds"]])
            notes, classes = store.meta("notes", []), store.meta("classes")
            parts.append(_Part(folder, plan, classes, notes, asked, store.pool_classes, rows, len(damaged)))
    return parts


def _if_readable(read: Callable[[], bytes | None]) -> bytes | None:
    """What belongs to a row and can be made again, unless the file is damaged there."""
    try:
        return read()
    except StudyError:
        return None


def _plan_of(store: Store) -> Plan:
    return Plan(store.protocol, store.meta("code", {}))


def _place(row: Row) -> tuple[str, str, int, int]:
    return (*row.key, row.round)


def _both(first: Row, second: Row, folder: Path) -> Row:
    """One row of two of the same round, with the metrics of both; refused where they do not agree."""
    differs = [name for name in _SAME if getattr(first, name) != getattr(second, name)]
    differs += [
        name
        for name in first.metrics.keys() & second.metrics.keys()
        if not first.agrees(name, second.metrics[name], second)
    ]
    if differs:
        raise StudyError(
            f"merge_studies: {second.shown()} is in several folders and differs in {', '.join(sorted(differs))} in "
            f"{folder}: the model is not deterministic, or the machines differ. Take this round from one folder "
            "only: run each trial on one machine (--trials)."
        )
    notes = list(dict.fromkeys([*first.notes, *second.notes]))
    return replace(first, metrics={**second.metrics, **first.metrics}, notes=notes)


def _others(parts: Sequence[_Part], store: Store) -> dict[str, Any]:
    """Entries that are no settings."""
    classes = {tuple(part.classes) for part in parts} | {tuple(store.meta("classes", parts[0].classes))}
    if len(classes) > 1:
        raise StudyError(f"merge_studies: the names of the classes differ: {' and '.join(map(str, classes))}.")
    notes = [*store.meta("notes", []), *(note for part in parts for note in part.notes)]
    rounds = {*store.meta("asked_rounds", []), *(n for part in parts for n in part.asked_rounds)}
    return {"classes": parts[0].classes, "notes": list(dict.fromkeys(notes)), "asked_rounds": sorted(rounds)}


def _pools(parts: Sequence[_Part]) -> dict[int, list[int]]:
    return {trial: classes for part in parts for trial, classes in part.pools.items()}


def _n_planned(protocol: dict[str, Any]) -> int:
    counts = [len(protocol["strategies"]), len(protocol["recipes"]), protocol["n_trials"], protocol["n_rounds"] + 1]
    return int(np.prod(counts))
