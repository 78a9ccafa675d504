"""Scores the audit rows with a model, and makes intervals of the scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import RowView, blocks, take
from skal.labeling._answers import Answers
from skal.labeling._audit_rows import AuditSample, sample_of
from skal.labeling._data import ProjectData
from skal.labeling.audit import AuditEstimate, rescaled
from skal.labeling.kinds import AnswerKind
from skal.statistics import anytime_interval, anytime_macro_interval, fixed_interval

_OF_A_MODEL = 0.975  # level of the intervals of one model: half of the 5 % is kept for the change of models
_MOST_READ = 100_000  # rows of a pool that a model is asked about for the sake of a narrower interval
_AT_ONCE = 10_000  # rows that are predicted at a time
_MOST_CLASSES = 20  # of which macro F1 is told: with more, an interval of few audit rows says nothing
_WITH_PROBABILITY = {"class": "accuracy", "labels": "exact sets"}


def estimate_of(
    data: ProjectData, answers: Answers, kind: AnswerKind, model: Any, classes: Sequence[str], recall: Sequence[str]
) -> AuditEstimate:
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
    usable = np.array([label is not None for label in labels], dtype=float)
    pairs = [(guess, guess if label is None else label) for guess, label in zip(guesses, labels, strict=True)]
    right = np.array([kind.right(*pair) for pair in pairs], dtype=float)
    size, about = len(sample.population), {"time": datetime.now(UTC).isoformat(timespec="seconds")}
    more: dict[str, Any] = {
        **about,
        "n_unusable": int(len(usable) - usable.sum()),
        "n_waiting": sample.n_waiting,
        "n_to_ask": sample.n_to_ask,
    }
    measure = _WITH_PROBABILITY.get(kind.name)
    is_final = 0 < data.settings.audit_size <= answers.n_audited and not sample.n_waiting and usable.all()
    if measure is None:
        largest = _spread(answers, kind) if kind.name == "number" else None
        values = right if largest is None else np.minimum(right / largest, 1.0) ** 2
        anytime = anytime_interval(values, size, weights=usable, level=_OF_A_MODEL)
        fixed = fixed_interval(values, size) if is_final and len(values) else None
        if largest is None:
            return AuditEstimate("overlap", anytime, fixed, **more)

        def as_error(square: float) -> float:
            return float(largest * square**0.5)

        fixed = None if fixed is None else rescaled(fixed, as_error)
        return AuditEstimate("root mean square error", rescaled(anytime, as_error), fixed, largest=largest, **more)
    values = (right == 1.0).astype(float)
    guessed: dict[str, Any] = {} if pool is None else {"proxy": shares, "pool_proxy": pool}
    anytime = anytime_interval(values, size, weights=usable, level=_OF_A_MODEL, **guessed)
    plain = anytime_interval(values, size, weights=usable, level=_OF_A_MODEL) if guessed else None
    fixed = fixed_interval(values, size, **guessed) if is_final else None
    fixed_plain = fixed_interval(values, size) if is_final and guessed else None
    if kind.name == "class":
        given = np.array(["" if label is None else label for label in labels], dtype=object)
        more |= _of_classes(given, np.array(guesses, dtype=object), usable, classes, recall, size)
    return AuditEstimate(measure, anytime, fixed, plain, fixed_plain, **more)


def _predicted(
    data: ProjectData, kind: AnswerKind, model: Any, classes: Sequence[str], sample: AuditSample, places: NDArray[Any]
) -> tuple[list[str], NDArray[Any] | None, NDArray[Any] | None]:
    """Guesses for the audit rows, and where there are some their probabilities, and those of the population."""
    X = data.rows.X
    if not len(places):
        return [], None, None
    if kind.name not in _WITH_PROBABILITY or len(sample.population) > _MOST_READ:
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
    labels: NDArray[Any],
    guesses: NDArray[Any],
    usable: NDArray[Any],
    classes: Sequence[str],
    recall: Sequence[str],
    size: int,
) -> dict[str, Any]:
    """Macro F1 of the known classes, and the recall of some."""
    found: dict[str, Any] = {"recall": {}}
    for name in recall:
        weights = (labels == name).astype(float)
        hits = (guesses == name).astype(float)
        found["recall"][name] = anytime_interval(hits, size, weights=weights, level=_OF_A_MODEL)
    if 1 < len(classes) <= _MOST_CLASSES:
        names = np.array(classes, dtype=object)
        is_true, is_guess = labels[:, None] == names, (guesses[:, None] == names) & (usable[:, None] > 0)
        both = (is_true & is_guess).astype(float)
        weights = (is_true.astype(float) + is_guess) / 2
        found["macro_f1"] = anytime_macro_interval(both, weights, size, level=_OF_A_MODEL)
    return found


def _spread(answers: Answers, kind: AnswerKind) -> float:
    """The distance between the least and the largest number that was learned from, or that may be answered."""
    if kind.settings.range:
        low, high = kind.settings.range
        return float(high - low)
    numbers = [float(label) for label in answers.learned().values()]
    return (max(numbers) - min(numbers)) or 1.0
