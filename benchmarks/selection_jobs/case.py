"""What a job hands over: sides that do the same on the same data, and a check of what came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Side:
    """One way to do a job.

    ``run(picks)`` does it. ``kind``: "skal", "plain" (what one writes first), "peer", or "limit" (work that nobody
    gets around). ``grows``: time is linear in picks, so it may be extrapolated. ``needs``: bytes that it is known to
    take; where these are not free it is skipped. ``share``: it runs on one of so many parts of the rows, and its time
    is multiplied.
    """

    run: Callable[[int], Any]
    kind: str
    grows: bool = False
    needs: float = 0.0
    share: int = 1
    skip: str = ""


@dataclass(frozen=True)
class Case:
    """One size of a job: sides by name, the number of picks, and ``check(results)`` that tells facts or raises."""

    title: str
    picks: int
    sides: dict[str, Side]
    check: Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Goal:
    """What is wanted of skal at some sizes.

    ``against``: "peer" or "limit" (the fastest of that kind), the name of a side, or "" for its own seconds or MiB.
    ``at_least``: skal is to be so many times as fast; ``at_most``: it may take so many times as long (seconds, MiB).
    """

    text: str
    where: dict[str, Any] = field(default_factory=dict)
    side: str = "skal"
    against: str = ""
    at_least: float | None = None
    at_most: float | None = None
    measure: str = "seconds"  # or "mib"


class WrongResult(Exception):
    """A side did not do its job, so its time means nothing."""


def check_picks(results: dict[str, Any], n_rows: int, picks: int, may_repeat: tuple[str, ...] = ()) -> dict[str, Any]:
    """All sides give so many distinct rows; peers that are known to repeat some are only counted."""
    facts = {}
    for name, rows in results.items():
        distinct = {int(row) for row in rows}
        if len(rows) != picks or not distinct <= set(range(n_rows)):
            raise WrongResult(f"{name} must give {picks} rows of {n_rows}, got {len(rows)}.")
        if len(distinct) < picks:
            if name not in may_repeat:
                raise WrongResult(f"{name} gives {picks - len(distinct)} rows twice.")
            facts[f"{name}: rows given twice"] = picks - len(distinct)
    return facts


def same_picks(results: dict[str, Any], sides: tuple[str, ...] | None = None) -> dict[str, Any]:
    """How many of skal's picks each other side has."""
    own = {int(row) for row in results["skal"]}
    return {
        f"{name}: picks that are skal's": f"{len(own & {int(row) for row in rows})} of {len(own)}"
        for name, rows in results.items()
        if name != "skal" and (sides is None or name in sides)
    }
