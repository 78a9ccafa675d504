"""One's own answers, searched by text and by class."""

from __future__ import annotations

from typing import Any

from skal.label_page._fields import Fields
from skal.labeling import Event

_LETTERS = 120


def found_answers(
    answers: list[Event], fields: Fields, search: str, label: str | None, offset: int, limit: int
) -> dict[str, Any]:
    """Return a part of the answers that match.

    Parameters
    ----------
    answers : list of Event
        Those that hold, the newest first.
    fields : Fields
        What is shown of a row.
    search : str
        What the id, the label or a cell of the row holds, whatever the case; empty: anything.
    label : str or None
        The class.
    offset, limit : int
        Which of them.

    Returns
    -------
    dict
        ``total``, and ``answers`` with row, label, reason of a skip, time, beginning of the text, and whether the
        label was given in bulk.
    """
    if label:
        answers = [event for event in answers if event.label is not None and label in _labels(event.label)]
    if search.strip():
        wanted = search.strip().casefold()
        answers = [event for event in answers if wanted in _searched(event, fields)]
    return {"total": len(answers), "answers": [_shown(event, fields) for event in answers[offset : offset + limit]]}


def _labels(text: str) -> list[str]:
    """A label itself, and the names in it where it is a set."""
    return [text, *text.split("; ")]


def _searched(event: Event, fields: Fields) -> str:
    parts = [str(event.row), event.label or "", event.note or "", fields.text(str(event.row))]
    return "\n".join(parts).casefold()


def _shown(event: Event, fields: Fields) -> dict[str, Any]:
    skipped = event.kind == "skip"
    return {
        "row": event.row,
        "label": event.label,
        "skip": (event.note or "") if skipped else None,
        "time": event.time,
        "text": fields.beginning(str(event.row), _LETTERS),
        "bulk": bool((event.why or {}).get("bulk")),
    }
