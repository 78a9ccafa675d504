"""Which rows may be asked, and which come first: conflicts, rows to share, and those that are chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skal.labeling._answers import Answers
from skal.labeling._audit_rows import n_due, rows_due, rows_to_follow
from skal.labeling._data import ProjectData
from skal.labeling._errors import NothingLeft
from skal.labeling._events import ASK, LOOK, RELEASE, Event
from skal.labeling._trial_rows import RANDOM_HALF
from skal.labeling._words import counted

if TYPE_CHECKING:
    from skal.labeling._asking import Chooser, Chosen

Indices = NDArray[np.intp]
_NONE: Indices = np.empty(0, dtype=np.intp)


def next_questions(
    data: ProjectData,
    answers: Answers,
    chooser: Callable[[], Chooser],
    n: int,
    annotator: str,
    overlap: int,
    reserve: int = 0,
) -> tuple[list[Event], list[str]]:
    """Choose the questions of a batch.

    Parameters
    ----------
    data, answers
        Of the project.
    chooser : callable
        Gives what chooses rows; it reads the data, so it is made only when it is needed.
    n : int
        Questions.
    annotator : str
        Whom.
    overlap : int
        Rows among them that somebody else has labelled.
    reserve : int, default=0
        Random rows that are to wait besides.

    Returns
    -------
    events : list of Event
        The questions, in the order of asking, without the number of a batch; and the release of audit rows that the
        strategy has chosen without knowing that they are asked already.
    notes : list of str
        What to tell.

    Raises
    ------
    NothingLeft
        If there is nothing to ask.
    """
    first = [(row, "conflict") for row in _to_settle(data, answers, annotator)[:n]]
    shared = _to_share(data, answers, annotator, {row for row, _ in first})
    first += [(row, "overlap") for row in shared[: min(overlap, n - len(first))]]
    events = [Event(ASK, row, annotator, why={"by": by}) for row, by in first]
    left = rows_left(data, answers, annotator)
    wanted = min(n - len(events), len(left))
    spare = min(max(reserve - n_in_reserve(answers), 0), len(left) - wanted)
    notes: list[str] = []
    if wanted or spare:
        from skal.labeling._trials import asks_random_rows, half_due, marked

        half = half_due(data.settings, answers, wanted)
        is_worse = half is None and asks_random_rows(data.settings, answers)
        places, labels = training_rows(data, answers, half)
        audit = rows_due(data, answers, min(n_due(data.settings, answers, wanted), len(left)), left)
        hidden = np.array([data.places[row] for row in answers.audit if row in data.places], dtype=np.intp)
        choosing, only_random = chooser(), is_worse or half == RANDOM_HALF
        follows = data.settings.audit > 0 and half is None  # in a trial the models of two rounds are of two halves
        followed = rows_to_follow(data, answers, choosing.kind.of_pixels) if follows else _NONE
        may = (left, answers.n_rounds, spare, audit, hidden, followed, only_random)
        chosen = choosing.choose(wanted, places, labels, *may)
        notes += chosen.notes
        if is_worse:
            notes.append(
                f"Random rows are asked: a trial found {data.settings.strategy} worse (--strategy changes it)."
            )
        whys = chosen.whys
        if half is not None and chosen.round is not None:
            whys = marked(data, answers, chooser(), chosen, half)
        events += [
            Event(ASK, data.ids[place], annotator, round=chosen.round, why=why)
            for place, why in zip(chosen.rows, whys, strict=True)
        ]
        why = {"by": "typical" if chosen.round is None else "strategy", **({} if half is None else {"half": half})}
        events += [
            Event(RELEASE, data.ids[place], annotator, round=chosen.round, why=why) for place in chosen.released
        ]
        events += _look(data, answers, chosen, len(places), followed)
    if not events:
        waiting = len(answers.open())
        if not waiting:
            raise NothingLeft("Nothing is left to ask: all rows are answered or skipped.")
        raise NothingLeft(
            f"Nothing is left to ask: {waiting} questions wait for an answer. --again (again=True) hands them out "
            "again."
        )
    if (asked := sum(event.kind == ASK for event in events) - spare) < n:
        reason = (
            f"the strategy chose {wanted + len(first) - asked} of the audit rows too, which the model learns from now"
        )
        if wanted + len(first) < n:
            reason = "no more rows are left to ask"
        notes.append(f"{counted(asked, 'question')} instead of {n}: {reason}.")
    return events, notes


def _look(data: ProjectData, answers: Answers, chosen: Chosen, n_learned: int, followed: Indices) -> list[Event]:
    """What the model of a round says of the rows that are followed; nothing where there was none."""
    if not chosen.looked:
        return []
    guesses = {data.ids[place]: guess for place, guess in zip(followed, chosen.looked, strict=True)}
    why = {"learned": n_learned, "labeled": len(answers.labeled()), "guesses": guesses}
    return [Event(LOOK, round=chosen.round, why=why)]


def n_in_reserve(answers: Answers) -> int:
    """Return how many random rows of the reserve wait."""
    return sum(bool((ask.why or {}).get("reserve")) for ask in answers.waiting())


def still_to_ask(events: list[Event], before: set[str], now: Answers) -> list[Event]:
    """Leave out questions on rows that somebody answered or asked about while they were chosen.

    Parameters
    ----------
    events : list of Event
        The questions.
    before : set of str
        Rows that had an answer or a question that waited when the choice began.
    now : Answers
        The state since.
    """
    return [
        event for event in events if event.row is None or event.row in before or not _is_taken(str(event.row), now)
    ]


def _is_taken(row: str, answers: Answers) -> bool:
    return row in answers.by_row or bool(answers.open_of(row))


def rows_left(data: ProjectData, answers: Answers, annotator: str) -> Indices:
    """Positions of the rows that may be asked of an annotator, rising."""
    taken = set(answers.open())
    for row, given in answers.by_row.items():
        labeled = any(event.label is not None for event in given.values())
        if labeled or not annotator or annotator in given:
            taken.add(row)
    left = np.ones(len(data.ids), dtype=bool)
    left[[data.places[row] for row in taken if row in data.places]] = False
    return np.flatnonzero(left)


def rows_to_choose_from(data: ProjectData, answers: Answers, annotator: str) -> Indices:
    """Positions of the rows among which a strategy chooses, rising: those left and, unknown to it, the audit rows."""
    hidden = [data.places[row] for row in answers.audit if row in data.places]
    return np.union1d(rows_left(data, answers, annotator), np.array(hidden, dtype=np.intp))


def random_places(data: ProjectData, answers: Answers, annotator: str, n: int, rng: np.random.Generator) -> list[int]:
    """Draw positions of rows that may be asked of an annotator; fewer where fewer are left.

    Rows are drawn until enough of them are free. As long as most are, that looks at few rows of a million.
    """
    found: dict[int, None] = {}
    for place in rng.integers(0, len(data.ids), 4 * n).tolist():
        if len(found) < n and not _is_taken(data.ids[place], answers):
            found[place] = None
    if len(found) < n:
        left = np.setdiff1d(rows_left(data, answers, annotator), list(found))
        found |= dict.fromkeys(rng.choice(left, min(n - len(found), len(left)), replace=False).tolist())
    return list(found)


def training_rows(data: ProjectData, answers: Answers, half: str | None = None) -> tuple[Indices, list[str]]:
    """Positions and labels of the rows that a model learns from, in the order in which they came.

    Of a trial those of a half, if one is named.
    """
    held = {row: label for row, label in answers.learned(half).items() if row in data.places}
    return np.array([data.places[row] for row in held], dtype=np.intp), list(held.values())


def _to_settle(data: ProjectData, answers: Answers, annotator: str) -> list[str]:
    """Conflicts that this annotator can settle; each annotator, and nobody in particular, is asked once."""
    waiting = answers.open()
    found = []
    for row, verdict in answers.conflicts().items():
        asked = [event for event in answers.asked.get(row, []) if (event.why or {}).get("by") == "conflict"]
        before = any(event.annotator == annotator for event in asked)
        if row in data.places and row not in waiting and annotator not in verdict.votes and not before:
            found.append(row)
    return found


def _to_share(data: ProjectData, answers: Answers, annotator: str, besides: set[str]) -> list[str]:
    """Rows that others have labelled and this annotator was never asked, in random order."""
    others = [
        row
        for row in answers.labeled()
        if row in data.places
        and row not in besides
        and annotator not in answers.by_row[row]
        and not any(ask.annotator == annotator for ask in answers.asked.get(row, ()) if annotator)
    ]
    seeds = np.random.SeedSequence((data.settings.seed, answers.last)).generate_state(1)
    return [others[place] for place in np.random.RandomState(seeds[0]).permutation(len(others))]
