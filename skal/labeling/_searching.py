"""Reads off the events of a project how far its search is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from skal.labeling._answers import Answers
from skal.labeling._data import ProjectData
from skal.labeling._events import AUDIT, RANDOM, Event
from skal.labeling.searching import Search


def search_of(data: ProjectData, answers: Answers) -> Search | None:
    """Say how far the search of a project is; None where it searches for nothing.

    Parameters
    ----------
    data, answers
        Of the project.

    Notes
    -----
    A random row counts as a draw where it was free when it was drawn and has been answered; a row that is skipped is
    none that is sought. The draws end before the first batch that has one which waits for an answer. Rows of the
    reserve, whose turn depends on the trainer, are no draws, and neither are audit rows that are drawn by strata.
    """
    from skal.statistics import anytime_total, draws_needed

    find = data.settings.find
    if not find:
        return None
    held = {row: label for row, label in answers.labeled().items() if row in data.places}
    found = [row for row, label in held.items() if label in find]
    curve, n_found, last = [], 0, 0
    for number, label in enumerate(held.values(), 1):
        if label in find:
            n_found, last = n_found + 1, number
        curve.append((number, n_found))
    hits, left, known = _draws(data, answers, set(found))
    n_unseen = len(data.ids) - len(held)
    total = anytime_total(hits, left, known, len(data.ids), n_found=n_found, n_unseen=n_unseen)
    n_missed = n_found // 19  # at most a twentieth of all
    n_sure = draws_needed(n_unseen, n_missed) if n_found and total.high > n_found + n_missed else None
    return Search(
        list(find),
        found,
        len(held),
        curve,
        len(held) - last,
        total.n_draws,
        total.low,
        total.high,
        len(data.ids),
        n_sure,
    )


def _draws(data: ProjectData, answers: Answers, found: set[str]) -> tuple[list[int], list[int], list[int]]:
    """Random rows in their order: whether each is sought, from how many it was drawn, and how many were known."""
    first = {row: seq for row, seq in answers.first_touched().items() if row in data.places}
    batches: dict[int, list[Event]] = defaultdict(list)
    for row, asks in answers.asked.items():
        if row in first and asks[0].seq == first[row]:
            batches[asks[0].batch or 0].append(asks[0])
    by_seq = sorted(first, key=lambda row: first[row])
    waiting = answers.open()
    hits, left, known = [], [], []
    for number in sorted(batches):
        asked = sorted(batches[number], key=lambda ask: ask.seq)
        drawn = [ask for ask in asked if _is_draw(ask, data)]
        if any(ask.row in waiting for ask in drawn):
            break
        begin = asked[0].seq
        before = [row for row in by_seq if first[row] < begin]
        chosen = [str(ask.row) for ask in asked if ask not in drawn and not (ask.why or {}).get("reserve")]
        for_both = [*before, *chosen] if _after_picks(drawn) else before
        n_left, n_known = len(data.ids) - len(for_both), sum(row in found for row in for_both)
        for place, ask in enumerate(drawn):
            hits.append(int(ask.row in found))
            left.append(n_left - place)
            known.append(n_known)
            n_known += hits[-1]
    return hits, left, known


def _is_draw(ask: Event, data: ProjectData) -> bool:
    why = ask.why or {}
    by = why.get("by")
    return (by == RANDOM and not why.get("reserve")) or (by == AUDIT and not data.settings.audit_strata)


def _after_picks(drawn: Sequence[Event]) -> bool:
    """Whether rows were drawn from what the picks of their batch had left: audit rows, and those without a model."""
    return any((ask.why or {}).get("by") == AUDIT or ask.round is None for ask in drawn)
