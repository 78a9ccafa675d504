"""Status of a project: counts of its answers, and the accuracy on random rows."""

from __future__ import annotations

from collections import Counter

from skal.labeling._answers import Answers
from skal.labeling._data import ProjectData
from skal.labeling._events import FILE
from skal.labeling._status import Accuracy, MeanError, Status
from skal.labeling.agreement import Agreement
from skal.labeling.audit import AuditEstimate
from skal.labeling.kinds import AnswerKind


def status_of(
    data: ProjectData,
    answers: Answers,
    kind: AnswerKind,
    n_left: int,
    notes: list[str],
    agreement: Agreement | None = None,
    accuracy: AuditEstimate | Accuracy | MeanError | None = None,
) -> Status:
    """Count."""
    labeled = answers.labeled()
    here = {row: label for row, label in labeled.items() if row in data.places}
    voted = {row: verdict for row in answers.by_row if (verdict := answers.verdict(row)) is not None}
    given = Counter(
        who for found in answers.by_row.values() for who, event in found.items() if event.label is not None
    )
    answered = {
        row: max(found.values(), key=lambda event: event.seq)
        for row, found in answers.by_row.items()
        if any(event.label is not None for event in found.values())
    }
    digests = {row: data.digests[data.places[row]] for row in answered if row in data.places}
    changed = [row for row, event in answered.items() if row in digests and event.digest not in (None, digests[row])]
    return Status(
        n_rows=len(data.ids),
        n_labeled=len(here),
        n_left=n_left,
        by_class=dict(Counter(name for label in here.values() for name in kind.parts(label))),
        by_annotator={who or "(nobody named)": count for who, count in given.items()},
        n_open=dict(Counter(event.batch or 0 for row, event in answers.open().items() if row in data.places)),
        skipped=answers.skipped(),
        conflicts={row: verdict.votes for row, verdict in answers.conflicts().items()},
        n_agreements=sum(len(v.votes) > 1 and not v.is_conflict and set(v.votes) != {FILE} for v in voted.values()),
        changed=changed,
        gone=[row for row in answered if row not in data.places],
        n_rounds=answers.n_rounds,
        accuracy=accuracy,
        has_audit=data.settings.audit > 0,
        notes=list(notes),
        agreement=agreement,
        summary=kind.summary(list(here.values())),
    )


def accuracy_of(answers: Answers, kind: AnswerKind) -> Accuracy | MeanError | None:
    """Compare the guesses of the models for random rows, made before these were labelled, with their labels."""
    verdicts = ((guess, answers.verdict(row)) for row, guess in answers.guesses.items() if guess is not None)
    pairs = [(guess, verdict.label) for guess, verdict in verdicts if verdict is not None]
    return kind.accuracy([(guess, label) for guess, label in pairs if label is not None])
