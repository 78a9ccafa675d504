"""Rounds in the light of the present audit rows: each kept what its model took them for, also those asked later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling._answers import Answers
from skal.labeling._audit_scores import AuditScores
from skal.labeling._auditing import Measured
from skal.labeling._events import Event
from skal.labeling.kinds import AnswerKind

if TYPE_CHECKING:
    from skal.stopping import Observation

_ROUNDS_BACK = 5
_UNITS = {"overlap": "overlap", "root mean square error": "minus the root mean squared error"}


def with_rise(found: Measured, answers: Answers, kind: AnswerKind, n_learned: int) -> Measured:
    """Add how much better the present model is than that of five rounds ago, or of the first round that is known."""
    looks = [look for look in _in_order(answers) if (look.why or {})["learned"] < n_learned]
    if not looks or found.scores.largest is not None:
        return found
    look = looks[max(len(looks) - _ROUNDS_BACK, 0)]
    before, known = _scored(found, look, kind)
    if not (known * before.usable).any():
        return found
    about = {"rise_from": (look.why or {})["labeled"], "rise_rounds": len(looks) - looks.index(look)}
    return replace(found, estimate=replace(found.estimate, rise=found.scores.rise(before, known), **about))


def rounds_audited(
    found: Measured, answers: Answers, kind: AnswerKind, n_left: int, with_intervals: bool
) -> list[Observation]:
    """Return the rounds, and the present model as the last one, each measured on the same audit rows.

    Parameters
    ----------
    found : Measured
        The present model.
    answers : Answers
        Of the project.
    kind : AnswerKind
        Says how right a guess was.
    n_left : int
        Rows that may still be asked now.
    with_intervals : bool
        Whether intervals that hold for all looks together are wanted.

    Returns
    -------
    list of Observation
        Scores are of the audit rows that all of these rounds have guessed; rounds that have guessed fewer than half
        of those that are usable now are left out. The last one has the interval of the estimate.
    """
    from skal.stopping import Observation

    n_labels = len(answers.labeled())
    pairs = [(look, *_scored(found, look, kind)) for look in _in_order(answers)]
    usable = found.scores.usable
    pairs = [one for one in pairs if one[2] @ usable >= usable.sum() / 2 and (one[0].why or {})["labeled"] < n_labels]
    same = usable * np.prod([known for *_, known in pairs], axis=0) > 0 if pairs else usable > 0
    if not same.any():
        return []
    rounds: list[Observation] = []
    for look, scores, _ in pairs:
        labeled = max(
            [(look.why or {})["labeled"], *(one.n_labels for one in rounds[-1:])]
        )  # some may be undone since
        ends = _ends(scores, int(look.round or 0) + 1) if with_intervals else {}
        left = n_left + n_labels - labeled
        rounds.append(Observation(labeled, n_left=left, **_score(scores, same, _unit(found)), **ends))
    ends = _ends(found.scores, found.estimate.look) if with_intervals else {}
    return [*rounds, Observation(n_labels, n_left=n_left, **_score(found.scores, same, _unit(found)), **ends)]


def _in_order(answers: Answers) -> list[Event]:
    return [answers.looks[number] for number in sorted(answers.looks)]


def _scored(found: Measured, look: Event, kind: AnswerKind) -> tuple[AuditScores, NDArray[np.float64]]:
    """What the guesses of a round are worth, and 1 for each row that it has guessed."""
    guesses = (look.why or {})["guesses"]
    rows = found.scores.sample.rows
    known = np.array([row in guesses for row in rows], dtype=float)
    labels = [label if row in guesses else None for row, label in zip(rows, found.labels, strict=True)]
    said = [guesses.get(row, "") for row in rows]
    return AuditScores.of(kind, said, labels, found.scores.largest, found.scores.sample), known


def _score(scores: AuditScores, same: NDArray[np.bool_], unit: str) -> dict[str, Any]:
    """The score on rows that all rounds have guessed; higher is better."""
    values = scores.values[same]
    score = float(values.mean())
    if scores.largest is not None:
        score = -scores.as_error(score)
    right = values == 1.0 if scores.is_right_or_wrong else None
    return {"score": score, "n_audit": len(values), "audit_right": right, "unit": unit}


def _ends(scores: AuditScores, look: int) -> dict[str, Any]:
    one = scores.at_look(look)
    if scores.largest is None:
        return {"low": one.low, "high": one.high}
    return {"low": -scores.as_error(one.high), "high": -scores.as_error(one.low)}


def _unit(found: Measured) -> str:
    return _UNITS.get(found.estimate.measure, "accuracy")
