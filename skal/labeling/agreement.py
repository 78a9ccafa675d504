"""Do people agree? Krippendorff's alpha on the rows that several of them have answered.

Krippendorff, "Computing Krippendorff's alpha-reliability", 2011; "Content analysis", 4th edition, 2019, chapter 12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from skal.labeling._events import ANSWERS, ASK, FILE, UNDO, Event
from skal.labeling._words import counted

Votes = Mapping[str, Mapping[str, str]]  # label by annotator, by row

Parts = Callable[[str], Sequence[str]]
COMPARED = ("class", "region", "labels", "number")  # kinds of answers
ENOUGH = 20  # rows for an interval
_RESAMPLES = 2000
_NUMBERS = 2_000_000  # in memory at once while rows are drawn
_SETTLING = ("conflict", "check")  # reasons for a question whose answer is no independent one
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """How far people agree on the rows that several of them have answered.

    Attributes
    ----------
    alpha : float or None
        Krippendorff's alpha: 1 where all agree, 0 where they agree no more often than by chance. None where chance
        cannot be told, as all answers are the same.
    low, high : float or None
        Interval of 95 %, from rows drawn again and again; None where there are fewer than 20 rows.
    n_rows, n_annotators : int
        Rows that several people have answered, and how many people answered them.
    same : float
        Share of the pairs of answers to a row that are equal.
    by_class : dict of str to float or None
        Alpha of "this class or another one"; of "has this label or not" where rows have several.
    """

    alpha: float | None
    low: float | None
    high: float | None
    n_rows: int
    n_annotators: int
    same: float
    by_class: dict[str, float | None] = field(default_factory=dict)

    def __str__(self) -> str:
        rows = f"on {counted(self.n_rows, 'row')} that several of {self.n_annotators} people answered"
        if self.alpha is None:
            return f"all answers are the same {rows}; Krippendorff's alpha needs answers that differ"
        interval = "" if self.low is None else f" (95 % interval {self.low:.2f} to {self.high:.2f})"
        pairs = f"{100 * self.same:.0f} % of the pairs are equal"
        return f"Krippendorff's alpha is {self.alpha:.2f}{interval} {rows}; {pairs}"


def agreement_of(
    votes: Votes, answer: str = "class", *, parts: Parts | None = None, seed: int = 0
) -> Agreement | None:
    """Measure how far annotators agree.

    Parameters
    ----------
    votes : dict of str to dict of str to str
        Labels as the journal keeps them, by annotator, by row; see `independent_votes`.
    answer : {"class", "region", "labels", "number"}, default="class"
        Kind of the answers. Two classes are equal or not; two sets of labels differ by one minus their Jaccard index;
        two numbers by the square of their difference.
    parts : callable, default=None
        Gives the labels in an answer, where one may have several: `skal.labeling.kinds.AnswerKind.parts`.
    seed : int, default=0
        Of the interval.

    Returns
    -------
    Agreement or None
        None if there is no row with two answers.

    Notes
    -----
    One number per row and class: 2000 resamples of 1000 rows take a moment.

    Examples
    --------
    >>> from skal.labeling import agreement_of
    >>> votes = {"1": {"ann": "a", "ben": "a"}, "2": {"ann": "b", "ben": "b"}, "3": {"ann": "a", "ben": "b"}}
    >>> found = agreement_of(votes)
    >>> round(found.alpha, 3), found.n_rows
    (0.444, 3)
    """
    if answer not in COMPARED or (answer == "labels" and parts is None):
        raise ValueError(
            f"agreement_of: answer must be one of {', '.join(COMPARED)}, and labels need parts=; got {answer!r}."
        )
    given = [list(row.values()) for row in votes.values() if len(row) > 1]
    if not given:
        return None
    people = {who for row in votes.values() if len(row) > 1 for who in row}
    sets = parts if answer == "labels" else None
    measure = _of_numbers(given) if answer == "number" else _of_values(given, _distances(given, sets))
    alpha = _number(measure(np.ones((1, len(given))))[0])
    low, high = _interval(measure, len(given), seed) if alpha is not None else (None, None)
    by_class = {} if answer == "number" else _by_class(given, sets)
    return Agreement(alpha, low, high, len(given), len(people), _share_of_equal(given), by_class)


def independent_votes(events: Iterable[Event]) -> dict[str, dict[str, str]]:
    """Return the label that each annotator gave to each row without being told that something is odd about it.

    Answers to conflicts and to rows that were to be checked are left out, since such rows are asked because people
    or models disagree on them; so are labels that were given to many rows at once, and those that the data came with.

    Parameters
    ----------
    events : iterable of Event
        Of a project, in their order.

    Returns
    -------
    dict of str to dict of str to str
        Label by annotator, by row.
    """
    events = list(events)
    undone = {event.undoes for event in events if event.kind == UNDO}
    settling: set[tuple[str | None, str]] = set()
    votes: dict[str, dict[str, str]] = {}
    for event in events:
        why = event.why or {}
        if event.kind == ASK and why.get("by") in _SETTLING:
            settling.add((event.row, event.annotator))
        elif event.kind in ANSWERS and event.seq not in undone and event.annotator != FILE and "bulk" not in why:
            if settling & {(event.row, event.annotator), (event.row, "")}:
                continue
            mine = votes.setdefault(str(event.row), {})
            mine.pop(event.annotator, None)
            if event.label is not None:
                mine[event.annotator] = event.label
    return {row: mine for row, mine in votes.items() if mine}


def _of_values(given: Sequence[Sequence[str]], distances: Floats) -> Callable[[Floats], Floats]:
    """Alpha of answers whose values have these distances, as a function of how often each row counts."""
    values = {value: place for place, value in enumerate(_values(given))}
    counts = np.zeros((len(given), len(values)))
    for place, row in enumerate(given):
        for value in row:
            counts[place, values[value]] += 1
    sizes = counts.sum(axis=1)
    apart = ((counts @ distances) * counts).sum(axis=1) / (sizes - 1)  # (n,)

    def alpha(times: Floats) -> Floats:  # (B, n) -> (B,)
        n, found = times @ sizes, times @ counts
        expected = ((found @ distances) * found).sum(axis=1) / (n - 1)
        return 1 - _ratio(times @ apart, expected)

    return alpha


def _of_numbers(given: Sequence[Sequence[str]]) -> Callable[[Floats], Floats]:
    """Alpha of numbers; the sum over pairs of squared differences follows from the sums and the sums of squares."""
    center = float(np.mean([float(value) for row in given for value in row]))
    rows = [np.array([float(value) - center for value in row]) for row in given]
    sizes = np.array([len(row) for row in rows], dtype=float)
    sums, squares = np.array([row.sum() for row in rows]), np.array([(row**2).sum() for row in rows])
    apart = np.array([((row[:, None] - row[None]) ** 2).sum() for row in rows]) / (sizes - 1)

    def alpha(times: Floats) -> Floats:
        n = times @ sizes
        expected = 2 * (n * (times @ squares) - (times @ sums) ** 2) / (n - 1)
        return 1 - _ratio(times @ apart, expected)

    return alpha


def _distances(given: Sequence[Sequence[str]], parts: Parts | None) -> Floats:
    """Distances between the values that occur: (V, V)."""
    values = _values(given)
    if parts is None:
        return 1.0 - np.eye(len(values))
    sets = [set(parts(value)) for value in values]
    return np.array([[_jaccard_distance(a, b) for b in sets] for a in sets])


def _jaccard_distance(a: set[str], b: set[str]) -> float:
    return 1 - len(a & b) / len(a | b) if a | b else 0.0


def _by_class(given: Sequence[Sequence[str]], parts: Parts | None) -> dict[str, float | None]:
    """Alpha of each class against the others."""
    holds = {value: {value} if parts is None else set(parts(value)) for value in _values(given)}
    found = {}
    for name in sorted(set().union(*holds.values())):
        yes_or_no = [[str(name in holds[value]) for value in row] for row in given]
        measure = _of_values(yes_or_no, _distances(yes_or_no, None))
        found[name] = _number(measure(np.ones((1, len(given))))[0])
    return found


def _interval(measure: Callable[[Floats], Floats], n: int, seed: int) -> tuple[float, float] | tuple[None, None]:
    """Percentiles over rows drawn with replacement; none where rows are few, or too many draws say nothing."""
    if n < ENOUGH:
        return None, None
    rng = np.random.RandomState(seed)
    at_once = max(1, _NUMBERS // n)
    parts = [min(at_once, _RESAMPLES - first) for first in range(0, _RESAMPLES, at_once)]
    draws = (rng.multinomial(n, np.full(n, 1 / n), size=part).astype(float) for part in parts)  # each (part, n)
    found = np.concatenate([measure(draw) for draw in draws])
    found = found[np.isfinite(found)]
    if len(found) < 0.95 * _RESAMPLES:
        return None, None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def _share_of_equal(given: Sequence[Sequence[str]]) -> float:
    pairs = [a == b for row in given for place, a in enumerate(row) for b in row[:place]]
    return float(np.mean(pairs))


def _values(given: Sequence[Sequence[str]]) -> list[str]:
    return sorted({value for row in given for value in row})


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where there is nothing to compare with."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
