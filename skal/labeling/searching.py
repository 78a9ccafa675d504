"""How far a search is: what was found, what that cost, and how much of it all that can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from skal.labeling._answers import Answers
from skal.labeling._data import ProjectData
from skal.labeling._events import AUDIT, RANDOM, Event
from skal.labeling._words import counted

_STEPS = 8  # points of the curve that are told


@dataclass(frozen=True)
class Search:
    """How far the search for the rows of some classes is.

    Attributes
    ----------
    find : list of str
        The classes.
    found : list of str
        Ids of the rows whose label is one of them, in the order of asking.
    n_labels : int
        Rows whose label holds.
    curve : list of (int, int)
        Labels, and how many of these rows were among them, after each label.
    n_since : int
        Labels since the last of these rows was found.
    n_draws : int
        Random rows that the interval rests on.
    low, high : int
        95 % interval of the number of these rows in the pool, which holds whenever one looks (docs/find.md).
    n_rows : int
        Rows of the pool.
    n_sure : int or None
        Random rows without another of these classes after which at most a twentieth of them is missed, at 95 %; None
        where nothing is found, or that is known already.
    """

    find: list[str]
    found: list[str]
    n_labels: int
    curve: list[tuple[int, int]] = field(repr=False)
    n_since: int
    n_draws: int
    low: int
    high: int
    n_rows: int
    n_sure: int | None = None

    @property
    def recall(self) -> tuple[float, float]:
        """95 % interval of the share of these rows that is found; (0, 1) while nothing is known."""
        n = len(self.found)
        if n == 0:
            return (1.0, 1.0) if self.high == 0 else (0.0, 1.0)
        return n / self.high, n / max(self.low, n)

    @property
    def labels_per_found(self) -> float | None:
        """Labels for each row that was found; None while there is none."""
        return self.n_labels / len(self.found) if self.found else None

    def in_words(self) -> list[str]:
        """Return one plain sentence for each number."""
        n, names = len(self.found), " or ".join(self.find)
        if not n:
            lines = [f"Sought: {names}. None is found among {counted(self.n_labels, 'label')}."]
        else:
            lines = [
                f"Sought: {names}. {n} found among {counted(self.n_labels, 'label')}, one in "
                f"{self.labels_per_found:.1f}; {counted(self.n_since, 'label')} since the last."
            ]
            steps = self._steps()
            lines.append("Found by labels: " + ", ".join(f"{labels}: {there}" for labels, there in steps) + ".")
        if not self.n_draws:
            lines.append("How many there are is not known: no row was drawn at random yet (--random-share, --audit).")
            return lines
        low, high = self.recall
        share = f"{100 * low:.0f} to {100 * high:.0f} % of them are found" if n else "none of them is found"
        lines.append(
            f"Of the {self.n_rows:,} rows, {self.low} to {self.high} are sought, so {share} (95 % interval, valid "
            f"whenever you look; it rests on {counted(self.n_draws, 'random row')})."
        )
        if self.n_sure:
            lines.append(
                f"To know that at most 5 % are missed takes about {self.n_sure:,} random rows without another one; "
                "--random-share 1 asks random rows alone."
            )
        return lines

    def __str__(self) -> str:
        return "\n".join(self.in_words())

    def _steps(self) -> list[tuple[int, int]]:
        """A few points of the curve, the last one among them."""
        every = max(-(-len(self.curve) // _STEPS), 1)
        return [*self.curve[every - 1 : -1 : every], self.curve[-1]]


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
