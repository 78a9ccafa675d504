"""What should be known of the rows of a study before their numbers are believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from skal.study.rows import CONSTANT_MODEL, EQUAL_ROWS, Row

__all__ = ["disagreement", "notes_of"]

_TOLERANCE = 1e-6
_MEANINGS = {
    CONSTANT_MODEL: "the model says the same of all test rows, as one does that has learned nothing or has constant "
    "features",
    EQUAL_ROWS: "the model told no two rows of the pool apart, so that picks by its answers were drawn at random",
}


def notes_of(rows: Sequence[Row], code: Mapping[str, Any], written: Iterable[str]) -> list[str]:
    """Return the notes on rows.

    Parameters
    ----------
    rows : sequence of Row
        Of one recipe.
    code : dict
        Identities of code, as the store has them.
    written : iterable of str
        Notes that were written down while the study ran.

    Returns
    -------
    list of str
        Sentences; none for a study in order.
    """
    return [*written, *_disagreements(rows), *_remarks(rows), *_unseen(code), *_versions(rows)]


def disagreement(first: Row, other: Row) -> str:
    """Say how two strategies differ after the same initial labels, where they should not; nothing if they agree."""
    for name, value in first.metrics.items():
        if name in other.metrics and not np.isclose(value, other.metrics[name], rtol=_TOLERANCE, atol=_TOLERANCE):
            return (
                f"In trial {first.trial + 1} {first.strategy} begins with {name} {value:.4g} and {other.strategy} "
                f"with {other.metrics[name]:.4g}, though data, initial labels, model and seed are the same: the task "
                "model draws from a generator that is not seeded. Give it a random_state parameter that fit uses; "
                "until then differences between strategies hold its noise."
            )
    return ""


def _disagreements(rows: Iterable[Row]) -> list[str]:
    """The first disagreement, and in how many trials there is one."""
    first: dict[int, Row] = {}
    found: dict[int, str] = {}
    for row in rows:
        if row.round == 0 and (said := disagreement(first.setdefault(row.trial, row), row)):
            found.setdefault(row.trial, said)
    if not found:
        return []
    more = f" So it is in {len(found)} of {len(first)} trials." if len(first) > 1 else ""
    return [f"{next(iter(found.values()))}{more}"]


def _remarks(rows: Iterable[Row]) -> list[str]:
    """What was remarked on rounds, of which strategies, and in how many rounds of each."""
    counts: dict[tuple[str, str], int] = {}
    n_rounds: dict[str, int] = {}
    for row in rows:
        n_rounds[row.strategy] = n_rounds.get(row.strategy, 0) + 1
        for note in row.notes:
            counts[row.strategy, note] = counts.get((row.strategy, note), 0) + 1
    together: dict[tuple[str, int, int], list[str]] = {}
    for (strategy, note), count in counts.items():
        together.setdefault((note, count, n_rounds[strategy]), []).append(strategy)
    return [
        f"{', '.join(names)}: {_MEANINGS.get(note, note)}, in {count} of {of} rounds."
        for (note, count, of), names in together.items()
    ]


def _unseen(code: Mapping[str, Any]) -> list[str]:
    parts = [
        f"{kind} {name} ({', '.join(one['unseen'])})"
        for kind, named in code.items()
        for name, one in named.items()
        if one.get("unseen")
    ]
    return [f"Code that could not be seen, so that edits to it go unnoticed: {'; '.join(parts)}."] if parts else []


def _versions(rows: Iterable[Row]) -> list[str]:
    """Packages of which rows were made with several versions."""
    by_package: dict[str, list[str]] = {}
    for row in rows:
        for name, version in row.versions.items():
            known = by_package.setdefault(name, [])
            if version not in known:
                known.append(version)
    mixed = {name: known for name, known in by_package.items() if len(known) > 1}
    if not mixed:
        return []
    shown = "; ".join(f"{name} {' and '.join(known)}" for name, known in mixed.items())
    return [f"Rounds were run with several versions of packages ({shown}), which may differ in more than speed."]
