"""Scores the audit rows with a model, and makes intervals of the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import RowView, blocks, take
from skal.labeling._answers import Answers
from skal.labeling._audit_rows import AuditSample, sample_of
from skal.labeling._audit_scores import EXACT, OF_A_MODEL, AuditScores, spread
from skal.labeling._data import ProjectData
from skal.labeling.audit import AuditEstimate, rescaled
from skal.labeling.kinds import AnswerKind
from skal.statistics import anytime_interval, anytime_macro_interval, fixed_interval

_MOST_READ = 100_000  # rows of a pool that a model is asked about for the sake of a narrower interval
_AT_ONCE = 10_000  # rows that are predicted at a time
_MOST_CLASSES = 20  # of which a mean is told: with more, an interval of few audit rows says nothing


@dataclass(frozen=True)
class Measured:
    """A model on the audit rows.

    Attributes
    ----------
    estimate : AuditEstimate
        What is told of it.
    scores : AuditScores
        Its values, row by row.
    labels : list of str or None
        What people have said of the rows.
    """

    estimate: AuditEstimate
    scores: AuditScores
    labels: list[str | None]


def measured(
    data: ProjectData, answers: Answers, kind: AnswerKind, model: Any, classes: Sequence[str], recall: Sequence[str]
) -> Measured:
    """Measure a fitted model.

    Parameters
    ----------
    data, answers, kind
        Of the project.
    model : estimator
        Fitted to the labels that hold, without those of audit rows.
    classes : sequence of str
        The known classes.
    recall : sequence of str
        Classes of which the recall is told.
    """
    sample = sample_of(data, answers)
    places = np.array([data.places[row] for row in sample.rows], dtype=np.intp)
    guesses, shares, pool = _predicted(data, kind, model, classes, sample, places)
    verdicts = [answers.verdict(row) for row in sample.rows]
    labels = [None if verdict is None else verdict.label for verdict in verdicts]
    scores = AuditScores.of(kind, guesses, labels, spread(answers, kind), sample)
    guessed: dict[str, Any] = {} if pool is None else {"proxy": shares, "pool_proxy": pool}
    is_final = 0 < data.settings.audit_size <= answers.n_audited and not sample.n_waiting and scores.usable.all()
    found: dict[str, Any] = _intervals(scores, guessed, bool(is_final), answers.n_rounds + 1)
    if sample.n_strata == 1:
        found |= _of_classes(kind, guesses, labels, classes, recall, len(sample.population))
    estimate = AuditEstimate(
        _measure(kind),
        n_unusable=int(len(labels) - scores.usable.sum()),
        n_waiting=sample.n_waiting,
        n_to_ask=sample.n_to_ask,
        largest=scores.largest,
        n_strata=sample.n_strata,
        look=answers.n_rounds + 1,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        **found,
    )
    return Measured(estimate, scores, labels)


def _measure(kind: AnswerKind) -> str:
    return EXACT.get(kind.name) or ("root mean square error" if kind.name == "number" else "overlap")


def _intervals(scores: AuditScores, guessed: dict[str, Any], is_final: bool, look: int) -> dict[str, Any]:
    """Intervals for the mean of the scores, by what they are called; of numbers for the root of it."""
    values, sample, size = scores.values, scores.sample, len(scores.sample.population)
    guessed = guessed if sample.n_strata == 1 else {}
    found = {"anytime": scores.anytime(**guessed), "all_looks": scores.at_look(look)}
    if guessed:
        found["anytime_plain"] = scores.anytime()
    if is_final and len(values) and sample.n_strata == 1:
        found["fixed"] = fixed_interval(values, size, **guessed)
        if guessed:
            found["fixed_plain"] = fixed_interval(values, size)
    if scores.largest is None:
        return found
    return {name: rescaled(one, scores.as_error) for name, one in found.items()}


def _predicted(
    data: ProjectData, kind: AnswerKind, model: Any, classes: Sequence[str], sample: AuditSample, places: NDArray[Any]
) -> tuple[list[str], NDArray[Any] | None, NDArray[Any] | None]:
    """Guesses for the audit rows, and where there are some their probabilities, and those of the population."""
    X = data.rows.X
    if not len(places):
        return [], None, None
    if kind.name not in EXACT or len(sample.population) > _MOST_READ:
        return kind.predicted(model, take(X, places), classes)[0], None, None
    texts: list[str] = []
    shares: list[float | None] = []
    for block, keep in blocks(RowView(X, sample.population), _AT_ONCE):
        said, best = kind.predicted(model, block, classes)
        kept = range(len(said)) if keep is None else keep
        texts += [said[place] for place in kept]
        shares += [best[place] for place in kept]
    among = np.searchsorted(sample.population, places)
    guesses = [texts[place] for place in among]
    if any(share is None for share in shares):
        return guesses, None, None
    pool = np.clip(np.array(shares, dtype=float), 0.0, 1.0)
    return guesses, pool[among], pool


def _of_classes(
    kind: AnswerKind,
    guesses: Sequence[str],
    labels: Sequence[str | None],
    classes: Sequence[str],
    recall: Sequence[str],
    size: int,
) -> dict[str, Any]:
    """The mean over classes of F1, or of the overlap of pixels, and the recall of some classes."""
    found: dict[str, Any] = {"recall": {}}
    for name in recall:
        weights = np.array([label == name for label in labels], dtype=float)
        hits = np.array([guess == name for guess in guesses], dtype=float)
        found["recall"][name] = anytime_interval(hits, size, weights=weights, level=OF_A_MODEL)
    if not kind.mean_of_classes or not 1 < len(classes) <= _MOST_CLASSES:
        return found
    values, weights = (np.zeros((len(labels), len(classes))) for _ in range(2))
    for row, (guess, label) in enumerate(zip(guesses, labels, strict=True)):
        if label is not None:
            values[row], weights[row] = kind.by_class(guess, label, classes)
    found[kind.mean_of_classes] = anytime_macro_interval(values, weights, size, level=OF_A_MODEL)
    return found
