"""How far the work is, from the state that the project keeps."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from skal.label_page._queue import is_ordinary
from skal.labeling import Event, Project

_WINDOW = timedelta(minutes=10)


def progress_of(
    project: Project,
    name: str,
    names: Sequence[str],
    waiting: Sequence[Event],
    training: dict[str, Any],
    accuracy: dict[str, Any] | None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Return what a person sees of the work.

    Parameters
    ----------
    project : Project
        Open.
    name : str
        Who looks.
    names : sequence of str
        All who answer.
    waiting : sequence of Event
        Open questions.
    training, accuracy : dict or None
        What the trainer said.
    now : datetime, default=None
        None: now.
    """
    now = now or datetime.now(UTC)
    answers = project.read_answers()
    given = answers.given_by(name)
    midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    batches = [ask.batch or 0 for ask in waiting if is_ordinary(ask)]
    return {
        "today": _n_rows(given[_before(given, midnight) :]),
        "total": _n_rows(given),
        "by_class": _by_class(project, answers.held),
        "pace": _pace(given[_before(given, now - _WINDOW) :], now),
        "left_in_round": sum(batch == max(batches) for batch in batches),
        "round": answers.n_rounds,
        "model": f"{project.settings.estimator}, {project.settings.strategy}",
        "training": training,
        "accuracy": accuracy,
        "n_labeled": sum(answers.held.values()),
        "n_rows": len(project.data_rows.ids),
        "people": [{"name": one, "total": _n_rows(answers.given_by(one))} for one in names],
    }


def _by_class(project: Project, held: Mapping[str, int]) -> dict[str, int]:
    """Rows by class; a row of several labels counts for each."""
    if project.kind.control == "mask":
        return {}  # which classes a mask holds is read from its file
    counts: Counter[str] = Counter()
    for text, n in held.items():
        for name in project.kind.parts(text):
            counts[name] += n
    return dict(counts)


def _n_rows(given: Sequence[Event]) -> int:
    """Rows that were answered; a correction is no further one."""
    return len({event.row for event in given})


def _before(given: Sequence[Event], moment: datetime) -> int:
    """Number of answers before a moment."""
    said = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return bisect_left(given, said, key=lambda event: event.time)


def _pace(recent: Sequence[Event], now: datetime) -> float | None:
    """Answers an hour over the last minutes; None before there are three."""
    if len(recent) < 3:
        return None
    span = max((now - datetime.fromisoformat(recent[0].time)).total_seconds(), 1.0)
    return round(3600 * len(recent) / max(span, 30.0), 1)
