"""What is kept of a labelling project: one event for everything that happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ASK, DELIVER, LABEL, CORRECT, SKIP, UNDO, NOTE, IMPORT, RELEASE, LOOK, TRIAL = (
    *("ask", "deliver", "label", "correct", "skip", "undo", "note", "import", "release", "look", "trial"),
)
ANSWERS = (LABEL, CORRECT, SKIP, IMPORT)
# Who or what chose a row, where no model did.
CHECK, PERSON, OVERLAP, RANDOM, AUDIT = "check", "person", "overlap", "random", "audit"
FILE = "(data)"  # who gave the labels that the data came with


@dataclass(frozen=True)
class Event:
    """One entry of the journal.

    Attributes
    ----------
    kind : {"ask", "deliver", "label", "correct", "skip", "undo", "note", "import", "release", "look", "trial"}
        What happened. A "deliver" without a row says that a batch has been handed out, one with a row that this
        question is before this annotator. A "release" with a row says that an audit row is learned from, because it
        was chosen for another reason as well, one without a row that all of them are. A "look" keeps what the model
        of a round takes audit rows for, those that are asked later among them. A "trial" says that the trial of a
        strategy is over.
    row : str or None
        Id of the row.
    annotator : str
        Who; empty if nobody was named, "(data)" for labels that the data came with.
    label : str or None
        The label, as cleaned.
    batch, round : int or None
        Of the question.
    why : dict or None
        Of a question: ``by`` ("strategy", "random", "audit", "typical", "conflict", "overlap", "person", "check"),
        the strategy, its score, the model's guess, and ``reserve`` for random rows that wait until no other question
        does. Of an answer: what is known of how it came about; ``bulk`` and ``size`` for labels given to many rows
        at once. Of a release of all audit rows: ``estimate``, the last that they served for. Of a look: ``learned``
        and ``labeled``, the labels that the model learned from and all that there were, and ``guesses`` by row. Of a
        question of a trial: ``trial``, the strategy that is tried, ``half``, whose model learns from the row
        ("strategy", "random"), and ``pair``, what the models of both took it for. Of the end of a trial: ``result``.
    seconds : float or None
        What the answer took.
    note : str or None
        A remark, the reason of a skip, or the label as it was written where cleaning changed it.
    digest : str or None
        Of the content of the row when it was answered.
    undoes : int or None
        The ``seq`` of the event that is undone.
    time : str
        UTC, ISO 8601.
    seq : int
        Number of the event, rising; 0 before it is written.
    """

    kind: str
    row: str | None = None
    annotator: str = ""
    label: str | None = None
    batch: int | None = None
    round: int | None = None
    why: dict[str, Any] | None = None
    seconds: float | None = None
    note: str | None = None
    digest: str | None = None
    undoes: int | None = None
    time: str = ""
    seq: int = 0
