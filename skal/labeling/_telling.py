"""Answers as they come, turned into events: what is taken, what is refused, and why."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from skal.labeling._answers import Answers
from skal.labeling._cleaning import Cleaned, label_text
from skal.labeling._data import ProjectData
from skal.labeling._events import CHECK, CORRECT, FILE, IMPORT, LABEL, Event
from skal.labeling._taken import Refused, Taken
from skal.labeling.kinds import AnswerKind

_LOOKED_UP = 20  # wrong ids for which the nearest one is looked for


def answers_told(
    data: ProjectData,
    answers: Answers,
    kind: AnswerKind,
    ids: Sequence[str],
    labels: Sequence[Any],
    clean: Cleaned,
    annotator: str,
    seconds: Sequence[float | None],
) -> tuple[list[Event], Taken]:
    """Turn answers of one annotator into events.

    Parameters
    ----------
    data, answers, kind
        Of the project.
    ids, labels, seconds : sequence
        As they came, one entry per answer.
    clean : Cleaned
        The labels, cleaned.
    annotator : str
        Who gave them.

    Returns
    -------
    events : list of Event
        Of the answers that can be taken.
    taken : Taken
        What becomes of all of them.
    """
    refused = {**clean.refused, **_unknown_ids(data, ids, labels), **_twice(ids, clean.labels)}
    events: list[Event] = []
    counts: Counter[str] = Counter()
    for place, (row, label) in enumerate(zip(ids, clean.labels, strict=True)):
        if place in refused:
            continue
        if label is None:
            counts["blank"] += 1
            continue
        present = answers.by_row.get(row, {}).get(annotator)
        if present is not None and kind.same(present.label, label):
            counts["repeated"] += 1
            if not _is_checked(answers, row, annotator):
                continue
            what = LABEL  # the same label again is the answer to the question whether it is right
        else:
            counts["changed" if present is not None else "new"] += 1
            what = CORRECT if present is not None else LABEL
        written = kind.written(labels[place], label)
        note = None if written is None else f"written as {written!r}"
        events.append(answer_to(data, answers, what, row, annotator, label=label, seconds=seconds[place], note=note))
    mapped = Counter(
        (written, label)
        for place, label in enumerate(clean.labels)
        if place not in refused and label is not None and (written := kind.written(labels[place], label)) is not None
    )
    bad = [Refused(place, ids[place], str(labels[place]), reason) for place, reason in sorted(refused.items())]
    used = {name for event in events for name in kind.parts(str(event.label))}
    new = [name for name in clean.new_classes if name in used]
    taken = Taken(
        new=counts["new"],
        changed=counts["changed"],
        repeated=counts["repeated"],
        blank=counts["blank"],
        mapped=dict(mapped),
        new_classes=new,
        refused=bad,
    )
    return events, taken


def labels_of_data(
    data: ProjectData, answers: Answers, kind: AnswerKind, classes: list[str], any_new: bool
) -> tuple[list[Event], list[str]]:
    """Turn the labels that the data hold into events, where they are new; and say what was done to them."""
    rows = data.rows
    if not any(label is not None for label in rows.labels):
        return [], []
    clean = kind.read(rows.labels, classes, any_new=any_new)
    events, notes = [], []
    for row, digest, label in zip(rows.ids, rows.digests, clean.labels, strict=True):
        present = answers.by_row.get(row, {}).get(FILE)
        if label is not None and (present is None or not kind.same(present.label, label)):
            events.append(Event(IMPORT, row, FILE, label=label, digest=digest))
    if events:
        notes.append(f"Labels taken over from {data.path.name}: {len(events)}.")
    if clean.mapped:
        pairs = ", ".join(f"{was!r} as {now!r} ({n})" for (was, now), n in clean.mapped.items())
        notes.append(f"Taken {pairs}.")
    if clean.refused:
        some = [f"{rows.ids[place]}: {reason}" for place, reason in list(clean.refused.items())[:5]]
        notes.append(f"Labels of the data that are not taken over: {len(clean.refused)}. {' '.join(some)}")
    return events, notes


def answer_to(data: ProjectData, answers: Answers, kind: str, row: str, annotator: str, **more: Any) -> Event:
    """An answer with the question that it answers."""
    asks = [ask for ask in answers.asked.get(row, []) if ask.annotator in ("", annotator)]
    place = data.places[row]
    return Event(
        kind,
        row,
        annotator,
        batch=asks[-1].batch if asks else None,
        round=asks[-1].round if asks else None,
        digest=data.digests[place],
        **more,
    )


def _is_checked(answers: Answers, row: str, annotator: str) -> bool:
    """Whether the row waits for a second answer of somebody who has given one."""
    asks = (ask for ask in answers.open_of(row) if ask.annotator in ("", annotator))
    return any((ask.why or {}).get("by") == CHECK for ask in asks)


def near_row(data: ProjectData, row: str) -> str:
    """Return words on the row that a wrong id probably means; empty if there is none."""
    if not row:
        return ""
    same = [known for known in data.places if spreadsheet_id(known) == spreadsheet_id(row)]
    if same:
        return f"; {same[0]!r} is one: a spreadsheet may have changed it"
    if row[-1:].isdigit() and row.replace(".", "").isdigit():
        return ""  # any other number is another row
    near = difflib.get_close_matches(row, list(data.places)[:5000], n=1)
    return f"; {near[0]!r} is one" if near else ""


def spreadsheet_id(row: str) -> str:
    """Return what a spreadsheet makes of an id: 007 becomes 7, and 7 may become 7.0."""
    if row.replace(".", "", 1).isdigit():
        whole, _, rest = row.partition(".")
        if not rest.strip("0"):
            return whole.lstrip("0") or "0"
    return row


def _unknown_ids(data: ProjectData, ids: Sequence[str], labels: Sequence[Any]) -> dict[int, str]:
    unknown = [place for place, row in enumerate(ids) if row not in data.places]
    unknown = [place for place in unknown if label_text(labels[place]) is not None]
    near = {place: near_row(data, ids[place]) for place in unknown[:_LOOKED_UP]}
    return {place: f"there is no row {ids[place]!r} in {data.path.name}{near.get(place, '')}." for place in unknown}


def _twice(ids: Sequence[str], labels: Sequence[str | None]) -> dict[int, str]:
    """Rows that have two different answers in one call: neither can be trusted."""
    given: dict[str, set[str]] = {}
    for row, label in zip(ids, labels, strict=True):
        if label is not None:
            given.setdefault(row, set()).add(label)
    return {
        place: f"{row!r} is answered twice, as {' and '.join(sorted(given[row]))}."
        for place, row in enumerate(ids)
        if len(given.get(row, ())) > 1 and labels[place] is not None
    }
